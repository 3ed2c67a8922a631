/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <pthread.h>
#include <unistd.h>

#include <vanon/engine.h>

#include "elbow_sidecar.h"
#include "engine/growth.h"
#include "engine/measure.h"
#include "engine/plan.h"
#include "picture.h"

#define WIDTH  64
#define HEIGHT 48

static char sidecar_path[] = "/tmp/vanon-engine-XXXXXX";

static void write_sidecar(int frames)
{
    const struct elbow_sidecar sidecar = {sidecar_path, WIDTH, HEIGHT, 20, 20, 60, 45};

    write_elbow_sidecar(&sidecar, frames);
}

static vanon_options *make_options(const char *const (*pairs)[2], size_t count)
{
    vanon_options *options = NULL;

    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(vanon_options_set(options, pairs[i][0], pairs[i][1]), VANON_OK);
    return options;
}

static vanon_engine *make_engine(const char *const (*pairs)[2], size_t count)
{
    vanon_options *options = make_options(pairs, count);
    struct vanon_engine_params params = {.options = options, .log = &unit_log};
    vanon_engine *engine = NULL;

    if (vanon_engine_create(&engine, &params))
        fail_msg("no engine: %s", unit_message);
    vanon_options_destroy(&options);
    return engine;
}

#define MAKE_ENGINE(...)                               \
    make_engine((const char *const[][2]){__VA_ARGS__}, \
                sizeof((const char *const[][2]){__VA_ARGS__}) / sizeof(const char *[2]))

static vanon_frame *make_frame(uint64_t number)
{
    vanon_frame *frame = NULL;

    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, WIDTH, HEIGHT), VANON_OK);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            frame->plane[0][y * frame->stride[0] + x] =
                (uint8_t)(16 + 3 * x + 5 * y + 7 * (int)number);
    frame->number = number;
    frame->pts = (int64_t)number;
    frame->time_base = (vanon_rational){1, 25};
    return frame;
}

static uint64_t hash_frame(uint64_t hash, const vanon_frame *frame)
{
    for (int y = 0; y < frame->height; y++)
        for (int x = 0; x < frame->width; x++)
            hash = (hash ^ frame->plane[0][y * frame->stride[0] + x]) * 1099511628211u;
    return hash;
}

/* Runs `frames` frames through, as the example in engine.h does; returns a hash of all that came
 * out. */
static uint64_t run(vanon_engine *engine, uint64_t frames)
{
    uint64_t hash = 14695981039346656037u, out = 0;
    vanon_output output;
    int status;

    for (uint64_t i = 0; i < frames; i++) {
        vanon_frame *frame = make_frame(i);

        while ((status = vanon_engine_submit(engine, &frame, 0)) == VANON_ERR_AGAIN) {
            assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
            assert_int_equal(output.frame->number, out++);
            hash = hash_frame(hash, output.frame);
            vanon_frame_unref(&output.frame);
        }
        assert_int_equal(status, VANON_OK);
        assert_null(frame);
    }
    assert_int_equal(vanon_engine_drain(engine), VANON_OK);
    while (!(status = vanon_engine_receive(engine, &output, -1))) {
        assert_int_equal(output.frame->number, out++);
        hash = hash_frame(hash, output.frame);
        vanon_frame_unref(&output.frame);
    }
    assert_int_equal(status, VANON_ERR_EOF);
    assert_null(output.frame);
    assert_int_equal(out, frames);
    return hash;
}

static void test_null_detector_changes_nothing(void **state)
{
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"look_ahead_frames", "0"});
    vanon_frame *frame = make_frame(0), *same = frame;
    struct vanon_engine_stats stats;
    vanon_output output;

    (void)state;
    assert_int_equal(vanon_engine_receive(engine, &output, 0), VANON_ERR_AGAIN);
    assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
    assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
    assert_ptr_equal(output.frame, same);
    assert_int_equal(output.objects->count, 0);
    assert_int_equal(output.regions->count, 0);
    assert_false(output.hidden_whole);
    vanon_frame_unref(&output.frame);
    vanon_engine_get_stats(engine, &stats);
    assert_int_equal(stats.frames_in, 1);
    assert_int_equal(stats.frames_out, 1);
    assert_int_equal(stats.frames_seen, 1);
    assert_string_equal(stats.detector, "null");
    vanon_engine_destroy(&engine);
    assert_null(engine);
}

static void test_hides_and_keeps_order(void **state)
{
    vanon_engine *engine =
        MAKE_ENGINE({"detector", "replay"}, {"sidecar", sidecar_path}, {"style", "solid"});
    vanon_frame *frame = make_frame(0);
    vanon_output output;

    (void)state;
    write_sidecar(1);
    vanon_engine_destroy(&engine);
    /* So sure of people that of this one nothing but the elbow is hidden. */
    engine = MAKE_ENGINE({"detector", "replay"}, {"sidecar", sidecar_path}, {"style", "solid"},
                         {"confidence", "0.95"});
    assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
    vanon_engine_drain(engine);
    assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
    assert_int_equal(output.objects->count, 1);
    assert_int_equal(output.objects->object[0].id, 1);
    assert_int_equal(output.regions->count, 1);
    assert_int_equal(output.regions->region[0].part, VANON_PART_ELBOWS);
    assert_int_equal(output.frame->plane[0][20 * output.frame->stride[0] + 20], 16); /* black */
    assert_int_equal(output.frame->plane[0][47 * output.frame->stride[0] + 63],
                     (uint8_t)(16 + 3 * 63 + 5 * 47)); /* as it was */
    vanon_frame_unref(&output.frame);
    assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_ERR_EOF);
    frame = make_frame(1);
    assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_ERR_STATE);
    assert_non_null(frame);
    vanon_frame_unref(&frame);
    vanon_engine_destroy(&engine);
}

static void test_same_for_every_schedule(void **state)
{
    static const char *const pipelines[] = {"cpu-gpu", "batch", "ultra", "multithread"};
    static const char *const sizes[][3] = {{"1", "1", "1"}, {"3", "5", "2"}, {"8", "8", "32"}};
    uint64_t expected = 0;

    (void)state;
    write_sidecar(60);
    for (size_t p = 0; p < 4; p++) {
        for (size_t s = 0; s < 3; s++) {
            vanon_engine *engine = MAKE_ENGINE(
                {"detector", "replay"}, {"sidecar", sidecar_path}, {"pipeline", pipelines[p]},
                {"cpu_threads", sizes[s][0]}, {"batch_size", sizes[s][1]},
                {"frame_queue_size", sizes[s][2]}, {"result_queue_size", sizes[s][2]});
            uint64_t hash = run(engine, 60);

            vanon_engine_destroy(&engine);
            if (!expected)
                expected = hash;
            assert_int_equal(hash, expected);
        }
    }
    vanon_engine *nobody = MAKE_ENGINE({"detector", "null"});

    assert_int_not_equal(run(nobody, 60), expected); /* it did hide something */
    vanon_engine_destroy(&nobody);
}

static void test_what_is_measured(void **state)
{
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"look_ahead_frames", "5"});
    struct vanon_engine_stats stats;
    double held = 0;

    (void)state;
    vanon_engine_get_stats(engine, &stats);
    assert_null(stats.slowest);
    assert_int_equal(stats.first_seen, 0);
    run(engine, 100);
    vanon_engine_get_stats(engine, &stats);
    assert_int_equal(stats.stages, 6);
    assert_true(stats.seconds > 0);
    for (size_t i = 0; i < stats.stages; i++) {
        assert_true(stats.stage[i].seconds >= 0);
        assert_true(stats.stage[i].cpu_seconds <= stats.worker_cpu_seconds);
        assert_int_equal(stats.stage[i].frames, 100);
    }
    for (size_t i = 0; i < stats.queues; i++) {
        const struct vanon_queue_stats *queue = &stats.queue[i];

        assert_int_equal(queue->now, 0);
        assert_true(queue->mean <= (double)queue->most);
        assert_true(queue->most <= stats.capacity);
        if (!strcmp(queue->name, "look_ahead"))
            held = queue->frame_seconds;
    }
    assert_true(held > 0); /* frames were held back, and it was counted */
    assert_true(stats.first_seen > 0);
    assert_non_null(stats.slowest);
    assert_true(stats.load > 0 && stats.load <= 1);
    vanon_engine_destroy(&engine);
}

/* The course of the fill stays within its points, however long the run, and keeps its mean. */
static void test_course_is_thinned_out(void **state)
{
    struct vanon_measure measure;
    struct vanon_engine_stats stats = {.workers = 1, .requests = 1};
    double sum = 0;

    (void)state;
    vanon_measure_init(&measure);
    for (int64_t second = 0; second <= 1000; second++) {
        const size_t fill[VANON_QUEUES] = {[VANON_QUEUE_RENDER] = (size_t)(second % 2) * 6};

        vanon_measure_fill(&measure, fill, 1 + second * 1000000000);
    }
    vanon_measure_report(&measure, &stats);
    assert_int_equal(stats.seconds, 1000);
    assert_true(stats.queue[VANON_QUEUE_RENDER].points >= VANON_FILL_POINTS / 2 - 1);
    assert_true(stats.queue[VANON_QUEUE_RENDER].points < VANON_FILL_POINTS);
    assert_true(stats.fill_interval * (double)stats.queue[VANON_QUEUE_RENDER].points > 900);
    for (size_t i = 0; i < stats.queue[VANON_QUEUE_RENDER].points; i++)
        sum += (double)stats.queue[VANON_QUEUE_RENDER].course[i];
    sum /= (double)stats.queue[VANON_QUEUE_RENDER].points;
    assert_true(sum > 2.9 && sum < 3.1);
    assert_true(stats.queue[VANON_QUEUE_RENDER].mean > 2.9);
    assert_true(stats.queue[VANON_QUEUE_RENDER].mean < 3.1);
    assert_int_equal(stats.queue[VANON_QUEUE_RENDER].most, 6);
    assert_int_equal(stats.queue[VANON_QUEUE_WRITE].most, 0);
}

static void test_error_ends_everything(void **state)
{
    vanon_engine *engine;
    vanon_output output = {0};
    int status = VANON_OK;

    (void)state;
    write_sidecar(5); /* frame 5 is not in it: its examination fails */
    engine = MAKE_ENGINE({"detector", "replay"}, {"sidecar", sidecar_path});
    unit_log_clear();
    for (uint64_t i = 0; i < 1000 && !status; i++) {
        vanon_frame *frame = make_frame(i);

        status = vanon_engine_submit(engine, &frame, 0);
        vanon_frame_unref(&frame);
        if (status == VANON_ERR_AGAIN)
            status = vanon_engine_receive(engine, &output, -1);
        if (!status)
            vanon_frame_unref(&output.frame);
    }
    assert_int_equal(status, VANON_ERR_INPUT);
    assert_message("5");
    assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_ERR_INPUT);
    assert_null(output.frame);
    assert_int_equal(vanon_engine_drain(engine), VANON_ERR_INPUT);
    assert_int_equal(vanon_engine_flush(engine), VANON_ERR_INPUT);
    vanon_engine_destroy(&engine);
}

static void test_damaged_frame_stops(void **state)
{
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"});
    vanon_frame *frame = make_frame(7);
    vanon_output output;

    (void)state;
    frame->flags |= VANON_FRAME_DAMAGED;
    assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_ERR_DAMAGED);
    assert_message("frame 7", "damaged", "--on-error hide");
    vanon_frame_unref(&frame);
    assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_ERR_DAMAGED);
    vanon_engine_destroy(&engine);
}

static void test_damaged_frame_is_hidden_whole(void **state)
{
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"on_error", "hide"});
    vanon_frame *frame;
    vanon_output output;
    struct vanon_engine_stats stats;

    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        frame = make_frame(i);
        if (i == 1)
            frame->flags |= VANON_FRAME_DAMAGED;
        assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
    }
    vanon_engine_drain(engine);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
        assert_int_equal(output.hidden_whole, i == 1);
        for (int y = 0; y < HEIGHT; y++)
            for (int x = 0; x < WIDTH; x++) {
                int was = (uint8_t)(16 + 3 * x + 5 * y + 7 * (int)i);

                assert_int_equal(output.frame->plane[0][y * output.frame->stride[0] + x],
                                 i == 1 ? 16 : was);
            }
        vanon_frame_unref(&output.frame);
    }
    vanon_engine_get_stats(engine, &stats);
    assert_int_equal(stats.frames_hidden_whole, 1);
    vanon_engine_destroy(&engine);
}

static void test_flush_starts_anew(void **state)
{
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"look_ahead_frames", "0"});
    vanon_frame *frame;
    vanon_output output;

    (void)state;
    for (int round = 0; round < 20; round++) {
        for (uint64_t i = 0; i < 4; i++) {
            frame = make_frame(i);
            assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
        }
        if (round % 2)
            vanon_engine_drain(engine);
        assert_int_equal(vanon_engine_flush(engine), VANON_OK);
        assert_int_equal(vanon_engine_receive(engine, &output, 0), VANON_ERR_AGAIN);
    }
    frame = make_frame(9);
    assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
    assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
    assert_int_equal(output.frame->number, 9);
    vanon_frame_unref(&output.frame);
    vanon_engine_destroy(&engine);
}

static void *abort_soon(void *engine)
{
    usleep(50000);
    vanon_engine_abort(engine, VANON_ERR_CANCELLED);
    return NULL;
}

static void test_abort_wakes_a_waiter(void **state)
{
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"});
    vanon_output output;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, abort_soon, engine), 0);
    assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_ERR_CANCELLED);
    pthread_join(thread, NULL);
    vanon_engine_destroy(&engine);
}

static void test_wrong_frames_are_refused(void **state)
{
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"});
    vanon_frame *frame = make_frame(0), *none = NULL;

    (void)state;
    assert_int_equal(vanon_engine_submit(engine, &none, -1), VANON_ERR_ARGUMENT);
    frame->rotation = 45;
    assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_ERR_ARGUMENT);
    assert_non_null(frame);
    vanon_frame_unref(&frame);
    vanon_engine_destroy(&engine);
}

static void test_destroy_in_the_middle(void **state)
{
    (void)state;
    write_sidecar(100);
    for (int round = 0; round < 10; round++) {
        vanon_engine *engine = MAKE_ENGINE({"detector", "replay"}, {"sidecar", sidecar_path});

        for (uint64_t i = 0; i < 5; i++) {
            vanon_frame *frame = make_frame(i);

            assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
        }
        vanon_engine_destroy(&engine);
    }
}

static void test_plan_keeps_memory_bounded(void **state)
{
    static const char *const pairs[][2] = {{"max_frame_memory", "64"}, {"frame_queue_size", "32"}};
    vanon_options *options = make_options(pairs, 2);
    struct vanon_plan plan = vanon_plan_make(options, 2);
    vanon_frame frame = {.format = VANON_PIXEL_YUV420P, .width = 3840, .height = 2160};
    size_t capacity;

    (void)state;
    assert_int_equal(plan.workers, 2);
    plan.batch = 1;
    plan.requests = 2;
    capacity = vanon_plan_capacity(options, &plan, 0);
    assert_true(capacity >= 32);
    /* a frame of 4K has 12.4 MB, and counts twice: two fit */
    assert_int_equal(vanon_plan_limit(options, 1, 0, capacity, &frame), 2);
    frame.width = 320;
    frame.height = 240;
    assert_int_equal(vanon_plan_limit(options, 1, 0, capacity, &frame), capacity);
    vanon_options_destroy(&options);
}

/* Where the first person's box is, in the coded picture, and who it is. */
static int64_t place_of(const vanon_output *output, double aspect, double *x)
{
    const vanon_object *object = output->objects->object;

    assert_true(output->objects->count > 0);
    *x = (object->box.x0 + object->box.x1) / 2 / aspect;
    return object->id;
}

/* Somebody who is found before the aspect ratio changes is the same one afterwards, at the same
 * place of the coded picture: from frame 4 on it is shown a ninth wider. */
static void test_aspect_ratio_may_change(void **state)
{
    enum { FRAMES = 8, CHANGE = 4 };
    vanon_engine *engine = MAKE_ENGINE({"precision", "f32"}, {"imgsz", "320"},
                                       {"look_ahead_frames", "4"}, {"confidence", "0.5"});
    vanon_frame *picture = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    int64_t ids[FRAMES];
    double x[FRAMES];
    vanon_output output;

    (void)state;
    for (int i = 0; i < FRAMES; i++) {
        vanon_frame described = *picture, *frame;

        described.number = (uint64_t)i;
        described.pts = i;
        described.time_base = (vanon_rational){1, 25};
        described.sar = i < CHANGE ? (vanon_rational){1, 1} : (vanon_rational){10, 9};
        assert_int_equal(vanon_frame_wrap(&frame, &described, NULL, NULL), VANON_OK);
        assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
    }
    vanon_engine_drain(engine);
    for (int i = 0; i < FRAMES; i++) {
        assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
        ids[i] = place_of(&output, i < CHANGE ? 1 : 10.0 / 9, &x[i]);
        vanon_frame_unref(&output.frame);
    }
    for (int i = 1; i < FRAMES; i++) {
        assert_int_equal(ids[i], ids[0]);
        assert_true(fabs(x[i] - x[0]) < 5); /* pixels */
    }
    vanon_engine_destroy(&engine);
    vanon_frame_unref(&picture);
}

/* Requests are as large as a quarter of max_frame_memory allows, not as batch_size says. */
static void test_batch_keeps_to_memory(void **state)
{
    enum { SIDE = 1000, FRAMES = 40 }; /* a little less than 1 MiB each */
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"batch_size", "64"},
                                       {"max_frame_memory", "16"}, {"look_ahead_frames", "0"});
    struct vanon_engine_stats stats;
    vanon_output output;
    size_t most = 0;

    (void)state;
    for (uint64_t i = 0; i < FRAMES; i++) {
        vanon_frame *frame;
        int status;

        assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, SIDE, SIDE), VANON_OK);
        frame->number = i;
        while ((status = vanon_engine_submit(engine, &frame, 0)) == VANON_ERR_AGAIN) {
            assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
            vanon_frame_unref(&output.frame);
        }
        assert_int_equal(status, VANON_OK);
        vanon_engine_get_stats(engine, &stats);
        if (stats.frames_in - stats.frames_out > most)
            most = stats.frames_in - stats.frames_out;
    }
    assert_int_equal(stats.batch, 4);
    assert_true(most <= 8);
    vanon_engine_destroy(&engine);
}

/* Tells of `requests` full requests that take so many nanoseconds each. */
static void do_requests(struct vanon_growth *growth, int requests, int64_t each, int64_t *now)
{
    for (int i = 0; i < requests; i++)
        vanon_growth_done(growth, growth->batch, *now += each);
}

static void test_batch_grows_while_it_pays(void **state)
{
    /* time for a request of 1, 2, 4 and 8 frames: no gain in the last step */
    static const int64_t each[] = {[1] = 10000, [2] = 15000, [4] = 25000, [8] = 50000};
    struct vanon_growth growth;
    int64_t now = 0;

    (void)state;
    vanon_growth_init(&growth, 16, true);
    assert_int_equal(growth.batch, 1);
    for (size_t batch = 1; batch <= 8; batch *= 2) {
        assert_int_equal(growth.batch, batch);
        do_requests(&growth, 20, each[batch], &now);
        vanon_growth_starved(&growth); /* what was measured up to here does not count */
        do_requests(&growth, 32, each[batch] * 3, &now);
        vanon_growth_starved(&growth);
        assert_int_equal(growth.batch, batch);
        do_requests(&growth, 33, each[batch], &now);
    }
    assert_int_equal(growth.batch, 4);
    assert_true(growth.settled);
    do_requests(&growth, 1000, 1, &now);
    assert_int_equal(growth.batch, 4);

    vanon_growth_init(&growth, 6, true); /* never beyond the most */
    for (int i = 0; i < 5; i++)
        do_requests(&growth, 33, 10000, &now);
    assert_int_equal(growth.batch, 6);
    assert_true(growth.settled);

    vanon_growth_init(&growth, 5, false);
    do_requests(&growth, 100, 10000, &now);
    assert_int_equal(growth.batch, 5);
}

static void test_plans_of_pipelines(void **state)
{
    static const struct {
        const char *name;
        size_t workers, batch, requests; /* on 2 processors */
        size_t many;                     /* workers on 64 */
    } plans[] = {{"cpu-gpu", 2, 4, 0, 2},
                 {"batch", 1, 16, 0, 1},
                 {"ultra", 2, 16, 0, 16},
                 {"multithread", 2, 1, 2, 16}};

    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        const char *const pairs[][2] = {{"pipeline", plans[i].name}, {"batch_size", "7"}};
        vanon_options *options = make_options(pairs, 1);
        struct vanon_plan two = vanon_plan_make(options, 2), many = vanon_plan_make(options, 64);

        assert_int_equal(two.workers, plans[i].workers);
        assert_int_equal(two.batch, plans[i].batch);
        assert_int_equal(two.requests, plans[i].requests);
        assert_int_equal(two.inference_threads, 2);
        assert_true(two.grows);
        assert_int_equal(many.workers, plans[i].many);
        assert_int_equal(many.inference_threads, 64);
        assert_true(many.requests <= 16);
        vanon_options_destroy(&options);
        options = make_options(pairs, 2);
        two = vanon_plan_make(options, 2);
        assert_int_equal(two.batch, 7);
        assert_false(two.grows);
        vanon_options_destroy(&options);
    }
}

static void test_look_ahead_fits_into_memory(void **state)
{
    vanon_options *options = make_options(NULL, 0);
    vanon_frame frame = {.format = VANON_PIXEL_YUV420P, .width = 1920, .height = 1080};

    (void)state;
    assert_int_equal(options->look_ahead_frames, 30);
    assert_int_equal(vanon_plan_latency(options, 30, &frame), 30);
    assert_int_equal(vanon_plan_latency(options, 64, &frame), 43); /* of 3.1 MB in 128 MiB */
    frame.width = 3840;
    frame.height = 2160;
    assert_int_equal(vanon_plan_latency(options, 30, &frame), 10);
    assert_int_equal(vanon_plan_latency(options, 0, &frame), 0);
    vanon_options_destroy(&options);
}

/* 16 MiB hold 3 frames of look-ahead of 2.3 MB: the fourth frame's arrival lets the first go. */
static void test_large_frames_are_looked_ahead_less(void **state)
{
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"max_frame_memory", "16"});
    vanon_output output;

    (void)state;
    unit_log_clear();
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) {
            vanon_frame *frame = NULL;

            assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, 2000, 1150), VANON_OK);
            assert_int_equal(vanon_engine_receive(engine, &output, 20), VANON_ERR_AGAIN);
            assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
        }
        assert_message("max_frame_memory 16 MiB", "2000x1150", "by 3, not 30");
        assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
        vanon_frame_unref(&output.frame);
        assert_int_equal(vanon_engine_flush(engine), VANON_OK);
        unit_log_clear();
    }
    vanon_engine_destroy(&engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null_detector_changes_nothing),
        cmocka_unit_test(test_hides_and_keeps_order),
        cmocka_unit_test(test_same_for_every_schedule),
        cmocka_unit_test(test_what_is_measured),
        cmocka_unit_test(test_course_is_thinned_out),
        cmocka_unit_test(test_error_ends_everything),
        cmocka_unit_test(test_damaged_frame_stops),
        cmocka_unit_test(test_damaged_frame_is_hidden_whole),
        cmocka_unit_test(test_flush_starts_anew),
        cmocka_unit_test(test_abort_wakes_a_waiter),
        cmocka_unit_test(test_wrong_frames_are_refused),
        cmocka_unit_test(test_destroy_in_the_middle),
        cmocka_unit_test(test_plan_keeps_memory_bounded),
        cmocka_unit_test(test_batch_grows_while_it_pays),
        cmocka_unit_test(test_aspect_ratio_may_change),
        cmocka_unit_test(test_batch_keeps_to_memory),
        cmocka_unit_test(test_plans_of_pipelines),
        cmocka_unit_test(test_look_ahead_fits_into_memory),
        cmocka_unit_test(test_large_frames_are_looked_ahead_less),
    };
    int file = mkstemp(sidecar_path), failed;

    if (file < 0)
        return 1;
    close(file);
    write_sidecar(1);
    failed = cmocka_run_group_tests_name("engine", tests, NULL, NULL);
    unlink(sidecar_path);
    return failed;
}

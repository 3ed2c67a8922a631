/* SPDX-License-Identifier: Apache-2.0 */
/* The engine with frames in a device's memory, by the reference plugin: what comes out is what
 * comes out of frames in the host's. */
#include "unit.h"

#include <unistd.h>

#include <vanon/engine.h>

#include "../../plugins/cuda/surfaces.h"
#include "base/memory.h"
#include "elbow_sidecar.h"
#include "pixels/format.h"

#define WIDTH        128
#define HEIGHT       96
#define FAULT_FRAMES 8

#define DEVICE 2 /* its number: no other than the frames say */

static char sidecar_path[] = "/tmp/vanon-engine-XXXXXX";

static void write_sidecar(int frames)
{
    const struct elbow_sidecar sidecar = {sidecar_path, WIDTH, HEIGHT, 30, 40, 120, 90};

    write_elbow_sidecar(&sidecar, frames);
}

#define MAKE_ENGINE(...)                               \
    make_engine((const char *const[][2]){__VA_ARGS__}, \
                sizeof((const char *const[][2]){__VA_ARGS__}) / sizeof(const char *[2]))

static vanon_engine *make_engine(const char *const (*pairs)[2], size_t count)
{
    struct vanon_engine_params params = {.log = &unit_log};
    vanon_options *options = NULL;
    vanon_engine *engine = NULL;

    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(vanon_options_set(options, pairs[i][0], pairs[i][1]), VANON_OK);
    params.options = options;
    if (vanon_engine_create(&engine, &params))
        fail_msg("no engine: %s", unit_message);
    vanon_options_destroy(&options);
    return engine;
}

/* Frames of a scene that changes at frame 6, and where they lie. */
struct source {
    vanon_surfaces *surfaces; /* NULL: in the host's memory */
    vanon_frame_pool *pool;   /* for what comes back */
    bool damaged;             /* each tenth */
};

static vanon_frame *make_frame(const struct source *source, uint64_t number)
{
    vanon_frame *frame = NULL, *device = NULL;
    uint32_t seed = number < 6 ? 3 : 8;

    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_NV12, WIDTH, HEIGHT), VANON_OK);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            frame->plane[0][y * frame->stride[0] + x] =
                (uint8_t)(((uint32_t)x / 8 * 37 * seed + (uint32_t)y / 8 * 91) % 200 + number);
    for (int y = 0; y < HEIGHT / 2; y++)
        for (int x = 0; x < WIDTH; x++)
            frame->plane[1][y * frame->stride[1] + x] = (uint8_t)(100 + (x + y + (int)number) % 50);
    frame->number = number;
    frame->pts = (int64_t)number;
    frame->time_base = (vanon_rational){1, 25};
    if (source->damaged && number % 10 == 5)
        frame->flags = VANON_FRAME_DAMAGED;
    if (!source->surfaces)
        return frame;
    assert_int_equal(vanon_surfaces_upload(source->surfaces, frame, &device), VANON_OK);
    vanon_frame_unref(&frame);
    return device;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
    return hash;
}

static uint64_t hash_frame(uint64_t hash, const vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int i = 0; i < layout->planes; i++)
        for (int y = 0; y < vanon_plane_lines(layout, i, frame->height); y++)
            hash = hash_bytes(hash, frame->plane[i] + y * frame->stride[i],
                              vanon_plane_bytes(layout, i, frame->width));
    return hash;
}

/* Of a frame that came out, wherever it is, and of what was found in it. */
static uint64_t hash_output(uint64_t hash, const struct source *source, vanon_output *output)
{
    vanon_frame *host = NULL;

    for (size_t i = 0; i < output->objects->count; i++)
        hash = hash_bytes(hash, &output->objects->object[i].box,
                          sizeof output->objects->object[i].box);
    if (output->frame->memory == VANON_MEMORY_CUDA) {
        assert_int_equal(
            vanon_surfaces_download(source->surfaces, source->pool, output->frame, &host),
            VANON_OK);
        hash = hash_frame(hash, host);
    } else {
        hash = hash_frame(hash, output->frame);
    }
    vanon_frame_unref(&host);
    vanon_frame_unref(&output->frame);
    return hash;
}

static uint64_t run(vanon_engine *engine, const struct source *source, uint64_t frames,
                    enum vanon_memory memory)
{
    uint64_t hash = 14695981039346656037u;
    vanon_output output;
    int status;

    for (uint64_t i = 0; i < frames; i++) {
        vanon_frame *frame = make_frame(source, i);

        while ((status = vanon_engine_submit(engine, &frame, 0)) == VANON_ERR_AGAIN) {
            assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
            assert_int_equal(output.frame->memory, memory);
            hash = hash_output(hash, source, &output);
        }
        if (status)
            fail_msg("frame %d: %s", (int)i, unit_message);
        assert_null(frame);
    }
    assert_int_equal(vanon_engine_drain(engine), VANON_OK);
    while (!(status = vanon_engine_receive(engine, &output, -1))) {
        assert_int_equal(output.frame->memory, memory);
        hash = hash_output(hash, source, &output);
    }
    assert_int_equal(status, VANON_ERR_EOF);
    return hash;
}

static struct source make_source(void)
{
    struct source source = {0};

    assert_int_equal(vanon_surfaces_gpu.create(&source.surfaces, DEVICE, &unit_log), VANON_OK);
    assert_int_equal(vanon_frame_pool_create(&source.pool), VANON_OK);
    return source;
}

static void free_source(struct source *source)
{
    vanon_surfaces_destroy(&source->surfaces);
    vanon_frame_pool_destroy(&source->pool);
}

static void same_in_every_schedule(void **state)
{
    static const char *const pipelines[] = {"cpu-gpu", "batch", "multithread"};
    static const char *const sizes[][3] = {{"1", "1", "1"}, {"3", "5", "2"}, {"8", "8", "32"}};
    static const char *const styles[] = {"mosaic", "gaussian", "solid"};
    struct source device = make_source();
    const struct source host = {0};

    (void)state;
    write_sidecar(40);
    for (size_t style = 0; style < 3; style++)
        for (size_t p = 0; p < 3; p++) {
            const char *const pairs[][2] = {{"detector", "replay"},
                                            {"sidecar", sidecar_path},
                                            {"style", styles[style]},
                                            {"parts", "elbows,body"},
                                            {"safety_margin_px", "2"},
                                            {"pipeline", pipelines[p]},
                                            {"cpu_threads", sizes[p][0]},
                                            {"batch_size", sizes[p][1]},
                                            {"frame_queue_size", sizes[p][2]},
                                            {"result_queue_size", sizes[p][2]}};
            vanon_engine *engine = make_engine(pairs, 10);
            uint64_t expected = run(engine, &host, 40, VANON_MEMORY_HOST);
            struct vanon_engine_stats stats;

            vanon_engine_get_stats(engine, &stats);
            assert_int_equal(stats.frames_on_device, 0);
            assert_int_equal(stats.frames_changed, 40);
            vanon_engine_destroy(&engine);
            engine = make_engine(pairs, 10);
            assert_int_equal(run(engine, &device, 40, VANON_MEMORY_CUDA), expected);
            vanon_engine_get_stats(engine, &stats);
            assert_int_equal(stats.frames_on_device, 40);
            assert_int_equal(stats.frames_downloaded, 0); /* nobody looked at samples */
            vanon_engine_destroy(&engine);
        }
    free_source(&device);
}

/* A detector on the CPU gets what it looks at; motion and cuts are told from the device's frames.
 */
static void detector_on_the_host_sees_the_same(void **state)
{
    static const struct {
        const char *imgsz, *detect_every;
        uint64_t frames;
    } looks[] = {{"128", "1", 8}, {"128", "4", 16}, {"auto", "4", 9}};
    struct source device = make_source();
    const struct source host = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const char *const pairs[][2] = {{"device", "cpu"},
                                        {"precision", "f32"},
                                        {"confidence", "0.001"},
                                        {"imgsz", looks[i].imgsz},
                                        {"detect_every", looks[i].detect_every}};
        vanon_engine *engine = make_engine(pairs, 5);
        uint64_t expected = run(engine, &host, looks[i].frames, VANON_MEMORY_HOST);
        struct vanon_engine_stats stats[2];

        vanon_engine_get_stats(engine, &stats[0]);
        assert_true(stats[0].objects > 0);
        vanon_engine_destroy(&engine);
        engine = make_engine(pairs, 5);
        assert_int_equal(run(engine, &device, looks[i].frames, VANON_MEMORY_CUDA), expected);
        vanon_engine_get_stats(engine, &stats[1]);
        assert_int_equal(stats[1].frames_seen, stats[0].frames_seen);
        assert_int_equal(stats[1].frames_downloaded, stats[0].frames_seen);
        vanon_engine_destroy(&engine);
    }
    free_source(&device);
}

/* What the device can't do, the host does: frames come out there. */
static void exact_styles_leave_the_device(void **state)
{
    struct source device = make_source();
    const struct source host = {0};
    uint64_t expected;
    vanon_engine *engine;

    (void)state;
    write_sidecar(10);
    engine = MAKE_ENGINE({"detector", "replay"}, {"sidecar", sidecar_path},
                         {"exact_styles", "true"}, {"style", "gaussian"});
    expected = run(engine, &host, 10, VANON_MEMORY_HOST);
    vanon_engine_destroy(&engine);
    engine = MAKE_ENGINE({"detector", "replay"}, {"sidecar", sidecar_path},
                         {"exact_styles", "true"}, {"style", "gaussian"});
    assert_int_equal(run(engine, &device, 10, VANON_MEMORY_HOST), expected);
    vanon_engine_destroy(&engine);
    free_source(&device);
}

static void damaged_frames_are_hidden_whole(void **state)
{
    struct source device = make_source(), host = {.damaged = true};
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"on_error", "hide"});
    uint64_t expected = run(engine, &host, 20, VANON_MEMORY_HOST);
    struct vanon_engine_stats stats;

    (void)state;
    vanon_engine_destroy(&engine);
    device.damaged = true;
    engine = MAKE_ENGINE({"detector", "null"}, {"on_error", "hide"});
    assert_int_equal(run(engine, &device, 20, VANON_MEMORY_CUDA), expected);
    vanon_engine_get_stats(engine, &stats);
    assert_int_equal(stats.frames_hidden_whole, 2);
    vanon_engine_destroy(&engine);
    free_source(&device);
}

/* Runs until something fails; what came out before is hashed frame by frame. */
static size_t run_to_failure(vanon_engine *engine, const struct source *source, int *status,
                             uint64_t hash[FAULT_FRAMES])
{
    size_t count = 0;
    vanon_output output;

    *status = VANON_OK;
    for (uint64_t i = 0; i < FAULT_FRAMES && !*status; i++) {
        vanon_frame *frame = make_frame(source, i);

        *status = vanon_engine_submit(engine, &frame, -1);
        vanon_frame_unref(&frame);
    }
    if (!*status)
        *status = vanon_engine_drain(engine);
    while (!*status && !(*status = vanon_engine_receive(engine, &output, -1)))
        hash[count++] = hash_output(0, source, &output);
    return count;
}

/* Whichever call to the device fails, the run ends with that error, and no frame came out that is
 * not as it should be. */
static void a_device_that_fails_ends_the_run(void **state)
{
    static const char *const pairs[][2] = {{"detector", "replay"},     {"sidecar", sidecar_path},
                                           {"look_ahead_frames", "2"}, {"detect_every", "4"},
                                           {"frame_queue_size", "8"},  {"result_queue_size", "16"}};
    uint64_t expected[FAULT_FRAMES], hash[FAULT_FRAMES];
    struct source device = make_source();
    vanon_engine *engine;
    int status, fault = 0;

    (void)state;
    write_sidecar(FAULT_FRAMES);
    do {
        char number[16];
        size_t count;

        snprintf(number, sizeof number, "%d", fault);
        setenv("VANON_REFERENCE_SURFACE_FAULT", number, 1);
        engine = make_engine(pairs, VANON_COUNT(pairs));
        count = run_to_failure(engine, &device, &status, fault ? hash : expected);
        vanon_engine_destroy(&engine);
        if (!fault)
            assert_int_equal(count, FAULT_FRAMES);
        assert_int_equal(status,
                         fault && count < FAULT_FRAMES ? VANON_ERR_INFERENCE : VANON_ERR_EOF);
        for (size_t i = 0; i < count && fault; i++)
            assert_true(hash[i] == expected[i]);
        fault++;
    } while (fault == 1 || status == VANON_ERR_INFERENCE);
    unsetenv("VANON_REFERENCE_SURFACE_FAULT");
    assert_true(fault > 3 * FAULT_FRAMES); /* settled, seen by the camera, painted */
    free_source(&device);
}

/* A frame with nothing on it is the very one that went in, also after its engine is gone. */
static void untouched_frames_pass_by_reference(void **state)
{
    struct source device = make_source();
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"look_ahead_frames", "0"});
    vanon_frame *frame = make_frame(&device, 0), *same = frame;
    vanon_output output;

    (void)state;
    assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK);
    assert_int_equal(vanon_engine_receive(engine, &output, -1), VANON_OK);
    assert_ptr_equal(output.frame, same);
    vanon_engine_destroy(&engine);
    vanon_frame_unref(&output.frame);
    free_source(&device);
}

static void assert_refused(vanon_engine *engine, vanon_frame *frame, int status, const char *text)
{
    vanon_frame *given = frame;

    unit_log_clear();
    assert_int_equal(vanon_engine_submit(engine, &given, -1), status);
    assert_ptr_equal(given, frame);
    assert_message(text);
}

static void frames_nobody_can_read_are_refused(void **state)
{
    struct source device = make_source();
    vanon_engine *engine = MAKE_ENGINE({"detector", "null"}, {"look_ahead_frames", "0"});
    vanon_frame *frame = make_frame(&device, 0), other = *frame;
    vanon_cuda_planes planes = *(const vanon_cuda_planes *)frame->handle;
    char *folder = strdup(getenv("VANON_PLUGINS"));

    (void)state;
    assert_non_null(folder);
    other.memory = VANON_MEMORY_HARDWARE;
    assert_refused(engine, &other, VANON_ERR_UNSUPPORTED, "neither");
    setenv("VANON_PLUGINS", "/nowhere", 1);
    assert_refused(engine, frame, VANON_ERR_UNSUPPORTED, "GPU 2");
    assert_message("vanon_cuda.so");
    setenv("VANON_PLUGINS", folder, 1);
    other = *frame;
    other.handle = &planes;
    planes.stride[1] = 3;
    assert_refused(engine, &other, VANON_ERR_ARGUMENT, "planes");
    planes.stride[1] = planes.stride[0];
    planes.device = DEVICE + 1;
    assert_refused(engine, &other, VANON_ERR_UNSUPPORTED, "GPU 3");
    assert_int_equal(vanon_engine_submit(engine, &frame, -1), VANON_OK); /* it still runs */
    vanon_engine_destroy(&engine);
    free_source(&device);
    free(folder);
}

static int make_sidecar_path(void **state)
{
    int file = mkstemp(sidecar_path);

    (void)state;
    setenv("VANON_PLUGINS", PLUGINS "/reference", 1);
    return file < 0 || close(file);
}

static int remove_sidecar(void **state)
{
    (void)state;
    return unlink(sidecar_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_in_every_schedule),
        cmocka_unit_test(detector_on_the_host_sees_the_same),
        cmocka_unit_test(exact_styles_leave_the_device),
        cmocka_unit_test(damaged_frames_are_hidden_whole),
        cmocka_unit_test(a_device_that_fails_ends_the_run),
        cmocka_unit_test(untouched_frames_pass_by_reference),
        cmocka_unit_test(frames_nobody_can_read_are_refused),
    };

    return cmocka_run_group_tests(tests, make_sidecar_path, remove_sidecar);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GPU plugin's detector over the reference executor, against the CPU's: one people found, in
 * batches, in pieces of batches where memory is short, with several slots in flight, and with a
 * device that fails.
 */
#include "unit.h"

#include "cuda_frame.h"
#include "picture.h"

#include "detector.h"
#include "detector_fixture.h"
#include "device.h"
#include "onnx.h"
#include "onnx_variant.h"

#define MOST 5

static struct detect_wait gpu_waiting = DETECT_WAIT;

/* What holds for all tests; pairs that differ come on top. */
static vanon_options *make_options(const char *key, const char *value)
{
    static const char *const pairs[] = {"pose_model", SHIPPED, "precision", "f32",
                                        "imgsz",      "224",   NULL};
    vanon_options *options = detect_options(pairs);

    assert_int_equal(vanon_options_set(options, "batch_size", "1"), VANON_OK);
    if (key)
        assert_int_equal(vanon_options_set(options, key, value), VANON_OK);
    return options;
}

static int create_gpu(vanon_detector **out, const vanon_options *options, size_t slots,
                      size_t batch)
{
    unit_log_clear();
    *out = NULL;
    return vanon_detector_cuda.create(
        out, &(struct vanon_detector_params){.options = options,
                                             .log = &unit_log,
                                             .done = detect_done,
                                             .opaque = &gpu_waiting,
                                             .slots = slots,
                                             .batch = batch,
                                             .skeleton = &vanon_skeleton_coco17});
}

static int clear_faults(void **state)
{
    (void)state;
    return unsetenv("VANON_REFERENCE_BYTES") + unsetenv("VANON_REFERENCE_FAULT") +
           unsetenv("VANON_REFERENCE_SHORT");
}

/* What the CPU finds. */
static void find_by_cpu(const vanon_options *options, const vanon_frame *frame,
                        vanon_object_list *objects)
{
    vanon_options *own;
    vanon_detector *detector;

    assert_int_equal(vanon_options_copy(&own, options), VANON_OK);
    assert_int_equal(vanon_options_set(own, "device", "cpu"), VANON_OK);
    assert_int_equal(create_with(&detector, own, 1, 1, 0), VANON_OK);
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, objects), VANON_OK);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&own);
}

static void assert_near_objects(const vanon_object_list *found, const vanon_object_list *wanted)
{
    assert_int_equal(found->count, wanted->count);
    for (size_t i = 0; i < found->count; i++) {
        const vanon_object *a = &found->object[i], *b = &wanted->object[i];
        const vanon_keypoint *left = vanon_object_keypoints(found, a);
        const vanon_keypoint *right = vanon_object_keypoints(wanted, b);

        assert_string_equal(a->detector, "pose");
        assert_near((double)a->score, (double)b->score, 0.001);
        assert_near((double)a->box.x0, (double)b->box.x0, 0.1);
        assert_near((double)a->box.y1, (double)b->box.y1, 0.1);
        assert_int_equal(a->keypoints, 17);
        for (size_t j = 0; j < a->keypoints; j++) {
            assert_near((double)left[j].x, (double)right[j].x, 0.1);
            assert_near((double)left[j].y, (double)right[j].y, 0.1);
            assert_near((double)left[j].visibility, (double)right[j].visibility, 0.001);
        }
    }
}

/* RGB, which the host makes ready, and YUV, which the device does. */
static void test_finds_people(void **state)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_RGB24, VANON_PIXEL_YUV420P};
    static const char *const confidences[] = {"0.3", "0.05"};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(formats) * VANON_COUNT(confidences); i++) {
        vanon_options *options = make_options("confidence", confidences[i / 2]);
        vanon_frame *frame = picture_load(PICTURE_MESSI, formats[i % 2]);
        vanon_object_list found = {0}, wanted = {0};
        struct vanon_detector_info info;
        vanon_detector *detector;

        find_by_cpu(options, frame, &wanted);
        assert_true(wanted.count > 0);
        assert_int_equal(create_gpu(&detector, options, 0, 0), VANON_OK);
        assert_int_equal(detector->slots, 3);
        assert_int_equal(detector->batch, 1);
        assert_int_equal(detect_frame(detector, &gpu_waiting, 0, frame, &found), VANON_OK);
        assert_near_objects(&found, &wanted);
        vanon_detector_get_info(detector, &info);
        assert_string_equal(info.device, "cuda:0");
        assert_string_equal(info.precision, "f32");
        assert_string_equal(info.model_sha256, SHIPPED_SHA256);
        assert_int_equal(info.width, 224);
        vanon_detector_destroy(&detector);
        vanon_object_list_free(&found);
        vanon_object_list_free(&wanted);
        vanon_frame_unref(&frame);
        vanon_options_destroy(&options);
    }
}

/* What is found in a batch, of which every second frame is grey. */
static int look_at_batch(vanon_detector *detector, size_t slot, const vanon_frame *frame,
                         const vanon_frame *grey, size_t count, vanon_object_list *lists)
{
    const vanon_frame *frames[MOST];
    vanon_object_list *pointers[MOST];
    int status;

    for (size_t i = 0; i < count; i++) {
        frames[i] = i % 2 ? grey : frame;
        pointers[i] = &lists[i];
    }
    status = vanon_detector_submit(detector, slot, frames, count);
    if (status)
        return status;
    detect_wait_for(&gpu_waiting, slot);
    return vanon_detector_collect(detector, slot, pointers, count);
}

static void check_batch(vanon_detector *detector, size_t count, const vanon_object_list *wanted)
{
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_frame *grey = grey_frame(frame->width, frame->height, 114);
    vanon_object_list lists[MOST] = {0};

    grey->colour = frame->colour;
    assert_int_equal(look_at_batch(detector, 1, frame, grey, count, lists), VANON_OK);
    for (size_t i = 0; i < count; i++) {
        if (i % 2)
            assert_int_equal(lists[i].count, 0);
        else
            assert_near_objects(&lists[i], wanted);
        vanon_object_list_free(&lists[i]);
    }
    vanon_frame_unref(&grey);
    vanon_frame_unref(&frame);
}

/* As much memory as two slots take for so many frames at a time, twice over, since no more than
 * half of it is taken at the start; the largest input is 224x224, the picture's 224x160. */
static void limit_memory(double frames)
{
    vanon_onnx *onnx;
    vanon_plan *plan;
    char bytes[32];

    assert_int_equal(vanon_onnx_load(&onnx, SHIPPED, &unit_log), VANON_OK);
    assert_int_equal(vanon_plan_create(&plan, onnx, 1, 224, 224, &unit_log), VANON_OK);
    snprintf(bytes, sizeof bytes, "%.0f", frames * 2 * (double)vanon_device_need(plan, false, 2));
    assert_int_equal(setenv("VANON_REFERENCE_BYTES", bytes, 1), 0);
    vanon_plan_destroy(&plan);
    vanon_onnx_destroy(&onnx);
}

/* The same people, in whatever pieces. */
static void test_batches(void **state)
{
    static const struct {
        size_t wanted, batch, count, memory; /* frames; memory 0: no limit */
        const char *device;
    } cases[] = {
        {1, 4, 4, 0, "cuda:0"},
        {4, 4, 3, 0, "cuda:0"},
        {5, 5, 5, 2, "cuda:0, 2 at a time"},
        {0, 4, 4, 1, "cuda:0, 1 at a time"},
        {64, 16, 2, 0, "cuda:0"},
    };
    vanon_options *options = make_options(NULL, NULL);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list wanted = {0};

    find_by_cpu(options, frame, &wanted);
    assert_int_equal(vanon_options_set(options, "batch_size", "auto"), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        struct vanon_detector_info info;
        vanon_detector *detector;

        clear_faults(state);
        if (cases[i].memory)
            limit_memory((double)cases[i].memory);
        assert_int_equal(create_gpu(&detector, options, 2, cases[i].wanted), VANON_OK);
        assert_int_equal(detector->batch, cases[i].batch);
        check_batch(detector, cases[i].count, &wanted);
        vanon_detector_get_info(detector, &info);
        assert_string_equal(info.device, cases[i].device);
        vanon_detector_destroy(&detector);
    }
    vanon_object_list_free(&wanted);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* Memory that goes away after the start: pieces become smaller then; and in the end it is an
 * error. */
static void test_less_memory_later(void **state)
{
    vanon_options *options = make_options(NULL, NULL);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list wanted = {0};
    vanon_detector *detector;

    (void)state;
    find_by_cpu(options, frame, &wanted);
    assert_int_equal(create_gpu(&detector, options, 2, 4), VANON_OK);
    limit_memory(0.5);
    check_batch(detector, 4, &wanted);
    assert_message("device cuda:0: not enough memory; batches are done 2 at a time");
    check_batch(detector, 3, &wanted);
    setenv("VANON_REFERENCE_BYTES", "1000", 1);
    assert_int_equal(vanon_detector_submit(detector, 0, &(const vanon_frame *){frame}, 1),
                     VANON_ERR_MEMORY);
    assert_message("not enough memory for one frame of 224x160");
    vanon_detector_destroy(&detector);
    assert_int_equal(create_gpu(&detector, options, 2, 2), VANON_ERR_MEMORY);
    assert_message("device cuda:0", "MB of its memory are free");
    vanon_object_list_free(&wanted);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

static void test_slots_in_flight(void **state)
{
    vanon_options *options = make_options(NULL, NULL);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_YUV420P);
    vanon_object_list lists[3] = {0}, *pointer;
    vanon_detector *detector;

    (void)state;
    assert_int_equal(create_gpu(&detector, options, 3, 1), VANON_OK);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < 3; i++) {
            const vanon_frame *one = frame;

            assert_int_equal(vanon_detector_submit(detector, i, &one, 1), VANON_OK);
            assert_int_equal(vanon_detector_submit(detector, i, &one, 1), VANON_ERR_STATE);
        }
        for (size_t i = 0; i < 3; i++) {
            pointer = &lists[i];
            detect_wait_for(&gpu_waiting, i);
            assert_int_equal(vanon_detector_collect(detector, i, &pointer, 1), VANON_OK);
            assert_int_equal(vanon_detector_collect(detector, i, &pointer, 1), VANON_ERR_STATE);
            assert_true(lists[i].count > 0);
            assert_same_objects(&lists[i], &lists[0]);
        }
    }
    /* One is left in flight: destruction waits for it. */
    assert_int_equal(vanon_detector_submit(detector, 1, &(const vanon_frame *){frame}, 1),
                     VANON_OK);
    vanon_detector_destroy(&detector);
    detect_wait_for(&gpu_waiting, 1);
    for (size_t i = 0; i < 3; i++)
        vanon_object_list_free(&lists[i]);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* Another size of frames: another network. */
static void test_sizes(void **state)
{
    vanon_options *options = make_options(NULL, NULL);
    vanon_frame *messi = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_frame *tall = grey_frame(64, 448, 114);
    vanon_object_list objects = {0};
    vanon_detector *detector;
    struct vanon_detector_info info;

    (void)state;
    assert_int_equal(create_gpu(&detector, options, 2, 1), VANON_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(detect_frame(detector, &gpu_waiting, i, messi, &objects), VANON_OK);
        assert_true(objects.count > 0);
        assert_int_equal(detect_frame(detector, &gpu_waiting, i, tall, &objects), VANON_OK);
        assert_int_equal(objects.count, 0);
        vanon_detector_get_info(detector, &info); /* of the largest */
        assert_int_equal(info.width, 224);
        assert_int_equal(info.height, 160);
        assert_true(info.compile_seconds > 0);
        assert_true(info.compile_cpu_seconds > 0);
    }
    vanon_object_list_free(&objects);
    vanon_detector_destroy(&detector);
    vanon_frame_unref(&tall);
    vanon_frame_unref(&messi);
    vanon_options_destroy(&options);
}

/* Looks */

/* What a detector finds in one view. */
static int look_once(vanon_detector *detector, struct detect_wait *wait, size_t slot,
                     const struct vanon_view *view, vanon_object_list *objects)
{
    int status = vanon_detector_look(detector, slot, view, 1);

    if (status)
        return status;
    detect_wait_for(wait, slot);
    return vanon_detector_collect(detector, slot, &objects, 1);
}

/* Whole pictures at other sizes, parts, and parts in a square, find who the CPU finds there; more
 * sizes than are kept, twice over. */
static void test_looks(void **state)
{
    static const struct vanon_view views[] = {
        {.imgsz = 0},
        {.imgsz = 320},
        {.imgsz = 160},
        {.part = {160, 0, 256, 256}, .imgsz = 192},
        {.part = {192, 64, 192, 192}, .imgsz = 224, .square = true},
        {.part = {96, 0, 384, 320}, .imgsz = 224, .square = true},
        {.part = {128, 0, 192, 320}, .imgsz = 256},
    };
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_RGB24, VANON_PIXEL_YUV420P};
    vanon_options *options = make_options("device", "cpu");
    vanon_detector *gpu, *cpu;
    size_t seen = 0;

    (void)state;
    assert_int_equal(create_gpu(&gpu, options, 2, 2), VANON_OK);
    assert_int_equal(create_with(&cpu, options, 1, 1, 0), VANON_OK);
    assert_true(gpu->views);
    for (size_t i = 0; i < 2 * VANON_COUNT(views); i++) {
        vanon_frame *frame = picture_load(PICTURE_MESSI, formats[i / VANON_COUNT(views)]);
        struct vanon_view view = views[i % VANON_COUNT(views)];
        vanon_object_list found = {0}, wanted = {0};

        view.frame = frame;
        assert_int_equal(look_once(cpu, &waiting, 0, &view, &wanted), VANON_OK);
        assert_int_equal(look_once(gpu, &gpu_waiting, i % 2, &view, &found), VANON_OK);
        assert_near_objects(&found, &wanted);
        seen += found.count;
        vanon_object_list_free(&found);
        vanon_object_list_free(&wanted);
        vanon_frame_unref(&frame);
    }
    assert_true(seen > VANON_COUNT(views));
    vanon_detector_destroy(&gpu);
    vanon_detector_destroy(&cpu);
    vanon_options_destroy(&options);
}

/* The same frame in the GPU's memory: the same objects, of all of it and of a part. */
static void test_frames_of_the_device(void **state)
{
    vanon_options *options = make_options(NULL, NULL);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_YUV420P), there;
    vanon_object_list found = {0}, wanted = {0};
    vanon_cuda_planes planes;
    vanon_detector *detector;

    (void)state;
    there = cuda_frame(frame, 0, &planes);
    assert_int_equal(create_gpu(&detector, options, 1, 1), VANON_OK);
    assert_true(vanon_detector_takes(detector, &there));
    for (int i = 0; i < 2; i++) {
        struct vanon_view view = {.frame = frame};

        if (i)
            view.part = (struct vanon_part_rect){160, 8, 256, 256};
        assert_int_equal(look_once(detector, &gpu_waiting, 0, &view, &wanted), VANON_OK);
        view.frame = &there;
        assert_int_equal(look_once(detector, &gpu_waiting, 0, &view, &found), VANON_OK);
        assert_true(wanted.count > 0);
        assert_same_objects(&found, &wanted);
    }
    vanon_detector_destroy(&detector);
    vanon_object_list_free(&found);
    vanon_object_list_free(&wanted);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* Parts of one size side by side in a batch that is done in pieces: each object is where its part
 * lies. */
static void test_looks_in_pieces(void **state)
{
    vanon_options *options = make_options(NULL, NULL);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_YUV420P);
    vanon_object_list lists[3] = {0}, *pointers[3], alone = {0};
    struct vanon_view views[3];
    vanon_detector *detector;

    (void)state;
    limit_memory(1);
    assert_int_equal(create_gpu(&detector, options, 2, 3), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(views); i++) {
        views[i] = (struct vanon_view){
            .frame = frame, .part = {128 + 32 * (int)i, 0, 224, 320}, .imgsz = 224};
        pointers[i] = &lists[i];
    }
    assert_int_equal(vanon_detector_look(detector, 0, views, 3), VANON_OK);
    detect_wait_for(&gpu_waiting, 0);
    assert_int_equal(vanon_detector_collect(detector, 0, pointers, 3), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(views); i++) {
        assert_int_equal(look_once(detector, &gpu_waiting, 1, &views[i], &alone), VANON_OK);
        assert_true(alone.count > 0);
        assert_same_objects(&lists[i], &alone);
        vanon_object_list_free(&lists[i]);
    }
    vanon_object_list_free(&alone);
    vanon_detector_destroy(&detector);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* Memory that is refused: each request once, then all from it on. Everybody is found, or it is an
 * error that says so; nobody is missed. */
static void test_short_memory(void **state)
{
    enum { REQUESTS = 15, LOOKS = 4 }; /* so many requests do so many looks make */
    vanon_options *options = make_options("imgsz", "192");
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_YUV420P);
    const struct vanon_view views[] = {
        {.frame = frame},
        {.frame = frame, .part = {160, 0, 256, 256}, .imgsz = 128, .square = true},
    };
    vanon_object_list wanted[2] = {0}, found = {0};
    size_t errors = 0, fine = 0;
    vanon_detector *detector;

    assert_int_equal(create_gpu(&detector, options, 2, 4), VANON_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(look_once(detector, &gpu_waiting, 0, &views[i], &wanted[i]), VANON_OK);
    vanon_detector_destroy(&detector);
    assert_true(wanted[0].count > 0 && wanted[1].count > 0);
    for (size_t i = 0; i < 2 * REQUESTS; i++) {
        char range[32];

        clear_faults(state);
        snprintf(range, sizeof range, i % 2 ? "%zu-999" : "%zu", 1 + i / 2);
        setenv("VANON_REFERENCE_SHORT", range, 1);
        assert_int_equal(create_gpu(&detector, options, 2, 4), VANON_OK);
        for (size_t j = 0; j < LOOKS; j++) {
            int status = look_once(detector, &gpu_waiting, j % 2, &views[j / 2 % 2], &found);

            if (status) {
                assert_int_equal(status, VANON_ERR_MEMORY);
                assert_message("device cuda:0: not enough memory");
                assert_true(i % 2); /* one refusal alone is got over */
                errors++;
            } else {
                assert_same_objects(&found, &wanted[j / 2 % 2]);
                fine++;
            }
        }
        vanon_detector_destroy(&detector);
    }
    assert_true(errors > 0 && fine > 0);
    vanon_object_list_free(&wanted[0]);
    vanon_object_list_free(&wanted[1]);
    vanon_object_list_free(&found);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* A device that fails ends the run with an error, never with nobody found; also in the middle of a
 * batch that is done in pieces. */
static void test_fault(void **state)
{
    vanon_options *options = make_options(NULL, NULL);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list lists[MOST] = {0};
    vanon_detector *detector;

    (void)state;
    setenv("VANON_REFERENCE_FAULT", "2", 1);
    assert_int_equal(create_gpu(&detector, options, 1, 1), VANON_OK);
    assert_int_equal(detect_frame(detector, &gpu_waiting, 0, frame, &lists[0]), VANON_OK);
    assert_int_equal(detect_frame(detector, &gpu_waiting, 0, frame, &lists[0]),
                     VANON_ERR_INFERENCE);
    assert_message("fault");
    vanon_detector_destroy(&detector);
    limit_memory(1);
    assert_int_equal(create_gpu(&detector, options, 1, 3), VANON_OK);
    assert_int_equal(look_at_batch(detector, 0, frame, frame, 3, lists), VANON_ERR_INFERENCE);
    vanon_detector_destroy(&detector);
    for (size_t i = 0; i < MOST; i++)
        vanon_object_list_free(&lists[i]);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* A file with an NMS, in batches that it was not exported for: who is found above its own score is
 * found by it on the CPU, too. */
static void test_nms(void **state)
{
    static const struct onnx_variant nms = {.nms = true};
    vanon_options *options = make_options("confidence", "0.3");
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list wanted = {0};
    vanon_detector *detector;

    (void)state;
    snprintf(path, sizeof path, "%s/m.onnx", folder);
    onnx_write(path, &nms);
    assert_int_equal(vanon_options_set(options, "pose_model", path), VANON_OK);
    assert_int_equal(vanon_options_set(options, "iou_threshold", "0.05"),
                     VANON_OK); /* the file's */
    find_by_cpu(options, frame, &wanted);
    assert_true(wanted.count > 0);
    assert_int_equal(create_gpu(&detector, options, 2, 3), VANON_OK);
    check_batch(detector, 3, &wanted);
    vanon_detector_destroy(&detector);
    vanon_object_list_free(&wanted);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* A fixed model decides its size. */
static void test_models(void **state)
{
    static const struct onnx_variant fixed = {1, 192, 224, false, false};
    vanon_options *options = make_options("imgsz", "auto");
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list objects = {0};
    vanon_detector *detector;
    struct vanon_detector_info info;

    (void)state;
    snprintf(path, sizeof path, "%s/m.onnx", folder);
    onnx_write(path, &fixed);
    assert_int_equal(vanon_options_set(options, "pose_model", path), VANON_OK);
    assert_int_equal(create_gpu(&detector, options, 1, 2), VANON_OK);
    assert_int_equal(detector->batch, 2); /* whatever batch it was exported for */
    assert_int_equal(detect_frame(detector, &gpu_waiting, 0, frame, &objects), VANON_OK);
    assert_true(objects.count > 0);
    vanon_detector_get_info(detector, &info);
    assert_int_equal(info.height, 192);
    vanon_detector_destroy(&detector);
    assert_int_equal(vanon_options_set(options, "imgsz", "640"), VANON_OK);
    assert_int_equal(create_gpu(&detector, options, 1, 1), VANON_ERR_OPTION);
    assert_message("fixed input of 224x192");
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_people),
        cmocka_unit_test_teardown(test_batches, clear_faults),
        cmocka_unit_test_teardown(test_less_memory_later, clear_faults),
        cmocka_unit_test(test_slots_in_flight),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_frames_of_the_device),
        cmocka_unit_test_teardown(test_looks_in_pieces, clear_faults),
        cmocka_unit_test_teardown(test_short_memory, clear_faults),
        cmocka_unit_test_teardown(test_fault, clear_faults),
        cmocka_unit_test_teardown(test_models, remove_files),
        cmocka_unit_test_teardown(test_nms, remove_files),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

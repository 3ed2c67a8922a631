/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GPU plugin's detector over the reference executor, against the CPU's: one people found, in
 * batches, in pieces of batches where memory is short, with several slots in flight, and with a
 * device that fails.
 */
#include "unit.h"

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
    return unsetenv("VANON_REFERENCE_BYTES") + unsetenv("VANON_REFERENCE_FAULT");
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

/* Enough memory for so many frames at a time, in one context; the largest input is 224x224, the
 * picture's 224x160. */
static void limit_memory(size_t frames)
{
    vanon_onnx *onnx;
    vanon_plan *plan;
    char bytes[32];

    assert_int_equal(vanon_onnx_load(&onnx, SHIPPED, &unit_log), VANON_OK);
    assert_int_equal(vanon_plan_create(&plan, onnx, (int)frames, 224, 224, &unit_log), VANON_OK);
    snprintf(bytes, sizeof bytes, "%zu", 2 * vanon_device_need(plan, 1));
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
            limit_memory(cases[i].memory);
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
    limit_memory(1);
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
        vanon_detector_get_info(detector, &info);
        assert_int_equal(info.width, 32);
        assert_int_equal(info.height, 224);
    }
    vanon_object_list_free(&objects);
    vanon_detector_destroy(&detector);
    vanon_frame_unref(&tall);
    vanon_frame_unref(&messi);
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

/* A fixed model decides its size; what is no ONNX, or has an NMS, is refused. */
static void test_models(void **state)
{
    static const struct onnx_variant fixed = {1, 192, 224, false, false}, nms = {.nms = true};
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
    assert_int_equal(vanon_options_set(options, "imgsz", "224"), VANON_OK);
    onnx_write(path, &nms);
    assert_int_equal(create_gpu(&detector, options, 1, 1), VANON_ERR_MODEL);
    assert_message("NonMaxSuppression");
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
        cmocka_unit_test_teardown(test_fault, clear_faults),
        cmocka_unit_test_teardown(test_models, remove_files),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

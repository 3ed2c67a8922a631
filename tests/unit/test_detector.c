/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "picture.h"

#include "detector_fixture.h"

static void test_null(void **state)
{
    static const char *const pairs[] = {"detector", "null", NULL};
    vanon_options *options = detect_options(pairs);
    vanon_frame *frame = grey_frame(8, 8, 0);
    const vanon_frame *frames[] = {frame, frame, frame};
    vanon_object_list objects = {0}, *lists[] = {&objects};
    struct vanon_detector_info info;
    vanon_detector *detector;
    vanon_object *object;

    (void)state;
    assert_int_equal(create_with(&detector, options, 3, 2, 1), VANON_OK);
    assert_string_equal(detector->ops->name, "null");
    assert_true(detector->slots == 3 && detector->batch == 2);
    assert_int_equal(vanon_object_list_add(&objects, NULL, &object), VANON_OK);
    assert_int_equal(detect_frame(detector, &waiting, 2, frame, &objects), VANON_OK);
    assert_int_equal(objects.count, 0);
    assert_int_equal(vanon_detector_submit(detector, 3, frames, 1), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_detector_submit(detector, 0, frames, 0), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_detector_submit(detector, 0, frames, 3), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_detector_collect(detector, 3, lists, 1), VANON_ERR_ARGUMENT);
    vanon_detector_get_info(detector, &info);
    assert_true(!*info.device && !*info.model && !info.width);
    vanon_detector_destroy(&detector);
    vanon_detector_destroy(&detector);
    assert_null(detector);
    assert_int_equal(create(&detector, options), VANON_OK);
    assert_true(detector->slots == 2 && detector->batch == 1);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

static const char sidecar[] =
    "{\"vanon\":1,\"width\":64,\"height\":48,\"time_base\":[1,25],\"rotation\":90,\"sar\":[4,3],"
    "\"model\":\"abcd\",\"options\":{}}\n"
    "{\"frame\":0,\"pts\":0,\"objects\":[]}\n"
    "{\"frame\":1,\"pts\":2,\"objects\":[{\"id\":7,\"class\":\"person\",\"score\":0.5,\"seen\":"
    "true,"
    "\"box\":[1,2,3,4]}]}\n"
    "{\"end\":true,\"frames\":2}\n";

static vanon_frame *replay_frame(uint64_t number, int64_t pts)
{
    vanon_frame *frame = grey_frame(64, 48, 0);

    frame->number = number;
    frame->pts = pts;
    frame->time_base = (vanon_rational){1, 25};
    frame->sar = (vanon_rational){8, 6};
    frame->rotation = 90;
    return frame;
}

static void test_replay(void **state)
{
    static const char *const pairs[] = {"detector", "replay", NULL};
    vanon_options *options = detect_options(pairs);
    vanon_frame *first = replay_frame(0, 0), *second = replay_frame(1, 2);
    const vanon_frame *both[] = {second, first};
    vanon_object_list objects = {0}, others = {0}, *lists[] = {&objects, &others};
    struct vanon_detector_info info;
    vanon_detector *detector;

    (void)state;
    write_file("people.jsonl", sidecar, sizeof sidecar - 1);
    assert_int_equal(vanon_options_set(options, "sidecar", path), VANON_OK);
    assert_int_equal(create_with(&detector, options, 2, 2, 1), VANON_OK);
    assert_int_equal(detect_frame(detector, &waiting, 1, second, &objects), VANON_OK);
    assert_int_equal(objects.count, 1);
    assert_true(objects.object[0].id == 7 && objects.object[0].box.x1 == 3);
    assert_int_equal(detect_frame(detector, &waiting, 0, first, &objects), VANON_OK);
    assert_int_equal(objects.count, 0);
    assert_int_equal(vanon_detector_submit(detector, 1, both, 2), VANON_OK);
    detect_wait_for(&waiting, 1);
    assert_int_equal(vanon_detector_collect(detector, 1, lists, 2), VANON_OK);
    assert_true(objects.count == 1 && others.count == 0);
    vanon_detector_get_info(detector, &info);
    assert_string_equal(info.model_sha256, "abcd");
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_object_list_free(&others);
    vanon_frame_unref(&first);
    vanon_frame_unref(&second);
}

static void test_replay_of_another_video(void **state)
{
    static const char *const pairs[] = {"detector", "replay", NULL};
    vanon_options *options = detect_options(pairs);
    vanon_frame *frame = replay_frame(1, 2);
    vanon_object_list objects = {0};
    vanon_detector *detector;

    (void)state;
    write_file("people.jsonl", sidecar, sizeof sidecar - 1);
    assert_int_equal(vanon_options_set(options, "sidecar", path), VANON_OK);
    assert_int_equal(create(&detector, options), VANON_OK);
    frame->number = 2;
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_ERR_INPUT);
    assert_message("people.jsonl", "has 2 frames; frame 2 is not among them");
    frame->number = 0;
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_ERR_INPUT);
    assert_message("people.jsonl", "time stamp 0", "it has 2");
    frame->pts = VANON_NO_PTS;
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    frame->rotation = 0;
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_ERR_INPUT);
    assert_message("people.jsonl", "64x48, rotation 90", "rotation 0");
    frame->rotation = 90;
    frame->sar = (vanon_rational){0, 1};
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_ERR_INPUT);
    assert_message("aspect 4:3");
    vanon_detector_destroy(&detector);

    write_file("people.jsonl", sidecar, sizeof sidecar / 2);
    assert_int_equal(create(&detector, options), VANON_ERR_INPUT);
    assert_message("people.jsonl:");
    assert_int_equal(vanon_options_set(options, "sidecar", "/nowhere/x"), VANON_OK);
    assert_int_equal(create(&detector, options), VANON_ERR_IO);
    assert_int_equal(vanon_options_set(options, "sidecar", ""), VANON_OK);
    assert_int_equal(create(&detector, options), VANON_ERR_OPTION);
    assert_message("replay", "sidecar");
    assert_null(detector);
    vanon_options_destroy(&options);
    vanon_frame_unref(&frame);
}

static void test_grey_is_nobody(void **state)
{
    vanon_options *options;
    vanon_detector *detector = create_f32(0, 0, &options);
    vanon_frame *frame = grey_frame(1280, 720, 128);
    const vanon_frame *frames[] = {frame};
    struct vanon_detector_info info;
    vanon_object_list objects = {0}, *lists[] = {&objects};
    vanon_object *object;

    (void)state;
    assert_string_equal(detector->ops->name, "openvino");
    assert_true(detector->slots >= 2 && detector->batch == 1);
    vanon_detector_get_info(detector, &info);
    assert_int_equal(info.width, 0);
    assert_int_equal(vanon_object_list_add(&objects, NULL, &object), VANON_OK);
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    assert_int_equal(objects.count, 0);
    vanon_detector_get_info(detector, &info);
    assert_string_equal(info.device, "CPU");
    assert_string_equal(info.precision, "f32");
    assert_string_equal(info.model_sha256, SHIPPED_SHA256);
    assert_non_null(strstr(info.model, "/yolov8n-pose.onnx"));
    assert_true(info.width == 640 && info.height == 384);

    /* Calls in the wrong order. */
    assert_int_equal(vanon_detector_collect(detector, 0, lists, 1), VANON_ERR_STATE);
    assert_int_equal(vanon_detector_submit(detector, 0, frames, 1), VANON_OK);
    assert_int_equal(vanon_detector_submit(detector, 0, frames, 1), VANON_ERR_STATE);
    vanon_detector_destroy(&detector); /* with work in flight */
    assert_int_equal(waiting.done[0], 1);
    detect_wait_for(&waiting, 0);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

static void test_tiny_frames(void **state)
{
    static const int sizes[][2] = {{1, 1}, {3, 1}, {1, 700}, {641, 479}};
    vanon_options *options;
    vanon_detector *detector = create_f32(1, 0, &options);
    vanon_object_list objects = {0};

    (void)state;
    assert_int_equal(detector->slots, 1);
    for (size_t i = 0; i < VANON_COUNT(sizes); i++) {
        vanon_frame *frame = grey_frame(sizes[i][0], sizes[i][1], 200);

        assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
        assert_int_equal(objects.count, 0);
        vanon_frame_unref(&frame);
    }
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
}

/* A footballer and a spectator; what Ultralytics finds in the same picture, to a fraction. */
static void test_picture(void **state)
{
    static const struct {
        int joint;
        double x, y, visibility;
    } joints[] = {
        {0, 246.75, 114.74, 0.996}, {1, 252.46, 105.63, 0.965},  {2, 239.78, 109.61, 0.990},
        {7, 312.05, 140.24, 0.973}, {8, 143.75, 116.65, 0.991},  {9, 350.60, 158.22, 0.931},
        {10, 88.55, 108.25, 0.973}, {15, 404.43, 272.93, 0.828},
    };
    vanon_options *options;
    vanon_detector *detector = create_f32(0, 0, &options);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list objects = {0};
    const vanon_keypoint *found;
    const vanon_object *player;

    (void)state;
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    assert_int_equal(objects.count, 5);
    player = &objects.object[0];
    assert_near(player->score, 0.8607, 0.01);
    assert_near(player->box.x0, 65.77, 1);
    assert_near(player->box.y0, 62.52, 1);
    assert_near(player->box.x1, 458.46, 1);
    assert_near(player->box.y1, 334.89, 1);
    assert_true(player->seen && player->class_id == VANON_CLASS_PERSON);
    assert_string_equal(player->detector, "pose");
    found = vanon_object_keypoints(&objects, player);
    for (size_t i = 0; i < VANON_COUNT(joints); i++) {
        assert_near(found[joints[i].joint].x, joints[i].x, 1);
        assert_near(found[joints[i].joint].y, joints[i].y, 1);
        assert_near(found[joints[i].joint].visibility, joints[i].visibility, 0.02);
    }
    assert_near(objects.object[1].score, 0.4505, 0.02);
    assert_near(objects.object[1].box.x0, 371.82, 1.5);
    assert_near(objects.object[1].box.y1, 247.64, 1.5);
    for (size_t i = 1; i < objects.count; i++)
        assert_true(objects.object[i].score <= objects.object[i - 1].score);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

/* What nobody asked for: people beyond the default. */
static void test_crowds_are_no_surprise(void **state)
{
    static const char *const pairs[] = {"precision", "f32", "confidence", "0.4", NULL};
    vanon_options *options = detect_options(pairs);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list objects = {0};
    vanon_detector *detector;

    (void)state;
    options->max_det = 1;
    assert_int_equal(create(&detector, options), VANON_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects),
                         VANON_ERR_UNSUPPORTED);
    assert_message("max_det 1", "would not be hidden");
    vanon_detector_destroy(&detector);
    options->max_det = 2;
    assert_int_equal(create(&detector, options), VANON_OK);
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

static void test_options_of_decode(void **state)
{
    static const char *const pairs[] = {"precision", "f32", "confidence", "0.4", NULL};
    vanon_options *options = detect_options(pairs);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    struct vanon_detector_info info;
    vanon_object_list objects = {0};
    vanon_detector *detector;

    (void)state;
    assert_int_equal(create(&detector, options), VANON_OK);
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    assert_int_equal(objects.count, 2);
    assert_string_equal(unit_message, "");
    vanon_detector_destroy(&detector);
    assert_int_equal(vanon_options_set(options, "max_det", "1"), VANON_OK);
    assert_int_equal(create(&detector, options), VANON_OK);
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    assert_int_equal(objects.count, 1);
    assert_message("max_det 1", "not hidden");
    unit_log_clear();
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    assert_string_equal(unit_message, ""); /* told once */
    vanon_detector_get_info(detector, &info);
    assert_int_equal(info.left_out, 2);
    vanon_detector_destroy(&detector);
    assert_int_equal(vanon_options_set(options, "imgsz", "300"), VANON_OK);
    assert_int_equal(create(&detector, options), VANON_OK);
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
    assert_int_equal(objects.count, 1);
    vanon_detector_get_info(detector, &info);
    assert_true(info.width == 320 && info.height == 224);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

/* Slots at once, batches, threads: all the same to the last bit. */
static void test_equal_results(void **state)
{
    enum { SLOTS = 3, BATCH = 2 };
    vanon_options *options;
    vanon_detector *detector = create_f32(0, 0, &options);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    const vanon_frame *frames[BATCH] = {frame, frame};
    vanon_object_list expected = {0}, found[BATCH] = {0}, *lists[BATCH] = {&found[0], &found[1]};

    (void)state;
    assert_int_equal(detect_frame(detector, &waiting, 0, frame, &expected), VANON_OK);
    vanon_detector_destroy(&detector);
    for (int threads = 1; threads <= 4; threads += 3) {
        assert_int_equal(create_with(&detector, options, SLOTS, BATCH, threads), VANON_OK);
        assert_true(detector->slots == SLOTS && detector->batch == BATCH);
        for (size_t i = 0; i < SLOTS; i++)
            assert_int_equal(vanon_detector_submit(detector, i, frames, 1 + i % 2), VANON_OK);
        for (size_t i = 0; i < SLOTS; i++) {
            detect_wait_for(&waiting, i);
            assert_int_equal(vanon_detector_collect(detector, i, lists, 1 + i % 2), VANON_OK);
            assert_same_objects(&found[0], &expected);
            if (i % 2)
                assert_same_objects(&found[1], &expected);
        }
        vanon_detector_destroy(&detector);
    }
    for (size_t i = 0; i < BATCH; i++)
        vanon_object_list_free(&found[i]);
    vanon_object_list_free(&expected);
    vanon_options_destroy(&options);
    vanon_frame_unref(&frame);
}

static void test_batch_of_two_kinds(void **state)
{
    vanon_options *options;
    vanon_detector *detector = create_f32(1, 2, &options);
    vanon_frame *frame = grey_frame(64, 64, 0), *other = grey_frame(64, 32, 0);
    const vanon_frame *mixed[] = {frame, other};
    vanon_object_list objects = {0};

    (void)state;
    assert_int_equal(vanon_detector_submit(detector, 0, mixed, 2), VANON_ERR_ARGUMENT);
    /* The slot is free again. */
    assert_int_equal(detect_frame(detector, &waiting, 0, other, &objects), VANON_OK);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
    vanon_frame_unref(&other);
}

/* How many of such frames the detector takes at once. */
static size_t most_of(const vanon_detector *detector, enum vanon_pixel_format format, int width,
                      int height, int imgsz)
{
    vanon_frame frame = {.format = format, .width = width, .height = height, .sar = {1, 1}};

    return vanon_detector_most(detector, &(struct vanon_view){.frame = &frame, .imgsz = imgsz});
}

/* A batch takes as much memory as was said and no more, whatever number was asked for. */
static void test_large_batch_is_cut(void **state)
{
    static const char *const pairs[] = {"imgsz", "640", NULL};
    vanon_options *options = detect_options(pairs);
    vanon_detector *detector = NULL;
    vanon_frame *frame = grey_frame(1280, 720, 0);
    const vanon_frame *frames[17];

    (void)state;
    for (size_t i = 0; i < 17; i++)
        frames[i] = frame;
    assert_int_equal(create_with(&detector, options, 1, 64, 0), VANON_OK);
    assert_int_equal(detector->batch, 64);
    /* 4,000,000 pixels of input: 16 x 640x384 */
    assert_int_equal(most_of(detector, VANON_PIXEL_RGB24, 1280, 720, 0), 16);
    assert_int_equal(vanon_detector_submit(detector, 0, frames, 17), VANON_ERR_ARGUMENT);
    /* a quarter of 256 MiB: 2 x 3840x2160x3 bytes, 5 x 3840x2160x1.5; one frame always fits */
    assert_int_equal(most_of(detector, VANON_PIXEL_RGB24, 3840, 2160, 0), 2);
    assert_int_equal(most_of(detector, VANON_PIXEL_YUV420P, 3840, 2160, 0), 5);
    assert_int_equal(most_of(detector, VANON_PIXEL_RGB24, 7680, 4320, 0), 1);
    /* sizes that follow the scene */
    assert_int_equal(most_of(detector, VANON_PIXEL_RGB24, 1280, 720, 1920), 1);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_frame_unref(&frame);
}

/* The picture in frames of other sizes: the first rows of it, as many as are wanted. */
static vanon_frame *cut(const vanon_frame *frame, int height)
{
    vanon_frame description = *frame, *wrapped;

    description.height = height;
    assert_int_equal(vanon_frame_wrap(&wrapped, &description, NULL, NULL), VANON_OK);
    return wrapped;
}

/* More sizes than are kept compiled, again and again, in two slots by turns. */
static void test_many_sizes(void **state)
{
    enum { SIZES = 6 };
    vanon_options *options;
    vanon_detector *detector = create_f32(2, 0, &options);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24), *cuts[SIZES];
    vanon_object_list expected[SIZES] = {0}, found = {0};
    struct vanon_detector_info info;

    (void)state;
    for (int i = 0; i < SIZES; i++) {
        cuts[i] = cut(frame, 342 - 40 * i);
        assert_int_equal(detect_frame(detector, &waiting, 0, cuts[i], &expected[i]), VANON_OK);
        assert_true(expected[i].count >= 1);
        vanon_detector_get_info(detector, &info);
        assert_true(info.width == 640 && info.height % 32 == 0);
    }
    for (size_t round = 0; round < 2 * SIZES; round++) {
        size_t i = round * 5 % SIZES;

        assert_int_equal(detect_frame(detector, &waiting, round % 2, cuts[i], &found), VANON_OK);
        assert_same_objects(&found, &expected[i]);
    }
    for (size_t i = 0; i < SIZES; i++) {
        vanon_frame_unref(&cuts[i]);
        vanon_object_list_free(&expected[i]);
    }
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&found);
    vanon_frame_unref(&frame);
}

struct submitter {
    pthread_t thread;
    vanon_detector *detector;
    size_t slot;
    vanon_frame *frame;
    vanon_object_list objects;
    int status;
};

static void *submit_and_collect(void *argument)
{
    struct submitter *self = argument;

    for (size_t round = 0; round < 3 && !self->status; round++)
        self->status =
            detect_frame(self->detector, &waiting, self->slot, self->frame, &self->objects);
    return NULL;
}

/* More sizes at work at once than are kept, all new, from as many threads. */
static void test_threads(void **state)
{
    enum { THREADS = 6 };
    struct submitter submitters[THREADS] = {0};
    vanon_options *options;
    vanon_detector *detector = create_f32(THREADS, 0, &options);
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list expected = {0};

    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        submitters[i] = (struct submitter){
            .detector = detector, .slot = i, .frame = cut(frame, 342 - 40 * (int)(i / 2 * 2))};
        assert_int_equal(
            pthread_create(&submitters[i].thread, NULL, submit_and_collect, &submitters[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(submitters[i].thread, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(submitters[i].status, VANON_OK);
        assert_int_equal(detect_frame(detector, &waiting, 0, submitters[i].frame, &expected),
                         VANON_OK);
        assert_same_objects(&submitters[i].objects, &expected);
        vanon_object_list_free(&submitters[i].objects);
        vanon_frame_unref(&submitters[i].frame);
    }
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    vanon_object_list_free(&expected);
    vanon_frame_unref(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_null),
        cmocka_unit_test_teardown(test_replay, remove_files),
        cmocka_unit_test_teardown(test_replay_of_another_video, remove_files),
        cmocka_unit_test(test_grey_is_nobody),
        cmocka_unit_test(test_tiny_frames),
        cmocka_unit_test(test_picture),
        cmocka_unit_test(test_options_of_decode),
        cmocka_unit_test(test_equal_results),
        cmocka_unit_test(test_batch_of_two_kinds),
        cmocka_unit_test(test_crowds_are_no_surprise),
        cmocka_unit_test(test_large_batch_is_cut),
        cmocka_unit_test(test_many_sizes),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

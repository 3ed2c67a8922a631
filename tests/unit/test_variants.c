/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same weights in every form that users export them in find the same people. The tolerances
 * are those of docs/models.md.
 */
#include "unit.h"

#include "picture.h"

#include "detect/nms.h"
#include "detector_fixture.h"
#include "onnx_variant.h"

#define SHARED_MODELS VANON_SOURCE_ROOT "/../shared/models/"

/* How far a model's people may be from the reference's, of those of at least this score. */
struct tolerance {
    double least_score;
    double iou, score, joint;
    size_t people;
};

static const struct tolerance same = {0.3, 0.999, 0.001, 0.05, 5};

static const vanon_object *find_person(const vanon_object_list *objects, const vanon_box *box,
                                       double *iou)
{
    const vanon_object *best = NULL;

    *iou = 0;
    for (size_t i = 0; i < objects->count; i++) {
        double overlap = vanon_box_iou(&objects->object[i].box, box);

        if (overlap > *iou) {
            *iou = overlap;
            best = &objects->object[i];
        }
    }
    return best;
}

static double farthest_joint(const vanon_object_list *wanted, const vanon_object *person,
                             const vanon_object_list *found, const vanon_object *other)
{
    const vanon_keypoint *a = vanon_object_keypoints(wanted, person);
    const vanon_keypoint *b = vanon_object_keypoints(found, other);
    double worst = 0;

    for (size_t i = 0; i < person->keypoints; i++)
        if (a[i].visibility >= 0.5f)
            worst = fmax(worst, hypot((double)(a[i].x - b[i].x), (double)(a[i].y - b[i].y)));
    return worst;
}

static void compare(const char *name, const vanon_object_list *wanted,
                    const vanon_object_list *found, const struct tolerance *tolerance)
{
    struct tolerance worst = {.iou = 1};

    for (size_t i = 0; i < wanted->count; i++) {
        const vanon_object *person = &wanted->object[i], *other;
        double iou;

        if ((double)person->score < tolerance->least_score)
            continue;
        other = find_person(found, &person->box, &iou);
        if (!other)
            fail_msg("%s: the person of score %f is missing", name, (double)person->score);
        worst.people++;
        worst.iou = fmin(worst.iou, iou);
        worst.score = fmax(worst.score, fabs((double)(person->score - other->score)));
        worst.joint = fmax(worst.joint, farthest_joint(wanted, person, found, other));
    }
    print_message("%s: %zu people: IoU >= %.4f, score within %.4f, joints within %.3f pixels\n",
                  name, worst.people, worst.iou, worst.score, worst.joint);
    assert_int_equal(worst.people, tolerance->people);
    assert_true(worst.iou >= tolerance->iou);
    assert_true(worst.score <= tolerance->score);
    assert_true(worst.joint <= tolerance->joint);
}

/* What the model at `model` ("": the shipped one) finds in the frame; the batch is full of it, and
 * the last of it counts. */
static void look(const char *model, size_t batch, const vanon_frame *frame,
                 vanon_object_list *found)
{
    enum { MOST = 4 };
    const char *const pairs[] = {"pose_model", *model ? model : SHIPPED, "precision", "f32", NULL};
    const vanon_frame *const frames[MOST] = {frame, frame, frame, frame};
    vanon_object_list lists[MOST] = {0}, *pointers[MOST];
    vanon_options *options = detect_options(pairs);
    vanon_detector *detector;

    for (size_t i = 0; i < MOST; i++)
        pointers[i] = &lists[i];
    if (create_with(&detector, options, 1, batch, 0))
        fail_msg("%s", unit_message);
    assert_int_equal(detector->batch, batch);
    assert_int_equal(vanon_detector_submit(detector, 0, frames, batch), VANON_OK);
    detect_wait_for(&waiting, 0);
    assert_int_equal(vanon_detector_collect(detector, 0, pointers, batch), VANON_OK);
    vanon_object_list_free(found);
    *found = lists[batch - 1];
    for (size_t i = 0; i + 1 < batch; i++) {
        assert_same_objects(&lists[i], found);
        vanon_object_list_free(&lists[i]);
    }
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
}

/* Fixed, batched, half and NMS exports, at the size that the picture has in an open network. */
static void test_exports(void **state)
{
    static const struct tolerance halved = {0.3, 0.98, 0.002, 0.6, 5};
    static const struct {
        const char *name;
        struct onnx_variant variant;
        const struct tolerance *tolerance;
    } cases[] = {
        {"static", {1, 416, 640, false, false}, &same},
        {"batch 2", {2, 416, 640, false, false}, &same},
        {"batch 4", {4, 416, 640, false, false}, &same},
        {"batch 2, open sides", {2, 0, 0, false, false}, &same},
        {"half", {0, 0, 0, true, false}, &halved},
        {"static half", {1, 416, 640, true, false}, &halved},
        {"nms", {0, 0, 0, false, true}, &same},
        {"static nms", {1, 416, 640, false, true}, &same},
        {"half nms", {0, 0, 0, true, true}, &halved},
    };
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list expected = {0}, found = {0};

    (void)state;
    look("", 1, frame, &expected);
    assert_int_equal(expected.count, 5);
    snprintf(path, sizeof path, "%s/variant.onnx", folder);
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        size_t batch = cases[i].variant.batch ? (size_t)cases[i].variant.batch : 1;

        onnx_write(path, &cases[i].variant);
        look(path, batch, frame, &found);
        compare(cases[i].name, &expected, &found, cases[i].tolerance);
        assert_int_equal(found.count, 5);
    }
    vanon_object_list_free(&expected);
    vanon_object_list_free(&found);
    vanon_frame_unref(&frame);
}

/* A model with its own NMS: our limits hold, and what it can't do is said. */
static void test_nms_options(void **state)
{
    static const struct onnx_variant nms = {.nms = true};
    static const struct {
        const char *key, *value;
        size_t people;
        const char *words;
    } cases[] = {
        {"confidence", "0.4", 2, NULL},
        {"max_det", "3", 3, NULL},
        {"confidence", "0.25", 6, NULL},
        {"confidence", "0.1", 6, "confidence 0.1: the model"},
    };
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list objects = {0};

    (void)state;
    snprintf(path, sizeof path, "%s/nms.onnx", folder);
    onnx_write(path, &nms);
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        const char *const pairs[] = {"pose_model", path,           "precision", "f32",
                                     cases[i].key, cases[i].value, NULL};
        vanon_options *options = detect_options(pairs);
        vanon_detector *detector;

        /* The batch of one that it was unrolled for, whatever is wanted. */
        assert_int_equal(create_with(&detector, options, 1, 4, 0), VANON_OK);
        assert_int_equal(detector->batch, 1);
        if (cases[i].words)
            assert_message(cases[i].words, path, "its own NMS");
        else
            assert_string_equal(unit_message, "");
        assert_int_equal(detect_frame(detector, &waiting, 0, frame, &objects), VANON_OK);
        assert_int_equal(objects.count, cases[i].people);
        vanon_detector_destroy(&detector);
        vanon_options_destroy(&options);
    }
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

/* The picture at the top of a grey square, which an open network sees as a static one does. */
static vanon_frame *load_square(void)
{
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_frame *square = grey_frame(frame->width, frame->width, 114);

    for (int y = 0; y < frame->height; y++)
        memcpy(square->plane[0] + y * square->stride[0], frame->plane[0] + y * frame->stride[0],
               (size_t)frame->width * 3);
    vanon_frame_unref(&frame);
    return square;
}

/* Files that only the project's own machines have. */
static void test_shared_models(void **state)
{
    static const struct {
        const char *path;
        struct tolerance square, tolerance;
    } cases[] = {
        {SHARED_MODELS "yolov8n-pose-static640.onnx",
         {0.4, 0.999, 0.001, 0.05, 4}, /* the same input */
         {0.5, 0.95, 0.03, 10, 1}},    /* more padding, so another picture to the network */
        {SHARED_MODELS "yolov8n-pose-int8.xml", {0.5, 0.95, 0.06, 10, 2}, {0.4, 0.9, 0.06, 10, 2}},
    };
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24), *square = load_square();
    vanon_object_list expected = {0}, in_square = {0}, found = {0};
    size_t looked = 0;

    (void)state;
    look("", 1, frame, &expected);
    look("", 1, square, &in_square);
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        if (access(cases[i].path, R_OK)) {
            print_message("SKIPPED: there is no %s here\n", cases[i].path);
            continue;
        }
        look(cases[i].path, 1, square, &found);
        compare(cases[i].path, &in_square, &found, &cases[i].square);
        look(cases[i].path, 1, frame, &found);
        compare(cases[i].path, &expected, &found, &cases[i].tolerance);
        looked++;
    }
    vanon_object_list_free(&expected);
    vanon_object_list_free(&in_square);
    vanon_object_list_free(&found);
    vanon_frame_unref(&frame);
    vanon_frame_unref(&square);
    if (!looked)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_exports, remove_files),
        cmocka_unit_test_teardown(test_nms_options, remove_files),
        cmocka_unit_test(test_shared_models),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

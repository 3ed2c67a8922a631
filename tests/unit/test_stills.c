/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the shipped model finds in still pictures, against what Ultralytics finds in them with the
 * same weights. Pictures and reference lie in ../shared, which a user does not have.
 */
#include "unit.h"

#include <math.h>
#include <unistd.h>

#include <jansson.h>

#include "base/memory.h"
#include "detect.h"
#include "detect/nms.h"
#include "picture.h"

#define SHARED    VANON_SOURCE_ROOT "/../shared/"
#define REFERENCE SHARED "reference/ultralytics-stills.json"
#define INT8      SHARED "models/yolov8n-pose-int8.xml"
#define STATIC    SHARED "models/yolov8n-pose-static640.onnx"

/* The worst over all people of at least this score, and how many there were. */
struct worst {
    double least_score;
    double iou, score, joint;
    size_t people, joints;
};

static void skip_without(const char *path)
{
    if (access(path, R_OK)) {
        print_message("SKIPPED: there is no %s here\n", path);
        skip();
    }
}

static double number(const json_t *array, size_t index)
{
    return json_number_value(json_array_get(array, index));
}

static float clip(float value, int most)
{
    return value < 0 ? 0 : value > (float)most ? (float)most : value;
}

/* The object whose box, clipped as the reference is, fits best. */
static const vanon_object *find_object(const vanon_object_list *objects, const vanon_frame *frame,
                                       const json_t *box, double *iou)
{
    const vanon_box wanted = {(float)number(box, 0), (float)number(box, 1), (float)number(box, 2),
                              (float)number(box, 3)};
    const vanon_object *best = NULL;

    *iou = 0;
    for (size_t i = 0; i < objects->count; i++) {
        const vanon_box *found = &objects->object[i].box;
        vanon_box clipped = {clip(found->x0, frame->width), clip(found->y0, frame->height),
                             clip(found->x1, frame->width), clip(found->y1, frame->height)};
        double overlap = vanon_box_iou(&wanted, &clipped);

        if (overlap > *iou) {
            *iou = overlap;
            best = &objects->object[i];
        }
    }
    return best;
}

static void compare_joints(const vanon_object_list *objects, const vanon_object *object,
                           const json_t *joints, struct worst *worst)
{
    const vanon_keypoint *found = vanon_object_keypoints(objects, object);

    for (size_t i = 0; i < json_array_size(joints); i++) {
        const json_t *joint = json_array_get(joints, i);
        double distance;

        if (number(joint, 2) < 0.5)
            continue;
        distance =
            hypot((double)found[i].x - number(joint, 0), (double)found[i].y - number(joint, 1));
        worst->joint = fmax(worst->joint, distance);
        worst->joints++;
    }
}

static void compare(const char *name, const json_t *still, const vanon_frame *frame,
                    const vanon_object_list *objects, struct worst *worst)
{
    const json_t *people = json_object_get(still, "people");

    for (size_t i = 0; i < json_array_size(people); i++) {
        const json_t *person = json_array_get(people, i);
        double score = json_number_value(json_object_get(person, "conf")), iou;
        const vanon_object *object;

        if (score < worst->least_score)
            continue;
        object = find_object(objects, frame, json_object_get(person, "box"), &iou);
        if (!object)
            fail_msg("%s: person %zu, score %.2f, was not found", name, i, score);
        worst->iou = fmin(worst->iou, iou);
        worst->score = fmax(worst->score, fabs((double)object->score - score));
        worst->people++;
        compare_joints(objects, object, json_object_get(person, "kpts"), worst);
    }
}

static vanon_detector *create_detector(struct detect_wait *wait, const char *model,
                                       const char *precision, int imgsz)
{
    char size[16];
    const char *const pairs[] = {"pose_model", model,   "precision", precision, "confidence",
                                 "0.3",        "imgsz", size,        NULL};
    struct vanon_detector_info info;
    vanon_detector *detector;
    vanon_options *options;

    snprintf(size, sizeof size, "%d", imgsz);
    options = detect_options(pairs);
    if (vanon_detector_create(&detector, &(struct vanon_detector_params){.options = options,
                                                                         .log = &unit_log,
                                                                         .done = detect_done,
                                                                         .opaque = wait}))
        fail_msg("%s", unit_message);
    vanon_detector_get_info(detector, &info);
    assert_string_equal(info.precision, precision);
    vanon_options_destroy(&options);
    return detector;
}

/* All stills of the reference with the given size, or of every size (0). */
static void run_stills(const char *model, const char *precision, int only_imgsz,
                       enum vanon_pixel_format format, struct worst *worst)
{
    struct detect_wait wait = DETECT_WAIT;
    vanon_object_list objects = {0};
    json_t *reference, *still;
    const char *name;

    skip_without(REFERENCE);
    reference = json_load_file(REFERENCE, 0, NULL);
    assert_non_null(reference);
    json_object_foreach(json_object_get(reference, "stills"), name, still)
    {
        int imgsz = (int)json_integer_value(json_object_get(still, "imgsz"));
        char path[512];
        vanon_detector *detector;
        vanon_frame *frame;

        if (only_imgsz && imgsz != only_imgsz)
            continue;
        snprintf(path, sizeof path, SHARED "media/stills/%s",
                 json_string_value(json_object_get(still, "image")));
        frame = picture_load(path, format);
        detector = create_detector(&wait, model, precision, imgsz);
        assert_int_equal(detect_frame(detector, &wait, 0, frame, &objects), VANON_OK);
        compare(name, still, frame, &objects, worst);
        vanon_detector_destroy(&detector);
        vanon_frame_unref(&frame);
    }
    json_decref(reference);
    vanon_object_list_free(&objects);
    print_message("%zu people: IoU >= %.4f, score within %.4f, %zu joints within %.2f pixels\n",
                  worst->people, worst->iou, worst->score, worst->joints, worst->joint);
}

static void test_rgb(void **state)
{
    struct worst worst = {.least_score = 0.35, .iou = 1};

    (void)state;
    run_stills("yolov8n-pose.pt", "f32", 0, VANON_PIXEL_RGB24, &worst);
    assert_int_equal(worst.people, 17);
    assert_int_equal(worst.joints, 211);
    assert_true(worst.iou >= 0.98);
    assert_true(worst.score <= 0.02);
    assert_true(worst.joint <= 1.5);
}

/* The same pictures with their colour at half the resolution. */
static void test_yuv420(void **state)
{
    struct worst worst = {.least_score = 0.35, .iou = 1};

    (void)state;
    run_stills("yolov8n-pose.pt", "f32", 0, VANON_PIXEL_YUV420P, &worst);
    assert_int_equal(worst.people, 17);
    assert_true(worst.iou >= 0.9);
}

/* A square input pads more than the reference's, so scores are a little different. */
static void test_static_model(void **state)
{
    struct worst worst = {.least_score = 0.5, .iou = 1};

    (void)state;
    skip_without(STATIC);
    run_stills(STATIC, "f32", 640, VANON_PIXEL_RGB24, &worst);
    assert_int_equal(worst.people, 6);
    assert_true(worst.iou >= 0.9);
}

/* OpenVINO's own format, quantised. */
static void test_int8_model(void **state)
{
    struct worst worst = {.least_score = 0.5, .iou = 1};

    (void)state;
    skip_without(INT8);
    run_stills(INT8, "int8", 0, VANON_PIXEL_RGB24, &worst);
    assert_int_equal(worst.people, 11);
    assert_true(worst.iou >= 0.8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rgb),
        cmocka_unit_test(test_yuv420),
        cmocka_unit_test(test_static_model),
        cmocka_unit_test(test_int8_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

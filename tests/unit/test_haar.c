/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Haar cascades against what OpenCV 4.11 finds with the same files (Debian's opencv-data) in
 * opencv-doc's pictures; with ../shared, which a user does not have, also in its stills.
 */
#include "unit.h"

#include <unistd.h>

#include <jansson.h>

#include "base/memory.h"
#include "detect.h"
#include "detect/haar.h"
#include "detect/haar_eyes.h"
#include "detect/haar_rows.h"
#include "detect/nms.h"
#include "picture.h"
#include "pixels/gray.h"

#define PICTURES  "/usr/share/doc/opencv-doc/examples/data/"
#define SHARED    VANON_SOURCE_ROOT "/../shared/"
#define REFERENCE SHARED "reference/opencv-haar-stills.json"

#define FACES "haarcascade_frontalface_default.xml"
#define EYES  "haarcascade_eye.xml"

static const struct vanon_haar_params usual = {.scale_factor = 1.1, .min_neighbours = 3};

static vanon_haar_cascade *load(const char *name)
{
    vanon_haar_cascade *cascade;

    if (vanon_haar_cascade_load(&cascade, name, &unit_log))
        fail_msg("%s", unit_message);
    return cascade;
}

static vanon_gray *load_gray(const char *path)
{
    vanon_frame *frame = picture_load(path, VANON_PIXEL_RGB24);
    vanon_gray *gray;

    assert_int_equal(vanon_gray_create(&gray), VANON_OK);
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    vanon_frame_unref(&frame);
    return gray;
}

/* A whole search by one cascade. */
static void detect(const char *name, const struct vanon_gray_picture *picture,
                   const struct vanon_haar_params *params, struct vanon_haar_boxes *boxes)
{
    vanon_haar_cascade *cascade = load(name);
    vanon_haar *haar;

    assert_int_equal(vanon_haar_create(&haar, cascade), VANON_OK);
    assert_int_equal(vanon_haar_detect(haar, picture, params, boxes), VANON_OK);
    vanon_haar_destroy(&haar);
    assert_null(haar);
    vanon_haar_cascade_destroy(&cascade);
    assert_null(cascade);
}

static void assert_box(const struct vanon_haar_boxes *boxes, size_t index, int x, int y, int width,
                       int height, int neighbours)
{
    const struct vanon_haar_box *box = &boxes->box[index];

    assert_true(index < boxes->count);
    assert_int_equal(box->x, x);
    assert_int_equal(box->y, y);
    assert_int_equal(box->width, width);
    assert_int_equal(box->height, height);
    assert_int_equal(box->neighbours, neighbours);
}

/* What OpenCV finds */

static void every_kind_of_cascade(void **state)
{
    static const struct {
        const char *cascade, *picture;
        int neighbours, least, box[5];
    } cases[] = {
        {FACES, "ml.png", 5, 60, {41, 73, 131, 131, 16}},                               /* stumps */
        {"haarcascade_frontalface_alt2.xml", "ml.png", 3, 0, {48, 83, 108, 108, 7}},    /* trees */
        {"haarcascade_eye_tree_eyeglasses.xml", "ml.png", 3, 0, {110, 112, 33, 33, 9}}, /* tilted */
        {"haarcascade_upperbody.xml", "ml.png", 1, 0, {50, 104, 63, 51, 4}}, /* stumps, tilted */
        {FACES, "graf3.png", 5, 60, {695, 198, 79, 79, 11}},
        {"haarcascade_profileface.xml", "graf3.png", 1, 0, {88, 241, 42, 42, 4}},
    };
    struct vanon_haar_boxes boxes = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        struct vanon_haar_params params = {.scale_factor = 1.1,
                                           .min_neighbours = cases[i].neighbours,
                                           .least_width = cases[i].least,
                                           .least_height = cases[i].least};
        const int *box = cases[i].box;
        char path[256];
        vanon_gray *gray;

        snprintf(path, sizeof path, PICTURES "%s", cases[i].picture);
        gray = load_gray(path);
        detect(cases[i].cascade, vanon_gray_picture(gray), &params, &boxes);
        assert_int_equal(boxes.count, 1);
        assert_box(&boxes, 0, box[0], box[1], box[2], box[3], box[4]);
        vanon_gray_destroy(&gray);
    }
    vanon_haar_boxes_free(&boxes);
}

static void windows_without_grouping(void **state)
{
    static const struct {
        const char *cascade;
        size_t count;
        int first[3]; /* x, y, side */
    } cases[] = {
        {FACES, 16, {46, 78, 110}},
        {EYES, 90, {72, 112, 20}},
        {"haarcascade_eye_tree_eyeglasses.xml", 15, {44, 235, 22}},
    };
    const struct vanon_haar_params all = {.scale_factor = 1.1};
    vanon_gray *gray = load_gray(PICTURES "ml.png");
    struct vanon_haar_boxes boxes = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        const int *first = cases[i].first;

        detect(cases[i].cascade, vanon_gray_picture(gray), &all, &boxes);
        assert_int_equal(boxes.count, cases[i].count);
        assert_box(&boxes, 0, first[0], first[1], first[2], first[2], 1);
    }
    vanon_haar_boxes_free(&boxes);
    vanon_gray_destroy(&gray);
}

/* Memory that a larger picture left behind must not show. */
static void an_object_is_used_again(void **state)
{
    vanon_gray *large = load_gray(PICTURES "graf3.png"), *small = load_gray(PICTURES "ml.png");
    vanon_haar_cascade *cascade = load("haarcascade_eye_tree_eyeglasses.xml");
    struct vanon_haar_boxes boxes = {0};
    vanon_haar *haar;

    (void)state;
    assert_int_equal(vanon_haar_create(&haar, cascade), VANON_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vanon_haar_detect(haar, vanon_gray_picture(small), &usual, &boxes), 0);
        assert_int_equal(boxes.count, 1);
        assert_box(&boxes, 0, 110, 112, 33, 33, 9);
        assert_int_equal(vanon_haar_detect(haar, vanon_gray_picture(large), &usual, &boxes), 0);
    }
    vanon_haar_boxes_free(&boxes);
    vanon_haar_destroy(&haar);
    vanon_haar_cascade_destroy(&cascade);
    vanon_gray_destroy(&small);
    vanon_gray_destroy(&large);
}

static void pictures_without_anything(void **state)
{
    uint8_t pixels[60 * 50];
    struct vanon_gray_picture picture = {pixels, 60, 50, 60};
    struct vanon_haar_params params = usual;
    vanon_haar_cascade *cascade = load(EYES);
    struct vanon_haar_boxes boxes = {0};
    vanon_haar *haar;

    (void)state;
    memset(pixels, 100, sizeof pixels);
    assert_int_equal(vanon_haar_create(&haar, cascade), VANON_OK);
    assert_int_equal(vanon_haar_detect(haar, &picture, &usual, &boxes), VANON_OK); /* flat */
    assert_int_equal(boxes.count, 0);
    picture.width = 19; /* smaller than the window */
    assert_int_equal(vanon_haar_detect(haar, &picture, &usual, &boxes), VANON_OK);
    picture.width = picture.height = 1;
    assert_int_equal(vanon_haar_detect(haar, &picture, &usual, &boxes), VANON_OK);
    picture.width = picture.height = 0;
    assert_int_equal(vanon_haar_detect(haar, &picture, &usual, &boxes), VANON_OK);
    assert_int_equal(boxes.count, 0);
    params.scale_factor = 1;
    assert_int_equal(vanon_haar_detect(haar, &picture, &params, &boxes), VANON_ERR_ARGUMENT);
    vanon_haar_destroy(&haar);
    vanon_haar_cascade_destroy(&cascade);
    vanon_haar_boxes_free(&boxes);
}

/* Sizes outside the limits are not looked at, but for the nearest where none is inside. */
static void limits_of_size(void **state)
{
    struct vanon_haar_params params = {.scale_factor = 1.1, .min_neighbours = 0};
    vanon_gray *gray = load_gray(PICTURES "ml.png");
    struct vanon_haar_boxes boxes = {0};

    (void)state;
    params.least_width = params.least_height = 120;
    params.most_width = params.most_height = 130;
    detect(FACES, vanon_gray_picture(gray), &params, &boxes);
    assert_int_equal(boxes.count, 4);
    for (size_t i = 0; i < boxes.count; i++)
        assert_int_equal(boxes.box[i].width, 121);
    params.least_width = params.least_height = 118;
    params.most_width = params.most_height = 119;
    detect(FACES, vanon_gray_picture(gray), &params, &boxes);
    assert_int_equal(boxes.count, 4);
    assert_int_equal(boxes.box[0].width, 121);
    vanon_haar_boxes_free(&boxes);
    vanon_gray_destroy(&gray);
}

/* Integral pictures */

#define WIDTH  7
#define HEIGHT 6

static void fill_rows(const uint8_t *pixels, int width, int height, uint32_t *sums,
                      uint32_t *squares, uint32_t *tilted)
{
    int row = width + 1;

    memset(sums, 0, (size_t)row * sizeof *sums);
    memset(squares, 0, (size_t)row * sizeof *squares);
    memset(tilted, 0, (size_t)row * sizeof *tilted);
    for (int y = 0; y < height; y++) {
        vanon_haar_row_sums(sums + (y + 1) * row, sums + y * row, squares + (y + 1) * row,
                            squares + y * row, pixels + y * width, width);
        vanon_haar_row_tilted(tilted + (y + 1) * row, tilted + y * row,
                              y ? tilted + (y - 1) * row : NULL, pixels + y * width,
                              y ? pixels + (y - 1) * width : NULL, width);
    }
}

static void integrals_are_sums(void **state)
{
    uint32_t sums[(WIDTH + 1) * (HEIGHT + 1)], squares[(WIDTH + 1) * (HEIGHT + 1)],
        tilted[(WIDTH + 1) * (HEIGHT + 1)];
    uint8_t pixels[WIDTH * HEIGHT];

    (void)state;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = (uint8_t)(i * 37 + 200);
    for (int width = 1; width <= WIDTH; width++) {
        fill_rows(pixels, width, HEIGHT, sums, squares, tilted);
        for (int y = 0; y <= HEIGHT; y++)
            for (int x = 0; x <= width; x++) {
                uint32_t sum = 0, square = 0, cone = 0;

                for (int v = 0; v < y; v++)
                    for (int u = 0; u < width; u++) {
                        uint32_t pixel = pixels[v * width + u];

                        sum += u < x ? pixel : 0;
                        square += u < x ? pixel * pixel : 0;
                        cone += abs(u - x + 1) <= y - v - 1 ? pixel : 0;
                    }
                assert_int_equal(sums[y * (width + 1) + x], sum);
                assert_int_equal(squares[y * (width + 1) + x], square);
                assert_int_equal(tilted[y * (width + 1) + x], cone);
            }
    }
}

/* Grouping */

static void alike_boxes_become_one(void **state)
{
    struct vanon_haar_boxes boxes = {0};

    (void)state;
    /* Each is near the next, the first and the last are not: one group all the same. */
    for (int i = 0; i < 4; i++)
        assert_int_equal(vanon_haar_boxes_add(&boxes, 10 + 3 * i, 20, 20, 20 + i % 2), VANON_OK);
    assert_int_equal(vanon_haar_boxes_add(&boxes, 100, 20, 20, 20), VANON_OK); /* alone */
    assert_int_equal(vanon_haar_group(&boxes, 3), VANON_OK);
    assert_int_equal(boxes.count, 1);
    assert_box(&boxes, 0, 14, 20, 20, 20, 4); /* 14.5 and 20.5, half to even */
    assert_int_equal(vanon_haar_group(&boxes, 0), VANON_OK);
    assert_int_equal(boxes.count, 1);
    boxes.count = 0;
    assert_int_equal(vanon_haar_group(&boxes, 3), VANON_OK);
    assert_int_equal(boxes.count, 0);
    vanon_haar_boxes_free(&boxes);
}

static void boxes_inside_others_go(void **state)
{
    static const struct {
        int inner, outer; /* how many of each */
        size_t left;
    } cases[] = {{2, 3, 1}, {3, 3, 2}, {3, 4, 1}, {4, 4, 2}, {4, 5, 1}, {5, 4, 2}};
    struct vanon_haar_boxes boxes = {0};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        boxes.count = 0;
        for (int j = 0; j < cases[i].inner; j++)
            assert_int_equal(vanon_haar_boxes_add(&boxes, 120, 120, 40, 40), VANON_OK);
        for (int j = 0; j < cases[i].outer; j++)
            assert_int_equal(vanon_haar_boxes_add(&boxes, 100, 100, 100, 100), VANON_OK);
        assert_int_equal(vanon_haar_group(&boxes, 1), VANON_OK);
        assert_int_equal(boxes.count, cases[i].left);
        assert_int_equal(boxes.box[boxes.count - 1].width, 100);
    }
    vanon_haar_boxes_free(&boxes);
}

/* Faces and eyes */

static void assert_object(const vanon_object_list *objects, size_t index, enum vanon_class class_id,
                          vanon_box box, float score)
{
    const vanon_object *object = &objects->object[index];

    assert_true(index < objects->count);
    assert_int_equal(object->class_id, class_id);
    assert_string_equal(object->detector, "haar");
    assert_true(object->seen);
    assert_null(object->skeleton);
    assert_int_equal(object->keypoints, 0);
    assert_memory_equal(&object->box, &box, sizeof box);
    assert_float_equal(object->score, score, 1e-6);
}

static vanon_detector *create_detector(struct detect_wait *wait, const char *const *pairs)
{
    vanon_options *options = detect_options(pairs);
    vanon_detector *detector;

    if (vanon_detector_create(&detector, &(struct vanon_detector_params){.options = options,
                                                                         .log = &unit_log,
                                                                         .done = detect_done,
                                                                         .opaque = wait,
                                                                         .slots = 2}))
        fail_msg("%s", unit_message);
    vanon_options_destroy(&options);
    return detector;
}

static void a_detector_with_haar(void **state)
{
    static const char *const pairs[] = {"detector", "null", "eye_detector", "both", NULL};
    vanon_frame *frame = picture_load(PICTURES "ml.png", VANON_PIXEL_RGB24);
    struct detect_wait wait = DETECT_WAIT;
    vanon_detector *detector = create_detector(&wait, pairs);
    vanon_object_list objects = {0}, *list = &objects;

    (void)state;
    assert_string_equal(detector->ops->name, "null+haar");
    assert_int_equal(vanon_detector_collect(detector, 1, &list, 1), VANON_ERR_STATE);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(detect_frame(detector, &wait, 1, frame, &objects), VANON_OK);
        assert_int_equal(objects.count, 3);
        assert_object(&objects, 0, VANON_CLASS_FACE, (vanon_box){41, 73, 172, 204}, 16 / 17.0f);
        assert_object(&objects, 1, VANON_CLASS_EYE, (vanon_box){62, 109, 97, 144}, 35 / 36.0f);
        assert_object(&objects, 2, VANON_CLASS_EYE, (vanon_box){109, 109, 146, 146}, 17 / 18.0f);
    }
    assert_int_equal(vanon_detector_submit(detector, 0, (const vanon_frame *const[]){frame}, 1),
                     VANON_OK);
    assert_int_equal(vanon_detector_submit(detector, 0, (const vanon_frame *const[]){frame}, 1),
                     VANON_ERR_STATE);
    assert_int_equal(vanon_detector_collect(detector, 0, &list, 1), VANON_OK);
    assert_int_equal(objects.count, 3);
    frame->memory = VANON_MEMORY_CUDA;
    frame->number = 12;
    assert_int_equal(detect_frame(detector, &wait, 0, frame, &objects), VANON_ERR_UNSUPPORTED);
    assert_message("frame 12", "grey");
    frame->memory = VANON_MEMORY_HOST;
    vanon_detector_destroy(&detector);
    vanon_object_list_free(&objects);
    vanon_frame_unref(&frame);
}

/* The picture turned as its stream says: what is found is upright. */
static void turned_pictures(void **state)
{
    static const char *const pairs[] = {"detector", "null", "eye_detector", "haar", NULL};
    vanon_frame *upright = picture_load(PICTURES "ml.png", VANON_PIXEL_RGB24), *turned;
    struct detect_wait wait = DETECT_WAIT;
    vanon_detector *detector = create_detector(&wait, pairs);
    vanon_object_list objects = {0};

    (void)state;
    assert_int_equal(vanon_frame_alloc(&turned, VANON_PIXEL_RGB24, upright->height, upright->width),
                     VANON_OK);
    turned->rotation = 90;
    for (int y = 0; y < turned->height; y++)
        for (int x = 0; x < turned->width; x++)
            memcpy(turned->plane[0] + y * turned->stride[0] + 3 * x,
                   upright->plane[0] + x * upright->stride[0] + 3 * (turned->height - 1 - y), 3);
    assert_int_equal(detect_frame(detector, &wait, 0, turned, &objects), VANON_OK);
    assert_int_equal(objects.count, 3);
    assert_object(&objects, 0, VANON_CLASS_FACE, (vanon_box){41, 73, 172, 204}, 16 / 17.0f);
    vanon_object_list_free(&objects);
    vanon_detector_destroy(&detector);
    vanon_frame_unref(&turned);
    vanon_frame_unref(&upright);
}

/* The cascade files */

static char folder[] = "/tmp/vanon-haar-XXXXXX";
static char file_path[sizeof folder + 16];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(file_path, sizeof file_path, "%s/cascade.xml", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(file_path);
    return rmdir(folder);
}

static void write_file(const char *text)
{
    FILE *file = fopen(file_path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

#define HEAD                                                                          \
    "<opencv_storage>\n<cascade type_id=\"opencv-cascade-classifier\">\n"             \
    "<stageType>BOOST</stageType><featureType>HAAR</featureType>\n<width>4</width>\n" \
    "<height>5</height>\n"
#define STAGES_OF(trees_)                                                       \
    "<stages><_><stageThreshold>0.5</stageThreshold><weakClassifiers>\n" trees_ \
    "</weakClassifiers></_></stages>\n"
#define TREE_OF(nodes_, leaves_) \
    "<_><internalNodes>" nodes_ "</internalNodes><leafValues>" leaves_ "</leafValues></_>\n"
#define STUMP               TREE_OF("0 -1 0 1e-2", "-1. 1.")
#define FEATURES_OF(rects_) "<features><_><rects>" rects_ "</rects></_></features>\n"
#define FEATURE             FEATURES_OF("<_>0 0 4 2 -1.</_><_>0 0 2 2 2.</_>")
#define TAIL                "</cascade></opencv_storage>\n"

static void a_small_cascade(void **state)
{
    vanon_haar_cascade *cascade;

    (void)state;
    write_file(HEAD STAGES_OF(STUMP TREE_OF(
        "1 -2 0 0.25 0 -1 1 -0.5",
        "1 2 3")) "<features><_><rects><_>0 0 4 2 -1.</_><_>0 0 2 2 2.</_></rects></_>"
                  "<_><rects><_>2 0 2 2 3</_></rects><tilted>1</tilted></_></features>" TAIL);
    cascade = load(file_path);
    assert_int_equal(cascade->width, 4);
    assert_int_equal(cascade->height, 5);
    assert_int_equal(cascade->stages, 1);
    assert_int_equal(cascade->stage[0].trees, 2);
    assert_float_equal(cascade->stage[0].threshold, 0.49999, 1e-7);
    assert_int_equal(cascade->tree[1].first_node, 1);
    assert_int_equal(cascade->tree[1].first_leaf, 2);
    assert_int_equal(cascade->nodes, 3);
    assert_int_equal(cascade->node[1].left, 1);
    assert_int_equal(cascade->node[1].right, -2);
    assert_int_equal(cascade->node[2].feature, 1);
    assert_float_equal(cascade->node[2].threshold, -0.5, 0);
    assert_int_equal(cascade->leaves, 5);
    assert_float_equal(cascade->leaf[4], 3, 0);
    assert_true(cascade->tilted);
    assert_false(cascade->feature[0].tilted);
    assert_int_equal(cascade->feature[0].rect[1].width, 2);
    assert_float_equal(cascade->feature[0].rect[1].weight, 2, 0);
    assert_float_equal(cascade->feature[0].rect[2].weight, 0, 0);
    assert_true(cascade->feature[1].tilted);
    vanon_haar_cascade_destroy(&cascade);
}

static void broken_cascades(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", ":1: no element found"},
        {"hello", ":1: syntax error"},
        {"<html/>", ":1: it does not start with <opencv_storage>"},
        {"<!DOCTYPE a [<!ENTITY b \"c\">]>\n<opencv_storage/>", ":1: a document type"},
        {"<opencv_storage></opencv_storage>", ": there is no cascade in it"},
        {"<opencv_storage>\n<c type_id=\"opencv-haar-classifier\"/></opencv_storage>",
         ":2: a file of the format 'opencv-haar-classifier'"},
        {HEAD STAGES_OF(STUMP) FEATURE, ":10: no element found"},
        {HEAD FEATURE TAIL, "it lacks stages or features"},
        {HEAD STAGES_OF(STUMP) TAIL, "it lacks stages or features"},
        {HEAD STAGES_OF(STUMP) FEATURE TAIL "x", "junk after document element"},
        {HEAD STAGES_OF(STUMP) FEATURE "<width>3</width>" TAIL, "side is given twice"},
        {HEAD STAGES_OF("") FEATURE TAIL, ":7: stage 1 lacks its stageThreshold or weakClass"},
        {HEAD "<stages><_><weakClassifiers>" STUMP "</weakClassifiers></_></stages>" FEATURE TAIL,
         ":7: stage 1 lacks its stageThreshold or weakClass"},
        {HEAD STAGES_OF(TREE_OF("0 -1 1 1e-2", "1 2")) FEATURE TAIL, "feature 1; there are 1"},
        {HEAD STAGES_OF(TREE_OF("0 -1 -1 1e-2", "1 2")) FEATURE TAIL, "feature -1; there are 1"},
        {HEAD STAGES_OF(TREE_OF("0 -1 0", "1 2")) FEATURE TAIL, ":7: <internalNodes> must be 4"},
        {HEAD STAGES_OF(TREE_OF("", "1")) FEATURE TAIL, ":7: <internalNodes> must be 4"},
        {HEAD STAGES_OF(TREE_OF("0 -1 0.5 1", "1 2")) FEATURE TAIL, ":7: 0.5 must be a whole"},
        {HEAD STAGES_OF(TREE_OF("0 -1 0 nan", "1 2")) FEATURE TAIL, ":7: 'nan' is no number"},
        {HEAD STAGES_OF(TREE_OF("0 -1 0 1e10", "1 2")) FEATURE TAIL, ":7: '1e10' is no number"},
        {HEAD STAGES_OF(TREE_OF("0 -2 0 1", "1 2")) FEATURE TAIL, "node 0 of 1 leads to 0 and -2"},
        {HEAD STAGES_OF(TREE_OF("1 -1 0 1", "1 2")) FEATURE TAIL, "node 0 of 1 leads to 1 and -1"},
        {HEAD STAGES_OF(TREE_OF("1 0 0 1 1 -1 0 1", "1 2 3")) FEATURE TAIL, "node 1 of 2 leads"},
        {HEAD STAGES_OF(TREE_OF("0 -1 0 1", "1 2 3")) FEATURE TAIL, "1 nodes and 3 leaves"},
        {HEAD STAGES_OF(STUMP) FEATURES_OF("<_>0 0 5 2 1.</_>") TAIL, "upright rectangle 0 0 5 2"},
        {HEAD STAGES_OF(STUMP) FEATURES_OF("<_>0 -1 4 2 1.</_>") TAIL, "rectangle 0 -1 4 2"},
        {HEAD STAGES_OF(STUMP) FEATURES_OF("<_>0 0 0 2 1.</_>") TAIL, "rectangle 0 0 0 2"},
        {HEAD STAGES_OF(STUMP) FEATURES_OF("<_>1e9 0 1e9 2 1.</_>") TAIL, "not inside the window"},
        {HEAD STAGES_OF(STUMP) FEATURES_OF("<_>0 0 4 2</_>") TAIL, "<_> must be 5 numbers, not 4"},
        {HEAD STAGES_OF(STUMP) FEATURES_OF("") TAIL, ":9: a feature without rectangles"},
        {HEAD STAGES_OF(STUMP) FEATURES_OF("<_>0 0 1 1 1</_><_>0 0 1 1 1</_><_>0 0 1 1 1</_>"
                                           "<_>0 0 1 1 1</_>") TAIL,
         "a feature of more than 3 rectangles"},
        {HEAD STAGES_OF(STUMP) "<features><_><rects><_>1 0 2 2 1</_></rects><tilted>1</tilted></_>"
                               "</features>" TAIL,
         "the tilted rectangle 1 0 2 2 is not inside the window of 4x5"},
        {HEAD STAGES_OF(STUMP) "<features><_><rects><_>2 2 2 2 1</_></rects><tilted>1</tilted></_>"
                               "</features>" TAIL,
         "the tilted rectangle 2 2 2 2"},
        {HEAD "<featureParams><maxCatCount>256</maxCatCount></featureParams>" TAIL,
         "features by category (maxCatCount 256)"},
        {"<opencv_storage><cascade>" FEATURE TAIL, "features before the window's width and height"},
        {"<opencv_storage><c><featureType>LBP</featureType></c></opencv_storage>",
         "'LBP' is not supported; it must be HAAR"},
        {"<opencv_storage><c><stageType/></c></opencv_storage>", "it must be BOOST"},
        {"<opencv_storage><c><width>2</width></c></opencv_storage>",
         "side 2 is not from 3 to 1024"},
        {"<opencv_storage><c><width>3 4</width></c></opencv_storage>", "<width> must be 1 number,"},
        {"<opencv_storage><cascade><width>9</width><height>9</height>" STAGES_OF(STUMP)
             FEATURE TAIL,
         "it lacks the stageType BOOST or the featureType HAAR"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        vanon_haar_cascade *cascade;

        unit_log_clear();
        write_file(cases[i].text);
        assert_int_equal(vanon_haar_cascade_load(&cascade, file_path, &unit_log), VANON_ERR_MODEL);
        assert_null(cascade);
        assert_message("cascade ", file_path, cases[i].message);
    }
}

static void where_cascades_are_looked_for(void **state)
{
    static const char *const pairs[] = {
        "detector", "null", "eye_detector", "haar", "eye_cascade", "no_such.xml", NULL};
    vanon_options *options = detect_options(pairs);
    const struct vanon_detector_params params = {
        .options = options, .log = &unit_log, .done = detect_done};
    vanon_haar_cascade *cascade;
    vanon_detector *detector;

    (void)state;
    assert_int_equal(vanon_detector_create(&detector, &params), VANON_ERR_MODEL);
    assert_null(detector);
    assert_message("cascade no_such.xml", "not set", "opencv-data");
    vanon_options_destroy(&options);

    write_file(HEAD STAGES_OF(STUMP) FEATURE TAIL);
    assert_int_equal(vanon_haar_cascade_load(&cascade, "cascade.xml", &unit_log), VANON_ERR_MODEL);
    assert_int_equal(setenv("VANON_CASCADES", folder, 1), 0);
    cascade = load("cascade.xml");
    vanon_haar_cascade_destroy(&cascade);
    cascade = load(EYES); /* still found where Debian has it */
    vanon_haar_cascade_destroy(&cascade);
    assert_int_equal(vanon_haar_cascade_load(&cascade, "./cascade.xml", &unit_log),
                     VANON_ERR_MODEL);
    assert_int_equal(unsetenv("VANON_CASCADES"), 0);
    assert_int_equal(vanon_haar_cascade_load(&cascade, folder, &unit_log), VANON_ERR_MODEL);
    assert_message(folder, "Is a directory");
}

/* ../shared */

static vanon_box box_of(const json_t *box)
{
    float side[4];

    for (size_t i = 0; i < 4; i++)
        side[i] = (float)json_number_value(json_array_get(box, i));
    return (vanon_box){side[0], side[1], side[0] + side[2], side[1] + side[3]};
}

/* The best overlap of an object of the class with the reference's [x, y, width, height]. */
static double best_iou(const vanon_object_list *objects, enum vanon_class class_id,
                       const json_t *reference)
{
    const vanon_box wanted = box_of(reference);
    double best = 0;

    for (size_t i = 0; i < objects->count; i++) {
        double iou = vanon_box_iou(&wanted, &objects->object[i].box);

        if (objects->object[i].class_id == class_id && iou > best)
            best = iou;
    }
    return best;
}

/* All of them, and nothing else; or only that no face is missing. */
static void compare_still(const char *name, const json_t *faces, const vanon_object_list *objects,
                          bool with_eyes)
{
    size_t expected = 0;

    for (size_t i = 0; i < json_array_size(faces); i++) {
        const json_t *face = json_array_get(faces, i), *eyes = json_object_get(face, "eyes");

        if (best_iou(objects, VANON_CLASS_FACE, json_object_get(face, "face")) < 0.9)
            fail_msg("%s: face %zu was not found", name, i);
        for (size_t j = 0; j < json_array_size(eyes) && with_eyes; j++)
            if (best_iou(objects, VANON_CLASS_EYE, json_array_get(eyes, j)) < 0.8)
                fail_msg("%s: eye %zu of face %zu was not found", name, j, i);
        expected += 1 + json_array_size(eyes);
    }
    if (with_eyes)
        assert_int_equal(objects->count, expected);
}

static void compare_stills(enum vanon_pixel_format format, bool with_eyes)
{
    static const char *const pairs[] = {"detector", "null", "eye_detector", "haar", NULL};
    struct detect_wait wait = DETECT_WAIT;
    vanon_object_list objects = {0};
    vanon_detector *detector;
    json_t *reference, *faces;
    const char *name;

    if (access(REFERENCE, R_OK)) {
        print_message("SKIPPED: there is no %s here\n", REFERENCE);
        skip();
    }
    reference = json_load_file(REFERENCE, 0, NULL);
    assert_non_null(reference);
    detector = create_detector(&wait, pairs);
    json_object_foreach(json_object_get(reference, "stills"), name, faces)
    {
        char path[512];
        vanon_frame *frame;

        snprintf(path, sizeof path, SHARED "media/stills/%s", name);
        frame = picture_load(path, format);
        assert_int_equal(detect_frame(detector, &wait, 0, frame, &objects), VANON_OK);
        compare_still(name, faces, &objects, with_eyes);
        vanon_frame_unref(&frame);
    }
    vanon_detector_destroy(&detector);
    vanon_object_list_free(&objects);
    json_decref(reference);
}

static void stills(void **state)
{
    (void)state;
    compare_stills(VANON_PIXEL_RGB24, true);
}

/* Luma as coded in limited range is within a level of what OpenCV makes of the pictures' RGB; that
 * is enough for OpenCV itself, given the same luma, to lose an eye. */
static void stills_as_yuv(void **state)
{
    (void)state;
    compare_stills(VANON_PIXEL_YUV420P, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_cascade),
        cmocka_unit_test(windows_without_grouping),
        cmocka_unit_test(an_object_is_used_again),
        cmocka_unit_test(pictures_without_anything),
        cmocka_unit_test(limits_of_size),
        cmocka_unit_test(integrals_are_sums),
        cmocka_unit_test(alike_boxes_become_one),
        cmocka_unit_test(boxes_inside_others_go),
        cmocka_unit_test(a_detector_with_haar),
        cmocka_unit_test(turned_pictures),
        cmocka_unit_test(a_small_cascade),
        cmocka_unit_test(broken_cascades),
        cmocka_unit_test(where_cascades_are_looked_for),
        cmocka_unit_test(stills),
        cmocka_unit_test(stills_as_yuv),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

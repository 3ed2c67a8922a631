/* SPDX-License-Identifier: Apache-2.0 */
/* The second opinion on somebody, by a detector whose answers stand in a script. */
#include "unit.h"

#include "base/thread.h"
#include "job/second_look.h"
#include "pixels/frame.h"

#define MOST_LOOKS 8
#define RADIUS     10.0

/* What a look finds: one object, moved by a share of their width, with one joint. */
struct answer {
    float score; /* 0: nobody */
    double shift;
    float visibility; /* of the left elbow */
    double off;       /* radii from the disc's middle */
    enum vanon_class class_id;
};

static const struct answer SURE = {.score = 0.9f, .visibility = 0.9f};
static const struct answer WITHOUT_JOINT = {.score = 0.9f};
static const struct answer NOBODY = {0};

static const vanon_box BOX = {200, 160, 240, 240};
static const struct vanon_disc DISC = {"left_elbow", 220, 200, RADIUS, 0.9};

static struct {
    vanon_detector detector; /* what is made */
    struct vanon_detector_params params;
    bool whole_only;
    int create_status, look_status, collect_status;
    struct answer answers[MOST_LOOKS];
    struct vanon_view views[MOST_LOOKS]; /* that were asked for */
    size_t looks, created, destroyed;
    bool from_thread; /* is told that a look is done by a thread of its own */
    pthread_t thread;
} script;

static void destroy(vanon_detector *detector)
{
    assert_ptr_equal(detector, &script.detector);
    script.destroyed++;
}

static void *tell(void *argument)
{
    (void)argument;
    script.params.done(script.params.opaque, 0);
    return NULL;
}

static int look(vanon_detector *detector, size_t slot, const struct vanon_view *views, size_t count)
{
    assert_ptr_equal(detector, &script.detector);
    assert_int_equal(slot, 0);
    assert_int_equal(count, 1);
    assert_true(script.looks < MOST_LOOKS);
    if (script.look_status)
        return script.look_status;
    script.views[script.looks++] = views[0];
    if (script.from_thread)
        assert_int_equal(vanon_thread_start(&script.thread, "teller", tell, NULL), VANON_OK);
    else
        tell(NULL);
    return VANON_OK;
}

static int collect(vanon_detector *detector, size_t slot, vanon_object_list *const *objects,
                   size_t count)
{
    const struct answer *answer = &script.answers[script.looks - 1];
    float shift = (float)answer->shift * (BOX.x1 - BOX.x0);
    int elbow = vanon_skeleton_joint(&vanon_skeleton_coco17, DISC.name);
    vanon_object *object;

    (void)detector;
    assert_int_equal(slot, 0);
    assert_int_equal(count, 1);
    if (script.from_thread)
        pthread_join(script.thread, NULL);
    vanon_object_list_clear(objects[0]);
    if (script.collect_status || !(answer->score > 0))
        return script.collect_status;
    assert_int_equal(vanon_object_list_add(objects[0], &vanon_skeleton_coco17, &object), VANON_OK);
    object->class_id = answer->class_id;
    object->score = answer->score;
    object->box = (vanon_box){BOX.x0 + shift, BOX.y0, BOX.x1 + shift, BOX.y1};
    vanon_object_keypoints(objects[0], object)[elbow] =
        (vanon_keypoint){(float)(DISC.x + answer->off * RADIUS), (float)DISC.y, answer->visibility};
    return VANON_OK;
}

static const struct vanon_detector_ops scripted = {
    .name = "scripted", .destroy = destroy, .look = look, .collect = collect};

/* In place of the one in src/detect. */
int __wrap_vanon_detector_create(vanon_detector **out, const struct vanon_detector_params *params);
int __wrap_vanon_detector_create(vanon_detector **out, const struct vanon_detector_params *params)
{
    *out = NULL;
    if (script.create_status)
        return script.create_status;
    script.created++;
    script.params = *params;
    script.detector = (vanon_detector){
        .ops = &scripted, .slots = params->slots, .batch = 1, .views = !script.whole_only};
    *out = &script.detector;
    return VANON_OK;
}

/* A second look at a frame of 640x480, with the answers of the looks to come. */
static vanon_options *options;
static vanon_frame *frame;
static vanon_second_look *second;

static int set_up(void **state)
{
    (void)state;
    memset(&script, 0, sizeof script);
    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    assert_int_equal(vanon_options_set(options, "confidence", "0.5"), VANON_OK);
    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, 640, 480), VANON_OK);
    assert_int_equal(vanon_second_look_create(&second, options, &unit_log), VANON_OK);
    vanon_second_look_begin(second, frame, &BOX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vanon_second_look_destroy(&second);
    assert_null(second);
    vanon_second_look_destroy(&second);
    assert_int_equal(script.destroyed, script.created);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
    return 0;
}

/* Asks about BOX anew, with these answers of up to three looks. */
static bool confirms(struct answer first, struct answer next, struct answer last)
{
    bool confirmed = false;

    script.looks = 0;
    script.answers[0] = first;
    script.answers[1] = next;
    script.answers[2] = last;
    vanon_second_look_begin(second, frame, &BOX);
    assert_int_equal(vanon_second_look_confirms(second, &DISC, &confirmed), VANON_OK);
    return confirmed;
}

static void two_of_three_looks(void **state)
{
    (void)state;
    assert_int_equal(script.created, 0); /* the model is not read before it is needed */
    assert_true(confirms(SURE, SURE, NOBODY));
    assert_int_equal(script.looks, 2);
    assert_true(confirms(SURE, NOBODY, SURE));
    assert_int_equal(script.looks, 3);
    assert_true(confirms(NOBODY, SURE, SURE));
    assert_false(confirms(SURE, NOBODY, NOBODY));
    assert_int_equal(script.looks, 3);
    assert_false(confirms(NOBODY, NOBODY, SURE));
    assert_int_equal(script.looks, 2); /* a third can't make it enough */
    assert_int_equal(script.created, 1);
}

static void what_is_looked_at(void **state)
{
    static const struct {
        int side, imgsz;
    } expected[] = {{240, 320}, {160, 320}, {240, 640}};

    (void)state;
    confirms(SURE, NOBODY, SURE);
    assert_int_equal(script.looks, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct vanon_view *view = &script.views[i];

        assert_ptr_equal(view->frame, frame);
        assert_int_equal(view->imgsz, expected[i].imgsz);
        assert_true(view->square);
        assert_in_range(view->part.width, expected[i].side, expected[i].side + 16);
        assert_in_range(view->part.height, expected[i].side, expected[i].side + 16);
        assert_in_range(view->part.x + view->part.width / 2, 212, 228);
        assert_in_range(view->part.y + view->part.height / 2, 192, 208);
    }
    assert_ptr_equal(script.params.options, options);
    assert_int_equal(script.params.slots, 1);
}

/* Who is not the one that was asked about. */
static void others(void **state)
{
    const struct answer beside = {.score = 0.9f, .shift = 0.44, .visibility = 0.9f}; /* IoU 0.39 */
    const struct answer near = {.score = 0.9f, .shift = 0.42, .visibility = 0.9f};   /* 0.41 */
    const struct answer faint = {.score = 0.49f, .visibility = 0.9f};
    const struct answer least = {.score = 0.5f, .visibility = 0.9f};
    const struct answer face = {.score = 0.9f, .visibility = 0.9f, .class_id = VANON_CLASS_FACE};

    (void)state;
    assert_true(confirms(near, near, NOBODY));
    assert_false(confirms(beside, SURE, beside));
    assert_true(confirms(least, least, NOBODY));
    assert_false(confirms(faint, SURE, faint));
    assert_false(confirms(face, SURE, face));
}

static void joints(void **state)
{
    const struct answer seen = {.score = 0.9f, .visibility = 0.31f};
    const struct answer guessed = {.score = 0.9f, .visibility = 0.29f};
    const struct answer near = {.score = 0.9f, .visibility = 0.9f, .off = 1.4};
    const struct answer far = {.score = 0.9f, .visibility = 0.9f, .off = 1.6};
    const struct answer of_another = {.score = 0.9f, .shift = 1, .visibility = 0.9f, .off = 0};

    (void)state;
    assert_true(confirms(seen, WITHOUT_JOINT, WITHOUT_JOINT)); /* one look is enough for it */
    assert_int_equal(script.looks, 2);
    assert_true(confirms(WITHOUT_JOINT, WITHOUT_JOINT, seen));
    assert_int_equal(script.looks, 3);
    assert_false(confirms(guessed, guessed, guessed));
    assert_true(confirms(near, WITHOUT_JOINT, WITHOUT_JOINT));
    assert_false(confirms(far, far, far));
    assert_false(confirms(WITHOUT_JOINT, WITHOUT_JOINT, of_another));
}

/* Several discs of one person share the looks; the next person has their own. */
static void looks_are_shared(void **state)
{
    struct vanon_disc wrist = DISC;
    bool confirmed;

    (void)state;
    wrist.name = "left_wrist";
    assert_true(confirms(SURE, SURE, SURE));
    assert_int_equal(script.looks, 2);
    assert_int_equal(vanon_second_look_confirms(second, &DISC, &confirmed), VANON_OK);
    assert_true(confirmed);
    assert_int_equal(script.looks, 2);
    assert_int_equal(vanon_second_look_confirms(second, &wrist, &confirmed), VANON_OK);
    assert_false(confirmed); /* no look sees that one */
    assert_int_equal(script.looks, 3);
    wrist.name = "no_such_joint";
    assert_int_equal(vanon_second_look_confirms(second, &wrist, &confirmed), VANON_OK);
    assert_false(confirmed);
    assert_int_equal(script.looks, 3);
    assert_false(confirms(NOBODY, NOBODY, NOBODY));
}

static void told_by_a_thread(void **state)
{
    (void)state;
    script.from_thread = true;
    for (int i = 0; i < 50; i++)
        assert_true(confirms(SURE, NOBODY, SURE));
}

static void no_second_opinion(void **state)
{
    bool confirmed = false;

    (void)state;
    script.whole_only = true;
    assert_int_equal(vanon_second_look_confirms(second, &DISC, &confirmed), VANON_OK);
    assert_true(confirmed);
    assert_int_equal(script.looks, 0);
}

static void failures(void **state)
{
    bool confirmed = true;

    (void)state;
    script.create_status = VANON_ERR_MODEL;
    assert_int_equal(vanon_second_look_confirms(second, &DISC, &confirmed), VANON_ERR_MODEL);
    assert_false(confirmed);
    script.create_status = VANON_OK;
    script.answers[0] = script.answers[1] = SURE;
    for (int i = 0; i < 2; i++) {
        confirmed = true;
        script.look_status = i ? VANON_OK : VANON_ERR_UNSUPPORTED;
        script.collect_status = i ? VANON_ERR_INFERENCE : VANON_OK;
        assert_int_equal(vanon_second_look_confirms(second, &DISC, &confirmed),
                         i ? VANON_ERR_INFERENCE : VANON_ERR_UNSUPPORTED);
        assert_false(confirmed);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_of_three_looks),
        TEST(what_is_looked_at),
        TEST(others),
        TEST(joints),
        TEST(looks_are_shared),
        TEST(told_by_a_thread),
        TEST(no_second_opinion),
        TEST(failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

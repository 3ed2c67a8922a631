/* SPDX-License-Identifier: Apache-2.0 */
/* What shows in a pair of frames: whose joints are judged, and what becomes of those that show. A
 * second look says what the test wants. */
#include "unit.h"

#include "base/thread.h"
#include "job/verify_internal.h"

#define WIDTH  640
#define HEIGHT 480

static bool confirmed;    /* what second looks say */
static size_t asked, met; /* how many joints; how many people they were begun for */
static int second_status;

void __wrap_vanon_second_look_begin(vanon_second_look *look, const vanon_frame *frame,
                                    const vanon_box *box);
void __wrap_vanon_second_look_begin(vanon_second_look *look, const vanon_frame *frame,
                                    const vanon_box *box)
{
    (void)look;
    (void)box;
    assert_non_null(frame);
    met++;
}

int __wrap_vanon_second_look_confirms(vanon_second_look *look, const struct vanon_disc *disc,
                                      bool *answer);
int __wrap_vanon_second_look_confirms(vanon_second_look *look, const struct vanon_disc *disc,
                                      bool *answer)
{
    (void)look;
    (void)disc;
    asked++;
    *answer = confirmed;
    return second_status;
}

/* A pair of frames, with lists of who is found: by the wide, the near, and the output's search. */
static struct vanon_verify verify;
static struct vanon_verify_pair pair;
static vanon_options *options, *by_place;
static vanon_frame *frames[2];
static vanon_object_list wide, near, of_output;

static void set(const char *key, const char *value)
{
    assert_int_equal(vanon_options_set(options, key, value), VANON_OK);
    if (strcmp(key, "keep_person") != 0)
        assert_int_equal(vanon_options_set(by_place, key, value), VANON_OK);
}

/* Detail everywhere; in the output where x is at least `from`, grey before. */
static void paint(int from)
{
    uint32_t noise = 1;

    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            noise = noise * 1664525u + 1013904223u;
            frames[0]->plane[0][y * frames[0]->stride[0] + x] = (uint8_t)(noise >> 24);
            frames[1]->plane[0][y * frames[1]->stride[0] + x] =
                x < from ? 128 : (uint8_t)(noise >> 24);
        }
    for (int i = 0; i < 2; i++)
        assert_int_equal(vanon_gray_take(verify.gray[i], frames[i]), VANON_OK);
}

static int set_up(void **state)
{
    (void)state;
    confirmed = true;
    asked = met = 0;
    second_status = VANON_OK;
    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    assert_int_equal(vanon_options_create(&by_place, &unit_log), VANON_OK);
    verify = (struct vanon_verify){.options = options, .by_place = by_place, .enlarged = 2};
    assert_int_equal(vanon_findings_create(&verify.findings), VANON_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vanon_frame_alloc(&frames[i], VANON_PIXEL_GRAY8, WIDTH, HEIGHT), VANON_OK);
        frames[i]->colour.full_range = true;
        assert_int_equal(vanon_gray_create(&verify.gray[i]), VANON_OK);
    }
    pair = (struct vanon_verify_pair){.original = {.frame = frames[0], .objects = &wide},
                                      .near = {.frame = frames[0], .objects = &near},
                                      .output = {.frame = frames[1], .objects = &of_output},
                                      .moment = {0, 0.04}};
    set("parts", "elbows");
    set("confidence", "0.4");
    paint(0);
    return 0;
}

static int tear_down(void **state)
{
    vanon_object_list *lists[] = {&wide, &near, &of_output};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        vanon_object_list_free(lists[i]);
    for (int i = 0; i < 2; i++) {
        vanon_gray_destroy(&verify.gray[i]);
        vanon_frame_unref(&frames[i]);
    }
    vanon_picture_free(&pair.picture);
    vanon_findings_destroy(&verify.findings);
    vanon_region_list_free(&verify.own);
    free(verify.place);
    free(verify.shown);
    vanon_options_destroy(&options);
    vanon_options_destroy(&by_place);
    return 0;
}

/* Somebody in that box, whose left elbow is in its middle. */
static void add(vanon_object_list *list, float score, vanon_box box)
{
    int elbow = vanon_skeleton_joint(&vanon_skeleton_coco17, "left_elbow");
    vanon_object *object;

    assert_int_equal(vanon_object_list_add(list, &vanon_skeleton_coco17, &object), VANON_OK);
    object->id = (int64_t)list->count;
    object->score = score;
    object->seen = true;
    object->box = box;
    vanon_object_keypoints(list, object)[elbow] =
        (vanon_keypoint){(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, 0.9f};
}

static const vanon_box BOX = {200, 160, 240, 240}, BESIDE = {400, 160, 440, 240};
static const vanon_box INSIDE = {205, 165, 235, 235}, LARGE = {100, 40, 300, 440};

static void judge(int judged, int showing, int doubtful)
{
    json_t *report = json_object();

    assert_int_equal(vanon_verify_judge(&verify, &pair), VANON_OK);
    vanon_findings_report(verify.findings, report);
    assert_int_equal(json_integer_value(json_object_get(report, "judged")), judged);
    assert_int_equal(json_integer_value(json_object_get(report, "showing")), showing);
    assert_int_equal(json_integer_value(json_object_get(report, "doubtful")), doubtful);
    json_decref(report);
}

static void what_shows(void **state)
{
    (void)state;
    add(&wide, 0.9f, BOX);
    add(&wide, 0.9f, BESIDE);
    judge(2, 2, 0);
    assert_int_equal(asked, 2);
    assert_int_equal(met, 2);
}

static void what_is_hidden(void **state)
{
    (void)state;
    add(&wide, 0.9f, BOX);
    add(&wide, 0.9f, BESIDE);
    paint(WIDTH / 2);
    judge(2, 1, 0);
    assert_int_equal(asked, 1);
}

static void what_is_not_confirmed(void **state)
{
    (void)state;
    confirmed = false;
    add(&wide, 0.3f, BOX);     /* below the confidence, but not below half of it */
    add(&wide, 0.15f, BESIDE); /* that is dropped */
    judge(1, 0, 1);
    assert_int_equal(asked, 2);
}

/* Of the faintest nothing is counted that does not show, either: nobody may be there. */
static void the_faintest(void **state)
{
    (void)state;
    add(&wide, 0.15f, BOX);
    judge(1, 1, 0);
    paint(WIDTH);
    judge(1, 1, 0);
}

static void one_place_is_told_once(void **state)
{
    (void)state;
    add(&wide, 0.9f, BOX);
    add(&wide, 0.8f, (vanon_box){201, 161, 241, 241});
    judge(1, 1, 0);
    paint(WIDTH);
    judge(2, 1, 0);
}

static void who_is_left_in_sight(void **state)
{
    vanon_object_list run = {0};

    (void)state;
    set("keep_person", "1");
    add(&run, 0.9f, BOX);
    pair.run.objects = &run;
    add(&wide, 0.9f, INSIDE); /* the run's first by place, whatever number the search gives */
    add(&wide, 0.9f, BESIDE);
    wide.object[0].id = 7;
    wide.object[1].id = 1;
    judge(1, 1, 0);
    pair.run.objects = NULL;
    set("keep_person", "");
    set("zone_leave", "190,150,300,100");
    vanon_findings_destroy(&verify.findings);
    assert_int_equal(vanon_findings_create(&verify.findings), VANON_OK);
    judge(0, 0, 0);
    vanon_object_list_free(&run);
}

/* Each search is trusted with people of some sizes, the wide one not with pieces of giants, and
 * none with a part of somebody surer. */
static void who_is_trusted(void **state)
{
    (void)state;
    add(&wide, 0.9f, LARGE); /* 800 network pixels: too large for it */
    judge(0, 0, 0);
    add(&near, 0.9f, LARGE);
    add(&wide, 0.9f, INSIDE); /* of the giant */
    judge(1, 1, 0);
    vanon_object_list_clear(&near);
    vanon_object_list_clear(&wide);
    add(&wide, 0.9f, BOX);
    add(&wide, 0.3f, INSIDE); /* a shadow, whose elbow lies elsewhere */
    vanon_object_keypoints(&wide, &wide.object[1])[7].y = 230;
    judge(2, 2, 0); /* BOX alone */
    vanon_object_list_clear(&wide);
    add(&near, 0.9f, BOX); /* 160 network pixels: too small for this one */
    judge(2, 2, 0);
}

/* The output's search counts for those of whom the original's knows nothing at that place. */
static void who_is_seen_in_the_output_alone(void **state)
{
    (void)state;
    add(&wide, 0.9f, BOX);
    add(&of_output, 0.9f, (vanon_box){230, 160, 270, 240});
    add(&of_output, 0.9f, BESIDE);
    judge(2, 2, 0);
    vanon_object_list_clear(&wide);
    judge(4, 4, 0);
}

static void a_region_is_certain(void **state)
{
    (void)state;
    confirmed = false;
    set("region", "100,100,24,48");
    judge(2, 2, 0);
    assert_int_equal(asked, 0);
    set("region", "100,100,24,48@1-2");
    judge(2, 2, 0); /* not at this time */
}

static void a_failure_is_passed_on(void **state)
{
    (void)state;
    add(&wide, 0.9f, BOX);
    second_status = VANON_ERR_INFERENCE;
    assert_int_equal(vanon_verify_judge(&verify, &pair), VANON_ERR_INFERENCE);
    assert_false(vanon_findings_any(verify.findings));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_shows),
        TEST(what_is_hidden),
        TEST(what_is_not_confirmed),
        TEST(the_faintest),
        TEST(one_place_is_told_once),
        TEST(who_is_left_in_sight),
        TEST(who_is_trusted),
        TEST(who_is_seen_in_the_output_alone),
        TEST(a_region_is_certain),
        TEST(a_failure_is_passed_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

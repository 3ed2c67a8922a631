/* SPDX-License-Identifier: Apache-2.0 */
/* What the tracker makes of pictures: people are followed in the scene, not in the picture, and
 * nobody is taken along from one scene to another. */
#include "camera_scene.h"

#include "base/joint.h"
#include "base/memory.h"
#include "track/tracker.h"

#define ELBOW 7
#define WRIST 9

struct run {
    vanon_options options;
    vanon_tracker *tracker;
    vanon_frame *frame;
    vanon_object_list found, out;
    uint32_t number;
};

static void start(struct run *run, int ttl_frames, int look_ahead_frames)
{
    *run = (struct run){.options = {.ttl_frames = ttl_frames,
                                    .look_ahead_frames = look_ahead_frames,
                                    .confidence = .3},
                        .frame = make_frame(VANON_PIXEL_GRAY8)};
    assert_int_equal(vanon_tracker_create(&run->tracker, &run->options, &unit_log), VANON_OK);
}

static void end(struct run *run)
{
    vanon_tracker_destroy(&run->tracker);
    vanon_object_list_free(&run->found);
    vanon_object_list_free(&run->out);
    vanon_frame_unref(&run->frame);
}

/* Somebody whose elbow is there. */
static void find(struct run *run, double x, double y)
{
    vanon_object *object;

    assert_int_equal(vanon_object_list_add(&run->found, &vanon_skeleton_coco17, &object), VANON_OK);
    object->box = (vanon_box){(float)x - 10, (float)y - 30, (float)x + 20, (float)y + 50};
    object->score = .9f;
    object->seen = true;
    vanon_object_keypoints(&run->found, object)[ELBOW] = (vanon_keypoint){(float)x, (float)y, .9f};
}

static void push(struct run *run, const struct shot *shot)
{
    paint(run->frame, shot, run->number++);
    assert_int_equal(vanon_tracker_push(run->tracker, run->frame, VANON_LOOK_SEEN, &run->found),
                     VANON_OK);
    vanon_object_list_clear(&run->found);
}

static size_t pull(struct run *run)
{
    assert_int_equal(vanon_tracker_pull(run->tracker, &run->out), VANON_OK);
    return run->out.count;
}

/* How far the nearest such joint is. */
static double away(const struct run *run, int index, double x, double y)
{
    double least = INFINITY;

    for (size_t i = 0; i < run->out.count; i++) {
        const vanon_keypoint *joint = vanon_object_keypoints(&run->out, &run->out.object[i]);

        if (vanon_joint_seen(&joint[index]))
            least = fmin(least, hypot(joint[index].x - x, joint[index].y - y));
    }
    return least;
}

/* The camera shakes by 14 pixels, a walker is missed for 12 frames: nobody's motion tells where the
 * picture is in between. */
static void a_gap_is_filled_under_a_shaking_camera(void **state)
{
    (void)state;
    for (int sees = 0; sees < 2; sees++) { /* without the picture, it does go wrong */
        double worst = 0;
        struct run run;

        start(&run, 0, 20);
        if (!sees)
            run.frame->memory = VANON_MEMORY_CUDA;
        for (int i = 0; i < 60; i++) {
            struct shot shot = {
                .scene = 1, .x = 14 * sin(.9 * i), .y = 6 * sin(1.3 * i), .walker = -1};

            if (i < 20 || i >= 32)
                find(&run, 100 + i + shot.x, 80 + shot.y);
            push(&run, &shot);
        }
        for (int i = 0; i < 40; i++) {
            double x = 100 + i + 14 * sin(.9 * i), y = 80 + 6 * sin(1.3 * i);

            assert_true(pull(&run) > 0);
            assert_true(!sees || run.out.object[0].id == 1);
            worst = fmax(worst, away(&run, ELBOW, x, y));
            if (i < 20 || i >= 32) { /* what was seen is where it was seen, to the last bit */
                const vanon_keypoint *joint = vanon_object_keypoints(&run.out, &run.out.object[0]);

                assert_float_equal(joint[ELBOW].x, (float)x, 0);
                assert_float_equal(joint[ELBOW].y, (float)y, 0);
                assert_float_equal(joint[0].x, 0, 0); /* no joint stays none */
            }
        }
        assert_int_equal(worst < 4, sees);
        end(&run);
    }
}

/* Somebody of the scene, whose elbow is at (150, 60) there and whose wrist is 20 to the left. */
static void find_in_scene(struct run *run, const struct shot *shot, bool wrist)
{
    vanon_matrix matrix = shot_matrix(shot);
    float scale = shot->zoom > 0 ? (float)shot->zoom : 1;
    double x, y, wrist_x, wrist_y;
    vanon_object *object;

    vanon_matrix_apply(&matrix, 150, 60, &x, &y);
    vanon_matrix_apply(&matrix, 130, 60, &wrist_x, &wrist_y);
    find(run, x, y);
    object = &run->found.object[run->found.count - 1];
    object->box = (vanon_box){(float)x - 15 * scale, (float)y - 40 * scale, (float)x + 15 * scale,
                              (float)y + 40 * scale};
    if (wrist)
        vanon_object_keypoints(&run->found, object)[WRIST] =
            (vanon_keypoint){(float)wrist_x, (float)wrist_y, .9f};
}

/* Zooms quickly in the middle of a gap, which no motion at its ends tells. */
static struct shot zooms_at_once(int i)
{
    return (struct shot){.zoom = i < 22 ? 1 : fmin(1 + .08 * (i - 21), 1.4)};
}

static struct shot rolls_at_once(int i)
{
    return (struct shot){.turn = i < 22 ? 0 : fmin(.05 * (i - 21), .3)};
}

/* So far that the tracker goes over to other coordinates, at twice the size: in the gap. */
static struct shot zooms_far(int i)
{
    return (struct shot){.zoom = pow(1.028, i)};
}

static struct shot zooms_out_far(int i)
{
    return (struct shot){.zoom = 2.5 * pow(.973, i)};
}

/* Somebody is missed for 12 frames and their wrist for 24 while the camera turns or zooms: they are
 * carried along, and stay who they are. */
static void a_gap_is_filled_while_the_camera_turns_or_zooms(void **state)
{
    struct shot (*const works[])(int) = {zooms_at_once, rolls_at_once, zooms_far, zooms_out_far};

    (void)state;
    for (size_t w = 0; w < 2 * (sizeof works / sizeof *works); w++) {
        bool sees = w % 2 == 0; /* without the picture, it does go wrong where that is sudden */
        bool sudden = w < 4;
        double worst = 0, worst_wrist = 0;
        struct run run;

        start(&run, 0, 30);
        if (!sees)
            run.frame->memory = VANON_MEMORY_CUDA;
        for (int i = 0; i < 70; i++) {
            struct shot shot = works[w / 2](i);

            shot.scene = 1;
            shot.walker = -1;
            if (i < 20 || i >= 32)
                find_in_scene(&run, &shot, i < 14 || i >= 38);
            push(&run, &shot);
        }
        for (int i = 0; i < 40; i++) {
            struct shot shot = works[w / 2](i);
            vanon_matrix matrix = shot_matrix(&shot);
            double x, y;

            assert_true(pull(&run) > 0);
            for (size_t j = 0; j < run.out.count && sees; j++)
                assert_int_equal(run.out.object[j].id, 1);
            vanon_matrix_apply(&matrix, 150, 60, &x, &y);
            worst = fmax(worst, away(&run, ELBOW, x, y));
            if (i < 20 || i >= 32) { /* what was seen is where it was seen, to the last bit */
                const vanon_keypoint *joint = vanon_object_keypoints(&run.out, &run.out.object[0]);

                assert_float_equal(joint[ELBOW].x, (float)x, 0);
                assert_float_equal(joint[ELBOW].y, (float)y, 0);
            }
            vanon_matrix_apply(&matrix, 130, 60, &x, &y);
            worst_wrist = fmax(worst_wrist, away(&run, WRIST, x, y));
        }
        assert_true(sees ? worst < 1 && worst_wrist < 1 : !sudden || worst > 3);
        end(&run);
    }
}

/* Panning, and a newcomer who stands in the scene: before the first sight as well. */
static void a_newcomer_is_found_before_under_a_pan(void **state)
{
    struct run run;

    (void)state;
    start(&run, 0, 20);
    for (int i = 0; i < 50; i++) {
        struct shot shot = {.scene = 1, .x = -4 * i, .walker = -1};

        if (i >= 25)
            find(&run, 260 - 4 * i, 80);
        push(&run, &shot);
    }
    for (int i = 0; i < 30; i++) {
        pull(&run);
        if (i >= 25 - 20 + 2)
            assert_true(away(&run, ELBOW, 260 - 4 * i, 80) < 3);
    }
    end(&run);
}

/* One alone, at the same place before and after: only the picture says that it is somebody else. */
static void a_cut_is_seen_in_the_picture(void **state)
{
    struct run run;

    (void)state;
    start(&run, 2, 20);
    for (int i = 0; i < 60; i++) {
        struct shot shot = {.scene = i < 25 ? 1 : 2, .walker = -1};

        if (i < 15 || i >= 30) /* missed for ten frames of one, and five of the other scene */
            find(&run, 150, 80);
        push(&run, &shot);
    }
    for (int i = 0; i < 40; i++) {
        size_t first = 0, second = 0;

        pull(&run);
        for (size_t j = 0; j < run.out.count; j++) {
            first += run.out.object[j].id == 1;
            second += run.out.object[j].id == 2;
        }
        /* The scene ends before anybody can tell: the first one stays for as long. */
        assert_int_equal(first > 0, i < 25);
        assert_int_equal(second > 0, i >= 25 - 2);
    }
    end(&run);
}

/* Everybody changes, but the picture does not: a crowd that is found anew is no other scene. */
static void the_picture_knows_better_than_people(void **state)
{
    struct run run;

    (void)state;
    start(&run, 0, 20);
    for (int i = 0; i < 50; i++) {
        struct shot shot = {.scene = 1, .walker = -1};

        for (int j = 0; j < 3; j++)
            if (i < 10 || i >= 12)
                find(&run, 40 + 90 * j, 80);
            else
                find(&run, 85 + 90 * j, 80);
        push(&run, &shot);
    }
    for (int i = 0; i < 30; i++) {
        pull(&run);
        for (int j = 0; j < 3; j++) /* who was there before and after was there in between */
            assert_true(away(&run, ELBOW, 40 + 90 * j, 80) < 1e-3);
    }
    end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_is_filled_under_a_shaking_camera),
        cmocka_unit_test(a_gap_is_filled_while_the_camera_turns_or_zooms),
        cmocka_unit_test(a_newcomer_is_found_before_under_a_pan),
        cmocka_unit_test(a_cut_is_seen_in_the_picture),
        cmocka_unit_test(the_picture_knows_better_than_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

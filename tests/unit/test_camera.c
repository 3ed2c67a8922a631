/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of the camera, on made-up scenes whose motion is known. */
#include "camera_scene.h"
#include "pixels/camera.h"
#include "pixels/camera_fit.h"

static struct vanon_camera_step next(vanon_camera *camera, vanon_frame *frame,
                                     const struct shot *shot, uint32_t number)
{
    struct vanon_camera_step step;

    paint(frame, shot, number);
    vanon_camera_next(camera, frame, &step);
    return step;
}

/* How far the shot's motion is missed in the worst corner. */
static double off(const vanon_matrix *place, const struct shot *shot)
{
    vanon_matrix is = shot_matrix(shot);
    double most = 0;

    for (int i = 0; i < 4; i++) {
        double x = i % 2 * WIDTH, y = i / 2 * HEIGHT, x0, y0, x1, y1;

        vanon_matrix_apply(place, x, y, &x0, &y0);
        vanon_matrix_apply(&is, x, y, &x1, &y1);
        most = fmax(most, hypot(x0 - x1, y0 - y1));
    }
    return most;
}

static void what_stands_still_has_not_moved(void **state)
{
    vanon_frame *frame = make_frame(VANON_PIXEL_GRAY8);
    vanon_camera *camera;

    (void)state;
    assert_int_equal(vanon_camera_create(&camera), VANON_OK);
    for (int walks = 0; walks < 2; walks++) {
        vanon_camera_reset(camera);
        for (uint32_t i = 0; i < 30; i++) {
            struct shot shot = {.scene = 1, .noise = 4, .walker = walks ? 6 * (int)i : -1};
            struct vanon_camera_step step = next(camera, frame, &shot, i);

            assert_int_equal(step.scene, i ? VANON_SCENE_SAME : VANON_SCENE_UNKNOWN);
            assert_true(vanon_matrix_is_identity(&step.moved));
        }
    }
    vanon_camera_destroy(&camera);
    assert_null(camera);
    vanon_frame_unref(&frame);
}

/* Over 80 frames, with somebody in the way and light that changes: errors don't add up. */
static void a_pan_is_followed(void **state)
{
    static const struct {
        double x, y;
    } speeds[] = {{3.3, -1.7}, {-9, 4}, {0.6, 0.2}, {14, 0}};
    vanon_frame *frame = make_frame(VANON_PIXEL_GRAY8);
    vanon_camera *camera;

    (void)state;
    assert_int_equal(vanon_camera_create(&camera), VANON_OK);
    for (size_t s = 0; s < sizeof speeds / sizeof *speeds; s++) {
        vanon_matrix place = VANON_MATRIX_IDENTITY;

        vanon_camera_reset(camera);
        for (uint32_t i = 0; i < 80; i++) {
            struct shot shot = {.scene = 1,
                                .x = speeds[s].x * i,
                                .y = speeds[s].y * i,
                                .noise = 3,
                                .brighter = 10 * sin(i / 5.),
                                .walker = (int)(2 * i)};
            struct vanon_camera_step step = next(camera, frame, &shot, i);

            assert_int_equal(step.scene, i ? VANON_SCENE_SAME : VANON_SCENE_UNKNOWN);
            place = vanon_matrix_then(&place, &step.moved);
            assert_true(off(&place, &shot) < 4);
        }
    }
    vanon_camera_destroy(&camera);
    vanon_frame_unref(&frame);
}

static void a_shake_is_followed(void **state)
{
    vanon_frame *frame = make_frame(VANON_PIXEL_GRAY8);
    vanon_camera *camera;
    vanon_matrix place = VANON_MATRIX_IDENTITY;

    (void)state;
    assert_int_equal(vanon_camera_create(&camera), VANON_OK);
    for (uint32_t i = 0; i < 60; i++) {
        struct shot shot = {.scene = 2, .x = 8 * sin(1.1 * i), .y = 5 * sin(1.7 * i), .walker = -1};
        struct vanon_camera_step step = next(camera, frame, &shot, i);

        place = vanon_matrix_then(&place, &step.moved);
        assert_true(off(&place, &shot) < 2);
    }
    vanon_camera_destroy(&camera);
    vanon_frame_unref(&frame);
}

/* How the camera moves in the i-th frame. */
typedef struct shot camera_work(int i);

static struct shot zooms_in(int i)
{
    return (struct shot){.zoom = pow(1.6, i / 50.)};
}

static struct shot zooms_out(int i)
{
    return (struct shot){.zoom = pow(.7, i / 50.)};
}

static struct shot rolls(int i)
{
    return (struct shot){.turn = .17 * sin(.1 * i)};
}

static struct shot turns_over(int i)
{
    return (struct shot){.turn = .03 * i};
}

static struct shot is_hand_held(int i)
{
    return (struct shot){.x = 5 * sin(.7 * i) + 3 * sin(1.9 * i),
                         .y = 4 * cos(.5 * i) - 4,
                         .turn = .03 * sin(.4 * i),
                         .zoom = 1 + .03 * sin(.6 * i)};
}

/* Alone, and with somebody in the way who covers a fourth of the picture. */
static void turns_and_zooms_are_followed(void **state)
{
    static const struct {
        camera_work *work;
        double most; /* pixels off in the worst corner, after so many frames */
    } works[] = {{zooms_in, 6}, {zooms_out, 3}, {rolls, 3}, {turns_over, 4}, {is_hand_held, 3}};
    vanon_frame *frame = make_frame(VANON_PIXEL_GRAY8);
    vanon_camera *camera;

    (void)state;
    assert_int_equal(vanon_camera_create(&camera), VANON_OK);
    for (size_t w = 0; w < 2 * (sizeof works / sizeof *works); w++) {
        vanon_matrix place = VANON_MATRIX_IDENTITY;
        double worst = 0;

        vanon_camera_reset(camera);
        for (uint32_t i = 0; i < 60; i++) {
            struct shot shot = works[w / 2].work((int)i);
            struct vanon_camera_step step;

            shot.scene = 1;
            shot.noise = 3;
            shot.walker = w % 2 ? (int)(3 * i) : -1;
            step = next(camera, frame, &shot, i);
            assert_int_equal(step.scene, i ? VANON_SCENE_SAME : VANON_SCENE_UNKNOWN);
            place = vanon_matrix_then(&place, &step.moved);
            worst = fmax(worst, off(&place, &shot));
            assert_float_equal(step.moved.xx, step.moved.yy, 1e-12);
            assert_float_equal(step.moved.xy, -step.moved.yx, 1e-12);
        }
        assert_true(worst < works[w / 2].most);
    }
    vanon_camera_destroy(&camera);
    vanon_frame_unref(&frame);
}

static void a_cut_is_told_once(void **state)
{
    vanon_frame *frame = make_frame(VANON_PIXEL_GRAY8);
    vanon_camera *camera;

    (void)state;
    assert_int_equal(vanon_camera_create(&camera), VANON_OK);
    for (uint32_t i = 0; i < 60; i++) {
        struct shot shot = {.scene = i < 20 ? 1 : i < 40 ? 2 : 3, .x = 2 * i, .walker = -1};
        struct vanon_camera_step step;

        shot.brighter = i % 20 == 10 ? 30 : 0; /* a flash is no cut */
        step = next(camera, frame, &shot, i);
        assert_int_equal(step.scene == VANON_SCENE_CUT, i == 20 || i == 40);
        if (step.scene == VANON_SCENE_CUT)
            assert_true(vanon_matrix_is_identity(&step.moved));
    }
    vanon_camera_destroy(&camera);
    vanon_frame_unref(&frame);
}

/* Nothing to be told by: nothing is told. */
static void a_plain_picture_tells_nothing(void **state)
{
    vanon_frame *frame = make_frame(VANON_PIXEL_GRAY8), none;
    struct shot shot = {.scene = 1, .walker = -1};
    struct vanon_camera_step step;
    vanon_camera *camera;

    (void)state;
    assert_int_equal(vanon_camera_create(&camera), VANON_OK);
    for (int i = 0; i < 4; i++) {
        for (int y = 0; y < HEIGHT; y++)
            memset(frame->plane[0] + y * frame->stride[0], 30 * i, WIDTH);
        vanon_camera_next(camera, frame, &step);
        assert_int_equal(step.scene, VANON_SCENE_UNKNOWN);
    }
    assert_int_equal(next(camera, frame, &shot, 0).scene, VANON_SCENE_CUT);
    assert_int_equal(next(camera, frame, &shot, 0).scene, VANON_SCENE_SAME);
    none = *frame;
    none.plane[0] = NULL;
    vanon_camera_next(camera, &none, &step);
    assert_int_equal(step.scene, VANON_SCENE_UNKNOWN);
    assert_int_equal(next(camera, frame, &shot, 0).scene, VANON_SCENE_UNKNOWN);
    vanon_camera_destroy(&camera);
    vanon_frame_unref(&frame);
}

/* Moved to the right in the coded picture: a quarter turn later that is down. */
static void a_shift_is_in_display_space(void **state)
{
    (void)state;
    for (int turned = 0; turned < 2; turned++) {
        vanon_frame *frame = make_frame(VANON_PIXEL_GRAY8);
        struct shot shot = {.scene = 1, .walker = -1};
        struct vanon_camera_step step;
        vanon_camera *camera;

        assert_int_equal(vanon_camera_create(&camera), VANON_OK);
        frame->rotation = turned ? 90 : 0;
        frame->sar = (vanon_rational){2, 1};
        next(camera, frame, &shot, 0);
        shot.x = 6;
        step = next(camera, frame, &shot, 1);
        assert_true(fabs((turned ? step.moved.y0 : step.moved.x0) - 12) < 1);
        assert_true(fabs(turned ? step.moved.x0 : step.moved.y0) < 1);
        vanon_camera_destroy(&camera);
        vanon_frame_unref(&frame);
    }
}

static void formats_are_alike(void **state)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_GRAY8, VANON_PIXEL_RGB24,
                                                      VANON_PIXEL_YUV420P10};
    struct vanon_camera_step first = {0};

    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        vanon_frame *frame = make_frame(formats[f]);
        struct shot shot = {.scene = 1, .walker = -1};
        struct vanon_camera_step step;
        vanon_camera *camera;

        assert_int_equal(vanon_camera_create(&camera), VANON_OK);
        next(camera, frame, &shot, 0);
        shot.x = 5;
        shot.y = -3;
        step = next(camera, frame, &shot, 1);
        if (!f)
            first = step;
        assert_true(off(&step.moved, &shot) < 1.5);
        assert_true(fabs(step.moved.x0 - first.moved.x0) < .1 &&
                    fabs(step.moved.y0 - first.moved.y0) < .1);
        vanon_camera_destroy(&camera);
        vanon_frame_unref(&frame);
    }
}

/* Points that a similarity moves, and two fifths that go elsewhere. */
static void most_points_tell_a_similarity(void **state)
{
    const vanon_matrix is = {.xx = 1.05, .xy = -.04, .x0 = -7, .yx = .04, .yy = 1.05, .y0 = 3};
    vanon_matrix guess = VANON_MATRIX_IDENTITY, fit;
    struct vanon_pair pairs[50];

    (void)state;
    for (int i = 0; i < 50; i++) {
        struct vanon_pair *pair = &pairs[i];

        *pair = (struct vanon_pair){.from_x = i % 10 * 30 - 135, .from_y = i / 10 * 30 - 60};
        vanon_matrix_apply(&is, pair->from_x, pair->from_y, &pair->to_x, &pair->to_y);
        if (i % 5 < 2) {
            pair->to_x += 15 + mix((uint32_t)i, 0, 1) % 20;
            pair->to_y -= 15 + mix((uint32_t)i, 1, 1) % 20;
        }
    }
    assert_int_equal(vanon_fit_similarity(pairs, 50, &guess, 2, 150, .1, &fit), 30);
    assert_true(fabs(fit.xx - is.xx) < 1e-9 && fabs(fit.yx - is.yx) < 1e-9);
    assert_true(fabs(fit.x0 - is.x0) < 1e-6 && fabs(fit.y0 - is.y0) < 1e-6);
    for (int i = 0; i < 50; i++)
        assert_int_equal(pairs[i].agrees, i % 5 >= 2);

    /* What moves nothing by `least` is no turn. */
    assert_int_equal(vanon_fit_similarity(pairs, 50, &guess, 12, 150, 20, &fit), 30);
    assert_true(fit.xx == 1 && fit.yx == 0);

    /* Two tell nothing. */
    assert_int_equal(vanon_fit_similarity(pairs, 2, &is, 2, 150, .1, &fit), 1);
    assert_memory_equal(&fit, &is, sizeof fit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_still_has_not_moved),
        cmocka_unit_test(a_pan_is_followed),
        cmocka_unit_test(a_shake_is_followed),
        cmocka_unit_test(turns_and_zooms_are_followed),
        cmocka_unit_test(most_points_tell_a_similarity),
        cmocka_unit_test(a_cut_is_told_once),
        cmocka_unit_test(a_plain_picture_tells_nothing),
        cmocka_unit_test(a_shift_is_in_display_space),
        cmocka_unit_test(formats_are_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The cascades' kernels: every set of instructions finds the very same windows as plain C, with
 * every one of Debian's cascades. */
#include "levels.h"

#include <glob.h>

#include "base/memory.h"
#include "detect/haar.h"
#include "detect/haar_windows.h"
#include "picture.h"
#include "pixels/gray.h"

#define CASCADES "/usr/share/opencv4/haarcascades/*.xml"
#define PICTURE  "/usr/share/doc/opencv-doc/examples/data/ml.png"

static void find(size_t level, const vanon_haar_cascade *cascade,
                 const struct vanon_gray_picture *picture, double scale_factor,
                 struct vanon_haar_boxes *boxes)
{
    const struct vanon_haar_params params = {.scale_factor = scale_factor};
    vanon_haar *haar;

    vanon_cpu_set_mask(level_masks[level]);
    assert_int_equal(vanon_haar_create(&haar, cascade), VANON_OK);
    vanon_cpu_set_mask(VANON_CPU_ALL);
    assert_int_equal(vanon_haar_detect(haar, picture, &params, boxes), VANON_OK);
    vanon_haar_destroy(&haar);
}

/* Returns how many windows there are. */
static size_t compare(const vanon_haar_cascade *cascade, const char *name,
                      const struct vanon_gray_picture *picture, double scale_factor)
{
    struct vanon_haar_boxes plain = {0}, fast = {0};
    size_t count;

    find(0, cascade, picture, scale_factor, &plain);
    for (size_t level = 1; level < LEVELS; level++) {
        if (!level_present(level))
            continue;
        find(level, cascade, picture, scale_factor, &fast);
        if (fast.count != plain.count)
            fail_msg("%s in %dx%d: %zu windows, not %zu", name, picture->width, picture->height,
                     fast.count, plain.count);
        for (size_t i = 0; i < plain.count; i++)
            if (fast.box[i].x != plain.box[i].x || fast.box[i].y != plain.box[i].y ||
                fast.box[i].width != plain.box[i].width)
                fail_msg("%s: window %zu is at %d,%d, not %d,%d", name, i, fast.box[i].x,
                         fast.box[i].y, plain.box[i].x, plain.box[i].y);
    }
    count = plain.count;
    vanon_haar_boxes_free(&plain);
    vanon_haar_boxes_free(&fast);
    return count;
}

static void every_cascade(const struct vanon_gray_picture *picture, double scale_factor,
                          size_t least_windows)
{
    size_t windows = 0, cascades = 0;
    glob_t names;

    assert_int_equal(glob(CASCADES, 0, NULL, &names), 0);
    for (size_t i = 0; i < names.gl_pathc; i++) {
        vanon_haar_cascade *cascade;

        if (vanon_haar_cascade_load(&cascade, names.gl_pathv[i], &unit_log))
            continue; /* one is not of the kind that is read */
        cascades++;
        windows += compare(cascade, names.gl_pathv[i], picture, scale_factor);
        vanon_haar_cascade_destroy(&cascade);
    }
    assert_true(cascades >= 16);
    assert_true(windows >= least_windows);
    globfree(&names);
}

static void faces_are_the_same(void **state)
{
    vanon_frame *frame = picture_load(PICTURE, VANON_PIXEL_RGB24);
    vanon_gray *gray;

    (void)state;
    assert_int_equal(vanon_gray_create(&gray), VANON_OK);
    assert_int_equal(vanon_gray_take(gray, frame), VANON_OK);
    every_cascade(vanon_gray_picture(gray), 1.2, 100);
    vanon_gray_destroy(&gray);
    vanon_frame_unref(&frame);
}

/* Rows of every length behind a vector's end; flat windows and extreme ones. */
static void noise_is_the_same(void **state)
{
    enum { HEIGHT = 41, MOST = 72 };
    uint8_t pixels[MOST * HEIGHT];

    (void)state;
    for (int width = 45; width < MOST; width += 3) {
        struct vanon_gray_picture picture = {pixels, width, HEIGHT, width};

        fill_bytes(pixels, sizeof pixels, (uint32_t)width, width % 2);
        memset(pixels, 99, sizeof pixels / 3);
        every_cascade(&picture, 1.1, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faces_are_the_same),
        cmocka_unit_test(noise_is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

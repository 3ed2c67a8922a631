/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes are a Haar cascade; what is taken can look at a picture. */
#include "fuzz.h"

#include "detect/haar.h"

#define SIDE 48

static void look(const vanon_haar_cascade *cascade)
{
    static const struct vanon_haar_params params = {.scale_factor = 1.5, .min_neighbours = 1};
    static uint8_t pixels[SIDE * SIDE];
    struct vanon_gray_picture picture = {pixels, SIDE, SIDE, SIDE};
    struct vanon_haar_boxes boxes = {0};
    vanon_haar *haar;

    for (int i = 0; i < SIDE * SIDE; i++)
        pixels[i] = (uint8_t)(i * 37 + i / SIDE * 11);
    assert_int_equal(vanon_haar_create(&haar, cascade), VANON_OK);
    assert_int_equal(vanon_haar_detect(haar, &picture, &params, &boxes), VANON_OK);
    for (size_t i = 0; i < boxes.count; i++)
        assert_true(boxes.box[i].x >= 0 && boxes.box[i].x + boxes.box[i].width <= SIDE);
    vanon_haar_boxes_free(&boxes);
    vanon_haar_destroy(&haar);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vanon_haar_cascade *cascade;

    if (!vanon_haar_cascade_load(&cascade, fuzz_file(data, size), &fuzz_log))
        look(cascade);
    vanon_haar_cascade_destroy(&cascade);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Every part in every style in every pixel format, from joints to samples. */
#include "render.h"

#include "base/memory.h"
#include "regions/regions.h"

#define WIDTH  48
#define HEIGHT 72

/* Somebody who stands there, seen from the front; left of the person is right in the picture. */
static const vanon_point joints[17] = {{24, 9},  {26, 8},  {22, 8},  {28, 8},  {20, 8},  {30, 17},
                                       {18, 17}, {33, 27}, {15, 27}, {35, 36}, {13, 36}, {28, 36},
                                       {20, 36}, {29, 50}, {19, 50}, {29, 63}, {19, 63}};

static void add_person(vanon_object_list *objects)
{
    vanon_object *person;
    vanon_keypoint *keypoints;

    assert_int_equal(vanon_object_list_add(objects, &vanon_skeleton_coco17, &person), VANON_OK);
    person->box = (vanon_box){12, 3, 36, 66};
    keypoints = vanon_object_keypoints(objects, person);
    for (int i = 0; i < 17; i++)
        keypoints[i] = (vanon_keypoint){joints[i].x, joints[i].y, 1};
}

/* The most that any of the regions covers. */
static void cover(vanon_mask *all, const vanon_frame *frame, const vanon_region_list *regions)
{
    static uint8_t coverage[WIDTH * HEIGHT];
    vanon_matrix to_coded = vanon_frame_display_to_coded(frame);
    vanon_mask mask = {0};

    memset(coverage, 0, sizeof coverage);
    *all = (vanon_mask){.width = WIDTH, .height = HEIGHT, .stride = WIDTH, .coverage = coverage};
    for (size_t i = 0; i < regions->count; i++) {
        assert_int_equal(
            vanon_mask_draw(&mask, &regions->region[i], regions->point, &to_coded, WIDTH, HEIGHT),
            VANON_OK);
        for (int k = 0; k < mask.width * mask.height; k++) {
            int x = k % mask.width, y = k / mask.width;
            uint8_t *to = &coverage[(mask.y + y) * WIDTH + mask.x + x];

            *to = (uint8_t)most(*to, mask.coverage[y * mask.stride + x]);
        }
    }
    vanon_mask_free(&mask);
}

/* What is not covered is as it was, to the last bit; of what is covered next to nothing is. */
static void check_component(const vanon_frame *source, const vanon_frame *out,
                            const vanon_mask *mask, enum vanon_style style, int component)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(source->format);
    int width = vanon_component_width(layout, component, WIDTH), hidden = 0, same = 0;
    bool alpha = layout->alpha && component == layout->components - 1;

    for (int y = 0; y < vanon_component_height(layout, component, HEIGHT); y++)
        for (int x = 0; x < width; x++) {
            int c = coverage_at(mask, source, component, x, y);
            bool equal = word_at(source, component, x, y) == word_at(out, component, x, y);

            if ((!c || alpha) && !equal)
                fail_msg("%s: sample %d,%d of component %d was changed", layout->name, x, y,
                         component);
            if (c < 255 || alpha)
                continue;
            hidden++;
            same += equal;
            if (style == VANON_STYLE_SOLID)
                assert_int_equal(sample_at(out, component, x, y), black_at(source, component));
        }
    if (!alpha && (!hidden || same > 1 + hidden / 16))
        fail_msg("%s, style %d: %d of %d samples of component %d are as they were", layout->name,
                 (int)style, same, hidden, component);
}

static void check(enum vanon_pixel_format format, enum vanon_part part, enum vanon_style style,
                  const vanon_object_list *objects)
{
    vanon_options with = {.parts = 1u << part, .mosaic_block = 5};
    vanon_frame *source = new_frame(format, WIDTH, HEIGHT), *out;
    vanon_region_list regions = {0};
    vanon_mask mask;

    with.style[part] = style;
    with.safety_margin_px[part] = 1;
    scribble(source, (uint32_t)format);
    assert_int_equal(vanon_regions_add(&with, objects, &regions), VANON_OK);
    assert_true(regions.count > 0);
    cover(&mask, source, &regions);
    out = render_list(&with, source, &regions);
    for (int i = 0; i < vanon_pixel_layout(format)->components; i++)
        check_component(source, out, &mask, style, i);
    check_padding(source, out);
    vanon_region_list_free(&regions);
    vanon_frame_unref(&out);
    vanon_frame_unref(&source);
}

static void every_part_and_style_on_every_format(void **state)
{
    vanon_object_list objects = {0};
    int checked = 0;

    (void)state;
    add_person(&objects);
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++)
        for (int part = 0; part < VANON_PARTS; part++)
            for (int style = 0; style < VANON_STYLES; style++, checked++)
                check((enum vanon_pixel_format)format, (enum vanon_part)part,
                      (enum vanon_style)style, &objects);
    vanon_object_list_free(&objects);
    print_message("%d combinations\n", checked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_part_and_style_on_every_format)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

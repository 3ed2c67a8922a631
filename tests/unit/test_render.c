/* SPDX-License-Identifier: Apache-2.0 */
#include "render.h"

#include <math.h>
#include <pthread.h>

#include "base/memory.h"
#include "base/thread.h"
#include "mask/mask.h"
#include "render_pixels.h"

#define THREADS 4

/* Flat cells with hard borders, all of the same size; those that run into each other are in
 * test_styles. */
static vanon_options exact_mosaic(int block)
{
    vanon_options with = one_style(VANON_STYLE_MOSAIC, block);

    with.exact_styles = true;
    return with;
}

/* A frame whose planes lie one after the other in `bytes`. */
static vanon_frame *wrap(enum vanon_pixel_format format, int width, int height,
                         const uint8_t *bytes)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);
    vanon_frame description = {.format = format, .width = width, .height = height}, *frame;

    for (int plane = 0; plane < layout->planes; plane++) {
        size_t line = vanon_plane_bytes(layout, plane, width);

        description.plane[plane] = (uint8_t *)bytes;
        description.stride[plane] = (ptrdiff_t)line;
        bytes += line * (size_t)vanon_plane_lines(layout, plane, height);
    }
    assert_int_equal(vanon_frame_wrap(&frame, &description, NULL, NULL), VANON_OK);
    return frame;
}

static void assert_bytes(const vanon_frame *frame, const uint8_t *want)
{
    vanon_frame *wanted = wrap(frame->format, frame->width, frame->height, want);

    assert_same_samples(frame, wanted);
    vanon_frame_unref(&wanted);
}

static void literal_pixels(void **state)
{
    const vanon_options mosaic = exact_mosaic(2);
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 2);
    const vanon_region all = {.shape = VANON_SHAPE_BOX, .cx = 2, .cy = 1, .rx = 2, .ry = 1};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(literal); i++) {
        _Alignas(16) uint8_t in[sizeof literal[i].in];
        vanon_frame *frame, *out;

        memcpy(in, literal[i].in, sizeof in);
        frame = wrap(literal[i].format, 4, 2, in);
        frame->colour.full_range = literal[i].full_range;
        out = render(&mosaic, frame, all);
        assert_bytes(out, literal[i].mosaic);
        vanon_frame_unref(&out);
        out = render(&solid, frame, all);
        assert_bytes(out, literal[i].solid);
        vanon_frame_unref(&out);
        vanon_frame_unref(&frame);
        assert_memory_equal(in, literal[i].in, sizeof in);
    }
}

/* The coverage of a point, {0, 10, 45, 109, 255, 109, 45, 10, 0} as test_mask has it, on each
 * sample; a chroma sample has the larger one of its two pixels: 10, 109, 255, 45, 0. */
static void literal_feather(void **state)
{
    static const uint8_t luma[] = {255, 245, 210, 146, 0, 146, 210, 245, 255};
    static const uint8_t chroma[] = {224, 185, 128, 210, 228};
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 2);
    vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 9, 1), *out;

    (void)state;
    frame->colour.full_range = true;
    memset(frame->plane[0], 255, 9);
    memset(frame->plane[1], 228, 5);
    memset(frame->plane[2], 128, 5);
    out = render(&solid, frame, ellipse(VANON_PART_EYES, 4.5f, 0.5f, 0));
    assert_memory_equal(out->plane[0], luma, sizeof luma);
    assert_memory_equal(out->plane[1], chroma, sizeof chroma);
    assert_memory_equal(out->plane[2], frame->plane[2], 5);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

static void check_component(const vanon_frame *source, const vanon_frame *out,
                            const vanon_mask *mask, const vanon_options *with, int component)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(source->format);
    bool alpha = layout->alpha && component == layout->components - 1;
    int width = vanon_component_width(layout, component, source->width);
    int height = vanon_component_height(layout, component, source->height);

    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int c = alpha ? 0 : coverage_at(mask, source, component, x, y);
            unsigned was = sample_at(source, component, x, y), hidden, want;

            if (!c && word_at(out, component, x, y) == word_at(source, component, x, y))
                continue;
            hidden = with->style[0] == VANON_STYLE_SOLID
                         ? black_at(source, component)
                         : mean_at(source, &mask->whole, with->mosaic_block, component, x, y);
            want = (unsigned)floor((was * (255.0 - c) + (double)hidden * c) / 255 + 0.5)
                   << layout->component[component].shift;
            if (!c || word_at(out, component, x, y) != want)
                fail_msg("%s, component %d, %d,%d: %u for %u, coverage %d, hidden %u", layout->name,
                         component, x, y, word_at(out, component, x, y), want, c, hidden);
        }
}

static void check_format(enum vanon_pixel_format format, int width, int height,
                         const vanon_options *with, vanon_region region)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(format);
    vanon_frame *source = new_frame(format, width, height), *before, *out;
    vanon_matrix to_coded = vanon_frame_display_to_coded(source);
    vanon_mask mask = {0};

    scribble(source, (uint32_t)format);
    before = new_frame(format, width, height);
    vanon_frame_copy_samples(before, source);
    out = render(with, source, region);
    assert_ptr_not_equal(out, source);
    assert_same_samples(source, before);
    assert_int_equal(vanon_mask_draw(&mask, &region, NULL, &to_coded, width, height), VANON_OK);
    for (int component = 0; component < layout->components; component++)
        check_component(source, out, &mask, with, component);
    check_padding(source, out);
    vanon_mask_free(&mask);
    vanon_frame_unref(&out);
    vanon_frame_unref(&before);
    vanon_frame_unref(&source);
}

static void every_format(void **state)
{
    const vanon_options with[] = {exact_mosaic(5), one_style(VANON_STYLE_SOLID, 5)};

    (void)state;
    for (int i = VANON_PIXEL_NONE + 1; i < VANON_PIXEL_FORMATS; i++)
        for (size_t j = 0; j < VANON_COUNT(with); j++) {
            enum vanon_pixel_format format = (enum vanon_pixel_format)i;

            check_format(format, 37, 23, &with[j], ellipse(VANON_PART_EYES, 19.2f, 11.7f, 4));
            check_format(format, 37, 23, &with[j], ellipse(VANON_PART_EYES, 38, -2, 7));
            check_format(format, 37, 23, &with[j], ellipse(VANON_PART_EYES, 3, 22, 1));
            check_format(format, 37, 23, &with[j], ellipse(VANON_PART_EYES, 0, 0, 90));
            check_format(format, 64, 6, &with[j], ellipse(VANON_PART_EYES, 32, 3, 8));
            check_format(format, 1, 1, &with[j], ellipse(VANON_PART_EYES, 1, 1, 3));
            check_format(format, 1, 9, &with[j], ellipse(VANON_PART_EYES, 2, 4, 0));
            check_format(format, 9, 1, &with[j], ellipse(VANON_PART_EYES, 8, 2, 2));
        }
}

static void full_range_black(void **state)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_YUV420P10, VANON_PIXEL_GRAY16,
                                                      VANON_PIXEL_YA8, VANON_PIXEL_RGB48};
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 16);

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(formats); i++) {
        vanon_frame *frame = new_frame(formats[i], 8, 8), *out;

        scribble(frame, 1);
        frame->colour.full_range = true;
        out = render(&solid, frame, ellipse(VANON_PART_EYES, 4, 4, 2));
        assert_int_equal(sample_at(out, 0, 4, 4), 0);
        vanon_frame_unref(&out);
        frame->colour.full_range = false;
        out = render(&solid, frame, ellipse(VANON_PART_EYES, 4, 4, 2));
        assert_int_equal(sample_at(out, 0, 4, 4), black_at(frame, 0));
        vanon_frame_unref(&out);
        vanon_frame_unref(&frame);
    }
}

/* The last column is a cell's only one inside the picture: it must not show a mean of itself, one
 * column of sixteen, 10. From one cell to the next it takes a cell, seventeen samples. */
static void no_cell_is_a_sliver(void **state)
{
    static const unsigned smooth[] = {3, 4, 4, 5, 5}, hard[] = {0, 0, 0, 0, 10};
    const vanon_options mosaic = one_style(VANON_STYLE_MOSAIC, 16), exact = exact_mosaic(16);
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 33, 16), *out;
    const vanon_region region = {
        .shape = VANON_SHAPE_BOX, .cx = 24, .cy = 8, .rx = 20, .ry = 20}; /* cells from x = 0 */

    (void)state;
    paint(frame, 0);
    for (int y = 0; y < 16; y++)
        line_of(frame, 0, y)[32] = 160;
    out = render(&mosaic, frame, region);
    for (int i = 0; i < 5; i++)
        assert_int_equal(sample_at(out, 0, 28 + i, 3), smooth[i]);
    vanon_frame_unref(&out);
    out = render(&exact, frame, region);
    for (int i = 0; i < 5; i++)
        assert_int_equal(sample_at(out, 0, 28 + i, 3), hard[i]);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

static void cells_scale_with_the_shape(void **state)
{
    const vanon_options mosaic = one_style(VANON_STYLE_MOSAIC, 4);
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 200, 200), *out;
    int lit = 0;

    (void)state;
    paint(frame, 0);
    for (int y = 0; y < 200; y++)
        line_of(frame, 0, y)[100] = 255;
    out = render(&mosaic, frame, ellipse(VANON_PART_EYES, 100, 100, 60));
    for (int x = 41; x < 160; x++)
        lit += sample_at(out, 0, x, 100) > 0;
    /* A box of 128, six cells of 22: one of them is lit, and half of each beside it. */
    assert_in_range(lit, 40, 46);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

static void fields_stay_apart(void **state)
{
    static const enum vanon_field_order orders[] = {VANON_FIELDS_TOP_FIRST,
                                                    VANON_FIELDS_BOTTOM_FIRST};
    const vanon_options mosaic = one_style(VANON_STYLE_MOSAIC, 4);

    (void)state;
    for (int height = 15; height < 19; height++)
        for (size_t i = 0; i < VANON_COUNT(orders); i++) {
            vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 21, height), *out;

            frame->field_order = orders[i];
            for (int plane = 0; plane < 3; plane++)
                for (int y = 0; y < (plane ? (height + 1) / 2 : height); y++)
                    memset(line_of(frame, plane, y), y % 2 ? 200 : 40, 11);
            for (int y = 0; y < height; y++)
                line_of(frame, 0, y)[4] ^= 8; /* so that something changes */
            out = render(&mosaic, frame, ellipse(VANON_PART_EYES, 4, 8, 2));
            assert_int_equal(sample_at(out, 0, 4, 6), 38);
            assert_int_equal(sample_at(out, 0, 4, 7), 198);
            assert_int_equal(sample_at(out, 1, 2, 3), 200);
            assert_int_equal(sample_at(out, 1, 2, 4), 40);
            vanon_frame_unref(&out);
            vanon_frame_unref(&frame);
        }
}

static void both_fields_are_hidden_alike(void **state)
{
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 4);
    vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 31, 33), *woven, *plain;
    const vanon_region region = ellipse(VANON_PART_EYES, 14.3f, 15.2f, 3.7f);

    (void)state;
    paint(frame, 255);
    plain = render(&solid, frame, region);
    frame->field_order = VANON_FIELDS_TOP_FIRST;
    woven = render(&solid, frame, region);
    for (int component = 0; component < 3; component++)
        for (int y = 0; y < (component ? 16 : 32); y++)
            for (int x = 0; x < (component ? 16 : 31); x++) {
                assert_int_equal(sample_at(woven, component, x, y),
                                 sample_at(woven, component, x, y ^ 1));
                assert_true(sample_at(woven, component, x, y) <= sample_at(plain, component, x, y));
            }
    assert_int_equal(sample_at(woven, 0, 14, 5), 255);
    vanon_frame_unref(&plain);
    vanon_frame_unref(&woven);
    vanon_frame_unref(&frame);
}

static void a_whole_frame_is_hidden_solidly(void **state)
{
    const vanon_options mosaic = one_style(VANON_STYLE_MOSAIC, 4);
    vanon_region regions[] = {ellipse(VANON_PART_EYES, 8, 8, 4),
                              {.part = VANON_PART_FRAME},
                              ellipse(VANON_PART_ELBOWS, 20, 8, 4)};

    (void)state;
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++)
        for (int order = VANON_FIELDS_PROGRESSIVE; order <= VANON_FIELDS_TOP_FIRST; order++) {
            const struct vanon_pixel_layout *layout =
                vanon_pixel_layout((enum vanon_pixel_format)format);
            vanon_frame *frame = new_frame((enum vanon_pixel_format)format, 27, 13), *out;

            scribble(frame, 5);
            frame->field_order = (enum vanon_field_order)order;
            out = render_regions(&mosaic, frame, regions, VANON_COUNT(regions));
            for (int i = 0; i < layout->components; i++) {
                bool alpha = layout->alpha && i == layout->components - 1;

                for (int y = 0; y < vanon_component_height(layout, i, 13); y++)
                    for (int x = 0; x < vanon_component_width(layout, i, 27); x++)
                        assert_int_equal(sample_at(out, i, x, y),
                                         alpha ? sample_at(frame, i, x, y) : black_at(frame, i));
            }
            vanon_frame_unref(&out);
            vanon_frame_unref(&frame);
        }
}

static void broken_regions_hide_everything(void **state)
{
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 4);
    vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 16, 16), *out;

    (void)state;
    paint(frame, 99);
    out = render(&solid, frame, ellipse(VANON_PART_EYES, NAN, 3, 1));
    for (int i = 0; i < 256; i++)
        assert_int_equal(sample_at(out, 0, i % 16, i / 16), 16);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

static void each_part_has_its_style(void **state)
{
    const vanon_options with = options(VANON_STYLE_SOLID, VANON_STYLE_MOSAIC, 4);
    vanon_region regions[] = {ellipse(VANON_PART_EYES, 8, 8, 3),
                              ellipse(VANON_PART_ELBOWS, 40, 8, 3)};
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 48, 16), *out;

    (void)state;
    paint(frame, 100);
    line_of(frame, 0, 8)[40] = 132;
    out = render_regions(&with, frame, regions, 2);
    assert_int_equal(sample_at(out, 0, 8, 8), 16);
    assert_int_equal(sample_at(out, 0, 40, 8), 101); /* near a cell's corner; its mean is 102 */
    assert_int_equal(sample_at(out, 0, 24, 8), 100);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

/* A shape's feather must not bring back what another shape has hidden. */
static void feathers_reveal_nothing(void **state)
{
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 4);
    vanon_region regions[] = {ellipse(VANON_PART_EYES, 12, 12, 6),
                              ellipse(VANON_PART_EYES, 22, 12, 3),
                              ellipse(VANON_PART_EYES, 12, 22, 2)};
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 32, 32), *alone, *together;

    (void)state;
    paint(frame, 255);
    alone = render(&solid, frame, regions[0]);
    together = render_regions(&solid, frame, regions, VANON_COUNT(regions));
    for (int i = 0; i < 32 * 32; i++)
        assert_true(sample_at(together, 0, i % 32, i / 32) <= sample_at(alone, 0, i % 32, i / 32));
    assert_int_equal(sample_at(together, 0, 17, 12), 16);
    vanon_frame_unref(&alone);
    vanon_frame_unref(&together);
    vanon_frame_unref(&frame);
}

static void display_space_is_upright(void **state)
{
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 4);
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 40, 20), *out;

    (void)state;
    paint(frame, 200);
    frame->rotation = 90;
    frame->sar = (vanon_rational){2, 1}; /* upright: 20 x 80; (3, 60) is sample 30, line 17 */
    out = render(&solid, frame, ellipse(VANON_PART_EYES, 3, 60, 2));
    assert_int_equal(sample_at(out, 0, 30, 17), 16);
    assert_int_equal(sample_at(out, 0, 30, 3), 200);
    assert_int_equal(sample_at(out, 0, 10, 17), 200);
    assert_int_equal(out->rotation, 90);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

static void lines_may_run_backwards(void **state)
{
    const vanon_options mosaic = one_style(VANON_STYLE_MOSAIC, 4);
    vanon_frame *frame = new_frame(VANON_PIXEL_YUV422P10, 21, 17), *turned, *out, *want;
    vanon_frame description = *frame;

    (void)state;
    scribble(frame, 9);
    want = render(&mosaic, frame, ellipse(VANON_PART_EYES, 9, 4, 3));
    /* The same samples from memory that starts with the last line. */
    turned = new_frame(VANON_PIXEL_YUV422P10, 21, 17);
    for (int plane = 0; plane < 3; plane++) {
        for (int y = 0; y < 17; y++)
            memcpy(line_of(turned, plane, 16 - y), line_of(frame, plane, y),
                   line_bytes(frame, plane));
        description.plane[plane] = line_of(turned, plane, 16);
        description.stride[plane] = -turned->stride[plane];
    }
    vanon_frame_unref(&frame);
    assert_int_equal(vanon_frame_wrap(&frame, &description, NULL, NULL), VANON_OK);
    out = render(&mosaic, frame, ellipse(VANON_PART_EYES, 9, 4, 3));
    assert_same_samples(out, want);
    vanon_frame_unref(&out);
    vanon_frame_unref(&want);
    vanon_frame_unref(&frame);
    vanon_frame_unref(&turned);
}

static void nothing_to_hide_is_no_copy(void **state)
{
    const vanon_options mosaic = one_style(VANON_STYLE_MOSAIC, 16);
    vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 32, 32), *out;
    vanon_region outside = ellipse(VANON_PART_EYES, -20, 10, 15);

    (void)state;
    paint(frame, 1);
    out = render_regions(&mosaic, frame, NULL, 0);
    assert_ptr_equal(out, frame);
    vanon_frame_unref(&out);
    out = render(&mosaic, frame, outside);
    assert_ptr_equal(out, frame);
    vanon_frame_unref(&out);
    outside.cx = -16;
    out = render(&mosaic, frame, outside);
    assert_ptr_not_equal(out, frame);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

static void the_copy_keeps_the_rest(void **state)
{
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 16);
    vanon_frame *frame = new_frame(VANON_PIXEL_NV12, 16, 16), *out;

    (void)state;
    paint(frame, 70);
    frame->number = 41;
    frame->pts = 123456;
    frame->duration = 40;
    frame->colour.matrix = 9;
    frame->flags = VANON_FRAME_KEY;
    out = render(&solid, frame, ellipse(VANON_PART_EYES, 8, 8, 2));
    assert_int_equal(out->number, 41);
    assert_int_equal(out->pts, 123456);
    assert_int_equal(out->duration, 40);
    assert_int_equal(out->colour.matrix, 9);
    assert_int_equal(out->flags, VANON_FRAME_KEY);
    vanon_frame_unref(&out);
    vanon_frame_unref(&frame);
}

static void failures_leave_no_frame(void **state)
{
    vanon_options bad = one_style(VANON_STYLES, 16);
    const vanon_options solid = one_style(VANON_STYLE_SOLID, 16);
    const vanon_frame device = {
        .memory = VANON_MEMORY_CUDA, .format = VANON_PIXEL_NV12, .width = 8, .height = 8};
    vanon_region region = ellipse(VANON_PART_EYES, 8, 8, 2);
    vanon_region_list list = {.count = 1, .region = &region};
    vanon_renderer *renderer = NULL;
    vanon_frame *frame;

    (void)state;
    unit_log_clear();
    assert_int_equal(vanon_renderer_create(&renderer, &bad, &unit_log), VANON_ERR_OPTION);
    assert_message("style", "eyes", "5");
    assert_null(renderer);
    vanon_renderer_destroy(&renderer);

    unit_log_clear();
    assert_int_equal(vanon_renderer_create(&renderer, &solid, &unit_log), VANON_OK);
    frame = new_frame(VANON_PIXEL_NV12, 8, 8);
    frame->memory = device.memory;
    assert_int_equal(vanon_renderer_render(renderer, &frame, &list, NULL), VANON_ERR_UNSUPPORTED);
    assert_null(frame);
    assert_message("render", "memory of kind 1");
    vanon_renderer_destroy(&renderer);
}

struct render_call {
    vanon_renderer *renderer;
    vanon_frame *frame;
    vanon_region_list regions;
    const vanon_frame *want;
    int different;
};

static void *render_often(void *opaque)
{
    struct render_call *call = opaque;

    for (int i = 0; i < 50; i++) {
        vanon_frame *frame = vanon_frame_ref(call->frame);

        if (vanon_renderer_render(call->renderer, &frame, &call->regions, NULL))
            call->different++;
        else
            for (int y = 0; y < frame->height; y++)
                call->different += memcmp(line_of(frame, 0, y), line_of(call->want, 0, y),
                                          line_bytes(frame, 0)) != 0;
        vanon_frame_unref(&frame);
    }
    return NULL;
}

static void check_threads(const vanon_options *with)
{
    vanon_region regions[] = {ellipse(VANON_PART_EYES, 30, 30, 9),
                              ellipse(VANON_PART_ELBOWS, 70, 40, 14),
                              ellipse(VANON_PART_ELBOWS, 80, 44, 12)};
    vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 97, 73), *want;
    struct render_call calls[THREADS];
    pthread_t threads[THREADS];
    vanon_renderer *renderer;

    scribble(frame, 3);
    want = render_regions(with, frame, regions, VANON_COUNT(regions));
    assert_int_equal(vanon_renderer_create(&renderer, with, &unit_log), VANON_OK);
    for (int i = 0; i < THREADS; i++) {
        calls[i] = (struct render_call){
            renderer, frame, {.count = VANON_COUNT(regions), .region = regions}, want, 0};
        assert_int_equal(vanon_thread_start(&threads[i], "render", render_often, &calls[i]),
                         VANON_OK);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(calls[i].different, 0);
    }
    vanon_renderer_destroy(&renderer);
    vanon_frame_unref(&want);
    vanon_frame_unref(&frame);
}

static void threads_agree(void **state)
{
    const vanon_options with[] = {options(VANON_STYLE_SOLID, VANON_STYLE_MOSAIC, 4),
                                  options(VANON_STYLE_GAUSSIAN, VANON_STYLE_BOXBLUR, 4)};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(with); i++)
        check_threads(&with[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literal_pixels),
        cmocka_unit_test(literal_feather),
        cmocka_unit_test(every_format),
        cmocka_unit_test(full_range_black),
        cmocka_unit_test(no_cell_is_a_sliver),
        cmocka_unit_test(cells_scale_with_the_shape),
        cmocka_unit_test(fields_stay_apart),
        cmocka_unit_test(both_fields_are_hidden_alike),
        cmocka_unit_test(a_whole_frame_is_hidden_solidly),
        cmocka_unit_test(broken_regions_hide_everything),
        cmocka_unit_test(each_part_has_its_style),
        cmocka_unit_test(feathers_reveal_nothing),
        cmocka_unit_test(display_space_is_upright),
        cmocka_unit_test(lines_may_run_backwards),
        cmocka_unit_test(nothing_to_hide_is_no_copy),
        cmocka_unit_test(the_copy_keeps_the_rest),
        cmocka_unit_test(failures_leave_no_frame),
        cmocka_unit_test(threads_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <pthread.h>

#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

#include "base/memory.h"
#include "base/thread.h"
#include "pixels/format.h"
#include "pixels/frame.h"

/* format.h */

static enum AVPixelFormat av_format(int format)
{
    return av_get_pix_fmt(vanon_pixel_format_name((enum vanon_pixel_format)format));
}

static void layouts_agree_with_libav(void **state)
{
    (void)state;
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++) {
        const struct vanon_pixel_layout *layout =
            vanon_pixel_layout((enum vanon_pixel_format)format);
        const AVPixFmtDescriptor *want = av_pix_fmt_desc_get(av_format(format));

        assert_non_null(want);
        assert_string_equal(layout->name, want->name);
        assert_int_equal(layout->components, want->nb_components);
        assert_int_equal(layout->planes, av_pix_fmt_count_planes(av_format(format)));
        assert_int_equal(layout->alpha, !!(want->flags & AV_PIX_FMT_FLAG_ALPHA));
        assert_int_equal(layout->model == VANON_MODEL_RGB, !!(want->flags & AV_PIX_FMT_FLAG_RGB));
        assert_int_equal(layout->model == VANON_MODEL_GRAY, want->nb_components < 3);
        assert_int_equal(layout->log2_chroma_w, want->log2_chroma_w);
        assert_int_equal(layout->log2_chroma_h, want->log2_chroma_h);
        assert_int_equal(want->flags & AV_PIX_FMT_FLAG_BE, 0);
        for (int i = 0; i < layout->components; i++) {
            assert_int_equal(layout->component[i].plane, want->comp[i].plane);
            assert_int_equal(layout->component[i].step, want->comp[i].step);
            assert_int_equal(layout->component[i].offset, want->comp[i].offset);
            assert_int_equal(layout->component[i].shift, want->comp[i].shift);
            assert_int_equal(layout->component[i].depth, want->comp[i].depth);
            assert_int_equal(layout->sample_bytes, want->comp[i].depth > 8 ? 2 : 1);
        }
    }
}

static void planes_agree_with_libav(void **state)
{
    static const int sides[] = {1, 2, 3, 5, 16, 719, 1279};

    (void)state;
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++) {
        const struct vanon_pixel_layout *layout =
            vanon_pixel_layout((enum vanon_pixel_format)format);
        for (size_t i = 0; i < VANON_COUNT(sides); i++) {
            int side = sides[i];
            ptrdiff_t strides[4];
            size_t sizes[4];

            for (int plane = 0; plane < layout->planes; plane++) {
                int want = av_image_get_linesize(av_format(format), side, plane);
                assert_int_equal(vanon_plane_bytes(layout, plane, side), want);
                strides[plane] = want;
            }
            for (int plane = layout->planes; plane < 4; plane++)
                strides[plane] = 0;
            assert_int_equal(av_image_fill_plane_sizes(sizes, av_format(format), side, strides), 0);
            for (int plane = 0; plane < layout->planes; plane++)
                assert_int_equal(vanon_plane_lines(layout, plane, side),
                                 sizes[plane] / (size_t)strides[plane]);
            assert_int_equal(vanon_plane_bytes(layout, layout->planes, side), 0);
        }
    }
}

static void names_are_found(void **state)
{
    (void)state;
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++)
        assert_int_equal(
            vanon_pixel_format_find(vanon_pixel_format_name((enum vanon_pixel_format)format)),
            format);
    assert_int_equal(vanon_pixel_format_find("yuv420p10le"), VANON_PIXEL_YUV420P10);
    assert_int_equal(vanon_pixel_format_find("0rgb"), VANON_PIXEL_0RGB);
    assert_int_equal(vanon_pixel_format_find("yuv420p10be"), VANON_PIXEL_NONE);
    assert_int_equal(vanon_pixel_format_find(""), VANON_PIXEL_NONE);
    assert_string_equal(vanon_pixel_format_name(VANON_PIXEL_NONE), "none");
    assert_string_equal(vanon_pixel_format_name(VANON_PIXEL_FORMATS), "none");
    assert_null(vanon_pixel_layout(VANON_PIXEL_NONE));
    assert_null(vanon_pixel_layout(VANON_PIXEL_FORMATS));
    assert_null(vanon_pixel_layout((enum vanon_pixel_format) - 1));
}

static void components_know_their_size(void **state)
{
    const struct vanon_pixel_layout *yuv = vanon_pixel_layout(VANON_PIXEL_YUVA420P);
    const struct vanon_pixel_layout *rgb = vanon_pixel_layout(VANON_PIXEL_GBRAP);
    const struct vanon_pixel_layout *grey = vanon_pixel_layout(VANON_PIXEL_YA8);

    (void)state;
    assert_false(vanon_component_is_chroma(yuv, 0));
    assert_true(vanon_component_is_chroma(yuv, 1));
    assert_true(vanon_component_is_chroma(yuv, 2));
    assert_false(vanon_component_is_chroma(yuv, 3));
    assert_false(vanon_component_is_chroma(rgb, 1));
    assert_false(vanon_component_is_chroma(grey, 1));
    assert_int_equal(vanon_component_width(yuv, 1, 5), 3);
    assert_int_equal(vanon_component_height(yuv, 2, 1), 1);
    assert_int_equal(vanon_component_width(yuv, 3, 5), 5);
    assert_int_equal(vanon_component_width(rgb, 2, 5), 5);
}

static void bytes_are_counted(void **state)
{
    (void)state;
    /* 3 lines of 64 and 2 + 2 of 64, and the tail */
    assert_int_equal(vanon_frame_bytes(VANON_PIXEL_YUV420P, 5, 3),
                     3 * 64 + 4 * 64 + VANON_FRAME_TAIL);
    assert_int_equal(vanon_frame_bytes(VANON_PIXEL_RGB24, 22, 1), 128 + VANON_FRAME_TAIL);
    assert_int_equal(vanon_frame_bytes(VANON_PIXEL_NONE, 5, 3), 0);
    assert_int_equal(vanon_frame_bytes(VANON_PIXEL_GRAY8, 0, 3), 0);
    assert_int_equal(vanon_frame_bytes(VANON_PIXEL_GRAY8, 3, -1), 0);
    assert_int_equal(vanon_frame_bytes(VANON_PIXEL_GRAY8, 32768, 3), 0);
    assert_int_equal(vanon_frame_bytes(VANON_PIXEL_RGBA64, 32767, 32767),
                     (size_t)262144 * 32767 + VANON_FRAME_TAIL);
}

/* frame.c */

struct counted_side {
    vanon_ref ref;
    int freed;
};

static void side_freed(vanon_ref *ref)
{
    ((struct counted_side *)ref)->freed++;
}

static unsigned owners(const struct counted_side *side)
{
    return atomic_load(&side->ref.count);
}

static void count_release(void *opaque)
{
    ++*(int *)opaque;
}

static void allocated_frames_can_be_written(void **state)
{
    (void)state;
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++) {
        const struct vanon_pixel_layout *layout =
            vanon_pixel_layout((enum vanon_pixel_format)format);
        vanon_frame *frame;

        assert_int_equal(vanon_frame_alloc(&frame, (enum vanon_pixel_format)format, 37, 5), 0);
        assert_int_equal(vanon_frame_check(frame), VANON_OK);
        for (int plane = 0; plane < VANON_MAX_PLANES; plane++) {
            if (plane >= layout->planes) {
                assert_null(frame->plane[plane]);
                assert_int_equal(frame->stride[plane], 0);
                continue;
            }
            assert_int_equal((uintptr_t)frame->plane[plane] % 64, 0);
            assert_int_equal(frame->stride[plane] % 64, 0);
            memset(frame->plane[plane], plane,
                   (size_t)frame->stride[plane] * (size_t)vanon_plane_lines(layout, plane, 5));
        }
        for (int plane = 0; plane < layout->planes; plane++) /* none overlaps another */
            assert_int_equal(frame->plane[plane][0], plane);
        memset(frame->plane[layout->planes - 1] +
                   frame->stride[layout->planes - 1] *
                       vanon_plane_lines(layout, layout->planes - 1, 5),
               0, VANON_FRAME_TAIL);
        vanon_frame_unref(&frame);
        assert_null(frame);
    }
}

static void allocated_frames_are_blank(void **state)
{
    vanon_frame *frame;

    (void)state;
    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_NV12, 1, 1), VANON_OK);
    assert_int_equal(frame->memory, VANON_MEMORY_HOST);
    assert_int_equal(frame->width, 1);
    assert_int_equal(frame->height, 1);
    assert_true(frame->pts == VANON_NO_PTS);
    assert_int_equal(frame->duration, 0);
    assert_int_equal(frame->colour.primaries, 2);
    assert_int_equal(frame->colour.transfer, 2);
    assert_int_equal(frame->colour.matrix, 2);
    assert_int_equal(frame->colour.chroma_location, VANON_CHROMA_UNSPECIFIED);
    assert_int_equal(frame->sar.num, 0);
    assert_null(frame->side);
    vanon_frame_unref(&frame);
}

static void impossible_frames_are_refused(void **state)
{
    vanon_frame *frame = (vanon_frame *)state;

    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_NONE, 4, 4), VANON_ERR_ARGUMENT);
    assert_null(frame);
    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_FORMATS, 4, 4), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, 0, 4), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, 4, -4), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, 4, 32768), VANON_ERR_ARGUMENT);
    assert_null(frame);
}

static void the_last_owner_releases(void **state)
{
    struct counted_side side = {.freed = 0};
    uint8_t sample = 7;
    int released = 0;
    vanon_frame description = {.format = VANON_PIXEL_GRAY8,
                               .width = 1,
                               .height = 1,
                               .plane = {&sample},
                               .stride = {1},
                               .pts = 42,
                               .side = &side.ref};
    vanon_frame *frame, *other;

    (void)state;
    vanon_ref_init(&side.ref, side_freed);
    assert_int_equal(vanon_frame_wrap(&frame, &description, count_release, &released), VANON_OK);
    assert_ptr_equal(frame->plane[0], &sample);
    assert_int_equal(frame->pts, 42);
    assert_int_equal(owners(&side), 2);
    other = vanon_frame_ref(frame);
    assert_ptr_equal(other, frame);
    vanon_frame_unref(&frame);
    assert_null(frame);
    assert_int_equal(released, 0);
    vanon_frame_unref(&other);
    assert_int_equal(released, 1);
    assert_int_equal(owners(&side), 1);
    assert_int_equal(side.freed, 0);

    assert_int_equal(vanon_frame_wrap(&frame, &description, NULL, NULL), VANON_OK);
    vanon_frame_unref(&frame);
    vanon_frame_unref(&frame);
    vanon_frame_unref(NULL);
    assert_null(vanon_frame_ref(NULL));
}

/* A sound description, to break one thing at a time. */
static vanon_frame sound(uint8_t *samples)
{
    return (vanon_frame){.format = VANON_PIXEL_P010,
                         .width = 5,
                         .height = 3,
                         .plane = {samples, samples + 64},
                         .stride = {10, -12},
                         .rotation = 270};
}

static void assert_refused(const vanon_frame *description)
{
    vanon_frame *frame = NULL;
    int released = 0;

    assert_int_equal(vanon_frame_check(description), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_frame_wrap(&frame, description, count_release, &released),
                     VANON_ERR_ARGUMENT);
    assert_null(frame);
    assert_int_equal(released, 0);
}

static void broken_frames_are_refused(void **state)
{
    _Alignas(64) uint8_t samples[128];
    const vanon_frame good = sound(samples);
    vanon_frame broken = good;

    (void)state;
    assert_int_equal(vanon_frame_check(&good), VANON_OK);
#define assert_refused_with(field_, value_) \
    do {                                    \
        broken = good;                      \
        broken.field_ = value_;             \
        assert_refused(&broken);            \
    } while (0)
    assert_refused_with(format, VANON_PIXEL_NONE);
    assert_refused_with(format, VANON_PIXEL_FORMATS);
    assert_refused_with(width, 0);
    assert_refused_with(height, 32768);
    assert_refused_with(width, 6); /* then 10 bytes a line are too few */
    assert_refused_with(stride[0], 8);
    assert_refused_with(stride[0], 11); /* odd, of words */
    assert_refused_with(stride[1], -10);
    assert_refused_with(stride[1], 0);
    assert_refused_with(plane[1], NULL);
    assert_refused_with(plane[0], samples + 1);
    assert_refused_with(rotation, 45);
    assert_refused_with(rotation, 360);
    assert_refused_with(rotation, -90);
    assert_refused_with(memory, VANON_MEMORY_CUDA); /* no handle */
    assert_refused_with(memory, (enum vanon_memory)9);
#undef assert_refused_with
    broken = good;
    broken.memory = VANON_MEMORY_CUDA;
    broken.handle = samples;
    broken.plane[0] = NULL;
    assert_int_equal(vanon_frame_check(&broken), VANON_OK);
}

static void copies_touch_only_samples(void **state)
{
    uint8_t from[] = {1, 2, 3, 99, 4, 5, 6, 99, 7, 8, 9, 99};
    uint8_t to[20];
    static const uint8_t want[] = {7, 8, 9, 0, 0, 4, 5, 6, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0};
    vanon_frame source = {
        .format = VANON_PIXEL_GRAY8, .width = 3, .height = 3, .plane = {from + 8}, .stride = {-4}};
    vanon_frame target = source;

    (void)state;
    memset(to, 0, sizeof to);
    target.plane[0] = to;
    target.stride[0] = 5;
    vanon_frame_copy_samples(&target, &source);
    assert_memory_equal(to, want, sizeof want);

    memset(to, 0, sizeof to);
    target.plane[0] = to + 10;
    target.stride[0] = -5;
    source.plane[0] = from;
    source.stride[0] = 4;
    vanon_frame_copy_samples(&target, &source);
    assert_memory_equal(to, want, sizeof want);
}

static void copies_take_every_plane(void **state)
{
    (void)state;
    for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++) {
        const struct vanon_pixel_layout *layout =
            vanon_pixel_layout((enum vanon_pixel_format)format);
        vanon_frame *from, *to;

        assert_int_equal(vanon_frame_alloc(&from, (enum vanon_pixel_format)format, 5, 3), 0);
        assert_int_equal(vanon_frame_alloc(&to, (enum vanon_pixel_format)format, 5, 3), 0);
        for (int plane = 0; plane < layout->planes; plane++)
            for (int line = 0; line < vanon_plane_lines(layout, plane, 3); line++)
                memset(from->plane[plane] + line * from->stride[plane], 16 * plane + line + 1, 64);
        vanon_frame_copy_samples(to, from);
        for (int plane = 0; plane < layout->planes; plane++)
            for (int line = 0; line < vanon_plane_lines(layout, plane, 3); line++)
                assert_memory_equal(to->plane[plane] + line * to->stride[plane],
                                    from->plane[plane] + line * from->stride[plane],
                                    vanon_plane_bytes(layout, plane, 5));
        vanon_frame_unref(&from);
        vanon_frame_unref(&to);
    }
}

static void kinds_are_told_apart(void **state)
{
    uint8_t samples[128];
    const vanon_frame a = sound(samples);
    vanon_frame b = a;

    (void)state;
    b.pts = 9;
    b.plane[0] = NULL;
    b.flags = VANON_FRAME_KEY;
    assert_true(vanon_frame_same_kind(&a, &b));
#define assert_differs_with(field_, value_)          \
    do {                                             \
        b = a;                                       \
        b.field_ = value_;                           \
        assert_false(vanon_frame_same_kind(&a, &b)); \
    } while (0)
    assert_differs_with(memory, VANON_MEMORY_CUDA);
    assert_differs_with(format, VANON_PIXEL_NV12);
    assert_differs_with(width, 6);
    assert_differs_with(height, 4);
    assert_differs_with(sar.num, 4);
    assert_differs_with(sar.den, 3);
    assert_differs_with(rotation, 90);
    assert_differs_with(mirrored, true);
    assert_differs_with(colour.primaries, 9);
    assert_differs_with(colour.transfer, 16);
    assert_differs_with(colour.matrix, 9);
    assert_differs_with(colour.full_range, true);
    assert_differs_with(colour.chroma_location, VANON_CHROMA_CENTER);
#undef assert_differs_with
}

/* frame_pool.c */

static void the_pool_keeps_what_comes_back(void **state)
{
    struct counted_side side = {.freed = 0};
    vanon_frame like = {.format = VANON_PIXEL_YUV420P,
                        .width = 17,
                        .height = 9,
                        .pts = 5,
                        .rotation = 90,
                        .side = &side.ref};
    vanon_frame_pool *pool;
    vanon_frame *first, *second;

    (void)state;
    vanon_ref_init(&side.ref, side_freed);
    assert_int_equal(vanon_frame_pool_create(&pool), VANON_OK);
    assert_int_equal(vanon_frame_pool_get(pool, &like, &first), VANON_OK);
    assert_int_equal(vanon_frame_pool_get(pool, &like, &second), VANON_OK);
    assert_int_equal(vanon_frame_pool_allocations(pool), 2);
    assert_int_equal(owners(&side), 3);
    assert_int_equal(first->pts, 5);
    assert_int_equal(first->rotation, 90);
    assert_int_equal(vanon_frame_check(first), VANON_OK);
    assert_ptr_not_equal(first->plane[0], second->plane[0]);
    vanon_frame_unref(&first);
    vanon_frame_unref(&second);
    assert_int_equal(owners(&side), 1);

    like.side = NULL;
    like.pts = 6;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(vanon_frame_pool_get(pool, &like, &first), VANON_OK);
        assert_int_equal(vanon_frame_pool_get(pool, &like, &second), VANON_OK);
        assert_int_equal(first->pts, 6);
        assert_null(first->side);
        memset(first->plane, 0, sizeof first->plane); /* an owner may do so */
        vanon_frame_unref(&first);
        vanon_frame_unref(&second);
    }
    assert_int_equal(vanon_frame_pool_allocations(pool), 2);
    vanon_frame_pool_destroy(&pool);
    assert_null(pool);
    vanon_frame_pool_destroy(&pool);
    vanon_frame_pool_destroy(NULL);
}

static void the_pool_follows_a_change_of_size(void **state)
{
    vanon_frame like = {.format = VANON_PIXEL_GRAY8, .width = 16, .height = 16};
    vanon_frame_pool *pool;
    vanon_frame *old, *frame;

    (void)state;
    assert_int_equal(vanon_frame_pool_create(&pool), VANON_OK);
    assert_int_equal(vanon_frame_pool_get(pool, &like, &old), VANON_OK);
    like.height = 4000;
    assert_int_equal(vanon_frame_pool_get(pool, &like, &frame), VANON_OK);
    assert_int_equal(frame->height, 4000);
    memset(frame->plane[0], 1, (size_t)frame->stride[0] * 4000);
    vanon_frame_unref(&old); /* of another size by now: must not come again */
    vanon_frame_unref(&frame);
    assert_int_equal(vanon_frame_pool_get(pool, &like, &frame), VANON_OK);
    assert_int_equal(vanon_frame_pool_get(pool, &like, &old), VANON_OK);
    assert_int_equal(vanon_frame_pool_allocations(pool), 3);
    memset(old->plane[0], 1, (size_t)old->stride[0] * 4000);
    vanon_frame_unref(&old);
    vanon_frame_unref(&frame);
    like.width = 0;
    assert_int_equal(vanon_frame_pool_get(pool, &like, &frame), VANON_ERR_ARGUMENT);
    assert_null(frame);
    vanon_frame_pool_destroy(&pool);
}

static void the_pool_wraps(void **state)
{
    uint8_t samples[64];
    int released = 0;
    vanon_frame description = {
        .format = VANON_PIXEL_GRAY8, .width = 8, .height = 8, .plane = {samples}, .stride = {8}};
    vanon_frame_pool *pool;
    vanon_frame *frame;

    (void)state;
    assert_int_equal(vanon_frame_pool_create(&pool), VANON_OK);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(
            vanon_frame_pool_wrap(pool, &description, count_release, &released, &frame), VANON_OK);
        assert_ptr_equal(frame->plane[0], samples);
        assert_int_equal(released, i);
        vanon_frame_unref(&frame);
        assert_int_equal(released, i + 1);
    }
    assert_int_equal(vanon_frame_pool_allocations(pool), 1);
    description.stride[0] = 7;
    assert_int_equal(vanon_frame_pool_wrap(pool, &description, count_release, &released, &frame),
                     VANON_ERR_ARGUMENT);
    assert_null(frame);
    assert_int_equal(released, 10);
    vanon_frame_pool_destroy(&pool);
}

static void frames_outlive_their_pool(void **state)
{
    uint8_t sample = 3;
    int released = 0;
    vanon_frame like = {
        .format = VANON_PIXEL_GRAY8, .width = 1, .height = 1, .plane = {&sample}, .stride = {1}};
    vanon_frame_pool *pool;
    vanon_frame *frame, *wrapped;

    (void)state;
    assert_int_equal(vanon_frame_pool_create(&pool), VANON_OK);
    assert_int_equal(vanon_frame_pool_get(pool, &like, &frame), VANON_OK);
    assert_int_equal(vanon_frame_pool_wrap(pool, &like, count_release, &released, &wrapped),
                     VANON_OK);
    vanon_frame_pool_destroy(&pool);
    frame->plane[0][0] = wrapped->plane[0][0];
    assert_int_equal(frame->plane[0][0], 3);
    vanon_frame_unref(&wrapped);
    assert_int_equal(released, 1);
    vanon_frame_unref(&frame);
}

static void *get_and_release(void *opaque)
{
    vanon_frame like = {.format = VANON_PIXEL_NV12, .width = 32, .height = 4};

    for (int i = 0; i < 2000; i++) {
        vanon_frame *frame, *other;
        if (vanon_frame_pool_get(opaque, &like, &frame) < 0)
            return opaque;
        frame->plane[0][0] = (uint8_t)i;
        other = vanon_frame_ref(frame);
        vanon_frame_unref(&frame);
        if (other->plane[0][0] != (uint8_t)i)
            return opaque;
        vanon_frame_unref(&other);
    }
    return NULL;
}

static void threads_share_a_pool(void **state)
{
    vanon_frame_pool *pool;
    pthread_t threads[4];

    (void)state;
    assert_int_equal(vanon_frame_pool_create(&pool), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(threads); i++)
        assert_int_equal(vanon_thread_start(&threads[i], "pool", get_and_release, pool), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(threads); i++) {
        void *failed = pool;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_in_range(vanon_frame_pool_allocations(pool), 1, VANON_COUNT(threads));
    vanon_frame_pool_destroy(&pool);
}

/* geometry.c */

static void assert_display_size(const vanon_frame *frame, double want_width, double want_height)
{
    double width, height;

    vanon_frame_display_size(frame, &width, &height);
    assert_true(width == want_width && height == want_height);
}

static void display_sizes(void **state)
{
    vanon_frame frame = {.format = VANON_PIXEL_GRAY8, .width = 720, .height = 576};

    (void)state;
    assert_display_size(&frame, 720, 576);
    frame.sar = (vanon_rational){0, 1};
    assert_display_size(&frame, 720, 576);
    frame.sar = (vanon_rational){-4, -3};
    assert_display_size(&frame, 720, 576);
    frame.sar = (vanon_rational){4, 0};
    assert_display_size(&frame, 720, 576);
    frame.sar = (vanon_rational){3, 2};
    assert_display_size(&frame, 1080, 576);
    frame.rotation = 90;
    assert_display_size(&frame, 576, 1080);
    frame.rotation = 180;
    assert_display_size(&frame, 1080, 576);
    frame.rotation = 270;
    frame.mirrored = true;
    assert_display_size(&frame, 576, 1080);
}

/* Where the display point comes from, in coded samples. */
static void assert_coded(const vanon_frame *frame, double x, double y, double want_x, double want_y)
{
    vanon_matrix to_coded = vanon_frame_display_to_coded(frame);
    double coded_x, coded_y;

    vanon_matrix_apply(&to_coded, x, y, &coded_x, &coded_y);
    if (coded_x - want_x > 1e-9 || want_x - coded_x > 1e-9 || coded_y - want_y > 1e-9 ||
        want_y - coded_y > 1e-9)
        fail_msg("(%g, %g) comes from (%g, %g), not (%g, %g)", x, y, coded_x, coded_y, want_x,
                 want_y);
}

static void display_to_coded(void **state)
{
    /* 40 x 20 samples, twice as wide as high: 80 x 20 on the display before it is turned */
    vanon_frame frame = {.format = VANON_PIXEL_GRAY8, .width = 40, .height = 20, .sar = {2, 1}};

    (void)state;
    assert_coded(&frame, 0, 0, 0, 0);
    assert_coded(&frame, 8, 3, 4, 3);
    frame.mirrored = true;
    assert_coded(&frame, 0, 0, 40, 0);
    assert_coded(&frame, 8, 3, 36, 3);
    frame.rotation = 90; /* the display's top left was the bottom left before the turn */
    assert_coded(&frame, 0, 0, 40, 20);
    assert_coded(&frame, 3, 8, 36, 17);
    frame.mirrored = false;
    assert_coded(&frame, 0, 0, 0, 20);
    assert_coded(&frame, 3, 8, 4, 17);
    assert_coded(&frame, 20, 80, 40, 0);
    frame.rotation = 180;
    assert_coded(&frame, 0, 0, 40, 20);
    assert_coded(&frame, 8, 3, 36, 17);
    frame.rotation = 270; /* the display's top left was the top right */
    assert_coded(&frame, 0, 0, 40, 0);
    assert_coded(&frame, 3, 8, 36, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_agree_with_libav),
        cmocka_unit_test(planes_agree_with_libav),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(components_know_their_size),
        cmocka_unit_test(bytes_are_counted),
        cmocka_unit_test(allocated_frames_can_be_written),
        cmocka_unit_test(allocated_frames_are_blank),
        cmocka_unit_test(impossible_frames_are_refused),
        cmocka_unit_test(the_last_owner_releases),
        cmocka_unit_test(broken_frames_are_refused),
        cmocka_unit_test(copies_touch_only_samples),
        cmocka_unit_test(copies_take_every_plane),
        cmocka_unit_test(kinds_are_told_apart),
        cmocka_unit_test(the_pool_keeps_what_comes_back),
        cmocka_unit_test(the_pool_follows_a_change_of_size),
        cmocka_unit_test(the_pool_wraps),
        cmocka_unit_test(frames_outlive_their_pool),
        cmocka_unit_test(threads_share_a_pool),
        cmocka_unit_test(display_sizes),
        cmocka_unit_test(display_to_coded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Between libav*'s types and ours. */
#include "unit.h"

#include <libavutil/display.h>
#include <libavutil/mastering_display_metadata.h>

#include "media/av.h"

static void status_of_averror(void **state)
{
    (void)state;
    assert_int_equal(vanon_av_status(0), VANON_OK);
    assert_int_equal(vanon_av_status(AVERROR_EOF), VANON_ERR_EOF);
    assert_int_equal(vanon_av_status(AVERROR(EAGAIN)), VANON_ERR_AGAIN);
    assert_int_equal(vanon_av_status(AVERROR(ENOMEM)), VANON_ERR_MEMORY);
    assert_int_equal(vanon_av_status(AVERROR_EXIT), VANON_ERR_CANCELLED);
    assert_int_equal(vanon_av_status(AVERROR(ENOENT)), VANON_ERR_IO);
    assert_int_equal(vanon_av_status(AVERROR(ENOSPC)), VANON_ERR_IO);
    assert_int_equal(vanon_av_status(AVERROR_INVALIDDATA), VANON_ERR_INPUT);
    assert_int_equal(vanon_av_status(AVERROR_DECODER_NOT_FOUND), VANON_ERR_UNSUPPORTED);
}

static void formats_of_libav(void **state)
{
    (void)state;
    for (int i = VANON_PIXEL_NONE + 1; i < VANON_PIXEL_FORMATS; i++) {
        enum AVPixelFormat format = vanon_av_pixel_format_of((enum vanon_pixel_format)i);

        assert_int_not_equal(format, AV_PIX_FMT_NONE);
        assert_int_equal(vanon_av_pixel_format(format), i);
    }
    assert_int_equal(vanon_av_pixel_format(AV_PIX_FMT_YUVJ420P), VANON_PIXEL_YUV420P);
    assert_int_equal(vanon_av_pixel_format(AV_PIX_FMT_YUVJ422P), VANON_PIXEL_YUV422P);
    assert_int_equal(vanon_av_pixel_format(AV_PIX_FMT_YUVJ444P), VANON_PIXEL_YUV444P);
    assert_int_equal(vanon_av_pixel_format(AV_PIX_FMT_PAL8), VANON_PIXEL_NONE);
    assert_int_equal(vanon_av_pixel_format(AV_PIX_FMT_NONE), VANON_PIXEL_NONE);
    assert_int_equal(vanon_av_pixel_format_of(VANON_PIXEL_NONE), AV_PIX_FMT_NONE);
}

static void check_orientation(const int32_t matrix[9], int rotation, bool mirrored)
{
    int got_rotation = -1;
    bool got_mirrored = !mirrored;

    assert_int_equal(vanon_av_orientation(matrix, &got_rotation, &got_mirrored), VANON_OK);
    assert_int_equal(got_rotation, rotation);
    assert_int_equal(got_mirrored, mirrored);
}

static void orientations(void **state)
{
    /* What a phone held upright writes: the coded picture is to be turned to the right. */
    static const int32_t phone[9] = {0, 65536, 0, -65536, 0, 0, 480 << 16, 0, 1 << 30};
    static const int32_t nothing[9] = {0};
    int32_t matrix[9];
    int rotation;
    bool mirrored;

    (void)state;
    check_orientation(phone, 90, false);
    /* Here the flip comes after the turn; with us it comes first, so that the turn goes back. */
    for (int degrees = 0; degrees < 360; degrees += 90) {
        av_display_rotation_set(matrix, degrees);
        check_orientation(matrix, degrees, false);
        av_display_matrix_flip(matrix, 1, 0);
        check_orientation(matrix, (360 - degrees) % 360, true);
        av_display_rotation_set(matrix, degrees);
        av_display_matrix_flip(matrix, 0, 1);
        check_orientation(matrix, (540 - degrees) % 360, true);
    }
    av_display_rotation_set(matrix, 30);
    assert_int_equal(vanon_av_orientation(matrix, &rotation, &mirrored), VANON_ERR_UNSUPPORTED);
    assert_int_equal(vanon_av_orientation(nothing, &rotation, &mirrored), VANON_ERR_UNSUPPORTED);
}

/* A decoded picture of 4x2 grey samples with three kinds of side data. */
static AVFrame *decoded_picture(void)
{
    AVFrame *av = av_frame_alloc();

    assert_non_null(av);
    av->format = AV_PIX_FMT_GRAY8;
    av->width = 4;
    av->height = 2;
    assert_int_equal(av_frame_get_buffer(av, 0), 0);
    for (int i = 0; i < 8; i++)
        av->data[0][i / 4 * av->linesize[0] + i % 4] = (uint8_t)(10 + i);
    assert_non_null(av_mastering_display_metadata_create_side_data(av));
    assert_non_null(av_frame_new_side_data(av, AV_FRAME_DATA_A53_CC, 3));
    assert_non_null(av_frame_new_side_data(av, AV_FRAME_DATA_SEI_UNREGISTERED, 20));
    av->best_effort_timestamp = 77;
    av->pts = 5;
    av->pkt_duration = 3;
    av->key_frame = 1;
    av->interlaced_frame = 1;
    av->top_field_first = 1;
    av->sample_aspect_ratio = (AVRational){4, 3};
    av->color_primaries = AVCOL_PRI_BT709;
    av->color_trc = AVCOL_TRC_SMPTE2084;
    av->colorspace = AVCOL_SPC_BT2020_NCL;
    av->color_range = AVCOL_RANGE_MPEG;
    av->chroma_location = AVCHROMA_LOC_TOPLEFT;
    return av;
}

static void wrap_and_borrow(void **state)
{
    const vanon_frame about = {
        .number = 9, .time_base = {1, 30}, .sar = {2, 1}, .rotation = 270, .mirrored = true};
    AVFrame *decoded = decoded_picture(), *borrowed = av_frame_alloc();
    const uint8_t *samples = decoded->data[0];
    vanon_av_pool *pool;
    vanon_frame *frame;

    (void)state;
    assert_int_equal(vanon_av_pool_create(&pool), VANON_OK);
    assert_int_equal(vanon_av_wrap(pool, decoded, &about, &frame), VANON_OK);
    assert_null(decoded->data[0]);
    assert_ptr_equal(frame->plane[0], samples);
    assert_int_equal(frame->format, VANON_PIXEL_GRAY8);
    assert_int_equal(frame->width, 4);
    assert_int_equal(frame->height, 2);
    assert_int_equal(frame->number, 9);
    assert_int_equal(frame->pts, 77);
    assert_int_equal(frame->duration, 3);
    assert_int_equal(frame->time_base.den, 30);
    assert_int_equal(frame->sar.num, 4);
    assert_int_equal(frame->sar.den, 3);
    assert_int_equal(frame->rotation, 270);
    assert_true(frame->mirrored);
    assert_int_equal(frame->flags, VANON_FRAME_KEY);
    assert_int_equal(frame->field_order, VANON_FIELDS_TOP_FIRST);
    assert_int_equal(frame->colour.primaries, 1);
    assert_int_equal(frame->colour.transfer, 16);
    assert_int_equal(frame->colour.matrix, 9);
    assert_false(frame->colour.full_range);
    assert_int_equal(frame->colour.chroma_location, VANON_CHROMA_TOPLEFT);
    /* The pool may go first. */
    vanon_av_pool_destroy(&pool);
    assert_null(pool);

    assert_int_equal(vanon_av_borrow(borrowed, &frame), VANON_OK);
    assert_null(frame);
    assert_ptr_equal(borrowed->data[0], samples);
    assert_int_equal(borrowed->format, AV_PIX_FMT_GRAY8);
    assert_int_equal(borrowed->pts, 77);
    assert_int_equal(borrowed->pkt_duration, 3);
    assert_int_equal(borrowed->interlaced_frame, 1);
    assert_int_equal(borrowed->top_field_first, 1);
    assert_int_equal(borrowed->color_trc, AVCOL_TRC_SMPTE2084);
    assert_int_equal(borrowed->colorspace, AVCOL_SPC_BT2020_NCL);
    assert_int_equal(borrowed->color_range, AVCOL_RANGE_MPEG);
    assert_int_equal(borrowed->chroma_location, AVCHROMA_LOC_TOPLEFT);
    assert_int_equal(borrowed->sample_aspect_ratio.num, 4);
    /* What tells of people stays behind. */
    assert_int_equal(borrowed->nb_side_data, 1);
    assert_non_null(av_frame_get_side_data(borrowed, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA));
    av_frame_free(&borrowed);
    av_frame_free(&decoded);
}

static void a_rendered_copy_keeps_the_side_data(void **state)
{
    const vanon_frame about = {.time_base = {1, 30}};
    AVFrame *decoded = decoded_picture(), *borrowed = av_frame_alloc();
    AVBufferRef *samples = av_buffer_ref(decoded->buf[0]);
    vanon_frame *frame, *copy;
    vanon_frame_pool *copies;
    vanon_av_pool *pool;

    (void)state;
    assert_int_equal(vanon_av_pool_create(&pool), VANON_OK);
    assert_int_equal(vanon_frame_pool_create(&copies), VANON_OK);
    assert_int_equal(vanon_av_wrap(pool, decoded, &about, &frame), VANON_OK);
    assert_int_equal(vanon_frame_pool_get(copies, frame, &copy), VANON_OK);
    assert_int_equal(av_buffer_get_ref_count(samples), 2);
    vanon_frame_unref(&frame);
    assert_int_equal(av_buffer_get_ref_count(samples), 1); /* back at the decoder */
    assert_int_equal(vanon_av_borrow(borrowed, &copy), VANON_OK);
    assert_int_equal(borrowed->nb_side_data, 1);
    av_buffer_unref(&samples);
    av_frame_free(&borrowed);
    av_frame_free(&decoded);
    vanon_frame_pool_destroy(&copies);
    vanon_av_pool_destroy(&pool);
}

static void a_range_left_open_stays_open(void **state)
{
    static const struct {
        enum AVPixelFormat format;
        enum AVColorRange range;
        bool full;
        enum AVColorRange borrowed;
    } cases[] = {
        {AV_PIX_FMT_YUV420P, AVCOL_RANGE_UNSPECIFIED, false, AVCOL_RANGE_UNSPECIFIED},
        {AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, false, AVCOL_RANGE_MPEG},
        {AV_PIX_FMT_YUV420P, AVCOL_RANGE_JPEG, true, AVCOL_RANGE_JPEG},
        {AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_UNSPECIFIED, true, AVCOL_RANGE_JPEG},
        {AV_PIX_FMT_RGB24, AVCOL_RANGE_UNSPECIFIED, true, AVCOL_RANGE_UNSPECIFIED},
        {AV_PIX_FMT_GRAY8, AVCOL_RANGE_UNSPECIFIED, true, AVCOL_RANGE_UNSPECIFIED},
        {AV_PIX_FMT_GRAY8, AVCOL_RANGE_MPEG, false, AVCOL_RANGE_MPEG},
    };
    const vanon_frame about = {.time_base = {1, 30}};
    vanon_av_pool *pool;

    (void)state;
    assert_int_equal(vanon_av_pool_create(&pool), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        AVFrame *av = av_frame_alloc();
        vanon_frame *frame;

        av->format = cases[i].format;
        av->color_range = cases[i].range;
        av->width = av->height = 2;
        assert_int_equal(av_frame_get_buffer(av, 0), 0);
        assert_int_equal(vanon_av_wrap(pool, av, &about, &frame), VANON_OK);
        assert_int_equal(frame->colour.full_range, cases[i].full);
        assert_int_equal(vanon_av_borrow(av, &frame), VANON_OK);
        assert_int_equal(av->color_range, cases[i].borrowed);
        av_frame_free(&av);
    }
    vanon_av_pool_destroy(&pool);
}

static void wrap_refuses(void **state)
{
    const vanon_frame about = {.time_base = {1, 30}};
    AVFrame *av = av_frame_alloc();
    vanon_av_pool *pool;
    vanon_frame *frame;

    (void)state;
    av->format = AV_PIX_FMT_PAL8;
    av->width = av->height = 2;
    assert_int_equal(av_frame_get_buffer(av, 0), 0);
    assert_int_equal(vanon_av_pool_create(&pool), VANON_OK);
    assert_int_equal(vanon_av_wrap(pool, av, &about, &frame), VANON_ERR_UNSUPPORTED);
    assert_null(frame);
    assert_non_null(av->data[0]); /* still the caller's */
    av->format = AV_PIX_FMT_GRAY8;
    av->width = 40000;
    assert_int_equal(vanon_av_wrap(pool, av, &about, &frame), VANON_ERR_ARGUMENT);
    assert_null(frame);
    av_frame_free(&av);
    vanon_av_pool_destroy(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_of_averror),
        cmocka_unit_test(formats_of_libav),
        cmocka_unit_test(orientations),
        cmocka_unit_test(wrap_and_borrow),
        cmocka_unit_test(a_rendered_copy_keeps_the_side_data),
        cmocka_unit_test(a_range_left_open_stays_open),
        cmocka_unit_test(wrap_refuses),
    };

    return cmocka_run_group_tests_name("av", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_convert.h"

#include <stdlib.h>

#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

#include "media/writer_palette.h"

#define HD_LINES 720

struct vanon_convert {
    struct SwsContext *scaler;
    AVFrame *picture;
    enum AVPixelFormat to;
    vanon_palette *palette; /* NULL: colours are not counted */
    AVFrame *indexed;       /* the picture in them */
    int matrix;             /* of the picture, where it is recoloured */
    bool full_range;
    bool recoloured; /* the picture has another matrix than the frames */
    bool ranged;     /* the picture has another range than the frames, or now has one for sure */
    bool relocated;  /* chroma is new, and lies left */
};

static bool is_rgb(const AVPixFmtDescriptor *format)
{
    return format->flags & AV_PIX_FMT_FLAG_RGB;
}

static bool is_subsampled(const AVPixFmtDescriptor *format)
{
    return format->log2_chroma_w || format->log2_chroma_h;
}

/* True where both have the same samples and only their order or byte order differs. */
static bool same_samples(enum AVPixelFormat a, enum AVPixelFormat b)
{
    const AVPixFmtDescriptor *from = av_pix_fmt_desc_get(a), *to = av_pix_fmt_desc_get(b);
    uint64_t kind = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL |
                    AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER;

    return from->nb_components == to->nb_components && from->comp[0].depth == to->comp[0].depth &&
           from->log2_chroma_w == to->log2_chroma_w && from->log2_chroma_h == to->log2_chroma_h &&
           (from->flags & kind) == (to->flags & kind) && sws_isSupportedInput(a) &&
           sws_isSupportedOutput(b);
}

enum AVPixelFormat vanon_convert_choose(enum AVPixelFormat from, const enum AVPixelFormat *offered,
                                        bool *exact)
{
    enum AVPixelFormat best = AV_PIX_FMT_NONE;
    int alpha = !!(av_pix_fmt_desc_get(from)->flags & AV_PIX_FMT_FLAG_ALPHA);

    *exact = true;
    if (!offered)
        return from;
    for (const enum AVPixelFormat *p = offered; *p != AV_PIX_FMT_NONE; p++)
        if (*p == from)
            return from;
    for (const enum AVPixelFormat *p = offered; *p != AV_PIX_FMT_NONE; p++)
        if (same_samples(from, *p))
            return *p;
    *exact = false;
    if (!sws_isSupportedInput(from))
        return AV_PIX_FMT_NONE;
    for (const enum AVPixelFormat *p = offered; *p != AV_PIX_FMT_NONE; p++)
        if (sws_isSupportedOutput(*p) || *p == AV_PIX_FMT_PAL8)
            best = av_find_best_pix_fmt_of_2(best, *p, from, alpha, NULL);
    return best;
}

static int matrix_for_yuv(int height)
{
    return height >= HD_LINES ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

/* The matrix that the samples have, or most likely have. */
static int known_matrix(const vanon_frame *frame)
{
    int matrix = frame->colour.matrix;

    return matrix == AVCOL_SPC_UNSPECIFIED || matrix == AVCOL_SPC_RGB ||
                   matrix > AVCOL_SPC_BT2020_CL
               ? matrix_for_yuv(frame->height)
               : matrix;
}

/* Where chroma lies, in 1/256 of a luma sample: libswscale asks for it by option. */
static void set_chroma_place(struct SwsContext *scaler, const char *across, const char *down,
                             enum vanon_chroma_location location)
{
    av_opt_set_int(scaler, across, location == VANON_CHROMA_CENTER ? 128 : 0, 0);
    av_opt_set_int(scaler, down, location == VANON_CHROMA_TOPLEFT ? 0 : 128, 0);
}

static int set_up_scaler(vanon_convert *convert, const vanon_frame *like,
                         const AVPixFmtDescriptor *from, const AVPixFmtDescriptor *to)
{
    struct SwsContext *scaler = convert->scaler;
    enum vanon_chroma_location location = like->colour.chroma_location;
    const int *matrix = sws_getCoefficients(known_matrix(like));
    const int *target = is_rgb(to) ? matrix : sws_getCoefficients(convert->matrix);

    av_opt_set_int(scaler, "srcw", like->width, 0);
    av_opt_set_int(scaler, "srch", like->height, 0);
    av_opt_set_int(scaler, "dstw", like->width, 0);
    av_opt_set_int(scaler, "dsth", like->height, 0);
    av_opt_set_int(scaler, "src_format", vanon_av_pixel_format_of(like->format), 0);
    av_opt_set_int(scaler, "dst_format", convert->to, 0);
    av_opt_set_int(scaler, "sws_flags",
                   SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP, 0);
    if (from->log2_chroma_w == 1 && from->log2_chroma_h == 1)
        set_chroma_place(scaler, "src_h_chr_pos", "src_v_chr_pos", location);
    if (to->log2_chroma_w == 1 && to->log2_chroma_h == 1)
        set_chroma_place(scaler, "dst_h_chr_pos", "dst_v_chr_pos",
                         convert->relocated ? VANON_CHROMA_LEFT : location);
    sws_setColorspaceDetails(scaler, matrix, like->colour.full_range, target, convert->full_range,
                             0, 1 << 16, 1 << 16);
    return sws_init_context(scaler, NULL, NULL) < 0 ? VANON_ERR_UNSUPPORTED : VANON_OK;
}

/* BT.601 has two names. */
static bool is_601(int matrix)
{
    return matrix == AVCOL_SPC_SMPTE170M || matrix == AVCOL_SPC_BT470BG;
}

/* What the picture's colour will be, as far as it changes. */
static void choose_colour(vanon_convert *convert, const vanon_frame *like, enum vanon_yuv yuv,
                          const AVPixFmtDescriptor *from, const AVPixFmtDescriptor *to)
{
    bool fixed = yuv != VANON_YUV_TOLD && !is_rgb(to), crossed = is_rgb(from) != is_rgb(to);
    int matrix = known_matrix(like);

    convert->matrix = is_rgb(to) ? AVCOL_SPC_RGB : matrix;
    convert->full_range = crossed ? is_rgb(to) : like->colour.full_range;
    if (fixed)
        convert->full_range = yuv == VANON_YUV_JPEG;
    if (fixed && to->nb_components > 2 && !is_601(matrix))
        convert->matrix = AVCOL_SPC_BT470BG;
    convert->recoloured = crossed || convert->matrix != (is_rgb(to) ? AVCOL_SPC_RGB : matrix);
    convert->ranged = crossed || convert->full_range != like->colour.full_range;
    convert->relocated = is_subsampled(to) && !is_subsampled(from);
}

const char *vanon_convert_needed(const vanon_frame *like, enum AVPixelFormat to, enum vanon_yuv yuv)
{
    enum AVPixelFormat from = vanon_av_pixel_format_of(like->format);
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get(from);
    vanon_convert plan;

    if (from != to)
        return av_get_pix_fmt_name(to);
    choose_colour(&plan, like, yuv, layout, layout);
    if (plan.ranged)
        return plan.full_range ? "full range" : "limited range";
    return plan.recoloured ? "BT.601" : NULL;
}

int vanon_convert_create(vanon_convert **out, const vanon_frame *like, enum AVPixelFormat to,
                         enum vanon_yuv yuv)
{
    const AVPixFmtDescriptor *source = av_pix_fmt_desc_get(vanon_av_pixel_format_of(like->format));
    const AVPixFmtDescriptor *target = av_pix_fmt_desc_get(to);
    vanon_convert *convert = calloc(1, sizeof *convert);
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (!convert)
        return VANON_ERR_MEMORY;
    convert->to = to;
    choose_colour(convert, like, yuv, source, target);
    convert->picture = av_frame_alloc();
    convert->indexed = av_frame_alloc();
    convert->scaler = sws_alloc_context();
    if (convert->picture && convert->indexed && convert->scaler)
        status = VANON_OK;
    if (!status && to == AV_PIX_FMT_PAL8) {
        convert->to = AV_PIX_FMT_RGB32;
        status = vanon_palette_create(&convert->palette);
    }
    if (!status)
        status = set_up_scaler(convert, like, source, target);
    if (status)
        vanon_convert_destroy(&convert);
    *out = convert;
    return status;
}

void vanon_convert_destroy(vanon_convert **convert)
{
    if (!*convert)
        return;
    sws_freeContext((*convert)->scaler);
    av_frame_free(&(*convert)->picture);
    av_frame_free(&(*convert)->indexed);
    vanon_palette_destroy(&(*convert)->palette);
    free(*convert);
    *convert = NULL;
}

/* The last picture's samples are used again once the encoder has let go of them. */
static int get_samples(AVFrame *picture, enum AVPixelFormat format, const AVFrame *from)
{
    if (av_frame_is_writable(picture))
        return 0;
    av_frame_unref(picture);
    picture->format = format;
    picture->width = from->width;
    picture->height = from->height;
    return av_frame_get_buffer(picture, 0);
}

static int copy_all_else(AVFrame *picture, const AVFrame *from)
{
    while (picture->nb_side_data) /* else every frame would add the same once more */
        av_frame_remove_side_data(picture, picture->side_data[0]->type);
    return av_frame_copy_props(picture, from);
}

static AVFrame *count_colours(vanon_convert *convert)
{
    AVFrame *indexed = convert->indexed;

    if (get_samples(indexed, AV_PIX_FMT_PAL8, convert->picture) < 0 ||
        copy_all_else(indexed, convert->picture) < 0)
        return NULL;
    vanon_palette_apply(convert->palette, convert->picture, indexed);
    return indexed;
}

AVFrame *vanon_convert_run(vanon_convert *convert, const AVFrame *from)
{
    AVFrame *picture = convert->picture;

    if (get_samples(picture, convert->to, from) < 0 || copy_all_else(picture, from) < 0)
        return NULL;
    sws_scale(convert->scaler, (const uint8_t *const *)from->data, from->linesize, 0, from->height,
              picture->data, picture->linesize);
    if (convert->recoloured)
        picture->colorspace = convert->matrix;
    if (convert->ranged)
        picture->color_range = convert->full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    if (convert->relocated)
        picture->chroma_location = AVCHROMA_LOC_LEFT;
    return convert->palette ? count_colours(convert) : picture;
}

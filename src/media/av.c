/* SPDX-License-Identifier: Apache-2.0 */
#include "media/av.h"

#include <pthread.h>
#include <stdlib.h>

#include <libavutil/hwcontext.h>
#include <libavutil/pixdesc.h>

#include "base/thread.h"
#include "media/cuda.h"
#include "media/media.h"
#include "options/options.h"
#include "pixels/format.h"

/* A decoded frame: its samples belong to one vanon_frame, its side data to all that refer to it. */
struct holder {
    vanon_ref ref; /* one for the vanon_frame's samples, one for each `side` */
    AVFrame *av;
    vanon_cuda_planes planes; /* where they are, of a frame in a GPU's memory */
    vanon_av_pool *pool;
    struct holder *next; /* in the pool's list */
};

struct vanon_av_pool {
    vanon_ref ref; /* one for the owner, one for each holder in use */
    vanon_frame_pool *frames;
    pthread_mutex_t lock; /* guards idle */
    struct holder *idle;
};

/* Side data that says how a picture looks. All else stays behind: captions and user data may hold
 * what people said or where they were. */
static const enum AVFrameSideDataType kept_side_data[] = {
    AV_FRAME_DATA_MASTERING_DISPLAY_METADATA,
    AV_FRAME_DATA_CONTENT_LIGHT_LEVEL,
    AV_FRAME_DATA_ICC_PROFILE,
};

int vanon_av_status(int averror)
{
    switch (averror) {
    case 0:
        return VANON_OK;
    case AVERROR(EAGAIN):
        return VANON_ERR_AGAIN;
    case AVERROR_EOF:
        return VANON_ERR_EOF;
    case AVERROR(ENOMEM):
        return VANON_ERR_MEMORY;
    case AVERROR_EXIT:
        return VANON_ERR_CANCELLED;
    case AVERROR_INVALIDDATA:
        return VANON_ERR_INPUT;
    case AVERROR_PATCHWELCOME:
    case AVERROR(ENOSYS):
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_ENCODER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_MUXER_NOT_FOUND:
    case AVERROR_PROTOCOL_NOT_FOUND:
        return VANON_ERR_UNSUPPORTED;
    default:
        return averror > 0 ? VANON_OK : VANON_ERR_IO;
    }
}

int vanon_av_threads(int cpu_threads, int most)
{
    int threads = cpu_threads == VANON_AUTO ? vanon_processors() : cpu_threads;

    return threads < most ? threads : most;
}

enum vanon_pixel_format vanon_av_pixel_format(enum AVPixelFormat format)
{
    const char *name;

    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
        return VANON_PIXEL_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        return VANON_PIXEL_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        return VANON_PIXEL_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        return VANON_PIXEL_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
        return VANON_PIXEL_YUV411P;
    default:
        name = av_get_pix_fmt_name(format);
        return name ? vanon_pixel_format_find(name) : VANON_PIXEL_NONE;
    }
}

enum AVPixelFormat vanon_av_samples(const AVFrame *av)
{
    return av->hw_frames_ctx ? ((const AVHWFramesContext *)av->hw_frames_ctx->data)->sw_format
                             : av->format;
}

enum AVPixelFormat vanon_av_pixel_format_of(enum vanon_pixel_format format)
{
    const char *name = vanon_pixel_format_name(format);

    return name ? av_get_pix_fmt(name) : AV_PIX_FMT_NONE;
}

static void free_pool(vanon_ref *ref)
{
    vanon_av_pool *pool = (vanon_av_pool *)ref;
    struct holder *next;

    for (struct holder *holder = pool->idle; holder; holder = next) {
        next = holder->next;
        av_frame_free(&holder->av);
        free(holder);
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

int vanon_av_pool_create(vanon_av_pool **out)
{
    vanon_av_pool *pool = calloc(1, sizeof *pool);
    int status;

    *out = NULL;
    if (!pool)
        return VANON_ERR_MEMORY;
    status = vanon_frame_pool_create(&pool->frames);
    if (status) {
        free(pool);
        return status;
    }
    vanon_ref_init(&pool->ref, free_pool);
    pthread_mutex_init(&pool->lock, NULL);
    *out = pool;
    return VANON_OK;
}

static void put_pool(vanon_av_pool *pool)
{
    vanon_ref *ref = &pool->ref;

    vanon_ref_put(&ref);
}

void vanon_av_pool_destroy(vanon_av_pool **pool)
{
    if (!*pool)
        return;
    vanon_frame_pool_destroy(&(*pool)->frames);
    put_pool(*pool);
    *pool = NULL;
}

static void recycle_holder(vanon_ref *ref)
{
    struct holder *holder = (struct holder *)ref;
    vanon_av_pool *pool = holder->pool;

    av_frame_unref(holder->av);
    pthread_mutex_lock(&pool->lock);
    holder->next = pool->idle;
    pool->idle = holder;
    pthread_mutex_unlock(&pool->lock);
    put_pool(pool);
}

static struct holder *get_holder(vanon_av_pool *pool)
{
    struct holder *holder;

    pthread_mutex_lock(&pool->lock);
    holder = pool->idle;
    if (holder)
        pool->idle = holder->next;
    pthread_mutex_unlock(&pool->lock);
    if (!holder) {
        holder = calloc(1, sizeof *holder);
        if (!holder)
            return NULL;
        holder->pool = pool;
        holder->av = av_frame_alloc();
        if (!holder->av) {
            free(holder);
            return NULL;
        }
    }
    vanon_ref_init(&holder->ref, recycle_holder);
    vanon_ref_get(&pool->ref);
    return holder;
}

/* The last owner of a wrapped frame let go. Its rendered copy may still use the side data. */
static void release_samples(void *opaque)
{
    struct holder *holder = opaque;
    vanon_ref *ref = &holder->ref;

    for (size_t i = 0; i < VANON_COUNT(holder->av->buf); i++)
        av_buffer_unref(&holder->av->buf[i]);
    vanon_ref_put(&ref);
}

static enum vanon_chroma_location chroma_location(enum AVChromaLocation location)
{
    switch (location) {
    case AVCHROMA_LOC_LEFT:
        return VANON_CHROMA_LEFT;
    case AVCHROMA_LOC_CENTER:
        return VANON_CHROMA_CENTER;
    case AVCHROMA_LOC_TOPLEFT:
        return VANON_CHROMA_TOPLEFT;
    default:
        return VANON_CHROMA_UNSPECIFIED;
    }
}

static enum AVChromaLocation chroma_location_of(enum vanon_chroma_location location)
{
    switch (location) {
    case VANON_CHROMA_LEFT:
        return AVCHROMA_LOC_LEFT;
    case VANON_CHROMA_CENTER:
        return AVCHROMA_LOC_CENTER;
    case VANON_CHROMA_TOPLEFT:
        return AVCHROMA_LOC_TOPLEFT;
    default:
        return AVCHROMA_LOC_UNSPECIFIED;
    }
}

static bool is_yuvj(enum AVPixelFormat format)
{
    return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P ||
           format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P ||
           format == AV_PIX_FMT_YUVJ411P;
}

static bool is_full_range(const AVFrame *av)
{
    enum AVPixelFormat format = vanon_av_samples(av);
    const AVPixFmtDescriptor *layout = av_pix_fmt_desc_get(format);

    if (is_yuvj(format) || layout->flags & AV_PIX_FMT_FLAG_RGB)
        return true;
    /* Grey with no range told is a picture's, as libav* itself takes it. */
    if (av->color_range == AVCOL_RANGE_UNSPECIFIED)
        return layout->nb_components <= 2;
    return av->color_range == AVCOL_RANGE_JPEG;
}

static enum vanon_field_order field_order(const AVFrame *av)
{
    if (!av->interlaced_frame)
        return VANON_FIELDS_PROGRESSIVE;
    return av->top_field_first ? VANON_FIELDS_TOP_FIRST : VANON_FIELDS_BOTTOM_FIRST;
}

/* Where the samples are. `planes` is for those in a GPU's memory. */
static void point_at(vanon_frame *frame, const AVFrame *av, vanon_cuda_planes *planes)
{
    bool device = av->format == AV_PIX_FMT_CUDA;

    if (device)
        planes->device = vanon_cuda_number(av);
    for (int i = 0; i < VANON_MAX_PLANES; i++) {
        frame->plane[i] = device ? NULL : av->data[i];
        frame->stride[i] = device ? 0 : av->linesize[i];
        planes->plane[i] = device ? (uintptr_t)av->data[i] : 0;
        planes->stride[i] = device ? av->linesize[i] : 0;
    }
    frame->memory = device ? VANON_MEMORY_CUDA : VANON_MEMORY_HOST;
    frame->handle = device ? planes : NULL;
}

static void describe(vanon_frame *frame, const AVFrame *av)
{
    frame->width = av->width;
    frame->height = av->height;
    frame->ready = NULL;
    frame->side = NULL;
    frame->pts = av->best_effort_timestamp;
    frame->duration = av->pkt_duration > 0 ? av->pkt_duration : 0;
    if (av->sample_aspect_ratio.num > 0 && av->sample_aspect_ratio.den > 0)
        frame->sar = (vanon_rational){av->sample_aspect_ratio.num, av->sample_aspect_ratio.den};
    frame->colour = (vanon_colour){av->color_primaries, av->color_trc, av->colorspace,
                                   is_full_range(av), chroma_location(av->chroma_location)};
    frame->field_order = field_order(av);
    if (av->key_frame)
        frame->flags |= VANON_FRAME_KEY;
}

int vanon_av_wrap(vanon_av_pool *pool, AVFrame *decoded, const vanon_frame *about,
                  vanon_frame **out)
{
    vanon_frame description = *about;
    struct holder *holder;
    int status;

    *out = NULL;
    description.format = vanon_av_pixel_format(vanon_av_samples(decoded));
    if (description.format == VANON_PIXEL_NONE)
        return VANON_ERR_UNSUPPORTED;
    describe(&description, decoded);
    holder = get_holder(pool);
    if (!holder)
        return VANON_ERR_MEMORY;
    point_at(&description, decoded, &holder->planes);
    status = vanon_frame_pool_wrap(pool->frames, &description, release_samples, holder, out);
    if (status) {
        vanon_ref *ref = &holder->ref;
        vanon_ref_put(&ref);
        return status;
    }
    av_frame_move_ref(holder->av, decoded);
    (*out)->side = vanon_ref_get(&holder->ref);
    return VANON_OK;
}

/* The decoded frame whose side data came with a frame; NULL where the frame is not from here. */
static const AVFrame *side_of(const vanon_frame *frame)
{
    if (!frame->side || frame->side->free != recycle_holder)
        return NULL;
    return ((const struct holder *)frame->side)->av;
}

static int attach_side_data(AVFrame *av, const AVFrame *from)
{
    for (size_t i = 0; i < VANON_COUNT(kept_side_data); i++) {
        const AVFrameSideData *side = av_frame_get_side_data(from, kept_side_data[i]);
        AVBufferRef *buffer = side ? av_buffer_ref(side->buf) : NULL;

        if (!side)
            continue;
        if (!buffer || !av_frame_new_side_data_from_buf(av, kept_side_data[i], buffer)) {
            av_buffer_unref(&buffer);
            return VANON_ERR_MEMORY;
        }
    }
    return VANON_OK;
}

static void describe_av(AVFrame *av, const vanon_frame *frame, const AVFrame *source)
{
    const vanon_cuda_planes *planes = frame->memory == VANON_MEMORY_CUDA ? frame->handle : NULL;

    av->format = planes ? AV_PIX_FMT_CUDA : vanon_av_pixel_format_of(frame->format);
    av->width = frame->width;
    av->height = frame->height;
    for (int i = 0; i < VANON_MAX_PLANES; i++) {
        av->data[i] = planes ? (uint8_t *)(uintptr_t)planes->plane[i] : frame->plane[i];
        av->linesize[i] = (int)(planes ? planes->stride[i] : frame->stride[i]);
    }
    av->pts = frame->pts;
    av->pkt_duration = frame->duration;
    av->sample_aspect_ratio = (AVRational){frame->sar.num, frame->sar.den ? frame->sar.den : 1};
    av->color_primaries = frame->colour.primaries;
    av->color_trc = frame->colour.transfer;
    av->colorspace = frame->colour.matrix;
    av->chroma_location = chroma_location_of(frame->colour.chroma_location);
    av->color_range = frame->colour.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    /* What the source left open stays open. */
    if (source && source->color_range == AVCOL_RANGE_UNSPECIFIED &&
        !is_yuvj(vanon_av_samples(source)) && is_full_range(source) == frame->colour.full_range)
        av->color_range = AVCOL_RANGE_UNSPECIFIED;
    if (source && av->chroma_location == AVCHROMA_LOC_UNSPECIFIED)
        av->chroma_location = source->chroma_location;
    av->interlaced_frame = frame->field_order == VANON_FIELDS_TOP_FIRST ||
                           frame->field_order == VANON_FIELDS_BOTTOM_FIRST;
    av->top_field_first = frame->field_order == VANON_FIELDS_TOP_FIRST;
}

static void release_borrowed(void *opaque, uint8_t *data)
{
    vanon_frame *frame = opaque;

    (void)data;
    vanon_frame_unref(&frame);
}

int vanon_av_borrow(AVFrame *av, vanon_frame **frame)
{
    const AVFrame *source = side_of(*frame);
    const vanon_cuda_planes *planes =
        (*frame)->memory == VANON_MEMORY_CUDA ? (*frame)->handle : NULL;
    uint8_t *samples = planes ? (uint8_t *)(uintptr_t)planes->plane[0] : (*frame)->plane[0];
    size_t bytes = vanon_frame_bytes((*frame)->format, (*frame)->width, (*frame)->height);

    av->buf[0] =
        av_buffer_create(samples, bytes, release_borrowed, *frame, AV_BUFFER_FLAG_READONLY);
    if (!av->buf[0])
        return VANON_ERR_MEMORY;
    describe_av(av, *frame, source);
    *frame = NULL;
    return source ? attach_side_data(av, source) : VANON_OK;
}

int vanon_av_orientation(const int32_t matrix[9], int *rotation, bool *mirrored)
{
    /* x' = a x + c y, y' = b x + d y, with y downwards. */
    double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
    double straight, crossed;

    *mirrored = a * d - b * c < 0;
    if (*mirrored) {
        a = -a;
        b = -b;
    }
    straight = a < 0 ? -a : a;
    crossed = b < 0 ? -b : b;
    /* A turn by less than a tenth of a degree is a rounding of the file's maker. */
    if (straight * 573 < crossed)
        *rotation = b > 0 ? 90 : 270;
    else if (crossed * 573 < straight)
        *rotation = a > 0 ? 0 : 180;
    else
        return VANON_ERR_UNSUPPORTED;
    return VANON_OK;
}

void vanon_media_quiet(void)
{
    av_log_set_level(AV_LOG_QUIET);
}

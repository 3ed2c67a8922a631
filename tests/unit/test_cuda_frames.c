/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libav*'s frames of AV_PIX_FMT_CUDA from decoder to encoder, with a driver, a decoder and an
 * encoder that stand in for NVIDIA's and keep frames in the host's memory (driver/), and the
 * reference plugin. What the decoder shows is its invention.
 */
#include "unit.h"

#include <dlfcn.h>

#include <libavutil/mastering_display_metadata.h>
#include <libavutil/opt.h>

#include <vanon/job.h>

#include "media/cuda.h"
#include "media/reader_private.h"
#include "media/writer_quality.h"
#include "media_clips.h"
#include "pixels/format.h"

#define WIDTH  96
#define HEIGHT 64

/* A clip of 40 frames, each decoded as it comes; 1080 lines are coded as 1088. */
static const char *h264_clip(const char *name, const char *size)
{
    char arguments[256];

    snprintf(arguments, sizeof arguments,
             "-f lavfi -i testsrc2=s=%s:r=25:d=1.6 -c:v libx264 -bf 0 -preset ultrafast -pix_fmt "
             "yuv420p -color_range tv",
             size);
    return make_clip(name, arguments);
}

/* A number that a library of driver/ counts; 0 where it is not loaded. */
static int count_of(const char *library_name, const char *name)
{
    void *library = dlopen(library_name, RTLD_NOW | RTLD_NOLOAD);
    int *count = library ? dlsym(library, name) : NULL, value = count ? *count : 0;

    if (library)
        dlclose(library);
    return value;
}

/* Sets a number of the driver's, which is loaded. */
static void set_driver(const char *name, int value)
{
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    int *number;

    assert_non_null(library);
    number = dlsym(library, name);
    assert_non_null(number);
    *number = value;
    dlclose(library);
}

/* What the driver's copies return from now on. */
static void make_copies_fail(int error)
{
    set_driver("cuda_stub_copies_fail", error);
}

/* How many blocks of the device's memory are taken. */
static int blocks(void)
{
    return count_of("libcuda.so.1", "cuda_stub_blocks");
}

static AVFrame *host_picture(enum AVPixelFormat format)
{
    AVFrame *av = av_frame_alloc();

    assert_non_null(av);
    av->format = format;
    av->width = WIDTH;
    av->height = HEIGHT;
    assert_int_equal(av_frame_get_buffer(av, 0), 0);
    for (int plane = 0; plane < 2; plane++)
        for (int i = 0; i < av->linesize[plane] * (HEIGHT >> plane); i++)
            av->data[plane][i] = (uint8_t)(17 * i + 5 * plane);
    assert_non_null(av_mastering_display_metadata_create_side_data(av));
    assert_non_null(av_frame_new_side_data(av, AV_FRAME_DATA_A53_CC, 3));
    av->best_effort_timestamp = 77;
    av->pkt_duration = 3;
    av->color_range = AVCOL_RANGE_UNSPECIFIED;
    return av;
}

static AVFrame *device_picture(AVBufferRef *frames, const AVFrame *host)
{
    AVFrame *av = av_frame_alloc();

    assert_non_null(av);
    assert_int_equal(av_hwframe_get_buffer(frames, av, 0), 0);
    assert_int_equal(av_hwframe_transfer_data(av, host, 0), 0);
    assert_int_equal(av_frame_copy_props(av, host), 0);
    return av;
}

static void assert_same_samples(const vanon_frame *frame, const AVFrame *av)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int plane = 0; plane < layout->planes; plane++)
        for (int y = 0; y < vanon_plane_lines(layout, plane, frame->height); y++)
            assert_memory_equal(frame->plane[plane] + y * frame->stride[plane],
                                av->data[plane] + y * av->linesize[plane],
                                vanon_plane_bytes(layout, plane, frame->width));
}

/* As the encoder gets it: on the device, with what an encoder is to know. */
static void check_borrowed(vanon_frame *frame, AVBufferRef *frames, enum AVPixelFormat format)
{
    const vanon_cuda_planes *planes = frame->handle;
    AVFrame *borrowed = av_frame_alloc();
    vanon_frame *other = vanon_frame_ref(frame);

    assert_int_equal(vanon_av_borrow(borrowed, &other), VANON_OK);
    assert_int_equal(borrowed->format, AV_PIX_FMT_CUDA);
    assert_int_equal(vanon_cuda_adopt(borrowed, frames), VANON_OK);
    assert_int_equal((uintptr_t)borrowed->data[1], planes->plane[1]);
    assert_int_equal(vanon_av_samples(borrowed), format);
    assert_int_equal(borrowed->color_range, AVCOL_RANGE_UNSPECIFIED);
    assert_non_null(av_frame_get_side_data(borrowed, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA));
    assert_null(av_frame_get_side_data(borrowed, AV_FRAME_DATA_A53_CC));
    borrowed->data[1]++;
    assert_int_equal(vanon_cuda_adopt(borrowed, frames), VANON_ERR_UNSUPPORTED);
    av_frame_free(&borrowed);
}

/* Wrapped, borrowed for an encoder, brought to the host. */
static void check_round_trip(enum AVPixelFormat format, enum vanon_pixel_format expected)
{
    const vanon_frame about = {.number = 9, .time_base = {1, 30}};
    AVFrame *host = host_picture(format), *device, *scratch[2];
    AVBufferRef *gpu = NULL, *frames = NULL, *same;
    vanon_frame_pool *downloads;
    const vanon_cuda_planes *planes;
    vanon_av_pool *pool;
    vanon_frame *frame;

    assert_int_equal(vanon_cuda_open(&gpu, 0), VANON_OK);
    assert_int_equal(vanon_cuda_pool(&frames, gpu, format, WIDTH, HEIGHT), VANON_OK);
    same = frames;
    assert_int_equal(vanon_cuda_pool(&frames, gpu, format, WIDTH, HEIGHT), VANON_OK);
    assert_ptr_equal(frames, same);
    device = device_picture(frames, host);
    assert_int_equal(vanon_av_samples(device), format);
    assert_int_equal(vanon_av_pool_create(&pool), VANON_OK);
    assert_int_equal(vanon_frame_pool_create(&downloads), VANON_OK);
    assert_int_equal(vanon_av_wrap(pool, device, &about, &frame), VANON_OK);
    assert_int_equal(frame->memory, VANON_MEMORY_CUDA);
    assert_int_equal(frame->format, expected);
    assert_int_equal(frame->pts, 77);
    assert_false(frame->colour.full_range);
    assert_null(frame->plane[0]);
    planes = frame->handle;
    assert_int_equal(planes->device, 0);
    assert_int_equal(planes->stride[0], planes->stride[1]);
    assert_int_equal(planes->plane[1], planes->plane[0] + HEIGHT * (uint64_t)planes->stride[0]);

    check_borrowed(frame, frames, format);
    for (int i = 0; i < 2; i++)
        scratch[i] = av_frame_alloc();
    assert_int_equal(vanon_cuda_download(frames, downloads, scratch, &frame), VANON_OK);
    for (int i = 0; i < 2; i++)
        av_frame_free(&scratch[i]);
    assert_int_equal(frame->memory, VANON_MEMORY_HOST);
    assert_int_equal(frame->number, 9);
    assert_same_samples(frame, host);
    av_frame_free(&host);
    av_frame_free(&device);
    vanon_av_pool_destroy(&pool);
    vanon_frame_pool_destroy(&downloads);
    av_buffer_unref(&frames);
    av_buffer_unref(&gpu);
    vanon_frame_unref(&frame);
    assert_int_equal(blocks(), 0);
}

static void frames_go_round(void **state)
{
    (void)state;
    check_round_trip(AV_PIX_FMT_NV12, VANON_PIXEL_NV12);
    check_round_trip(AV_PIX_FMT_P010, VANON_PIXEL_P010);
}

static void what_is_not_there_is_said(void **state)
{
    AVBufferRef *gpu = NULL, *frames = NULL;

    (void)state;
    assert_int_equal(vanon_cuda_open(&gpu, 1), VANON_ERR_UNSUPPORTED);
    assert_null(gpu);
    assert_int_equal(vanon_cuda_open(&gpu, 0), VANON_OK);
    assert_int_equal(vanon_cuda_pool(&frames, gpu, AV_PIX_FMT_YUV411P, 64, 64),
                     VANON_ERR_UNSUPPORTED);
    assert_null(frames);
    av_buffer_unref(&gpu);
}

/* The process, be it the plugin, has used the GPU before, and waits there without sleeping. */
static void a_gpu_that_is_in_use(void **state)
{
    AVBufferRef *gpu = NULL;
    void *library = dlopen("libcuda.so.1", RTLD_NOW);

    (void)state;
    assert_non_null(library);
    set_driver("cuda_stub_active", 1);
    assert_int_equal(vanon_cuda_open(&gpu, 0), VANON_OK);
    assert_int_equal(count_of("libcuda.so.1", "cuda_stub_flags"), 4);
    av_buffer_unref(&gpu);
    assert_int_equal(vanon_cuda_open(&gpu, 1), VANON_ERR_UNSUPPORTED);
    set_driver("cuda_stub_active", 0);
    set_driver("cuda_stub_flags", 0);
    dlclose(library);
}

/* libav* itself takes a copy that failed for one that was done. */
static void failed_copies_are_errors(void **state)
{
    AVBufferRef *gpu = NULL, *frames = NULL;
    AVFrame *host = host_picture(AV_PIX_FMT_NV12), *device, *copy = av_frame_alloc(), *scratch[2];
    const vanon_frame about = {.time_base = {1, 30}};
    const int errors[] = {1, 2}; /* CUDA_ERROR_INVALID_VALUE, CUDA_ERROR_OUT_OF_MEMORY */
    vanon_frame_pool *downloads;
    vanon_av_pool *pool;
    vanon_frame *frame;

    (void)state;
    assert_int_equal(vanon_cuda_open(&gpu, 0), VANON_OK);
    assert_int_equal(vanon_cuda_pool(&frames, gpu, AV_PIX_FMT_NV12, WIDTH, HEIGHT), VANON_OK);
    device = device_picture(frames, host);
    for (int i = 0; i < 2; i++) {
        int expected = i ? VANON_ERR_MEMORY : VANON_ERR_INFERENCE;

        scratch[i] = av_frame_alloc();
        make_copies_fail(errors[i]);
        assert_int_equal(vanon_cuda_copy(device, frames, copy), expected);
        assert_null(copy->buf[0]);
    }
    make_copies_fail(0);
    assert_int_equal(vanon_av_pool_create(&pool), VANON_OK);
    assert_int_equal(vanon_frame_pool_create(&downloads), VANON_OK);
    assert_int_equal(vanon_av_wrap(pool, device, &about, &frame), VANON_OK);
    make_copies_fail(1);
    assert_int_equal(vanon_cuda_download(frames, downloads, scratch, &frame), VANON_ERR_INFERENCE);
    make_copies_fail(0);
    assert_int_equal(frame->memory, VANON_MEMORY_CUDA);
    vanon_frame_unref(&frame);
    for (int i = 0; i < 2; i++)
        av_frame_free(&scratch[i]);
    av_frame_free(&host);
    av_frame_free(&device);
    av_frame_free(&copy);
    vanon_av_pool_destroy(&pool);
    vanon_frame_pool_destroy(&downloads);
    av_buffer_unref(&frames);
    av_buffer_unref(&gpu);
    assert_int_equal(blocks(), 0);
}

static vanon_reader *open_reader(const char *path, enum vanon_hwdec hwdec, int number, int expected)
{
    static struct vanon_options options;
    vanon_reader *reader;

    options = media_options(path);
    options.hwdec = hwdec;
    unit_log_clear();
    assert_int_equal(vanon_reader_create(&reader, &options, &unit_log), VANON_OK);
    assert_int_equal(vanon_reader_decode_on_gpu(reader, number), expected);
    return reader;
}

/* All frames are kept at once: the decoder could not lend so many. */
static void check_decoded(const char *path, int width, int height)
{
    vanon_reader *reader = open_reader(path, VANON_HWDEC_CUDA, 0, VANON_OK);
    vanon_frame *frame[64];
    struct AVPacket *packet;
    const char *place, *why_not;
    size_t count = 0;
    int status;

    while (!(status = vanon_reader_read(reader, &frame[count], &packet))) {
        const vanon_cuda_planes *planes = frame[count]->handle;

        assert_int_equal(frame[count]->memory, VANON_MEMORY_CUDA);
        assert_int_equal(frame[count]->format, VANON_PIXEL_NV12);
        assert_int_equal(frame[count]->width, width);
        assert_int_equal(frame[count]->height, height);
        assert_false(frame[count]->colour.full_range);
        assert_int_equal(planes->plane[1],
                         planes->plane[0] + (uint64_t)height * (uint64_t)planes->stride[0]);
        if (count)
            assert_int_equal(frame[count]->pts - frame[count - 1]->pts, 512);
        assert_true(++count < 64);
    }
    if (status != VANON_ERR_EOF)
        fail_msg("%s", unit_message);
    assert_int_equal(count, 40);
    for (size_t i = 0; i < count; i++) {
        const vanon_cuda_planes *planes = frame[i]->handle;
        const uint8_t *luma = (const uint8_t *)(uintptr_t)planes->plane[0];
        const uint8_t *chroma = (const uint8_t *)(uintptr_t)planes->plane[1];

        assert_int_equal(luma[0], 20 + i);
        assert_int_equal(luma[(height - 1) * planes->stride[0] + width - 1], 20 + i);
        assert_int_equal(chroma[0], 128);
        assert_int_equal(chroma[(height / 2 - 1) * planes->stride[1] + width - 1], 128);
        vanon_frame_unref(&frame[i]);
    }
    vanon_reader_place(reader, &place, &why_not);
    assert_string_equal(place, "cuda:0");
    assert_string_equal(why_not, "");
    vanon_reader_destroy(&reader);
    assert_int_equal(blocks(), 0);
}

static void decoded_frames_stay_there(void **state)
{
    (void)state;
    check_decoded(h264_clip("even.mp4", "96x64"), 96, 64);
    check_decoded(h264_clip("cropped.mp4", "98x66"), 98, 66);
}

/* The CPU decodes what the GPU can't, unless it is to. */
static void check_refused(const char *path, const char *why)
{
    vanon_reader *reader = open_reader(path, VANON_HWDEC_AUTO, 0, VANON_OK);
    struct AVPacket *packet;
    const char *place, *why_not;
    vanon_frame *frame;

    if (vanon_reader_read(reader, &frame, &packet))
        fail_msg("%s: %s", path, unit_message);
    assert_int_equal(frame->memory, VANON_MEMORY_HOST);
    vanon_frame_unref(&frame);
    vanon_reader_place(reader, &place, &why_not);
    assert_string_equal(place, "cpu");
    assert_non_null(strstr(why_not, why));
    vanon_reader_destroy(&reader);
    reader = open_reader(path, VANON_HWDEC_CUDA, 0, VANON_OK);
    assert_int_equal(vanon_reader_read(reader, &frame, &packet), VANON_ERR_UNSUPPORTED);
    assert_message("hwdec cuda", why);
    vanon_reader_destroy(&reader);
}

/* The decoder's threads: one where the GPU works, else as many as are wanted. */
static int threads_for(const char *path)
{
    vanon_options options = media_options(path);
    vanon_reader *reader;
    int threads;

    options.hwdec = VANON_HWDEC_AUTO;
    options.cpu_threads = 3;
    assert_int_equal(vanon_reader_create(&reader, &options, &unit_log), VANON_OK);
    assert_int_equal(vanon_reader_decode_on_gpu(reader, 0), VANON_OK);
    threads = reader->decoder->thread_count;
    vanon_reader_destroy(&reader);
    return threads;
}

static void what_the_gpu_cannot_decode(void **state)
{
    vanon_reader *reader;
    const char *place, *why_not;

    (void)state;
    check_refused(make_clip("odd.mkv",
                            "-f lavfi -i testsrc2=s=65x49:r=25:d=0.2 -c:v libx264 -pix_fmt "
                            "yuv444p"),
                  "4:2:0");
    check_refused(make_clip("lossless.mkv", "-f lavfi -i testsrc2=s=64x48:r=25:d=0.2 -c:v ffv1"),
                  "no decoder for this codec");
    assert_int_equal(
        threads_for(make_clip("vp9.webm", "-f lavfi -i testsrc2=s=64x48:r=25:d=0.2 -c:v "
                                          "libvpx-vp9 -deadline realtime -pix_fmt yuv420p")),
        1);
    assert_int_equal(
        threads_for(make_clip("vp9-444.webm", "-f lavfi -i testsrc2=s=64x48:r=25:d=0.2 -c:v "
                                              "libvpx-vp9 -deadline realtime -pix_fmt yuv444p")),
        3);
    reader = open_reader(clip_path("even.mp4"), VANON_HWDEC_AUTO, 5, VANON_OK);
    vanon_reader_place(reader, &place, &why_not);
    assert_non_null(strstr(why_not, "no such GPU"));
    vanon_reader_destroy(&reader);
    reader = open_reader(clip_path("even.mp4"), VANON_HWDEC_CUDA, 5, VANON_ERR_UNSUPPORTED);
    assert_message("hwdec cuda", "GPU 5");
    vanon_reader_destroy(&reader);
}

/* An encoder of NVENC's lets go of the memory that it knows before that goes with the engine. */
static int registered_at_the_end;

void __real_vanon_engine_destroy(vanon_engine **engine);
void __wrap_vanon_engine_destroy(vanon_engine **engine);

void __wrap_vanon_engine_destroy(vanon_engine **engine)
{
    registered_at_the_end = count_of("libnvidia-encode.so.1", "nvenc_stub_registered");
    __real_vanon_engine_destroy(engine);
}

/* Runs a job; its report goes to `report`. */
static int run_job(const char *const (*pairs)[2], size_t count, char *report, size_t size)
{
    struct vanon_job_params params = {.log = &unit_log};
    vanon_options *options;
    vanon_job *job;
    int status;

    unit_log_clear();
    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(vanon_options_set(options, pairs[i][0], pairs[i][1]), VANON_OK);
    params.options = options;
    status = vanon_job_create(&job, &params);
    if (!status)
        status = vanon_job_run(job);
    if (job)
        snprintf(report, size, "%s", vanon_job_report(job));
    vanon_job_destroy(&job);
    vanon_options_destroy(&options);
    return status;
}

/* From the decoder through the renderer of the plugin to an encoder on the CPU. */
static void whole_run_on_the_device(void **state)
{
    static char report[16384];
    const char *output = clip_path("hidden.mkv"), *input = h264_clip("in.mp4", "96x64");
    const char *const pairs[][2] = {
        {"input", input},   {"output", output},        {"hwdec", "cuda"},
        {"codec", "ffv1"},  {"detector", "null"},      {"region", "16,16,32,16"},
        {"style", "solid"}, {"safety_margin_px", "0"}, {"overwrite", "true"}};
    struct vanon_options options;
    struct AVPacket *packet;
    vanon_reader *reader;
    vanon_frame *frame;
    int count = 0;

    (void)state;
    if (run_job(pairs, VANON_COUNT(pairs), report, sizeof report))
        fail_msg("%s", unit_message);
    assert_non_null(strstr(report, "\"device\": \"cuda:0\""));
    assert_non_null(strstr(report, "\"frames_on_gpu\": 40"));
    assert_non_null(strstr(report, "\"frames_downloaded\": 0"));
    options = media_options(output);
    assert_int_equal(vanon_reader_create(&reader, &options, &unit_log), VANON_OK);
    while (!vanon_reader_read(reader, &frame, &packet)) {
        assert_int_equal(frame->plane[0][0], 20 + count);
        assert_int_equal(frame->plane[0][24 * frame->stride[0] + 32], 16); /* black */
        assert_int_equal(frame->plane[0][60 * frame->stride[0] + 90], 20 + count);
        vanon_frame_unref(&frame);
        count++;
    }
    assert_int_equal(count, 40);
    vanon_reader_destroy(&reader);
    assert_int_equal(blocks(), 0);
}

/* From NVDEC to NVENC: some frames as they were decoded, some rendered. */
static void encoded_where_they_are(void **state)
{
    static char report[16384];
    const char *input = clip_path("in.mp4"), *output = clip_path("hidden.h264");
    const char *const pairs[][2] = {{"input", input},
                                    {"output", output},
                                    {"hwdec", "auto"},
                                    {"detector", "null"},
                                    {"region", "0,0,20,20@0.82-"},
                                    {"style", "solid"},
                                    {"overwrite", "true"},
                                    {"codec", "h264_nvenc"},
                                    {"safety_margin_px", "0"}};
    void *library;
    size_t bytes;
    uint8_t *file;

    (void)state;
    if (!avcodec_find_encoder_by_name("h264_nvenc"))
        skip();
    library = dlopen("libnvidia-encode.so.1", RTLD_NOW); /* so that it stays, with its counts */
    assert_non_null(library);
    registered_at_the_end = -1;
    if (run_job(pairs, VANON_COUNT(pairs), report, sizeof report))
        fail_msg("%s", unit_message);
    assert_non_null(strstr(report, "\"device\": \"cuda:0\""));
    assert_non_null(strstr(report, "\"not_on_gpu\": \"\""));
    assert_non_null(strstr(report, "\"frames_on_gpu\": 40"));
    assert_non_null(strstr(report, "\"encoder\": \"h264_nvenc\""));
    assert_non_null(strstr(report, "\"conversion\": \"\""));
    assert_int_equal(count_of("libnvidia-encode.so.1", "nvenc_stub_pictures"), 40);
    assert_int_equal(count_of("libnvidia-encode.so.1", "nvenc_stub_registered"), 0);
    assert_int_equal(registered_at_the_end, 0);
    file = load_file(output, &bytes);
    assert_int_equal(bytes, 40 * 8);
    for (int i = 0; i < 40; i++) {
        const uint8_t *packet = file + 8 * i;

        assert_memory_equal(packet, ((const uint8_t[]){0, 0, 0, 1, 0x65}), 5);
        assert_int_equal(packet[5], i < 20 ? 20 + i : 16); /* black later */
        assert_int_equal(packet[6], 20 + i);
        assert_int_equal(packet[7], 128);
    }
    free(file);
    dlclose(library);
    assert_int_equal(blocks(), 0);
}

/* What NVENC can't encode is said in words. */
static void encoding_is_refused(void **state)
{
    static char report[16384];
    static const struct {
        const char *name, *arguments, *refused, *text;
    } cases[] = {
        {"fields.mp4", "-flags +ildct+ilme -x264-params tff=1", "NVENC_STUB_NO_FIELDS",
         "interlaced"},
        {"deep.mp4", "-pix_fmt yuv420p10", "NVENC_STUB_NO_10_BITS", "more than 8 bits"},
    };

    (void)state;
    if (!avcodec_find_encoder_by_name("h264_nvenc"))
        skip();
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        const char *output = clip_path("refused.h264");
        char arguments[256];

        snprintf(arguments, sizeof arguments,
                 "-f lavfi -i testsrc2=s=96x64:r=25:d=0.4 -c:v libx264 -bf 0 -pix_fmt yuv420p %s",
                 cases[i].arguments);

        const char *input = make_clip(cases[i].name, arguments);
        const char *const pairs[][2] = {{"input", input},        {"output", output},
                                        {"hwdec", "auto"},       {"detector", "null"},
                                        {"codec", "h264_nvenc"}, {"overwrite", "true"}};

        assert_int_equal(setenv(cases[i].refused, "1", 1), 0);
        assert_int_equal(run_job(pairs, VANON_COUNT(pairs), report, sizeof report),
                         VANON_ERR_UNSUPPORTED);
        assert_int_equal(unsetenv(cases[i].refused), 0);
        assert_message("encoder h264_nvenc", cases[i].text);
        assert_int_not_equal(access(output, F_OK), 0);
    }
}

/* An encoder of NVENC's that wants another format gets frames from the host's memory. */
static void converted_on_the_host(void **state)
{
    static char report[16384];
    const char *input = clip_path("in.mp4"), *output = clip_path("other.h264");
    const char *const pairs[][2] = {{"input", input},        {"output", output},
                                    {"hwdec", "auto"},       {"detector", "null"},
                                    {"codec", "h264_nvenc"}, {"pixel_format", "yuv444p"},
                                    {"overwrite", "true"},   {"duration", "0.4"}};

    (void)state;
    if (!avcodec_find_encoder_by_name("h264_nvenc"))
        skip();
    if (run_job(pairs, VANON_COUNT(pairs), report, sizeof report))
        fail_msg("%s", unit_message);
    assert_non_null(strstr(report, "\"conversion\": \"nv12 to yuv444p\""));
    assert_non_null(strstr(report, "\"frames_on_gpu\": 10"));
    assert_int_equal(blocks(), 0);
}

static void hwdec_follows_device_and_encoder(void **state)
{
    static char report[16384];
    const char *input = clip_path("in.mp4");
    const char *const not_encoded[][2] = {
        {"input", input}, {"hwdec", "auto"}, {"codec", "md5"}, {"detector", "null"}};
    const char *const on_cpu[][2] = {
        {"input", input}, {"hwdec", "cuda"}, {"codec", "md5"}, {"device", "cpu"}};
    const char *const sums[][2] = {
        {"input", input}, {"hwdec", "cuda"}, {"codec", "md5"}, {"detector", "null"}};

    (void)state;
    assert_int_equal(run_job(not_encoded, 4, report, sizeof report), VANON_OK);
    assert_non_null(strstr(report, "\"device\": \"cpu\""));
    assert_non_null(strstr(report, "\"not_on_gpu\": \"the output is not encoded there\""));
    assert_non_null(strstr(report, "\"frames_on_gpu\": 0"));
    assert_int_equal(run_job(on_cpu, 4, report, sizeof report), VANON_ERR_UNSUPPORTED);
    assert_message("hwdec cuda", "device cpu");
    assert_int_equal(run_job(sums, 4, report, sizeof report), VANON_OK);
    assert_non_null(strstr(report, "\"frames_on_gpu\": 40"));
    assert_non_null(strstr(report, "\"md5\""));
}

/* NVENC's quality, where this libav* has it. */
static void quality_of_nvenc(void **state)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("h264_nvenc");
    struct vanon_options options = media_options("");
    static char none[] = "", lossless[] = "p1";
    AVCodecContext *context;
    int64_t rc;
    double cq;

    (void)state;
    if (!codec)
        skip();
    assert_true(vanon_cuda_encodes(codec));
    assert_false(vanon_cuda_encodes(avcodec_find_encoder_by_name("ffv1")));
    for (int i = 0; i < 2; i++) {
        AVFrame picture = {.format = AV_PIX_FMT_CUDA};
        int64_t tune, gpu;

        options.device = (struct vanon_device){i ? VANON_DEVICE_CUDA : VANON_DEVICE_NUMBER, 1};
        options.preset = i ? lossless : none;
        options.crf = i ? 0 : -1;
        context = avcodec_alloc_context3(codec);
        assert_non_null(context);
        assert_int_equal(vanon_quality_check(codec, &options, &unit_log), VANON_OK);
        assert_int_equal(vanon_quality_set(context, &picture, &options, &unit_log), VANON_OK);
        assert_int_equal(context->bit_rate, 0);
        assert_int_equal(av_opt_get_int(context, "rc", AV_OPT_SEARCH_CHILDREN, &rc), 0);
        assert_int_equal(rc, 1); /* vbr */
        assert_int_equal(av_opt_get_double(context, "cq", AV_OPT_SEARCH_CHILDREN, &cq), 0);
        assert_true(cq == (i ? 0 : 21));
        assert_int_equal(av_opt_get_int(context, "tune", AV_OPT_SEARCH_CHILDREN, &tune), 0);
        assert_int_equal(tune == 4, i);
        assert_int_equal(av_opt_get_int(context, "gpu", AV_OPT_SEARCH_CHILDREN, &gpu), 0);
        assert_int_equal(gpu, i ? 1 : -1); /* any */
        avcodec_free_context(&context);
    }
    options.preset = (char[]){"veryfast"};
    assert_int_equal(vanon_quality_check(codec, &options, &unit_log), VANON_ERR_OPTION);
    assert_message("p1,p2");
}

static int set_up(void **state)
{
    setenv("VANON_PLUGINS", PLUGINS "/reference", 1);
    return make_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_go_round),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(a_gpu_that_is_in_use),
        cmocka_unit_test(failed_copies_are_errors),
        cmocka_unit_test(decoded_frames_stay_there),
        cmocka_unit_test(what_the_gpu_cannot_decode),
        cmocka_unit_test(whole_run_on_the_device),
        cmocka_unit_test(encoded_where_they_are),
        cmocka_unit_test(encoding_is_refused),
        cmocka_unit_test(converted_on_the_host),
        cmocka_unit_test(hwdec_follows_device_and_encoder),
        cmocka_unit_test(quality_of_nvenc),
    };

    return cmocka_run_group_tests(tests, set_up, remove_folder);
}

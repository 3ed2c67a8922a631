/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings as the modules read them. The table in table.c binds every key to a field here;
 * nothing else writes them. A module keeps a pointer to options that its owner copied and never
 * changes.
 */
#ifndef VANON_OPTIONS_OPTIONS_H
#define VANON_OPTIONS_OPTIONS_H

#include <stdint.h>

#include <vanon/object.h>
#include <vanon/options.h>

#define VANON_MAX_BATCH 64 /* the most that batch_size allows */

#define VANON_AUTO 0 /* of the numbers that can be found out: sizes, threads, queues, batch */

enum vanon_pipeline {
    VANON_PIPELINE_CPU_GPU,
    VANON_PIPELINE_BATCH,
    VANON_PIPELINE_ULTRA,
    VANON_PIPELINE_MULTITHREAD
};
enum vanon_precision {
    VANON_PRECISION_AUTO,
    VANON_PRECISION_F32,
    VANON_PRECISION_BF16,
    VANON_PRECISION_F16,
    VANON_PRECISION_INT8
};
enum vanon_half {
    VANON_HALF_AUTO,
    VANON_HALF_OFF,
    VANON_HALF_ON
}; /* half_precision, of the replaced program */
enum vanon_style {
    VANON_STYLE_MOSAIC,
    VANON_STYLE_PIXELATE, /* the same as mosaic, by the other name of the replaced program */
    VANON_STYLE_GAUSSIAN,
    VANON_STYLE_BOXBLUR,
    VANON_STYLE_SOLID,
    VANON_STYLES
};
enum vanon_hwdec { VANON_HWDEC_NO, VANON_HWDEC_AUTO, VANON_HWDEC_CUDA };
enum vanon_on_error { VANON_ON_ERROR_STOP, VANON_ON_ERROR_HIDE };
enum vanon_detector_kind {
    VANON_DETECTOR_OPENVINO,
    VANON_DETECTOR_NULL,
    VANON_DETECTOR_REPLAY,
    VANON_DETECTOR_APPLY
};
enum vanon_eye_detector { VANON_EYES_POSE, VANON_EYES_HAAR, VANON_EYES_BOTH };
enum vanon_audio { VANON_AUDIO_COPY, VANON_AUDIO_AAC, VANON_AUDIO_DROP, VANON_AUDIO_MUTE };
enum vanon_subtitles { VANON_SUBTITLES_COPY, VANON_SUBTITLES_DROP };

/* "device": auto, cpu, gpu, npu, N (a GPU's number), cuda:N */
enum vanon_device_kind {
    VANON_DEVICE_AUTO,
    VANON_DEVICE_CPU,
    VANON_DEVICE_GPU,
    VANON_DEVICE_NPU,
    VANON_DEVICE_NUMBER,
    VANON_DEVICE_CUDA
};

struct vanon_device {
    enum vanon_device_kind kind;
    int number; /* of NUMBER and CUDA */
};

#define VANON_MOST_LISTED 64 /* values of an option that takes several */

/* A span of time in microseconds from the video's beginning; INT64_MAX: to its end. */
struct vanon_period {
    int64_t from, until;
};

struct vanon_periods {
    size_t count;
    struct vanon_period span[VANON_MOST_LISTED];
};

/* A rectangle in display space, and when it counts. */
struct vanon_area {
    vanon_box box;
    struct vanon_period when;
};

struct vanon_areas {
    size_t count;
    struct vanon_area area[VANON_MOST_LISTED];
};

/* People by the ids of their tracks. */
struct vanon_ids {
    size_t count;
    int64_t id[VANON_MOST_LISTED];
};

/* What "keep" takes over from the input that is dropped otherwise. */
enum vanon_keep {
    VANON_KEEP_TAGS = 1 << 0,        /* all tags: location, device, owner, dates, titles */
    VANON_KEEP_DATA = 1 << 1,        /* data tracks: GPS, telemetry, time code */
    VANON_KEEP_ATTACHMENTS = 1 << 2, /* fonts and files in Matroska */
    VANON_KEEP_COVER = 1 << 3,       /* cover art and thumbnails */
    VANON_KEEP_VIDEO = 1 << 4,       /* other video streams, which are not anonymised */
};

#define VANON_MAX_OPTIONS 96 /* rows of the table */

struct vanon_options {
    const vanon_log *log;
    bool checked; /* as it is: a second vanon_options_check says nothing again */
    bool
        given[VANON_MAX_OPTIONS]; /* by row of the table: set by someone, see vanon_options_given */

    /* files; strings are owned, "" = none */
    char *input, *output;
    char *input_format, *format; /* see vanon_options_input_format */
    enum vanon_hwdec hwdec;
    int64_t start, duration; /* microseconds; duration VANON_AUTO: to the end */
    char *report;            /* JSON file */
    char *sidecar;           /* of the detectors replay and apply */
    bool overwrite, quiet, json, expect_people;
    bool stats;        /* the progress tells who is waited for */
    bool with_regions; /* in the sidecar that is written */
    int frame;         /* of VANON_JOB_EXPLAIN */
    bool strict;       /* verify the output before it gets its name */
    char *sheet;       /* picture of what a verification found */
    int log_every;     /* frames between two lines; 0: none */

    /* detection */
    enum vanon_detector_kind detector;
    char *pose_model;
    enum vanon_eye_detector eye_detector;
    char *eye_cascade, *face_cascade; /* of the eye detectors haar and both */
    double confidence, iou_threshold; /* 0..1 */
    int max_det;
    int imgsz; /* longer side of the network's input, rounded up to a multiple of 32; VANON_AUTO */
    enum vanon_precision precision;
    enum vanon_half half_precision;
    struct vanon_device device;
    int detect_every; /* frames from a look to the next at most; VANON_AUTO: by motion */
    int look_budget;  /* million network pixels a second of video, for imgsz VANON_AUTO */

    /* hiding */
    uint32_t parts; /* bit 1 << enum vanon_part */
    enum vanon_style style[VANON_STYLED];
    int mosaic_block;  /* pixels, the least side of a cell */
    int blur_kernel;   /* pixels, odd; VANON_AUTO: half of the region, 25 at least */
    bool exact_styles; /* the replaced program's fixed kernels */
    double safety_margin_px[VANON_PARTS]; /* display pixels added around each shape */
    int ttl_frames;        /* a person who is not seen any more is hidden for so many frames */
    int look_ahead_frames; /* that are held back so that gaps are filled from both sides; 0: none */
    struct vanon_ids keep_person, only_person; /* who is left in sight; who alone is hidden */
    struct vanon_areas region;                 /* is hidden, whoever is there */
    struct vanon_areas zone_leave, zone_hide;  /* see regions/choose.h */
    struct vanon_periods hide_span;
    enum vanon_on_error on_error;

    /* output */
    char *codec;  /* "auto", a codec ("h264", "ffv1", "rawvideo"), an encoder ("libx264"), "md5" */
    char *preset; /* of the encoder; "" = what media/writer_quality.c says */
    double crf;   /* < 0: likewise */
    char *pixel_format; /* "auto" = as the input; else a name as ffmpeg spells it */
    enum vanon_audio audio;
    enum vanon_subtitles subtitles;
    uint32_t keep; /* enum vanon_keep */

    /* scheduling: must not change a pixel */
    enum vanon_pipeline pipeline;
    int batch_size, cpu_threads, opencv_threads, frame_queue_size,
        result_queue_size; /* VANON_AUTO */
    int max_frame_memory;  /* MiB of frames alive at once */
    int stall_seconds;     /* engine/stall.h; 0 = waits for ever */
};

/*
 * The containers that are named, as libav* spells them; "": found by content, or by the output's
 * ending. "format" is the output's, but where only the input is a pipe ("-") and has no
 * "input_format" it is the input's.
 */
const char *vanon_options_input_format(const vanon_options *options);
const char *vanon_options_output_format(const vanon_options *options);

/* True where `id` is among them. */
bool vanon_ids_have(const struct vanon_ids *ids, int64_t id);

/* True for "-": standard input, or output. */
bool vanon_options_is_pipe(const char *path);

/* True where the option was set, by file, command line or call, not left at its default. */
bool vanon_options_given(const vanon_options *options, const char *key);

/* "mosaic", "pixelate", "gaussian", "boxblur", "solid". */
const char *vanon_style_name(enum vanon_style style);

/* "f32", "bf16", ... */
const char *vanon_precision_name(enum vanon_precision precision);

/* Sets `count` options, each a key and its value, up to the first that fails. As vanon_options_set.
 */
int vanon_options_set_all(vanon_options *options, const char *const (*pairs)[2], size_t count);

#endif

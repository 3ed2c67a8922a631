/* SPDX-License-Identifier: Apache-2.0 */
#include "options/table.h"

#include <string.h>

#include "base/memory.h"

/* The field's offset; does not compile where the field is not of the type that its kind writes. An
 * enum's type is unsigned. */
#define FIELD(member, type) \
    _Generic(((struct vanon_options *)0)->member, type : offsetof(struct vanon_options, member))

#define STRING(member) .kind = VANON_OPTION_STRING, .offset = FIELD(member, char *)
#define SWITCH(member) \
    .kind = VANON_OPTION_BOOL, .offset = FIELD(member, bool), .names = switch_names
#define INT(member, from, to) \
    .kind = VANON_OPTION_INT, .offset = FIELD(member, int), .least = (from), .most = (to)
#define AUTO_INT(member, from, to) INT(member, from, to), .automatic = true
#define NUMBER(member, from, to) \
    .kind = VANON_OPTION_NUMBER, .offset = FIELD(member, double), .least = (from), .most = (to)
#define ENUM(member, list) \
    .kind = VANON_OPTION_ENUM, .offset = FIELD(member, unsigned), .names = (list)

#define FILES      "Files"
#define MESSAGES   "Messages"
#define DETECTION  "Detection"
#define HIDING     "Hiding"
#define ENCODING   "Encoding"
#define SCHEDULING "Scheduling (changes the speed, never a pixel)"

static const struct vanon_option_name switch_names[] = {
    {"true", true}, {"false", false}, {"yes", true}, {"no", false}, {"on", true},
    {"off", false}, {"1", true},      {"0", false},  {NULL, 0},
};
static const struct vanon_option_name half_names[] = {
    {"auto", VANON_HALF_AUTO}, {"true", VANON_HALF_ON},
    {"false", VANON_HALF_OFF}, {"yes", VANON_HALF_ON},
    {"no", VANON_HALF_OFF},    {"on", VANON_HALF_ON},
    {"off", VANON_HALF_OFF},   {"1", VANON_HALF_ON},
    {"0", VANON_HALF_OFF},     {NULL, 0},
};
static const struct vanon_option_name detector_names[] = {
    {"openvino", VANON_DETECTOR_OPENVINO},
    {"null", VANON_DETECTOR_NULL},
    {"replay", VANON_DETECTOR_REPLAY},
    {NULL, 0},
};
static const struct vanon_option_name device_names[] = {
    {"auto", VANON_DEVICE_AUTO},
    {"cpu", VANON_DEVICE_CPU},
    {"gpu", VANON_DEVICE_GPU},
    {"npu", VANON_DEVICE_NPU},
    {NULL, 0},
};
static const struct vanon_option_name on_error_names[] = {
    {"stop", VANON_ON_ERROR_STOP},
    {"hide", VANON_ON_ERROR_HIDE},
    {NULL, 0},
};
static const struct vanon_option_name audio_names[] = {
    {"copy", VANON_AUDIO_COPY},
    {"drop", VANON_AUDIO_DROP},
    {NULL, 0},
};
static const struct vanon_option_name keep_names[] = {
    {"none", 0},
    {"tags", VANON_KEEP_TAGS},
    {"data", VANON_KEEP_DATA},
    {"attachments", VANON_KEEP_ATTACHMENTS},
    {"cover", VANON_KEEP_COVER},
    {"video", VANON_KEEP_VIDEO},
    {NULL, 0},
};
static const struct vanon_option_name pipeline_names[] = {
    {"cpu-gpu", VANON_PIPELINE_CPU_GPU}, {"batch", VANON_PIPELINE_BATCH},
    {"ultra", VANON_PIPELINE_ULTRA},     {"multithread", VANON_PIPELINE_MULTITHREAD},
    {"speed", VANON_PIPELINE_ULTRA},     {NULL, 0},
};
const struct vanon_option_name vanon_option_styles[] = {
    {"mosaic", VANON_STYLE_MOSAIC},
    {"solid", VANON_STYLE_SOLID},
    {NULL, 0},
};
const struct vanon_option_name vanon_option_precisions[] = {
    {"auto", VANON_PRECISION_AUTO}, {"f32", VANON_PRECISION_F32},   {"bf16", VANON_PRECISION_BF16},
    {"f16", VANON_PRECISION_F16},   {"int8", VANON_PRECISION_INT8}, {NULL, 0},
};

/* clang-format off: a row reads best as one block of fields. */
const struct vanon_option_row vanon_option_rows[] = {
    {{"input", "input", NULL, FILES, "FILE", "",
      "The video or picture to anonymise; the same as INPUT."},
     STRING(input)},
    {{"output", "output", NULL, FILES, "FILE", "",
      "Where the result goes. Left out, it lies beside the input: "
      "in.anonymized.mp4 for in.mp4."},
     STRING(output)},
    {{"overwrite", "overwrite", NULL, FILES, NULL, "false",
      "Replace an output that exists. The input is never written over."},
     SWITCH(overwrite)},
    {{"report", "report", NULL, FILES, "FILE", "",
      "Write a report of the run to this JSON file: frames, objects, regions, times, what was "
      "kept and what was dropped."},
     STRING(report)},
    {{"with_regions", "with-regions", NULL, FILES, NULL, "false",
      "vanon detect: write each frame's regions, too, as the other options make them."},
     SWITCH(with_regions)},

    {{"quiet", "quiet", NULL, MESSAGES, NULL, "false",
      "No progress, and of the messages only errors."},
     SWITCH(quiet)},
    {{"json", "json", NULL, MESSAGES, NULL, "false", "Print the report on standard output."},
     SWITCH(json)},
    {{"log_every", "log-every", NULL, MESSAGES, "N", "30",
      "Where there is no terminal for a progress bar: a line every N frames; 0 for none."},
     INT(log_every, 0, 1000000000)},

    {{"detector", "detector", NULL, DETECTION, "openvino|null|replay", "openvino",
      "Who finds people: the model through OpenVINO, nobody at all (for measurements: nothing is "
      "hidden), or a file that vanon detect wrote."},
     ENUM(detector, detector_names)},
    {{"sidecar", "sidecar", NULL, DETECTION, "FILE", "",
      "The file of people (JSON Lines) that the replay detector reads."},
     STRING(sidecar)},
    {{"pose_model", "pose-model", NULL, DETECTION, "FILE", "yolov8n-pose.pt",
      "A YOLOv8-pose model as ONNX or OpenVINO IR. The default's name stands for the shipped "
      "model."},
     STRING(pose_model)},
    {{"confidence", "confidence", NULL, DETECTION, "X", "0.3",
      "The least score of a person, 0 to 1. Less finds more people, and more that are none."},
     NUMBER(confidence, 0, 1)},
    {{"iou_threshold", "iou-threshold", NULL, DETECTION, "X", "0.7",
      "Two boxes that overlap by more, 0 to 1, are one person."},
     NUMBER(iou_threshold, 0, 1)},
    {{"max_det", "max-det", NULL, DETECTION, "N", "300", "The most people in a frame."},
     INT(max_det, 1, 100000)},
    {{"imgsz", "imgsz", NULL, DETECTION, "N|auto", "auto",
      "Longer side of the picture that the network sees, 16 to 4096, rounded up to a multiple of "
      "32. More finds smaller people and takes longer. auto is 640."},
     AUTO_INT(imgsz, 16, 4096),
     .multiple = 32},
    {{"precision", "precision", NULL, DETECTION, "auto|f32|bf16|f16|int8", "auto",
      "What the network computes in. f32 gives the same result on every machine; auto takes the "
      "fastest that is accurate on this one."},
     ENUM(precision, vanon_option_precisions)},
    {{"half_precision", "half-precision", NULL, DETECTION, "auto|true|false", "auto",
      "For configurations of the replaced program: true is f16 on a GPU, false is f32. Ignored "
      "where precision is not auto."},
     ENUM(half_precision, half_names)},
    {{"device", "device", NULL, DETECTION, "auto|cpu|gpu|npu|N|cuda:N", "auto",
      "Where the network runs. N is that GPU, or the CPU with a warning where there is none; "
      "cuda:N is that GPU or an error."},
     .kind = VANON_OPTION_DEVICE,
     .offset = FIELD(device, struct vanon_device),
     .names = device_names},
    {{"detect_every", "detect-every", NULL, DETECTION, "N|auto", "auto",
      "The network looks at every N-th frame. This version looks at each: 1, the same as auto."},
     AUTO_INT(detect_every, 1, 1),
     .note = "above 1 needs detection between tracked frames, which this version lacks"},
    {{"expect_people", "expect-people", NULL, DETECTION, NULL, "false",
      "A run that finds nobody fails, with an exit code of its own; else it only warns."},
     SWITCH(expect_people)},
    {{"eye_cascade", "eye-cascade", NULL, DETECTION, "FILE", "",
      "For configurations of the replaced program (haarcascade_eye.xml). No effect: eyes are "
      "found from the pose."},
     STRING(eye_cascade)},
    {{"face_cascade", "face-cascade", NULL, DETECTION, "FILE", "",
      "For configurations of the replaced program. No effect, as eye_cascade."},
     STRING(face_cascade)},

    {{"parts", "parts", NULL, HIDING, "PART,...", "eyes,elbows",
      "The parts of each person to hide: eyes, elbows."},
     .kind = VANON_OPTION_PARTS,
     .offset = FIELD(parts, uint32_t)},
    {{"style", "style", NULL, HIDING, "STYLE|PART=STYLE,...", "mosaic",
      "How parts are hidden: mosaic or solid, for all, or for each as in "
      "eyes=solid,elbows=mosaic. Parts that are not named get a mosaic."},
     .kind = VANON_OPTION_STYLE,
     .offset = FIELD(style, unsigned *),
     .names = vanon_option_styles},
    {{"mosaic_block", "mosaic-block", NULL, HIDING, "N", "16",
      "Least side of a mosaic's cell in pixels, 2 to 256. Large regions get larger cells."},
     INT(mosaic_block, 2, 256)},
    {{"safety_margin_px", "safety-margin", "safety", HIDING, "X", "12",
      "Pixels added around everything that is hidden, 0 to 1000."},
     NUMBER(safety_margin_px, 0, 1000)},
    {{"ttl_frames", "ttl-frames", "ttl", HIDING, "N", "5",
      "A person who is not found any more stays hidden for N frames, 0 to 10000."},
     INT(ttl_frames, 0, 10000)},
    {{"on_error", "on-error", NULL, HIDING, "stop|hide", "stop",
      "A frame that is damaged or can't be examined ends the run, or is hidden whole and "
      "counted."},
     ENUM(on_error, on_error_names)},

    {{"codec", "codec", NULL, ENCODING, "NAME", "auto",
      "Codec or encoder: h264, ffv1, rawvideo, libx265 and others that FFmpeg has; md5 writes "
      "checksums of the frames. auto suits the output's container."},
     STRING(codec)},
    {{"preset", "preset", NULL, ENCODING, "NAME", "",
      "The encoder's preset. Left out: veryfast for x264 and x265, else the encoder's own."},
     STRING(preset)},
    {{"crf", "crf", NULL, ENCODING, "X|auto", "auto",
      "Constant quality of the encoder, 0 to 63, less is better. auto: 20 for x264, else the "
      "encoder's own."},
     NUMBER(crf, 0, 63),
     .automatic = true},
    {{"pixel_format", "pixel-format", NULL, ENCODING, "NAME", "auto",
      "Pixel format of the output as FFmpeg spells it (yuv420p). auto: as the input."},
     STRING(pixel_format)},
    {{"audio", "audio", NULL, ENCODING, "copy|drop", "copy",
      "Sound tracks are copied as they are, or left out."},
     ENUM(audio, audio_names)},
    {{"keep", "keep", NULL, ENCODING, "none|WHAT,...", "none",
      "What may tell who is seen is left out, unless named here: tags (place, device, owner, "
      "dates), data (GPS, telemetry), attachments, cover, video (further video streams, which "
      "are not anonymised)."},
     .kind = VANON_OPTION_BITS,
     .offset = FIELD(keep, uint32_t),
     .names = keep_names},

    {{"pipeline", "pipeline", NULL, SCHEDULING, "cpu-gpu|batch|ultra|multithread", "cpu-gpu",
      "How the work is spread. cpu-gpu: each stage on its own thread; batch: large batches, few "
      "threads; ultra (or speed): everything on; multithread: whole frames on each thread."},
     ENUM(pipeline, pipeline_names)},
    {{"batch_size", "batch-size", NULL, SCHEDULING, "N|auto", "auto",
      "Frames that the network sees at once, 1 to 64."},
     AUTO_INT(batch_size, 1, 64)},
    {{"cpu_threads", "cpu-threads", NULL, SCHEDULING, "N|auto", "auto",
      "Threads on the CPU, 1 to 1024. auto: as many as there are processors."},
     AUTO_INT(cpu_threads, 1, 1024)},
    {{"opencv_threads", "opencv-threads", NULL, SCHEDULING, "N|auto", "auto",
      "For configurations of the replaced program. No effect: there is no OpenCV here."},
     AUTO_INT(opencv_threads, 0, 1024)},
    {{"frame_queue_size", "frame-queue-size", NULL, SCHEDULING, "N|auto", "auto",
      "Frames that wait before detection, 1 to 32."},
     AUTO_INT(frame_queue_size, 1, 32)},
    {{"result_queue_size", "result-queue-size", NULL, SCHEDULING, "N|auto", "auto",
      "Frames that wait after detection, 1 to 32."},
     AUTO_INT(result_queue_size, 1, 32)},
    {{"max_frame_memory", "max-frame-memory", NULL, SCHEDULING, "MIB", "256",
      "The most memory for frames in MiB, 16 to 65536."},
     INT(max_frame_memory, 16, 65536)},
};
/* clang-format on */

const size_t vanon_option_row_count = VANON_COUNT(vanon_option_rows);

_Static_assert(VANON_COUNT(vanon_option_rows) <= VANON_MAX_OPTIONS, "more rows than given bits");

const vanon_option_info *vanon_option_table(size_t index)
{
    return index < vanon_option_row_count ? &vanon_option_rows[index].info : NULL;
}

const struct vanon_option_row *vanon_option_find(const char *key)
{
    for (size_t i = 0; i < vanon_option_row_count; i++)
        if (!strcmp(vanon_option_rows[i].info.key, key))
            return &vanon_option_rows[i];
    return NULL;
}

const char *vanon_option_name_of(const struct vanon_option_name *names, int value)
{
    for (; names->name; names++)
        if (names->value == value)
            return names->name;
    return "";
}

const char *vanon_style_name(enum vanon_style style)
{
    return vanon_option_name_of(vanon_option_styles, (int)style);
}

const char *vanon_precision_name(enum vanon_precision precision)
{
    return vanon_option_name_of(vanon_option_precisions, (int)precision);
}

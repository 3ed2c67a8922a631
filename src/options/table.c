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
#define TIME(member, from) \
    .kind = VANON_OPTION_TIME, .offset = FIELD(member, int64_t), .least = (from)
#define LIST(member, of, type, by) \
    .kind = VANON_OPTION_##of, .offset = FIELD(member, type), .join = (by)
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
    {"apply", VANON_DETECTOR_APPLY},
    {NULL, 0},
};
static const struct vanon_option_name eye_detector_names[] = {
    {"pose", VANON_EYES_POSE},
    {"haar", VANON_EYES_HAAR},
    {"both", VANON_EYES_BOTH},
    {NULL, 0},
};
static const struct vanon_option_name device_names[] = {
    {"auto", VANON_DEVICE_AUTO},
    {"cpu", VANON_DEVICE_CPU},
    {"gpu", VANON_DEVICE_GPU},
    {"npu", VANON_DEVICE_NPU},
    {NULL, 0},
};
static const struct vanon_option_name hwdec_names[] = {
    {"no", VANON_HWDEC_NO},
    {"auto", VANON_HWDEC_AUTO},
    {"cuda", VANON_HWDEC_CUDA},
    {NULL, 0},
};
static const struct vanon_option_name on_error_names[] = {
    {"stop", VANON_ON_ERROR_STOP},
    {"hide", VANON_ON_ERROR_HIDE},
    {NULL, 0},
};
static const struct vanon_option_name audio_names[] = {
    {"copy", VANON_AUDIO_COPY},
    {"aac", VANON_AUDIO_AAC},
    {"drop", VANON_AUDIO_DROP},
    {"mute", VANON_AUDIO_MUTE},
    {NULL, 0},
};
static const struct vanon_option_name subtitles_names[] = {
    {"copy", VANON_SUBTITLES_COPY},
    {"drop", VANON_SUBTITLES_DROP},
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
    {"mosaic", VANON_STYLE_MOSAIC},     {"pixelate", VANON_STYLE_PIXELATE},
    {"gaussian", VANON_STYLE_GAUSSIAN}, {"boxblur", VANON_STYLE_BOXBLUR},
    {"solid", VANON_STYLE_SOLID},       {NULL, 0},
};
const struct vanon_option_name vanon_option_precisions[] = {
    {"auto", VANON_PRECISION_AUTO}, {"f32", VANON_PRECISION_F32},   {"bf16", VANON_PRECISION_BF16},
    {"f16", VANON_PRECISION_F16},   {"int8", VANON_PRECISION_INT8}, {NULL, 0},
};

/* clang-format off: a row reads best as one block of fields. */
const struct vanon_option_row vanon_option_rows[] = {
    {{"input", "input", NULL, FILES, "FILE", "",
      "The video or picture to anonymise, or a folder of them; the same as INPUT. - reads standard "
      "input."},
     STRING(input)},
    {{"output", "output", NULL, FILES, "FILE", "",
      "Where the result goes: with several inputs or a folder, a folder, which is made where it is "
      "missing. Left out, it lies beside the input: in.anonymized.mp4 for in.mp4. - writes "
      "standard output, as it comes: what is there after a failure is not complete."},
     STRING(output)},
    {{"format", "format", NULL, FILES, "NAME", "",
      "Container of the output, as FFmpeg spells it (matroska, mpegts, nut, mp4), in place of what "
      "its ending says; -o - needs it. Where only the input is -, it is the input's."},
     STRING(format)},
    {{"input_format", "input-format", NULL, FILES, "NAME", "",
      "Container of the input, in place of what its content says."},
     STRING(input_format)},
    {{"hwdec", "hwdec", NULL, FILES, "no|auto|cuda", "no",
      "Decode on NVIDIA's GPU that device leads to, so that frames stay in its memory. It does not "
      "tell that a picture is damaged: what on_error does then follows only what container and "
      "headers tell. auto: where the encoder is one of NVENC's (h264_nvenc, hevc_nvenc) and the "
      "GPU "
      "can; cuda: with any encoder, or an error."},
     ENUM(hwdec, hwdec_names)},
    {{"start", "start", NULL, FILES, "TIME", "0",
      "Leave out what lies before this time, counted from the video's beginning, in seconds or as "
      "[HH:]MM:SS (90.5, 1:30.5). The output begins at 0."},
     TIME(start, 0)},
    {{"duration", "duration", NULL, FILES, "TIME|auto", "auto",
      "Leave out what begins this long after the start or later. auto: up to the input's end."},
     TIME(duration, 1),
     .automatic = true},
    {{"overwrite", "overwrite", NULL, FILES, NULL, "false",
      "Replace an output that exists. The input is never written over."},
     SWITCH(overwrite)},
    {{"report", "report", NULL, FILES, "FILE", "",
      "Write a report of the run to this JSON file: frames, objects, regions, times, what was "
      "kept and what was dropped."},
     STRING(report)},
    {{"frame", "frame", NULL, FILES, "N", "0",
      "vanon explain: which frame, counted from 0 (of the part, where --start or --duration is "
      "given)."},
     INT(frame, 0, 1000000000)},
    {{"strict", "strict", NULL, FILES, NULL, "false",
      "Verify the output, as vanon verify does, before it gets its name: where something still "
      "shows for certain nothing is left, and the exit code is 8. Takes several times as long."},
     SWITCH(strict)},
    {{"sheet", "sheet", NULL, FILES, "FILE", "",
      "vanon verify and --strict: where something shows, write a PNG picture of the worst places, "
      "as they look in the output. Keep it as safe as the input."},
     STRING(sheet)},
    {{"with_regions", "with-regions", NULL, FILES, NULL, "false",
      "vanon detect: write each frame's regions, too, as the other options make them."},
     SWITCH(with_regions)},

    {{"quiet", "quiet", NULL, MESSAGES, NULL, "false",
      "No progress, and of the messages only errors."},
     SWITCH(quiet)},
    {{"json", "json", NULL, MESSAGES, NULL, "false",
      "Print the report, or what vanon info tells, as JSON on standard output."},
     SWITCH(json)},
    {{"log_every", "log-every", NULL, MESSAGES, "N", "30",
      "Where there is no terminal for a progress bar: a line every N frames; 0 for none."},
     INT(log_every, 0, 1000000000)},
    {{"stats", "stats", NULL, MESSAGES, NULL, "false",
      "Progress tells more: processors and GPU in use, frames that wait before each stage, and the "
      "stage that has the least time to spare. The report has all that, too."},
     SWITCH(stats)},

    {{"detector", "detector", NULL, DETECTION, "openvino|null|replay|apply", "openvino",
      "Who finds people: the model through OpenVINO, nobody at all (for measurements: nothing is "
      "hidden), or a file that vanon detect wrote: replay takes its people as found and follows "
      "them anew, apply hides exactly what it says, as vanon apply does."},
     ENUM(detector, detector_names)},
    {{"sidecar", "sidecar", NULL, DETECTION, "FILE", "",
      "The file of people (JSON Lines) that the detectors replay and apply read."},
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
    {{"max_det", "max-det", NULL, DETECTION, "N", "300",
      "The most people that one look of the network finds. Where there are more, the run fails, "
      "unless max_det was given: then those of the lowest scores are not hidden, and a warning "
      "and the report say so."},
     INT(max_det, 1, 100000)},
    {{"imgsz", "imgsz", NULL, DETECTION, "N|auto", "auto",
      "Longer side of the picture that the network sees, 16 to 4096, rounded up to a multiple of "
      "32. More finds smaller people and takes longer. auto finds the size that the people of the "
      "scene need, 640 to 1920, or parts of large pictures, and looks again where it lost "
      "somebody."},
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
      "Where the network runs. auto is NVIDIA's first GPU where plugin and driver are there, else "
      "the CPU; gpu is that one or another maker's; N is that GPU of NVIDIA's, or the CPU with a "
      "warning where there is none; cuda:N is that GPU or an error."},
     .kind = VANON_OPTION_DEVICE,
     .offset = FIELD(device, struct vanon_device),
     .names = device_names},
    {{"look_budget", "look-budget", NULL, DETECTION, "N", "64",
      "With imgsz auto: the most that looking may cost, in million pixels of network input for "
      "each second of video, 1 to 100000. Where small people need more, they are looked for in "
      "some frames and followed between."},
     INT(look_budget, 1, 100000)},
    {{"detect_every", "detect-every", NULL, DETECTION, "N|auto", "1",
      "The network looks at every N-th frame, 1 to 8, and at those between two looks where people "
      "come, go or move fast, and where the scene changes; between looks people are followed. "
      "auto: as far apart as the motion allows. Never further apart than half of "
      "look_ahead_frames."},
     AUTO_INT(detect_every, 1, 8)},
    {{"expect_people", "expect-people", NULL, DETECTION, NULL, "false",
      "A run that finds nobody fails, with an exit code of its own; else it only warns."},
     SWITCH(expect_people)},
    {{"eye_detector", "eye-detector", NULL, DETECTION, "pose|haar|both", "pose",
      "Who finds eyes: the pose model; Haar cascades, as in the replaced program (slower, and "
      "blind to faces that are small, turned or tilted); or both, and what either finds is "
      "hidden."},
     ENUM(eye_detector, eye_detector_names)},
    {{"eye_cascade", "eye-cascade", NULL, DETECTION, "FILE", "haarcascade_eye.xml",
      "The cascade for eyes. A bare name is also looked for in the folder $VANON_CASCADES and "
      "where Debian's package opencv-data has OpenCV's."},
     STRING(eye_cascade)},
    {{"face_cascade", "face-cascade", NULL, DETECTION, "FILE",
      "haarcascade_frontalface_default.xml",
      "The cascade for the faces in which eyes are looked for; found as eye_cascade is."},
     STRING(face_cascade)},

    {{"parts", "parts", NULL, HIDING, "PART,...", "eyes,elbows",
      "The parts of each person to hide: eyes, elbows, face, head, shoulders, hands, hips, knees, "
      "feet, arms (with the hands), legs (with the feet), body (the whole person); all is every "
      "part."},
     .kind = VANON_OPTION_PARTS,
     .offset = FIELD(parts, uint32_t)},
    {{"style", "style", NULL, HIDING, "STYLE|PART=STYLE,...", "mosaic",
      "How parts are hidden: mosaic (or pixelate, the same), gaussian, boxblur or solid, for all, "
      "or for each as in eyes=solid,head=gaussian. Parts that are not named get a mosaic; its "
      "cells run into each other, save with exact_styles. Only solid leaves nothing of what was "
      "there."},
     .kind = VANON_OPTION_STYLE,
     .offset = FIELD(style, unsigned *),
     .names = vanon_option_styles},
    {{"mosaic_block", "mosaic-block", NULL, HIDING, "N", "16",
      "Least side of a mosaic's cell in pixels, 2 to 256. Large regions get larger cells."},
     INT(mosaic_block, 2, 256)},
    {{"blur_kernel", "blur-kernel", NULL, HIDING, "N|auto", "auto",
      "Side of gaussian's and boxblur's kernel in pixels, an odd number from 3 to 999. Cells of a "
      "third of it at least are averaged first, so that nothing finer is left. auto: half of the "
      "region, 25 at least."},
     AUTO_INT(blur_kernel, 3, 999),
     .odd = true},
    {{"exact_styles", "exact-styles", NULL, HIDING, NULL, "false",
      "Hide as the program that this one replaces did: mosaic cells of mosaic_block, kernels of "
      "25, however large the region is. For comparisons: such blurs can be undone."},
     SWITCH(exact_styles)},
    {{"safety_margin_px", "safety-margin", "safety", HIDING, "X|PART=X,...", "12",
      "Pixels added around what is hidden, 0 to 1000: for all parts, or for each as in "
      "eyes=20,body=5. Parts that are not named get 12."},
     .kind = VANON_OPTION_MARGIN,
     .offset = FIELD(safety_margin_px, double *),
     .least = 0,
     .most = 1000},
    {{"ttl_frames", "ttl-frames", "ttl", HIDING, "N", "5",
      "A person who is not found any more stays hidden for N frames, 0 to 10000."},
     INT(ttl_frames, 0, 10000)},
    {{"look_ahead_frames", "look-ahead-frames", NULL, HIDING, "N", "30",
      "Frames that are held back, 0 to 64, so that a person is hidden before the first sight as "
      "well, and where detection fails for so long. 0 is for live use. Where N "
      "pictures take more than half of max_frame_memory, a file is decoded twice; what can't be "
      "read again is looked ahead less far."},
     INT(look_ahead_frames, 0, 64)},
    {{"keep_person", "keep-person", NULL, HIDING, "ID,...", "",
      "Leave these people in sight. Their ids are those of vanon detect and vanon explain, which "
      "are the same in each run with the same settings."},
     LIST(keep_person, IDS, struct vanon_ids, ",")},
    {{"only_person", "only-person", NULL, HIDING, "ID,...", "",
      "Hide these people and nobody else; but eyes that cascades found (eye_detector), of whom "
      "nobody knows whose they are, stay hidden."},
     LIST(only_person, IDS, struct vanon_ids, ",")},
    {{"region", "region", NULL, HIDING, "X,Y,W,H[@START-END]", "",
      "Hide this rectangle, whatever is in it: left, top, width and height in pixels of the "
      "upright picture, and from when to when, as START and DURATION are given; either end may be "
      "left out. May be given several times. Its style is region's: --style region=solid."},
     LIST(region, AREAS, struct vanon_areas, ";")},
    {{"zone_leave", "zone-leave", NULL, HIDING, "X,Y,W,H[@START-END]", "",
      "Leave people in sight whose box lies wholly inside this rectangle. Whoever stands across "
      "its border is hidden. May be given several times."},
     LIST(zone_leave, AREAS, struct vanon_areas, ";")},
    {{"zone_hide", "zone-hide", NULL, HIDING, "X,Y,W,H[@START-END]", "",
      "Hide only people whose box touches this rectangle, or another one of these. While none of "
      "them counts, everybody is hidden. May be given several times."},
     LIST(zone_hide, AREAS, struct vanon_areas, ";")},
    {{"hide_span", "hide-span", NULL, HIDING, "START-END", "",
      "Hide people only in this span of time, or another one of these. A frame that is shown "
      "while one begins or ends is in it. May be given several times."},
     LIST(hide_span, SPANS, struct vanon_periods, ";")},
    {{"on_error", "on-error", NULL, HIDING, "stop|hide", "stop",
      "A frame that is damaged or can't be examined ends the run, or is hidden whole and "
      "counted."},
     ENUM(on_error, on_error_names)},

    {{"codec", "codec", NULL, ENCODING, "NAME", "auto",
      "Codec or encoder: h264, hevc, vp9, av1, prores, ffv1, rawvideo, mjpeg, mpeg4 and others "
      "that "
      "FFmpeg has, libsvtav1 too; md5 writes no file, but prints a checksum of the frames before "
      "encoding. "
      "auto suits the output's container."},
     STRING(codec)},
    {{"preset", "preset", NULL, ENCODING, "NAME", "",
      "The encoder's speed. h264 and hevc: ultrafast, superfast, veryfast (if left out), ... "
      "placebo; vp8, vp9 and av1: 0 (slow) to 8, 5 if left out, for av1 6. Others have none, or "
      "their own."},
     STRING(preset)},
    {{"crf", "crf", NULL, ENCODING, "X|auto", "auto",
      "Constant quality, less is better; 0 is lossless for h264, hevc, vp9 and av1. h264 and hevc: "
      "0 to 51, 20 and 22 if left out; vp9, av1 and vp8: 0 to 63, 28, 24 and 8; mpeg4, mpeg2video "
      "and mjpeg: the quantiser, 1 to 31, 2."},
     NUMBER(crf, 0, 63),
     .automatic = true},
    {{"pixel_format", "pixel-format", NULL, ENCODING, "NAME", "auto",
      "Pixel format of the output as FFmpeg spells it (yuv420p). auto: as the input."},
     STRING(pixel_format)},
    {{"audio", "audio", NULL, ENCODING, "copy|aac|drop|mute", "copy",
      "Sound tracks are copied as they are, converted to AAC (what is AAC stays as it is), left "
      "out, "
      "or kept as silence."},
     ENUM(audio, audio_names)},
    {{"subtitles", "subtitles", NULL, ENCODING, "copy|drop", "copy",
      "Subtitles are copied as they are, or left out."},
     ENUM(subtitles, subtitles_names)},
    {{"keep", "keep", NULL, ENCODING, "none|WHAT,...", "none",
      "What may tell who is seen is left out, unless named here: tags (place, device, owner, "
      "dates), data (GPS, telemetry), attachments, cover, video (further video streams, which "
      "are not anonymised)."},
     .kind = VANON_OPTION_BITS,
     .offset = FIELD(keep, uint32_t),
     .names = keep_names},

    {{"pipeline", "pipeline", NULL, SCHEDULING, "cpu-gpu|batch|ultra|multithread", "cpu-gpu",
      "How the work is spread. cpu-gpu: two threads between decoder, network and encoder; batch: "
      "one thread, up to 16 frames at once; ultra (or speed): threads for all processors, up to 16 "
      "frames at once, and unless it is given detect_every auto, which can change a pixel; "
      "multithread: threads for all processors, one frame at once."},
     ENUM(pipeline, pipeline_names)},
    {{"batch_size", "batch-size", NULL, SCHEDULING, "N|auto", "auto",
      "Frames that the network sees at once at most, 1 to 64 (GPUs of NVIDIA's: 16): fewer where "
      "their inputs have more than 4 million pixels together, or the frames take more than a "
      "quarter of max_frame_memory; with imgsz auto, on a CPU, 1. auto: more as long as that is "
      "faster; on a CPU it never is, so there it is 1."},
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
    {{"stall_seconds", "stall-seconds", NULL, SCHEDULING, "SECONDS", "60",
      "A network that owes an answer while nothing moves and no thread works for so long has "
      "stalled, and the run ends with an error, 0 to 86400. Slow machines and inputs that pause "
      "don't count. 0: waits for ever."},
     INT(stall_seconds, 0, 86400)},
};
/* clang-format on */

const size_t vanon_option_row_count = VANON_COUNT(vanon_option_rows);

_Static_assert(VANON_COUNT(vanon_option_rows) <= VANON_MAX_OPTIONS, "more rows than the most");

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

const char *vanon_option_join(const char *key)
{
    const struct vanon_option_row *row = vanon_option_find(key);

    return row ? row->join : NULL;
}

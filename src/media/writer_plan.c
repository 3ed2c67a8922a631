/* SPDX-License-Identifier: Apache-2.0 */
#include "media/writer_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/avstring.h>
#include <libavutil/dict.h>
#include <libavutil/mem.h>

#include "base/log.h"
#include "base/memory.h"
#include "media/av.h"
#include "media/writer_container.h"
#include "media/writer_header.h"
#include "media/writer_sound.h"

#define COVER (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)

struct target {
    int stream; /* of the output; -1: dropped */
    AVRational time_base;
    enum AVCodecID sound;     /* that it is converted to; NONE: it is not */
    AVCodecParameters *codec; /* of what is copied; NULL: nothing is */
    bool stripped;            /* text was taken out of the codec's header */
};

struct vanon_plan {
    struct vanon_plan_params params;
    struct vanon_media_notes notes;
    size_t tag_capacity;
    struct target *target; /* of each input stream */
    int targets;           /* streams of the output */
};

const char *vanon_stream_type_name(enum vanon_stream_type type)
{
    static const char *const name[] = {"video", "audio", "subtitle", "data", "attachment"};

    return name[type];
}

static enum vanon_stream_type type_of(const AVStream *stream)
{
    switch (stream->codecpar->codec_type) {
    case AVMEDIA_TYPE_VIDEO:
        return VANON_STREAM_VIDEO;
    case AVMEDIA_TYPE_AUDIO:
        return VANON_STREAM_AUDIO;
    case AVMEDIA_TYPE_SUBTITLE:
        return VANON_STREAM_SUBTITLE;
    case AVMEDIA_TYPE_ATTACHMENT:
        return VANON_STREAM_ATTACHMENT;
    default:
        return VANON_STREAM_DATA;
    }
}

/* MP4 shows its chapters as a text track as well, which the muxer writes anew. */
static bool is_chapter_track(const AVStream *stream)
{
    return stream->codecpar->codec_id == AV_CODEC_ID_BIN_DATA &&
           stream->codecpar->codec_tag == MKTAG('t', 'e', 'x', 't');
}

/* Why the options don't want a stream; NULL: they do. */
static const char *unwanted(const AVStream *stream, const vanon_options *options)
{
    uint32_t keep = options->keep;

    switch (type_of(stream)) {
    case VANON_STREAM_VIDEO:
        if (stream->disposition & COVER)
            return keep & VANON_KEEP_COVER ? NULL : "cover art or thumbnail";
        return keep & VANON_KEEP_VIDEO ? NULL : "another video stream";
    case VANON_STREAM_AUDIO:
        return options->audio == VANON_AUDIO_DROP ? "audio: drop" : NULL;
    case VANON_STREAM_SUBTITLE:
        return options->subtitles == VANON_SUBTITLES_DROP ? "subtitles: drop" : NULL;
    case VANON_STREAM_ATTACHMENT:
        return keep & VANON_KEEP_ATTACHMENTS ? NULL : "attachment";
    case VANON_STREAM_DATA:
        break;
    }
    if (is_chapter_track(stream))
        return "chapters are copied as such";
    return keep & VANON_KEEP_DATA ? NULL : "data track";
}

/* AVI counts samples from 0 and has no place for an encoder's delay: pictures would be moved. */
static bool takes_aac(const AVOutputFormat *container)
{
    return strcmp(container->name, "avi") != 0 && vanon_container_holds(container, AV_CODEC_ID_AAC);
}

/* Options and containers that help where this container can't hold a stream. */
static const char *advice(const vanon_plan *plan, const AVStream *stream)
{
    if (type_of(stream) == VANON_STREAM_AUDIO)
        return takes_aac(plan->params.container)
                   ? "--audio aac converts sound, --audio drop leaves it out"
                   : "--audio drop leaves all sound out, and .mkv holds most codecs";
    if (type_of(stream) == VANON_STREAM_SUBTITLE &&
        stream->codecpar->codec_id != AV_CODEC_ID_MOV_TEXT)
        return "--subtitles drop leaves them out, and .mkv holds most codecs";
    if (stream->codecpar->codec_id == AV_CODEC_ID_MOV_TEXT)
        return ".mp4 and .mov can";
    return ".mkv holds most codecs";
}

/* The codec that sound is converted to. What is AAC already stays as it is. */
static enum AVCodecID sound_codec(const vanon_plan *plan, const AVStream *stream)
{
    if (type_of(stream) != VANON_STREAM_AUDIO)
        return AV_CODEC_ID_NONE;
    switch (plan->params.options->audio) {
    case VANON_AUDIO_AAC:
        return stream->codecpar->codec_id == AV_CODEC_ID_AAC ? AV_CODEC_ID_NONE : AV_CODEC_ID_AAC;
    case VANON_AUDIO_MUTE:
        return vanon_sound_silence(plan->params.container);
    default:
        return AV_CODEC_ID_NONE;
    }
}

/* The codec that a stream has in the output. */
static enum AVCodecID output_codec(const vanon_plan *plan, const AVStream *stream)
{
    enum AVCodecID sound = plan->target[stream->index].sound;

    return sound != AV_CODEC_ID_NONE ? sound : stream->codecpar->codec_id;
}

static bool holds(const vanon_plan *plan, const AVStream *stream)
{
    const AVOutputFormat *container = plan->params.container;

    if (type_of(stream) == VANON_STREAM_ATTACHMENT)
        return !strcmp(container->name, "matroska");
    if (plan->target[stream->index].sound == AV_CODEC_ID_AAC)
        return takes_aac(container);
    if (type_of(stream) == VANON_STREAM_AUDIO &&
        !vanon_container_takes_rate(container, stream->codecpar->sample_rate))
        return false;
    return vanon_container_holds(container, output_codec(plan, stream));
}

static int refuse(const vanon_plan *plan, const AVStream *stream)
{
    char rate[24] = "";

    if (type_of(stream) == VANON_STREAM_AUDIO)
        snprintf(rate, sizeof rate, ", %d Hz", stream->codecpar->sample_rate);
    return vanon_fail(plan->params.log, VANON_ERR_UNSUPPORTED,
                      "output %s: %s can't hold stream %d (%s, %s%s); %s", plan->params.path,
                      plan->params.container->name, stream->index,
                      vanon_stream_type_name(type_of(stream)),
                      avcodec_get_name(output_codec(plan, stream)), rate, advice(plan, stream));
}

static void drop(struct vanon_stream_note *note, const char *why)
{
    note->fate = "dropped";
    note->why = why;
}

/* Sound, subtitles and videos that are asked for must not get lost; of the rest, what can be kept
 * is kept. */
static bool is_promised(const AVStream *stream)
{
    enum vanon_stream_type type = type_of(stream);

    return type == VANON_STREAM_AUDIO || type == VANON_STREAM_SUBTITLE ||
           (type == VANON_STREAM_VIDEO && !(stream->disposition & COVER));
}

/* A transport stream may name sound that never comes: nobody knows its rate then. */
static bool is_empty(const AVStream *stream)
{
    return type_of(stream) == VANON_STREAM_AUDIO && stream->codecpar->sample_rate <= 0;
}

static void note_taken(vanon_plan *plan, const AVStream *stream, struct vanon_stream_note *note)
{
    enum AVCodecID sound = plan->target[stream->index].sound;

    note->fate = sound == AV_CODEC_ID_NONE                         ? "copied"
                 : plan->params.options->audio == VANON_AUDIO_MUTE ? "muted"
                                                                   : "converted";
    if (sound != AV_CODEC_ID_NONE)
        note->why = avcodec_get_name(sound);
    if (note->type == VANON_STREAM_VIDEO)
        vanon_warn(plan->params.log, "stream %d (video, %s) is copied as it is: not anonymised",
                   note->index, note->codec);
}

/* What the output's stream is told of its codec. */
static int copy_codec(vanon_plan *plan, const AVStream *stream)
{
    struct target *target = &plan->target[stream->index];
    int status;

    target->codec = avcodec_parameters_alloc();
    if (!target->codec || avcodec_parameters_copy(target->codec, stream->codecpar) < 0)
        return VANON_ERR_MEMORY;
    if (plan->params.options->keep & VANON_KEEP_TAGS)
        return VANON_OK;
    status = vanon_header_strip(target->codec, &target->stripped);
    if (status != VANON_ERR_UNSUPPORTED)
        return status;
    vanon_warn(plan->params.log,
               "stream %d (%s, %s): its codec's header is not understood, and copied with whatever "
               "text it holds",
               stream->index, vanon_stream_type_name(type_of(stream)),
               avcodec_get_name(stream->codecpar->codec_id));
    return VANON_OK;
}

/* Of the streams that are not anonymised, and into a file. */
static int decide_other(vanon_plan *plan, const AVStream *stream, struct vanon_stream_note *note)
{
    plan->target[stream->index].sound = sound_codec(plan, stream);
    if (is_empty(stream)) {
        drop(note, "it holds no sound");
        vanon_warn(plan->params.log, "stream %d (audio, %s) holds no sound, and is dropped",
                   note->index, note->codec);
    } else if (holds(plan, stream)) {
        note_taken(plan, stream, note);
        plan->target[stream->index].stream = plan->targets++;
        if (plan->target[stream->index].sound == AV_CODEC_ID_NONE)
            return copy_codec(plan, stream);
    } else if (is_promised(stream)) {
        return refuse(plan, stream);
    } else {
        drop(note, "the container can't hold it");
    }
    return VANON_OK;
}

static int decide_stream(vanon_plan *plan, const AVStream *stream)
{
    struct vanon_stream_note *note = &plan->notes.stream[stream->index];
    const char *why = unwanted(stream, plan->params.options);

    note->index = stream->index;
    note->type = type_of(stream);
    note->codec = avcodec_get_name(stream->codecpar->codec_id);
    note->why = "";
    plan->target[stream->index] = (struct target){.stream = -1, .time_base = stream->time_base};
    if (stream->index == plan->params.video) {
        note->fate = "anonymised";
        if (plan->params.container)
            plan->target[stream->index].stream = plan->targets++;
        return VANON_OK;
    }
    if (plan->params.container && !why)
        return decide_other(plan, stream, note);
    drop(note, why ? why : "md5 writes no file");
    return VANON_OK;
}

/* Of the file that was, and wrong for the one that will be; or written by the muxer itself. */
static bool is_technical(const char *key)
{
    return av_match_name(key, "major_brand,minor_version,compatible_brands,encoder,duration,bps,"
                              "number_of_frames,number_of_bytes,vendor_id") ||
           av_stristart(key, "_statistics", NULL) || av_stristart(key, "bps-", NULL) ||
           av_stristart(key, "duration-", NULL) || av_stristart(key, "number_of_", NULL);
}

/* The allow-list. `stream` is NULL for the file's own tags. */
static bool keeps_tag(const vanon_options *options, const AVStream *stream, const char *key)
{
    bool attachment = stream && type_of(stream) == VANON_STREAM_ATTACHMENT;

    if (is_technical(key))
        return false;
    if (stream && !av_strcasecmp(key, "language"))
        return true;
    if (attachment && av_match_name(key, "filename,mimetype"))
        return true; /* Matroska has no attachment without them */
    if (!av_strcasecmp(key, "timecode"))
        return options->keep & (VANON_KEEP_TAGS | VANON_KEEP_DATA);
    return options->keep & VANON_KEEP_TAGS;
}

static int note_tag(vanon_plan *plan, int stream, const char *key, bool kept)
{
    struct vanon_tag_note *note;

    if (vanon_grow(&plan->notes.tag, &plan->tag_capacity, plan->notes.tags + 1, sizeof *note))
        return VANON_ERR_MEMORY;
    note = &plan->notes.tag[plan->notes.tags];
    *note = (struct vanon_tag_note){.stream = stream, .kept = kept, .key = strdup(key)};
    if (!note->key)
        return VANON_ERR_MEMORY;
    plan->notes.tags++;
    return VANON_OK;
}

static int note_tags(vanon_plan *plan, const AVDictionary *tags, const AVStream *stream)
{
    bool dropped = !plan->params.container || (stream && plan->target[stream->index].stream < 0);
    const AVDictionaryEntry *tag = NULL;
    int status = VANON_OK;

    while (!status && (tag = av_dict_get(tags, "", tag, AV_DICT_IGNORE_SUFFIX)))
        status = note_tag(plan, stream ? stream->index : -1, tag->key,
                          !dropped && keeps_tag(plan->params.options, stream, tag->key));
    if (!status && stream && plan->target[stream->index].stripped)
        status = note_tag(plan, stream->index, "text in the codec's header", false);
    return status;
}

static int decide(vanon_plan *plan)
{
    const AVFormatContext *input = plan->params.input;
    int status;

    for (unsigned i = 0; i < input->nb_streams; i++) {
        status = decide_stream(plan, input->streams[i]);
        if (status)
            return status;
    }
    status = note_tags(plan, input->metadata, NULL);
    for (unsigned i = 0; !status && i < input->nb_streams; i++)
        status = note_tags(plan, input->streams[i]->metadata, input->streams[i]);
    return status;
}

int vanon_plan_create(vanon_plan **out, const struct vanon_plan_params *params)
{
    vanon_plan *plan = calloc(1, sizeof *plan);
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (!plan)
        return VANON_ERR_MEMORY;
    plan->params = *params;
    plan->notes.streams = params->input->nb_streams;
    plan->notes.conversion = "";
    plan->notes.stream = calloc(plan->notes.streams, sizeof *plan->notes.stream);
    plan->target = calloc(plan->notes.streams, sizeof *plan->target);
    if (plan->notes.stream && plan->target)
        status = decide(plan);
    if (status)
        vanon_plan_destroy(&plan);
    else if (params->container && params->input->nb_chapters &&
             !vanon_container_has_chapters(params->container))
        vanon_warn(params->log, "output %s: %s holds no chapters; the input's %u are dropped",
                   params->path, params->container->name, params->input->nb_chapters);
    *out = plan;
    return status;
}

void vanon_plan_destroy(vanon_plan **pointer)
{
    vanon_plan *plan = *pointer;

    if (!plan)
        return;
    for (size_t i = 0; i < plan->notes.tags; i++)
        free((char *)plan->notes.tag[i].key);
    for (size_t i = 0; plan->target && i < plan->notes.streams; i++)
        avcodec_parameters_free(&plan->target[i].codec);
    free(plan->notes.tag);
    free(plan->notes.stream);
    free(plan->target);
    free(plan);
    *pointer = NULL;
}

static int copy_tags(const vanon_plan *plan, AVDictionary **to, const AVDictionary *from,
                     const AVStream *stream)
{
    const AVDictionaryEntry *tag = NULL;

    while ((tag = av_dict_get(from, "", tag, AV_DICT_IGNORE_SUFFIX)))
        if (keeps_tag(plan->params.options, stream, tag->key) &&
            av_dict_set(to, tag->key, tag->value, 0) < 0)
            return VANON_ERR_MEMORY;
    return VANON_OK;
}

/* How a picture is shown, nothing else. Where the container has no display matrix, the writer turns
 * the samples. */
static int copy_side_data(const vanon_plan *plan, AVStream *to, const AVStream *from)
{
    static const enum AVPacketSideDataType kept[] = {
        AV_PKT_DATA_MASTERING_DISPLAY_METADATA, AV_PKT_DATA_CONTENT_LIGHT_LEVEL,
        AV_PKT_DATA_SPHERICAL, AV_PKT_DATA_STEREO3D, AV_PKT_DATA_DISPLAYMATRIX};
    size_t count = VANON_COUNT(kept) - !vanon_container_is_mp4(plan->params.container);

    for (size_t i = 0; i < count; i++) {
        size_t size;
        const uint8_t *data = av_stream_get_side_data(from, kept[i], &size);
        uint8_t *copy = data ? av_stream_new_side_data(to, kept[i], size) : NULL;

        if (data && !copy)
            return VANON_ERR_MEMORY;
        if (data)
            memcpy(copy, data, size);
    }
    return VANON_OK;
}

/* A tag that means something else, or nothing, in the new container is left for the muxer to
 * find. */
static unsigned fitting_tag(const AVOutputFormat *container, const AVCodecParameters *codec)
{
    if (container->codec_tag &&
        av_codec_get_id(container->codec_tag, codec->codec_tag) == codec->codec_id)
        return codec->codec_tag;
    return 0;
}

static int copy_stream(const vanon_plan *plan, AVFormatContext *output, const AVStream *from)
{
    const AVCodecParameters *codec = plan->target[from->index].codec;
    AVStream *to = avformat_new_stream(output, NULL);

    if (!to)
        return VANON_ERR_MEMORY;
    to->disposition = from->disposition;
    to->time_base = from->time_base;
    to->avg_frame_rate = from->avg_frame_rate;
    if (codec) {
        if (avcodec_parameters_copy(to->codecpar, codec) < 0)
            return VANON_ERR_MEMORY;
        to->codecpar->codec_tag = fitting_tag(plan->params.container, from->codecpar);
        to->sample_aspect_ratio = from->sample_aspect_ratio;
    }
    if (copy_side_data(plan, to, from))
        return VANON_ERR_MEMORY;
    return copy_tags(plan, &to->metadata, from->metadata, from);
}

/* The chapter's times in the output. False: it lies outside of what is taken. */
static bool place_chapter(const vanon_plan *plan, const AVChapter *from, int64_t *start,
                          int64_t *end)
{
    const struct vanon_reader_info *info = plan->params.info;
    AVRational tick = {info->time_base.num, info->time_base.den}, unit = from->time_base;
    int64_t zero = av_rescale_q(info->zero, tick, unit);

    *start = from->start - zero;
    *end = from->end - zero;
    if (!info->limited)
        return true;
    if (info->last != INT64_MAX)
        *end = FFMIN(*end, av_rescale_q(info->last, tick, unit) - zero);
    *start = FFMAX(*start, 0);
    return *start < *end;
}

static int copy_chapter(const vanon_plan *plan, AVFormatContext *output, const AVChapter *from)
{
    const AVDictionaryEntry *title = av_dict_get(from->metadata, "title", NULL, 0);
    AVChapter *chapter;
    int64_t start, end;

    if (!place_chapter(plan, from, &start, &end))
        return VANON_OK;
    chapter = av_mallocz(sizeof *chapter);
    if (!chapter)
        return VANON_ERR_MEMORY;
    output->chapters[output->nb_chapters++] = chapter;
    chapter->id = from->id;
    chapter->time_base = from->time_base;
    chapter->start = start;
    chapter->end = end;
    if (title && av_dict_set(&chapter->metadata, "title", title->value, 0) < 0)
        return VANON_ERR_MEMORY;
    return copy_tags(plan, &chapter->metadata, from->metadata, NULL);
}

static int copy_chapters(const vanon_plan *plan, AVFormatContext *output)
{
    const AVFormatContext *input = plan->params.input;
    int status = VANON_OK;

    if (!input->nb_chapters)
        return VANON_OK;
    output->chapters = av_calloc(input->nb_chapters, sizeof *output->chapters);
    if (!output->chapters)
        return VANON_ERR_MEMORY;
    for (unsigned i = 0; !status && i < input->nb_chapters; i++)
        status = copy_chapter(plan, output, input->chapters[i]);
    return status;
}

int vanon_plan_carry_out(const vanon_plan *plan, AVFormatContext *output)
{
    const AVFormatContext *input = plan->params.input;
    int status = copy_chapters(plan, output);

    if (!status)
        status = copy_tags(plan, &output->metadata, input->metadata, NULL);
    for (unsigned i = 0; !status && i < input->nb_streams; i++)
        if (plan->target[i].stream >= 0)
            status = copy_stream(plan, output, input->streams[i]);
    return status;
}

int vanon_plan_stream(const vanon_plan *plan, int input_stream, AVRational *time_base)
{
    /* A transport stream may start a stream that was not there when the plan was made. */
    if (input_stream < 0 || (size_t)input_stream >= plan->notes.streams)
        return -1;
    *time_base = plan->target[input_stream].time_base;
    return plan->target[input_stream].stream;
}

enum AVCodecID vanon_plan_sound(const vanon_plan *plan, int input_stream)
{
    return plan->target[input_stream].stream < 0 ? AV_CODEC_ID_NONE
                                                 : plan->target[input_stream].sound;
}

const struct vanon_media_notes *vanon_plan_notes(const vanon_plan *plan)
{
    return &plan->notes;
}

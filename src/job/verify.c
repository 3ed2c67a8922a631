/* SPDX-License-Identifier: Apache-2.0 */
#include "job/verify.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "detect/nms.h"
#include "job/findings.h"
#include "media/png.h"
#include "options/options.h"
#include "options/text.h"
#include "pixels/gray.h"
#include "regions/choose.h"

#define WIDER       2 /* times the network input that was given, and the threshold's divisor */
#define MOST_IMGSZ  4096
#define SMALL_SIDE  640  /* of a picture: its people are large enough in */
#define USUAL_IMGSZ 1280 /* where none was given; else in */
#define LARGE_IMGSZ 1920
#define NEAR_IMGSZ  640   /* for people too large for that: a network does not know giants */
#define LARGEST     640.0 /* network pixels of a body that the wide search is trusted with, */
#define LEAST_NEAR  500.0 /* and of one that the near search is */
#define SHADOWED    0.7   /* of a doubtful one's box, that somebody surer covers */
#define SAME_PERSON 0.3   /* IoU of two boxes */
#define OWN_RADIUS  12.0  /* display pixels of the discs in regions of one's own */
#define MOST_OWN    256   /* discs in one of them */

struct place {
    const char *name;
    double x, y;
};

struct vanon_verify {
    const vanon_options *options;
    const char *path;
    const vanon_log *log;
    vanon_options *wide, *near, *of_output, *of_run, *by_place;
    vanon_scan *original, *closer, *output; /* closer: the original by the near search */
    double enlarged; /* network pixels of the wide search in a display pixel */
    vanon_scan *run; /* who has which id, where the options leave people by id; NULL: they don't */
    vanon_gray *gray[2];
    vanon_findings *findings;
    uint64_t frames;
    double first[2];     /* time of the first frames, in seconds */
    struct place *place; /* that were judged in this frame */
    size_t places, capacity;
    vanon_region_list own;
    char *text;
};

/* What is known of the frame that is judged. */
struct pair {
    vanon_output original, closer, output, run;
    struct vanon_moment moment;
    double noise;                 /* vanon_trace_noise */
    struct vanon_picture picture; /* of the output, once it is needed */
};

/* Options of the searches */

static int set_imgsz(vanon_options *options, int imgsz)
{
    char number[16];

    snprintf(number, sizeof number, "%d", imgsz);
    return vanon_options_set(options, "imgsz", number);
}

/* Nothing is followed through time or left out: what is seen in a frame counts. */
static int widen(vanon_options *options, int longer_side)
{
    static const char *const settings[][2] = {
        {"output", ""},
        {"report", ""},
        {"region", ""},
        {"zone_leave", ""},
        {"zone_hide", ""},
        {"hide_span", ""},
        {"keep_person", ""},
        {"only_person", ""},
        {"ttl_frames", "0"},
        {"look_ahead_frames", "0"},
        {"detect_every", "1"},
        {"exact_styles", "false"},
        {"half_precision", "auto"},
        {"strict", "false"},
    };
    int imgsz = longer_side > SMALL_SIDE ? LARGE_IMGSZ : USUAL_IMGSZ;
    char number[32];
    struct vanon_text text = {number, sizeof number, 0};
    int status = vanon_options_set_all(options, settings, VANON_COUNT(settings));

    if (options->imgsz != VANON_AUTO)
        imgsz = options->imgsz * WIDER < MOST_IMGSZ ? options->imgsz * WIDER : MOST_IMGSZ;
    if (!status)
        status = set_imgsz(options, imgsz);
    vanon_text_add_number(&text, options->confidence / WIDER);
    if (!status)
        status = vanon_options_set(options, "confidence", number);
    if (!status && options->detector == VANON_DETECTOR_APPLY)
        status = vanon_options_set(options, "detector", "openvino");
    if (!status && options->detector != VANON_DETECTOR_REPLAY)
        status = vanon_options_set(options, "sidecar", "");
    return status;
}

/* The output is read whole, by its content. A sidecar, which is the original's, says nothing of
 * it. */
static int aim_at_output(vanon_options *options, const char *path)
{
    static const char *const settings[][2] = {{"start", "0"},
                                              {"duration", "auto"},
                                              {"format", ""},
                                              {"input_format", ""},
                                              {"sidecar", ""}};
    int status = vanon_options_set_all(options, settings, VANON_COUNT(settings));

    if (!status)
        status = vanon_options_set(options, "input", path);
    if (!status && options->detector == VANON_DETECTOR_REPLAY)
        status = vanon_options_set(options, "detector", "null");
    return status;
}

static int longer_side(const vanon_options *options, const vanon_log *log, int *side)
{
    vanon_reader *reader = NULL;
    int status = vanon_reader_create(&reader, options, log);

    if (!status) {
        const struct vanon_reader_info *info = vanon_reader_get_info(reader);

        *side = info->width > info->height ? info->width : info->height;
    }
    vanon_reader_destroy(&reader);
    return status;
}

static int make_options(vanon_verify *verify)
{
    static const char *const by_place[][2] = {{"keep_person", ""}, {"only_person", ""}};
    int side = 0, status = longer_side(verify->options, verify->log, &side);

    if (!status)
        status = vanon_options_copy(&verify->of_run, verify->options);
    if (!status)
        status = vanon_options_copy(&verify->by_place, verify->options);
    if (!status)
        status = vanon_options_copy(&verify->wide, verify->options);
    if (!status)
        status = widen(verify->wide, side);
    if (!status)
        status = vanon_options_copy(&verify->near, verify->wide);
    if (!status)
        status =
            set_imgsz(verify->near,
                      verify->options->imgsz == VANON_AUTO ? NEAR_IMGSZ : verify->options->imgsz);
    if (!status)
        status = vanon_options_copy(&verify->of_output, verify->wide);
    if (!status)
        status = aim_at_output(verify->of_output, verify->path);
    if (!status)
        status = vanon_options_set_all(verify->by_place, by_place, VANON_COUNT(by_place));
    return status;
}

static bool goes_by_id(const vanon_options *options)
{
    return options->keep_person.count || options->only_person.count;
}

static int create_parts(vanon_verify *verify)
{
    int status = vanon_findings_create(&verify->findings);

    if (!status)
        status = make_options(verify);
    for (int i = 0; i < 2 && !status; i++)
        status = vanon_gray_create(&verify->gray[i]);
    if (!status)
        status = vanon_scan_create(&verify->output, verify->of_output, verify->log);
    if (!status)
        status = vanon_scan_create(&verify->original, verify->wide, verify->log);
    if (!status)
        status = vanon_scan_create(&verify->closer, verify->near, verify->log);
    if (!status && goes_by_id(verify->options))
        status = vanon_scan_create(&verify->run, verify->of_run, verify->log);
    return status;
}

int vanon_verify_create(vanon_verify **out, const vanon_options *options, const char *path,
                        const vanon_log *log)
{
    vanon_verify *verify = calloc(1, sizeof *verify);
    int status = VANON_OK;

    *out = NULL;
    if (!verify)
        return VANON_ERR_MEMORY;
    *verify = (vanon_verify){.options = options, .path = path, .log = log};
    if (vanon_options_is_pipe(options->input) || vanon_options_is_pipe(path))
        status = vanon_fail(log, VANON_ERR_OPTION,
                            "input, output: a pipe can't be read again to verify it");
    if (!status && *options->sheet)
        status = vanon_png_check(options->sheet, options->overwrite, log);
    if (!status)
        status = create_parts(verify);
    if (status)
        vanon_verify_destroy(&verify);
    *out = verify;
    return status;
}

void vanon_verify_destroy(vanon_verify **pointer)
{
    vanon_verify *verify = *pointer;

    if (!verify)
        return;
    vanon_scan_destroy(&verify->original);
    vanon_scan_destroy(&verify->closer);
    vanon_scan_destroy(&verify->output);
    vanon_scan_destroy(&verify->run);
    vanon_options_destroy(&verify->wide);
    vanon_options_destroy(&verify->near);
    vanon_options_destroy(&verify->of_output);
    vanon_options_destroy(&verify->of_run);
    vanon_options_destroy(&verify->by_place);
    vanon_gray_destroy(&verify->gray[0]);
    vanon_gray_destroy(&verify->gray[1]);
    vanon_findings_destroy(&verify->findings);
    vanon_region_list_free(&verify->own);
    free(verify->place);
    free(verify->text);
    free(verify);
    *pointer = NULL;
}

/* Who is left in sight on purpose */

static bool touches(const vanon_box *a, const vanon_box *b)
{
    return a->x0 < b->x1 && b->x0 < a->x1 && a->y0 < b->y1 && b->y0 < a->y1;
}

/* As the run has judged the one whose box is the nearest; whom it does not have is judged by place
 * and time. */
static bool is_left(const vanon_verify *verify, const struct pair *pair, const vanon_object *object)
{
    const vanon_object_list *run = pair->run.objects;
    enum vanon_verdict verdict = vanon_judge_object(verify->by_place, &pair->moment, object);
    double best = SAME_PERSON;

    for (size_t i = 0; run && i < run->count; i++) {
        double share = vanon_box_iou(&run->object[i].box, &object->box);

        if (share < best)
            continue;
        best = share;
        verdict = vanon_judge_object(verify->options, &pair->moment, &run->object[i]);
    }
    return verdict != VANON_HIDDEN;
}

/* Judging */

static bool was_judged(const vanon_verify *verify, const struct vanon_disc *disc)
{
    for (size_t i = 0; i < verify->places; i++)
        if (!strcmp(verify->place[i].name, disc->name) &&
            hypot(verify->place[i].x - disc->x, verify->place[i].y - disc->y) < disc->radius)
            return true;
    return false;
}

static int judge_disc(vanon_verify *verify, struct pair *pair, const struct vanon_object *object,
                      const struct vanon_disc *disc, bool doubtful)
{
    struct vanon_finding finding = {.frame = pair->original.frame->number,
                                    .time = pair->moment.from,
                                    .person = object ? object->id : 0,
                                    .score = object ? (double)object->score : 0,
                                    .disc = *disc};
    double sx, sy;
    bool told;

    if (was_judged(verify, disc))
        return VANON_OK;
    if (vanon_grow(&verify->place, &verify->capacity, verify->places + 1, sizeof *verify->place))
        return VANON_ERR_MEMORY;
    verify->place[verify->places++] = (struct place){disc->name, disc->x, disc->y};
    vanon_gray_scale(verify->gray[0], &sx, &sy);
    told = vanon_trace_at(vanon_gray_picture(verify->gray[0]), vanon_gray_picture(verify->gray[1]),
                          pair->noise, disc->x / sx, disc->y / sy, disc->radius, &finding.trace);
    if (!told || !vanon_trace_shows(&finding.trace))
        vanon_findings_count(verify->findings, told);
    else if (doubtful)
        vanon_findings_doubt(verify->findings);
    else
        return vanon_findings_add(verify->findings, &finding, pair->output.frame, &pair->picture);
    return VANON_OK;
}

static bool is_person(const vanon_object *object)
{
    return object->seen && object->class_id == VANON_CLASS_PERSON;
}

static double size_of(const vanon_box *box)
{
    return fmax((double)box->x1 - box->x0, (double)box->y1 - box->y0);
}

/* How much of the box is inside of the other one. */
static double covered(const vanon_box *box, const vanon_box *other)
{
    double width = fmin(box->x1, other->x1) - fmax(box->x0, other->x0);
    double height = fmin(box->y1, other->y1) - fmax(box->y0, other->y0);
    double area = ((double)box->x1 - box->x0) * ((double)box->y1 - box->y0);

    return width > 0 && height > 0 && area > 0 ? width * height / area : 0;
}

/* Less sure than a run has to be, and mostly behind somebody surer: a part of that one, taken for
 * somebody. */
static bool is_shadow(const vanon_verify *verify, const vanon_object_list *objects,
                      const vanon_object *object)
{
    for (size_t i = 0; i < objects->count; i++)
        if (is_person(&objects->object[i]) && objects->object[i].score > object->score &&
            (double)object->score < verify->options->confidence &&
            covered(&object->box, &objects->object[i].box) > SHADOWED)
            return true;
    return false;
}

/* True where somebody of the original is there, whose joints are judged where the original shows
 * them: where much is hidden the network puts them elsewhere. */
static bool is_known(const struct pair *pair, const vanon_object *object)
{
    const vanon_object_list *lists[] = {pair->original.objects, pair->closer.objects};

    for (size_t i = 0; i < VANON_COUNT(lists); i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (is_person(&lists[i]->object[j]) && touches(&lists[i]->object[j].box, &object->box))
                return true;
    return false;
}

/* Mostly inside of somebody, sure, who is too large for the wide search, which takes pieces of that
 * one for people. */
static bool is_in_giant(const vanon_verify *verify, const struct pair *pair,
                        const vanon_object *object)
{
    const vanon_object_list *objects = pair->closer.objects;

    for (size_t i = 0; i < objects->count; i++) {
        const vanon_object *other = &objects->object[i];

        if (is_person(other) && (double)other->score >= verify->options->confidence &&
            size_of(&other->box) * verify->enlarged > LARGEST &&
            covered(&object->box, &other->box) > SHADOWED)
            return true;
    }
    return false;
}

/* Whose search is trusted with somebody. */
enum search { WIDE, NEAR, OF_OUTPUT };

static bool is_trusted(const vanon_verify *verify, const struct pair *pair, enum search search,
                       const vanon_object *object)
{
    bool wide =
        size_of(&object->box) * verify->enlarged <= LARGEST && !is_in_giant(verify, pair, object);
    bool near = size_of(&object->box) * verify->enlarged > LEAST_NEAR || !wide;

    if (!is_person(object) || is_left(verify, pair, object))
        return false;
    if (search == OF_OUTPUT)
        return !is_known(pair, object);
    if (is_shadow(verify, pair->original.objects, object) ||
        is_shadow(verify, pair->closer.objects, object))
        return false;
    return search == WIDE ? wide : near;
}

static int judge_people(vanon_verify *verify, struct pair *pair, const vanon_object_list *objects,
                        enum search search)
{
    struct vanon_disc discs[VANON_MOST_DISCS];
    int status = VANON_OK;

    for (size_t i = 0; i < objects->count && !status; i++) {
        const vanon_object *object = &objects->object[i];
        size_t count = 0;

        if (is_trusted(verify, pair, search, object))
            count = vanon_places_of(verify->options, objects, object, discs);
        for (size_t j = 0; j < count && !status; j++)
            status = judge_disc(verify, pair, object, &discs[j], search == OF_OUTPUT);
    }
    return status;
}

/* Discs side by side over a region of one's own. */
static int judge_own(vanon_verify *verify, struct pair *pair, const vanon_region *region)
{
    double width = 2 * (double)region->rx, height = 2 * (double)region->ry;
    double step = fmax(2 * OWN_RADIUS, sqrt(width * height / MOST_OWN));
    int columns = (int)fmax(1, floor(width / step)), rows = (int)fmax(1, floor(height / step));
    double radius = fmin(OWN_RADIUS, fmin(width, height) / 2);
    int status = VANON_OK;

    for (int i = 0; i < columns * rows && !status; i++) {
        struct vanon_disc disc = {
            .name = "region",
            .x = region->cx - region->rx + (i % columns + 0.5) * width / columns,
            .y = region->cy - region->ry + (i / columns + 0.5) * height / rows,
            .radius = radius};

        status = judge_disc(verify, pair, NULL, &disc, false);
    }
    return status;
}

static int judge_pair(vanon_verify *verify, struct pair *pair)
{
    int status;

    pair->noise =
        vanon_trace_noise(vanon_gray_picture(verify->gray[0]), vanon_gray_picture(verify->gray[1]));
    verify->places = 0;
    vanon_region_list_clear(&verify->own);
    status = vanon_regions_own(verify->options, &pair->moment, &verify->own);
    for (size_t i = 0; i < verify->own.count && !status; i++)
        status = judge_own(verify, pair, &verify->own.region[i]);
    if (!status)
        status = judge_people(verify, pair, pair->original.objects, WIDE);
    if (!status)
        status = judge_people(verify, pair, pair->closer.objects, NEAR);
    return status ? status : judge_people(verify, pair, pair->output.objects, OF_OUTPUT);
}

/* Frame by frame */

static double seconds_of(const vanon_frame *frame)
{
    return (double)frame->pts * frame->time_base.num / frame->time_base.den;
}

static double tick_of(const vanon_frame *frame)
{
    return (double)frame->time_base.num / frame->time_base.den;
}

static int check_time(vanon_verify *verify, const struct pair *pair)
{
    const vanon_frame *frames[] = {pair->original.frame, pair->output.frame};
    double time[2], allowed = tick_of(frames[0]) + tick_of(frames[1]);

    for (int i = 0; i < 2; i++) {
        if (frames[i]->pts == VANON_NO_PTS)
            return VANON_OK;
        if (!verify->frames)
            verify->first[i] = seconds_of(frames[i]);
        time[i] = seconds_of(frames[i]) - verify->first[i];
    }
    if (fabs(time[0] - time[1]) <= allowed)
        return VANON_OK;
    return vanon_fail(verify->log, VANON_ERR_INPUT,
                      "%s: frame %" PRIu64 " is shown %.6f s after the first one, in %s %.6f s",
                      verify->options->output, verify->frames, time[1], verify->options->input,
                      time[0]);
}

static int check_pair(vanon_verify *verify, const struct pair *pair)
{
    const struct vanon_gray_picture *a, *b;
    int status = vanon_gray_take(verify->gray[0], pair->original.frame);

    if (!status)
        status = vanon_gray_take(verify->gray[1], pair->output.frame);
    if (status)
        return vanon_fail(verify->log, status, "%s: frame %" PRIu64 " can't be compared: %s",
                          verify->options->output, verify->frames, vanon_status_text(status));
    a = vanon_gray_picture(verify->gray[0]);
    b = vanon_gray_picture(verify->gray[1]);
    if (a->width != b->width || a->height != b->height)
        return vanon_fail(verify->log, VANON_ERR_INPUT,
                          "%s: frame %" PRIu64 " is %dx%d, in %s it is %dx%d",
                          verify->options->output, verify->frames, b->width, b->height,
                          verify->options->input, a->width, a->height);
    verify->enlarged = verify->wide->imgsz / fmax(a->width, a->height);
    return check_time(verify, pair);
}

static int refuse_count(const vanon_verify *verify, bool output_ended)
{
    return vanon_fail(verify->log, VANON_ERR_INPUT, "%s: %s after %" PRIu64 " frames, and %s %s",
                      verify->options->output, output_ended ? "ends" : "goes on", verify->frames,
                      verify->options->input, output_ended ? "goes on" : "ends");
}

/* Takes the next frame of each. VANON_ERR_EOF: both have ended. */
static int next_pair(vanon_verify *verify, struct pair *pair)
{
    int status = vanon_scan_next(verify->original, &pair->original), other;

    if (status && status != VANON_ERR_EOF)
        return status;
    other = vanon_scan_next(verify->output, &pair->output);
    if (other && other != VANON_ERR_EOF)
        return other;
    if (status != other)
        return refuse_count(verify, other == VANON_ERR_EOF);
    if (!status)
        status = vanon_scan_next(verify->closer, &pair->closer);
    if (!status && verify->run)
        status = vanon_scan_next(verify->run, &pair->run);
    if (!status)
        pair->moment =
            vanon_moment_of(pair->original.frame, vanon_scan_info(verify->original)->beginning);
    return status;
}

static int step(vanon_verify *verify, const struct vanon_watch *watch)
{
    struct pair pair = {0};
    int status = next_pair(verify, &pair);

    if (!status)
        status = check_pair(verify, &pair);
    if (!status && !pair.original.hidden_whole)
        status = judge_pair(verify, &pair);
    if (!status) {
        verify->frames++;
        if (!watch->step(watch->opaque, verify->frames,
                         (uint64_t)vanon_scan_info(verify->original)->total_frames))
            status = VANON_ERR_CANCELLED;
    }
    vanon_frame_unref(&pair.original.frame);
    vanon_frame_unref(&pair.closer.frame);
    vanon_frame_unref(&pair.output.frame);
    vanon_frame_unref(&pair.run.frame);
    vanon_picture_free(&pair.picture);
    return status;
}

/* The end */

static int write_sheet(vanon_verify *verify)
{
    struct vanon_picture sheet = {0};
    int status = vanon_findings_sheet(verify->findings, &sheet);

    if (!status)
        status = vanon_png_write(verify->options->sheet, sheet.rgb, sheet.width, sheet.height,
                                 verify->options->overwrite, verify->log);
    vanon_picture_free(&sheet);
    return status;
}

static int tell(vanon_verify *verify)
{
    uint64_t showing = vanon_findings_showing(verify->findings);
    size_t size;
    FILE *text = open_memstream(&verify->text, &size);

    if (!text)
        return VANON_ERR_MEMORY;
    fprintf(text, "%s beside %s: %" PRIu64 " frames; ", verify->options->output,
            verify->options->input, verify->frames);
    vanon_findings_print(verify->findings, text);
    fclose(text);
    if (!showing)
        return VANON_OK;
    return vanon_fail(verify->log, VANON_ERR_SHOWS, "%s: %" PRIu64 " places still show",
                      verify->options->output, showing);
}

int vanon_verify_run(vanon_verify *verify, const struct vanon_watch *watch)
{
    int status, sheet = VANON_OK;

    do
        status = step(verify, watch);
    while (!status);
    if (status != VANON_ERR_EOF)
        return status;
    if (*verify->options->sheet && vanon_findings_showing(verify->findings))
        sheet = write_sheet(verify);
    status = tell(verify);
    return status ? status : sheet;
}

const char *vanon_verify_text(const vanon_verify *verify)
{
    return verify->text ? verify->text : "";
}

json_t *vanon_verify_json(const vanon_verify *verify)
{
    struct vanon_engine_stats stats;
    json_t *object;

    vanon_scan_stats(verify->original, &stats);
    object =
        json_pack("{sI sf s[ii]}", "frames", (json_int_t)verify->frames, "confidence",
                  verify->wide->confidence, "network", stats.network_width, stats.network_height);
    if (object)
        vanon_findings_report(verify->findings, object);
    return object;
}

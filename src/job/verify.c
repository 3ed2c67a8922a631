/* SPDX-License-Identifier: Apache-2.0 */
#include "job/verify_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "media/png.h"
#include "options/text.h"

#define MOST_IMGSZ  4096
#define SMALL_SIDE  640  /* of a picture: its people are large enough in */
#define USUAL_IMGSZ 1280 /* where none was given; else in */
#define LARGE_IMGSZ 1920
#define MANY_PEOPLE "3000" /* a search that sees more than people must not end for it */
#define NEAR_IMGSZ  640    /* for people too large for that: a network does not know giants */

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
        {"max_det", MANY_PEOPLE},
    };
    int imgsz = longer_side > SMALL_SIDE ? LARGE_IMGSZ : USUAL_IMGSZ;
    char number[32];
    struct vanon_text text = {number, sizeof number, 0};
    int status = vanon_options_set_all(options, settings, VANON_COUNT(settings));

    if (options->imgsz != VANON_AUTO)
        imgsz = options->imgsz * VANON_VERIFY_WIDER < MOST_IMGSZ
                    ? options->imgsz * VANON_VERIFY_WIDER
                    : MOST_IMGSZ;
    if (!status)
        status = set_imgsz(options, imgsz);
    vanon_text_add_number(&text, options->confidence / VANON_VERIFY_FAINT);
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

/* It looks for people as sure as the run's, and for nothing else. */
static int set_second(vanon_options *options, double confidence)
{
    char number[32];
    struct vanon_text text = {number, sizeof number, 0};
    int status = vanon_options_set(options, "eye_detector", "pose");

    vanon_text_add_number(&text, confidence);
    return status ? status : vanon_options_set(options, "confidence", number);
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
        status = vanon_options_copy(&verify->of_output, verify->near);
    if (!status)
        status = aim_at_output(verify->of_output, verify->path);
    if (!status)
        status = vanon_options_copy(&verify->of_second, verify->near);
    if (!status)
        status = set_second(verify->of_second, verify->options->confidence);
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
    if (!status)
        status = vanon_second_look_create(&verify->second, verify->of_second, verify->log);
    for (int i = 0; i < 2 && !status; i++)
        status = vanon_gray_create(&verify->gray[i]);
    if (!status)
        status =
            vanon_scan_create(&verify->output, verify->of_output, VANON_SCAN_PICTURES, verify->log);
    if (!status)
        status =
            vanon_scan_create(&verify->original, verify->wide, VANON_SCAN_PICTURES, verify->log);
    if (!status)
        status = vanon_scan_create(&verify->near_original, verify->near, VANON_SCAN_PICTURES,
                                   verify->log);
    if (!status && goes_by_id(verify->options))
        status = vanon_scan_create(&verify->run, verify->of_run, VANON_SCAN_AS_RUN, verify->log);
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
        status = vanon_png_check("sheet", options->sheet, options->overwrite, log);
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
    vanon_scan_destroy(&verify->near_original);
    vanon_scan_destroy(&verify->output);
    vanon_scan_destroy(&verify->run);
    vanon_second_look_destroy(&verify->second);
    vanon_options_destroy(&verify->wide);
    vanon_options_destroy(&verify->near);
    vanon_options_destroy(&verify->of_output);
    vanon_options_destroy(&verify->of_run);
    vanon_options_destroy(&verify->of_second);
    vanon_options_destroy(&verify->by_place);
    vanon_gray_destroy(&verify->gray[0]);
    vanon_gray_destroy(&verify->gray[1]);
    vanon_findings_destroy(&verify->findings);
    vanon_region_list_free(&verify->own);
    free(verify->place);
    free(verify->shown);
    free(verify->text);
    free(verify);
    *pointer = NULL;
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

static int check_time(vanon_verify *verify, const struct vanon_verify_pair *pair)
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

static int check_pair(vanon_verify *verify, const struct vanon_verify_pair *pair)
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
static int next_pair(vanon_verify *verify, struct vanon_verify_pair *pair)
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
        status = vanon_scan_next(verify->near_original, &pair->near);
    if (!status && verify->run)
        status = vanon_scan_next(verify->run, &pair->run);
    if (!status)
        pair->moment =
            vanon_moment_of(pair->original.frame, vanon_scan_info(verify->original)->beginning);
    return status;
}

static int step(vanon_verify *verify, const struct vanon_watch *watch)
{
    struct vanon_verify_pair pair = {0};
    int status = next_pair(verify, &pair);

    if (!status)
        status = check_pair(verify, &pair);
    if (!status && !pair.original.hidden_whole)
        status = vanon_verify_judge(verify, &pair);
    if (!status) {
        verify->frames++;
        if (!watch->step(watch->opaque, verify->frames,
                         (uint64_t)vanon_scan_info(verify->original)->total_frames))
            status = VANON_ERR_CANCELLED;
    }
    vanon_frame_unref(&pair.original.frame);
    vanon_frame_unref(&pair.near.frame);
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
    if (*verify->options->sheet && vanon_findings_any(verify->findings))
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

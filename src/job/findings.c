/* SPDX-License-Identifier: Apache-2.0 */
#include "job/findings.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "base/memory.h"

#define WORST   24
#define COLUMNS 6
#define TILE    192 /* pixels of a crop */
#define GAP     4
#define CROP    6.0  /* radii that a crop shows from side to side */
#define LEAST   64.0 /* display pixels of a crop */

/* One of the worst, with its crop. */
struct tile {
    struct vanon_finding finding;
    struct vanon_picture crop;
};

/* How long somebody's joint showed. */
struct streak {
    int64_t person;
    const char *joint;
    uint64_t last, length; /* frames */
};

/* Places that show, and the frames that have them. */
struct count {
    uint64_t places, frames;
    uint64_t last_frame; /* where there are any */
};

struct vanon_findings {
    uint64_t judged, untold;
    struct count certain, doubtful;
    uint64_t longest;
    struct tile worst[WORST]; /* the worst first */
    size_t count;
    struct streak *streak;
    size_t streaks, capacity;
};

int vanon_findings_create(vanon_findings **out)
{
    *out = calloc(1, sizeof **out);
    return *out ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_findings_destroy(vanon_findings **pointer)
{
    vanon_findings *findings = *pointer;

    if (!findings)
        return;
    for (size_t i = 0; i < findings->count; i++)
        vanon_picture_free(&findings->worst[i].crop);
    free(findings->streak);
    free(findings);
    *pointer = NULL;
}

void vanon_findings_count(vanon_findings *findings, bool told)
{
    findings->judged += told;
    findings->untold += !told;
}

uint64_t vanon_findings_showing(const vanon_findings *findings)
{
    return findings->certain.places;
}

bool vanon_findings_any(const vanon_findings *findings)
{
    return findings->certain.places || findings->doubtful.places;
}

static int follow(vanon_findings *findings, const struct vanon_finding *finding)
{
    struct streak *streak = findings->streak;
    size_t i = 0;

    while (i < findings->streaks && (streak[i].person != finding->person ||
                                     strcmp(streak[i].joint, finding->disc.name) != 0))
        i++;
    if (i == findings->streaks) {
        if (vanon_grow(&findings->streak, &findings->capacity, i + 1, sizeof *streak))
            return VANON_ERR_MEMORY;
        streak = findings->streak;
        streak[i] = (struct streak){.person = finding->person, .joint = finding->disc.name};
        findings->streaks++;
    }
    if (!streak[i].length || streak[i].last != finding->frame) {
        streak[i].length =
            streak[i].length && streak[i].last + 1 == finding->frame ? streak[i].length + 1 : 1;
        streak[i].last = finding->frame;
    }
    if (streak[i].length > findings->longest)
        findings->longest = streak[i].length;
    return VANON_OK;
}

/* The more of it can be read, and the larger it is, the worse; and any that is certain is worse
 * than one that is not. */
static bool is_worse(const struct vanon_finding *a, const struct vanon_finding *b)
{
    if (a->certain != b->certain)
        return a->certain;
    return a->trace.explained * a->disc.radius > b->trace.explained * b->disc.radius;
}

static bool same_person(const struct vanon_finding *a, const struct vanon_finding *b)
{
    return a->frame == b->frame && a->person && a->person == b->person;
}

static void cut(struct tile *tile, const struct vanon_picture *picture)
{
    const struct vanon_disc *disc = &tile->finding.disc;
    double scale = picture->scale, side = fmax(LEAST, CROP * disc->radius) * scale;

    vanon_picture_paste(&tile->crop, 0, 0, TILE, picture, disc->x * scale, disc->y * scale, side);
    vanon_draw_arc(&tile->crop, TILE / 2.0, TILE / 2.0, disc->radius * scale * TILE / side,
                   disc->radius * scale * TILE / side, 0, 0, 2 * M_PI, 2,
                   tile->finding.certain ? (struct vanon_rgb){255, 60, 40}
                                         : (struct vanon_rgb){255, 220, 40});
    vanon_draw_number(&tile->crop, 6, 6, 2, (int64_t)tile->finding.frame,
                      (struct vanon_rgb){255, 255, 255});
}

/* Where the finding belongs among the worst; WORST: nowhere. Of one person in one frame only the
 * worst place is kept; it leaves `*gap`, else the last one does. */
static size_t find_place(const vanon_findings *findings, const struct vanon_finding *finding,
                         size_t *gap)
{
    size_t place = 0;

    *gap = findings->count < WORST ? findings->count : WORST - 1;
    while (place < findings->count && !is_worse(finding, &findings->worst[place].finding))
        place++;
    for (size_t i = 0; i < findings->count; i++)
        if (same_person(&findings->worst[i].finding, finding)) {
            if (i < place)
                return WORST;
            *gap = i;
        }
    return place;
}

static int keep(vanon_findings *findings, const struct vanon_finding *finding,
                const vanon_frame *frame, struct vanon_picture *picture)
{
    size_t gap, place = find_place(findings, finding, &gap);
    struct tile tile = {.finding = *finding};
    int status = VANON_OK;

    if (place >= WORST)
        return VANON_OK;
    if (!picture->width)
        status = vanon_picture_take(picture, frame, 0);
    if (!status)
        status = vanon_picture_make(&tile.crop, TILE, TILE, (struct vanon_rgb){0});
    if (status)
        return status;
    cut(&tile, picture);
    if (gap == findings->count)
        findings->count++;
    vanon_picture_free(&findings->worst[gap].crop);
    memmove(&findings->worst[place + 1], &findings->worst[place],
            (gap - place) * sizeof *findings->worst);
    findings->worst[place] = tile;
    return VANON_OK;
}

int vanon_findings_add(vanon_findings *findings, const struct vanon_finding *finding,
                       const vanon_frame *frame, struct vanon_picture *picture)
{
    struct count *count = finding->certain ? &findings->certain : &findings->doubtful;
    int status = finding->certain ? follow(findings, finding) : VANON_OK;

    findings->judged++;
    count->frames += !count->places || count->last_frame != finding->frame;
    count->places++;
    count->last_frame = finding->frame;
    return status ? status : keep(findings, finding, frame, picture);
}

/* Told */

static void print_finding(const struct vanon_finding *finding, FILE *text)
{
    fprintf(text, "  frame %" PRIu64, finding->frame);
    if (isfinite(finding->time))
        fprintf(text, " at %.3f s", finding->time);
    fprintf(text, ": %s at %.0f,%.0f", finding->disc.name, finding->disc.x, finding->disc.y);
    if (finding->person)
        fprintf(text, ", person of score %.2f", finding->score);
    fprintf(text, "; %.0f %% of its detail can be read%s\n", 100 * finding->trace.explained,
            finding->certain ? "" : "; doubtful");
}

void vanon_findings_print(const vanon_findings *findings, FILE *text)
{
    const struct count *certain = &findings->certain, *doubtful = &findings->doubtful;
    double share =
        findings->judged ? 100.0 * (double)certain->places / (double)findings->judged : 0;

    fprintf(text, "%" PRIu64 " joints and places judged, %" PRIu64 " more have too little detail\n",
            findings->judged, findings->untold);
    if (certain->places)
        fprintf(text,
                "%" PRIu64 " still show (%.2f %%), in %" PRIu64 " frames, the longest for %" PRIu64
                " frames\n",
                certain->places, share, certain->frames, findings->longest);
    else
        fprintf(text, "nothing shows for certain\n");
    if (doubtful->places)
        fprintf(text,
                "%" PRIu64 " more, in %" PRIu64 " frames, would show if somebody were there, which "
                "closer looks don't confirm: not counted\n",
                doubtful->places, doubtful->frames);
    if (findings->count)
        fprintf(text, "the worst:\n");
    for (size_t i = 0; i < findings->count; i++)
        print_finding(&findings->worst[i].finding, text);
}

static json_t *finding_object(const struct vanon_finding *finding)
{
    json_t *object = json_pack(
        "{sI sb ss s[ff] sf sI sf sf sf sf sf}", "frame", (json_int_t)finding->frame, "certain",
        finding->certain, "joint", finding->disc.name, "at", finding->disc.x, finding->disc.y,
        "radius", finding->disc.radius, "person", (json_int_t)finding->person, "score",
        finding->score, "visibility", finding->disc.visibility, "gain", finding->trace.gain,
        "explained", finding->trace.explained, "same", finding->trace.same);

    if (object && isfinite(finding->time))
        json_object_set_new(object, "time", json_real(finding->time));
    return object;
}

void vanon_findings_report(const vanon_findings *findings, json_t *object)
{
    json_t *worst = json_array();

    for (size_t i = 0; i < findings->count; i++)
        json_array_append_new(worst, finding_object(&findings->worst[i].finding));
    json_object_set_new(object, "judged", json_integer((json_int_t)findings->judged));
    json_object_set_new(object, "too_little_detail", json_integer((json_int_t)findings->untold));
    json_object_set_new(object, "showing", json_integer((json_int_t)findings->certain.places));
    json_object_set_new(object, "frames_showing",
                        json_integer((json_int_t)findings->certain.frames));
    json_object_set_new(object, "longest_run_frames", json_integer((json_int_t)findings->longest));
    json_object_set_new(object, "doubtful", json_integer((json_int_t)findings->doubtful.places));
    json_object_set_new(object, "frames_doubtful",
                        json_integer((json_int_t)findings->doubtful.frames));
    json_object_set_new(object, "worst", worst);
}

int vanon_findings_sheet(const vanon_findings *findings, struct vanon_picture *sheet)
{
    int count = (int)findings->count, columns = count < COLUMNS ? count : COLUMNS;
    int rows = count ? (count + COLUMNS - 1) / COLUMNS : 0;
    int status = vanon_picture_make(sheet, columns * (TILE + GAP) + GAP, rows * (TILE + GAP) + GAP,
                                    (struct vanon_rgb){60, 60, 60});

    for (int i = 0; i < count && !status; i++)
        vanon_picture_paste(sheet, GAP + i % COLUMNS * (TILE + GAP),
                            GAP + i / COLUMNS * (TILE + GAP), TILE, &findings->worst[i].crop,
                            TILE / 2.0, TILE / 2.0, TILE);
    return status;
}

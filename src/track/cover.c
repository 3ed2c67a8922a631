/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that a frame must be covered for: who is seen in it, completed by the joints that the
 * detector missed, and a likeness of everybody who was there without being seen. A likeness is one
 * object, or several that leave no hole between where its sight was and where it is thought to be.
 */
#include "track/cover_internal.h"

#include <math.h>
#include <stdlib.h>

#include <vanon/status.h>

#include "base/box.h"
#include "base/joint.h"
#include "track/move.h"

#define SPEED_TIME      0.3 /* seconds from which a speed is told */
#define STEADY_TIME     0.3 /* from the sight before to the one after: nothing turns back so fast */
#define SPEED_LATEST    1.0 /* where there is no second sight within that time */
#define FADING          0.05 /* of the visibility, for each frame without a sight */
#define SPREAD_OF_SIZE  0.2  /* a second without a sight: people start, stop, turn */
#define SPREAD_OF_SPEED 0.1
#define SPREAD_MOST     0.25 /* of the size */
#define STEP_LEAST      8.0  /* display pixels between two likenesses: regions are wider */
#define STEP_OF_SIZE    0.06
#define MOST_STEPS      8
#define AROUND          0.5 /* of the size: so far out of the picture nothing of a body is inside */
#define PIECE           0.85 /* of the longer side of the whole: no larger is a piece */
#define PIECE_INSIDE    0.8  /* of its box */
#define PIECE_ASIDE     0.1  /* of that side: a joint is elsewhere */
#define PIECE_SURE      0.5  /* the visibility of a joint that the whole surely has */
#define HELD_MOVES      10   /* frames at least that somebody held goes on moving */

/* Who is not seen in the frame. */
struct absent {
    struct vanon_track *track;
    const vanon_object_list *list; /* that of the sight it is made from */
    struct vanon_sight sight;
    enum vanon_origin origin;
    bool between; /* on a way; else moved by `moved` */
    struct vanon_way way;
    vanon_point moved;       /* in display pixels, at a share of 1 */
    double share;            /* of the way */
    double doubt;            /* what is taken off visibilities */
    double spread;           /* how far off it may be, display pixels */
    bool past;               /* joints may come from the track's past */
    int64_t frame;           /* from which sights of joints are counted */
    struct vanon_place next; /* from where on joints are looked for */
};

/* The speed at a sight, from those that follow or those that came before. */
static bool find_speed(const struct vanon_cover *cover, struct vanon_place place, bool forward,
                       vanon_point *speed)
{
    struct vanon_sight here = vanon_cover_sight(cover, place), far = here;

    for (;;) {
        struct vanon_sight other;
        double away;

        place = vanon_cover_neighbour(cover, place, forward);
        if (!vanon_cover_may_look(cover, place))
            break;
        other = vanon_cover_sight(cover, place);
        away = fabs(other.time - here.time);
        if (away > (far.object == here.object ? SPEED_LATEST : SPEED_TIME))
            break;
        far = other;
    }
    if (far.object == here.object)
        return false;
    *speed = vanon_sight_speed(&here, &far);
    return true;
}

/* Only what is pushed up to the limit may make it count. */
static bool counts(const struct vanon_cover *cover, const struct vanon_track *track)
{
    return track->counts_from <= cover->limit;
}

/* Completes the object, and moves it from the scene into the picture. */
static int finish(const struct vanon_cover *cover, const struct vanon_track *track, bool past,
                  int64_t frame, struct vanon_place next, vanon_object *object)
{
    int status = vanon_cover_complete(cover, track, past, frame, next, object);

    object->id = track->id;
    if (!vanon_matrix_is_identity(&cover->camera))
        vanon_move_object(cover->out, object, &cover->camera);
    return status;
}

/* The object that was seen there, as it is given out. */
static int give_out(const struct vanon_cover *cover, const struct vanon_track *track,
                    struct vanon_place place)
{
    const struct vanon_window_frame *frame = vanon_window_at(&cover->tracker->window, place.frame);
    vanon_object *object;

    if (vanon_object_list_copy(cover->out, &frame->objects, &frame->objects.object[place.index]))
        return VANON_ERR_MEMORY;
    object = &cover->out->object[cover->out->count - 1];
    if (finish(cover, track, track->past.count > 0, cover->frame,
               vanon_cover_neighbour(cover, place, true), object))
        return VANON_ERR_MEMORY;
    if (frame->found.count)
        vanon_move_exactly(cover->out, object, &frame->found, &frame->found.object[place.index]);
    return VANON_OK;
}

static int add_seen(const struct vanon_cover *cover, struct vanon_track *track,
                    struct vanon_place place)
{
    const struct vanon_window_frame *frame = vanon_window_at(&cover->tracker->window, place.frame);
    struct vanon_sight here = vanon_cover_sight(cover, place);

    if ((counts(cover, track) && give_out(cover, track, place)) ||
        vanon_cover_know_joints(cover, track, &here))
        return VANON_ERR_MEMORY;
    track->next = vanon_cover_neighbour(cover, place, true);
    track->past_place = place;
    track->past_frame = cover->frame;
    track->past_time = cover->time;
    track->sights++;
    track->moves = find_speed(cover, place, false, &track->speed);
    vanon_object_list_clear(&track->past);
    return vanon_object_list_copy(&track->past, &frame->objects, here.object);
}

/* One likeness; `part` of how far the absent one got from its sight, 0 to 1. */
static int add_likeness(const struct vanon_cover *cover, const struct absent *absent, double part)
{
    double size = vanon_box_size(&absent->sight.object->box);
    double away = hypot(absent->moved.x, absent->moved.y);
    float dx = (float)(part * absent->moved.x), dy = (float)(part * absent->moved.y);
    double share = part * absent->share;
    vanon_object *object;
    vanon_keypoint *joint;

    if (vanon_object_list_copy(cover->out, absent->list, absent->sight.object))
        return VANON_ERR_MEMORY;
    object = &cover->out->object[cover->out->count - 1];
    joint = vanon_object_keypoints(cover->out, object);
    object->seen = false;
    object->origin = absent->origin;
    object->spread = (float)fmax(object->spread, absent->spread);
    if (absent->between)
        object->box = vanon_way_box(&absent->way, share);
    else
        object->box = (vanon_box){object->box.x0 + dx, object->box.y0 + dy, object->box.x1 + dx,
                                  object->box.y1 + dy};
    for (size_t i = 0; i < object->keypoints; i++) {
        if (!vanon_joint_seen(&joint[i])) {
            continue;
        } else if (!absent->between) {
            joint[i].x += dx;
            joint[i].y += dy;
        } else if (vanon_joint_seen(&absent->way.to.joint[i])) {
            joint[i] = vanon_way_joint(&absent->way, i, share);
        } else {
            joint[i] = (vanon_keypoint){0};
            continue;
        }
        joint[i].visibility = vanon_faded(joint[i].visibility, absent->doubt + away / size);
    }
    return finish(cover, absent->track, absent->past, absent->frame, absent->next, object);
}

/* From one likeness to the next. */
static double step_of(const struct vanon_cover *cover, const vanon_object *object)
{
    return fmax(STEP_LEAST / vanon_move_scale(&cover->camera),
                STEP_OF_SIZE * vanon_box_size(&object->box));
}

/* How far the absent one, or any of its joints, got from its sight. */
static double distance_of(const struct absent *absent)
{
    const struct vanon_way *way = &absent->way;
    double most = hypot(absent->moved.x, absent->moved.y);
    vanon_box box;

    if (!absent->between)
        return most;
    box = vanon_way_box(way, absent->share);
    for (size_t i = 0; i < absent->sight.object->keypoints; i++)
        if (vanon_joint_seen(&way->from.joint[i]) && vanon_joint_seen(&way->to.joint[i])) {
            vanon_keypoint at = vanon_way_joint(way, i, absent->share);

            most = fmax(most, hypot((double)at.x - way->from.joint[i].x,
                                    (double)at.y - way->from.joint[i].y));
        }
    return fmax(most, hypot((double)box.x0 - way->from.object->box.x0,
                            (double)box.y0 - way->from.object->box.y0));
}

/* The likeness, and where a sight is near (`swept`) others from there to it: whoever stops, or
 * starts later than thought, is among them. */
static int add_absent(const struct vanon_cover *cover, const struct absent *absent, bool swept)
{
    double step = step_of(cover, absent->sight.object);
    double steps = swept ? distance_of(absent) / step : 0;
    int count = steps >= 1 ? (int)fmin(ceil(steps), MOST_STEPS) : 0;
    int status = add_likeness(cover, absent, 1);

    for (int i = count - 1; i >= 0 && !status; i--)
        status = add_likeness(cover, absent, (double)i / count);
    return status;
}

/* `margin`: in sizes of the box, which often holds less than the body. */
static bool is_outside(const struct vanon_cover *cover, const vanon_box *box, vanon_point moved,
                       double margin)
{
    vanon_box at = {box->x0 + moved.x, box->y0 + moved.y, box->x1 + moved.x, box->y1 + moved.y};
    double around;

    at = vanon_move_box(&at, &cover->camera);
    around = margin * vanon_box_size(&at);
    return at.x1 <= -around || at.y1 <= -around || at.x0 >= cover->tracker->width + around ||
           at.y0 >= cover->tracker->height + around;
}

/* How far somebody may be from where they are thought to be, so long from the nearest sight. */
static double spread_of(const vanon_object *object, bool moves, vanon_point speed, double seconds)
{
    double size = vanon_box_size(&object->box), time = fabs(seconds);
    double fast = moves ? hypot(speed.x, speed.y) : 0;

    return fmin(time * (SPREAD_OF_SIZE * size + SPREAD_OF_SPEED * fast), SPREAD_MOST * size);
}

static vanon_point times(vanon_point speed, double seconds)
{
    return (vanon_point){(float)(speed.x * seconds), (float)(speed.y * seconds)};
}

/* Some joint went aside and back: it is farther from where the sights around it say than those are
 * from each other. */
static bool jumps(const struct vanon_cover *cover, const struct vanon_way *way,
                  const struct vanon_sight *here, double share)
{
    double most = step_of(cover, here->object);

    for (size_t i = 0; i < here->object->keypoints; i++) {
        const vanon_keypoint *from = &way->from.joint[i], *to = &way->to.joint[i], *at;
        vanon_keypoint said;
        double aside;

        at = &here->joint[i];
        if (!vanon_joint_seen(at) || !vanon_joint_seen(from) || !vanon_joint_seen(to))
            continue;
        said = vanon_way_joint(way, i, share);
        aside = hypot((double)at->x - said.x, (double)at->y - said.y);
        if (aside > most && aside > hypot((double)to->x - from->x, (double)to->y - from->y))
            return true;
    }
    return false;
}

/* Seen in the frame, just before and just after, but with a joint that jumped aside and back: it is
 * hidden where the others say as well. */
static int add_steady(const struct vanon_cover *cover, struct vanon_track *track)
{
    const struct vanon_window *window = &cover->tracker->window;
    struct vanon_place before = vanon_cover_neighbour(cover, track->past_place, false);
    struct vanon_place after = vanon_cover_neighbour(cover, track->past_place, true);
    struct absent absent = {.track = track,
                            .origin = VANON_ORIGIN_BETWEEN,
                            .between = true,
                            .frame = cover->frame,
                            .next = after};
    struct vanon_sight here = vanon_cover_sight(cover, track->past_place);
    struct vanon_way *way = &absent.way;

    if (!vanon_cover_may_look(cover, before) || !vanon_cover_may_look(cover, after))
        return VANON_OK;
    way->from = absent.sight = vanon_cover_sight(cover, before);
    way->to = vanon_cover_sight(cover, after);
    absent.list = &vanon_window_at(window, before.frame)->objects;
    absent.share = (cover->time - way->from.time) / (way->to.time - way->from.time);
    if (way->to.time - way->from.time > STEADY_TIME ||
        way->from.object->keypoints != here.object->keypoints ||
        !jumps(cover, way, &here, absent.share))
        return VANON_OK;
    return add_likeness(cover, &absent, 1);
}

/* True where the one sight shows a piece of what the other one shows: less than that, inside of it,
 * and a joint that surely is there is not, or elsewhere. */
static bool is_piece(const struct vanon_sight *piece, const struct vanon_sight *whole)
{
    const vanon_box *small = &piece->object->box, *large = &whole->object->box;
    double aside = PIECE_ASIDE * vanon_box_longer_side(large);

    if (piece->object->skeleton != whole->object->skeleton ||
        vanon_box_longer_side(small) > PIECE * vanon_box_longer_side(large) ||
        vanon_box_share_inside(small, large) < PIECE_INSIDE)
        return false;
    for (size_t i = 0; i < whole->object->keypoints; i++)
        if (vanon_cover_is_sight(&whole->joint[i]) && whole->joint[i].visibility >= PIECE_SURE &&
            (!vanon_cover_is_sight(&piece->joint[i]) ||
             hypot((double)piece->joint[i].x - whole->joint[i].x,
                   (double)piece->joint[i].y - whole->joint[i].y) > aside))
            return true;
    return false;
}

/* The largest sight, within ttl_frames of the frame, of which the one at `place` shows a piece:
 * *whole, where it is larger than `most`. */
static void find_whole(const struct vanon_cover *cover, struct vanon_place place, bool forward,
                       struct vanon_place *whole, double *most)
{
    struct vanon_sight here;

    if (!vanon_cover_may_look(cover, place))
        return;
    here = vanon_cover_sight(cover, place);
    for (place = vanon_cover_neighbour(cover, place, forward);
         vanon_cover_may_look(cover, place) &&
         vanon_cover_missed(cover, place.frame) <= cover->tracker->options->ttl_frames;
         place = vanon_cover_neighbour(cover, place, forward)) {
        struct vanon_sight sight = vanon_cover_sight(cover, place);
        double size = vanon_box_longer_side(&sight.object->box);

        if (size > *most && is_piece(&here, &sight)) {
            *most = size;
            *whole = place;
        }
    }
}

/* Who comes out of something or of a fade, or goes into it, is first or last seen in pieces, which
 * the detector takes for all of a smaller body: hidden is also what the sights beside show, where
 * they do. `piece`, and `other`, which may be nowhere: the sights in the frame or next to it. */
static int add_wholes(const struct vanon_cover *cover, struct vanon_track *track,
                      struct vanon_place piece, struct vanon_place other)
{
    int status = VANON_OK;

    for (int i = 0; i < 2 && !status; i++) {
        struct absent absent = {.track = track,
                                .origin = i ? VANON_ORIGIN_BEFORE : VANON_ORIGIN_AFTER};
        struct vanon_place whole = VANON_NOWHERE;
        double most = 0;

        find_whole(cover, piece, i, &whole, &most);
        find_whole(cover, other, i, &whole, &most);
        if (whole.frame < 0)
            continue;
        absent.frame = whole.frame;
        absent.list = &vanon_window_at(&cover->tracker->window, whole.frame)->objects;
        absent.sight = vanon_cover_sight(cover, whole);
        absent.next = vanon_cover_neighbour(cover, whole, true);
        absent.doubt = FADING * (double)vanon_cover_missed(cover, whole.frame);
        absent.spread = spread_of(absent.sight.object, false, (vanon_point){0, 0},
                                  cover->time - absent.sight.time);
        status = add_likeness(cover, &absent, 1);
    }
    return status;
}

/* Seen before and after. */
static int add_between(const struct vanon_cover *cover, struct vanon_track *track)
{
    struct absent absent = {.track = track,
                            .list = &track->past,
                            .origin = VANON_ORIGIN_BETWEEN,
                            .between = true,
                            .past = true};
    struct vanon_way *way = &absent.way;
    int64_t gone = vanon_cover_missed(cover, track->past_frame),
            comes = vanon_cover_missed(cover, track->next.frame);

    way->from = absent.sight = vanon_track_past(track);
    way->to = vanon_cover_sight(cover, track->next);
    way->leaves = track->moves;
    way->leaving = track->speed;
    way->arrives = find_speed(cover, track->next, true, &way->arriving);
    absent.share = (cover->time - way->from.time) / (way->to.time - way->from.time);
    absent.doubt = FADING * (double)(gone < comes ? gone : comes);
    absent.spread = spread_of(absent.sight.object, way->leaves, way->leaving,
                              fmin(cover->time - way->from.time, way->to.time - cover->time));
    absent.frame = cover->frame;
    absent.next = track->next;
    if (add_wholes(cover, track, track->past_place, track->next))
        return VANON_ERR_MEMORY;
    return add_absent(cover, &absent, gone && gone <= cover->tracker->options->ttl_frames);
}

/* Walks out of the picture within the look-ahead. */
static bool is_leaving(const struct vanon_cover *cover, const struct vanon_track *track)
{
    double gone = (double)(cover->frame - track->past_frame);
    double look_ahead = (cover->time - track->past_time) / gone * (double)cover->tracker->latency;

    return track->moves && track->sights >= VANON_CONFIRMED &&
           is_outside(cover, &track->past.object[0].box, times(track->speed, look_ahead), 0);
}

/* The scene ends before anybody can tell whether they come back. */
static bool is_cut_off(const struct vanon_cover *cover, const struct vanon_track *track)
{
    return track->sights >= VANON_CONFIRMED && track->cut <= cover->limit &&
           cover->frame < track->cut;
}

/* Not seen any more. */
static int add_after(const struct vanon_cover *cover, struct vanon_track *track)
{
    struct absent absent = {.track = track,
                            .list = &track->past,
                            .origin = VANON_ORIGIN_AFTER,
                            .past = true,
                            .frame = cover->frame,
                            .next = VANON_NOWHERE};
    int64_t gone = vanon_cover_missed(cover, track->past_frame),
            ttl = cover->tracker->options->ttl_frames;
    double moves = fmax(HELD_MOVES, (double)cover->tracker->latency);
    double frames = (double)(cover->frame - track->past_frame);
    double seconds = (cover->time - track->past_time) * fmin(1, moves / frames);

    absent.sight = vanon_track_past(track);
    absent.doubt = FADING * (double)gone;
    if (track->moves)
        absent.moved = times(track->speed, seconds);
    absent.spread =
        spread_of(absent.sight.object, track->moves, track->speed, cover->time - track->past_time);
    if (gone > ttl && (gone > vanon_tracker_patience(cover->tracker) ||
                       (!is_leaving(cover, track) && !is_cut_off(cover, track)) ||
                       is_outside(cover, &absent.sight.object->box, absent.moved, AROUND)))
        return VANON_OK;
    if (gone <= ttl && add_wholes(cover, track, track->past_place, VANON_NOWHERE))
        return VANON_ERR_MEMORY;
    return add_absent(cover, &absent, gone <= ttl);
}

static bool is_confirmed(const struct vanon_cover *cover, struct vanon_place place)
{
    int sights = 0;

    for (; vanon_cover_may_look(cover, place) && sights < VANON_CONFIRMED; sights++)
        place = vanon_cover_neighbour(cover, place, true);
    return sights == VANON_CONFIRMED;
}

/* Not seen yet. */
static int add_before(const struct vanon_cover *cover, struct vanon_track *track)
{
    const vanon_object_list *list =
        &vanon_window_at(&cover->tracker->window, track->next.frame)->objects;
    struct absent absent = {.track = track,
                            .list = list,
                            .origin = VANON_ORIGIN_BEFORE,
                            .frame = track->next.frame,
                            .next = vanon_cover_neighbour(cover, track->next, true)};
    int64_t comes = vanon_cover_missed(cover, track->next.frame),
            ttl = cover->tracker->options->ttl_frames;
    vanon_point speed = {0};
    bool moves;

    absent.sight = vanon_cover_sight(cover, track->next);
    absent.doubt = FADING * (double)comes;
    moves = find_speed(cover, track->next, true, &speed);
    if (moves)
        absent.moved = times(speed, cover->time - absent.sight.time);
    absent.spread = spread_of(absent.sight.object, moves, speed, cover->time - absent.sight.time);
    if (comes > ttl && (!is_confirmed(cover, track->next) ||
                        is_outside(cover, &absent.sight.object->box, absent.moved, AROUND)))
        return VANON_OK;
    if (comes <= ttl && add_wholes(cover, track, track->next, VANON_NOWHERE))
        return VANON_ERR_MEMORY;
    return add_absent(cover, &absent, comes <= ttl);
}

static int add_unseen(const struct vanon_cover *cover, struct vanon_track *track)
{
    bool comes = track->next.frame >= 0 && vanon_cover_may_look(cover, track->next);

    if (cover->frame < track->from || cover->frame >= track->until)
        return VANON_OK;
    if (!track->past.count)
        return comes ? add_before(cover, track) : VANON_OK;
    return comes ? add_between(cover, track) : add_after(cover, track);
}

static int compare_numbers(const void *key, const void *element)
{
    int64_t number = *(const int64_t *)key, other = ((const struct vanon_track *)element)->number;

    return number < other ? -1 : number > other;
}

/* Everything in the frame's list: sights, and what was told to be there unseen. */
static int add_listed(const struct vanon_cover *cover, const struct vanon_window_frame *frame)
{
    const vanon_tracker *tracker = cover->tracker;
    const vanon_object_list *list = &frame->objects;
    const vanon_object_list *found = frame->found.count ? &frame->found : list;
    int status = VANON_OK;

    for (size_t i = 0; i < list->count && !status; i++) {
        const vanon_object *object = &list->object[i];

        if (!object->seen)
            status = vanon_object_list_copy(cover->out, found, &found->object[i]);
        else
            status = add_seen(cover,
                              bsearch(&object->id, tracker->track, tracker->tracks,
                                      sizeof *tracker->track, compare_numbers),
                              (struct vanon_place){cover->frame, i});
    }
    return status;
}

/* Somebody's place was told, so that it need not be thought of. */
static bool is_listed(const struct vanon_track *track, const vanon_object_list *list)
{
    for (size_t i = 0; i < list->count && track->given; i++)
        if (!list->object[i].seen && list->object[i].id == track->given)
            return true;
    return false;
}

int vanon_tracker_cover(vanon_tracker *tracker, vanon_object_list *out)
{
    const struct vanon_window_frame *frame = vanon_window_at(&tracker->window, tracker->next_pull);
    int64_t last = tracker->window.next - 1, limit = tracker->next_pull + (int64_t)tracker->latency;
    struct vanon_cover cover = {
        tracker, out, tracker->next_pull, limit < last ? limit : last, frame->time, frame->camera};
    int status = add_listed(&cover, frame);

    for (size_t i = 0; i < tracker->tracks && !status; i++) {
        struct vanon_track *track = &tracker->track[i];

        if (!counts(&cover, track) || is_listed(track, &frame->objects))
            continue;
        if (!track->past.count || track->past_frame != cover.frame)
            status = add_unseen(&cover, track);
        else if (!(status = add_steady(&cover, track)))
            status = add_wholes(&cover, track, track->past_place, VANON_NOWHERE);
    }
    return status;
}

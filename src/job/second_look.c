/* SPDX-License-Identifier: Apache-2.0 */
#include "job/second_look.h"

#include <math.h>
#include <stdlib.h>

#include "base/joint.h"
#include "base/thread.h"
#include "detect/nms.h"

#define LOOKS       3
#define LEAST_LOOKS 2 /* that see somebody who is there */
#define SAME_PERSON 0.4f
#define SURE        0.3f /* visibility of a joint, */
#define NEAR        1.5  /* which so many radii off is still the same */

/* The cheap ones first: mostly they agree, and that is enough. */
static const struct {
    double times; /* the person's longer side */
    int imgsz;
} looks[LOOKS] = {{3, 320}, {2, 320}, {3, 640}};

struct vanon_second_look {
    const vanon_options *options;
    const vanon_log *log;
    vanon_detector *detector; /* NULL: not needed yet */
    pthread_mutex_t lock;
    pthread_cond_t finished;
    bool done; /* guarded by `lock` */

    const vanon_frame *frame;
    vanon_box box;
    size_t taken; /* looks at it so far */
    vanon_object_list seen[LOOKS];
    const vanon_object *match[LOOKS]; /* NULL: it does not see them */
};

int vanon_second_look_create(vanon_second_look **out, const vanon_options *options,
                             const vanon_log *log)
{
    vanon_second_look *look = calloc(1, sizeof *look);

    *out = NULL;
    if (!look)
        return VANON_ERR_MEMORY;
    look->options = options;
    look->log = log;
    if (pthread_mutex_init(&look->lock, NULL))
        goto no_lock;
    if (vanon_cond_init(&look->finished))
        goto no_condition;
    *out = look;
    return VANON_OK;
no_condition:
    pthread_mutex_destroy(&look->lock);
no_lock:
    free(look);
    return VANON_ERR_MEMORY;
}

void vanon_second_look_destroy(vanon_second_look **pointer)
{
    vanon_second_look *look = *pointer;

    if (!look)
        return;
    vanon_detector_destroy(&look->detector);
    for (size_t i = 0; i < LOOKS; i++)
        vanon_object_list_free(&look->seen[i]);
    pthread_cond_destroy(&look->finished);
    pthread_mutex_destroy(&look->lock);
    free(look);
    *pointer = NULL;
}

static void finish(void *opaque, size_t slot)
{
    vanon_second_look *look = opaque;

    (void)slot;
    pthread_mutex_lock(&look->lock);
    look->done = true;
    pthread_cond_signal(&look->finished);
    pthread_mutex_unlock(&look->lock);
}

static void wait_for(vanon_second_look *look)
{
    pthread_mutex_lock(&look->lock);
    while (!look->done)
        vanon_cond_wait(&look->finished, &look->lock, VANON_FOREVER);
    pthread_mutex_unlock(&look->lock);
}

static int create_detector(vanon_second_look *look)
{
    struct vanon_detector_params params = {.options = look->options,
                                           .log = look->log,
                                           .done = finish,
                                           .opaque = look,
                                           .slots = 1,
                                           .batch = 1};

    return look->detector ? VANON_OK : vanon_detector_create(&look->detector, &params);
}

void vanon_second_look_begin(vanon_second_look *look, const vanon_frame *frame,
                             const vanon_box *box)
{
    look->frame = frame;
    look->box = *box;
    look->taken = 0;
}

/* The one whose box is the most like theirs. */
static const vanon_object *find_match(const vanon_second_look *look, const vanon_object_list *seen)
{
    const vanon_object *match = NULL;
    float best = SAME_PERSON;

    for (size_t i = 0; i < seen->count; i++) {
        const vanon_object *object = &seen->object[i];
        float share = vanon_box_iou(&object->box, &look->box);

        if (object->class_id != VANON_CLASS_PERSON || !(share > best) ||
            object->score < (float)look->options->confidence)
            continue;
        best = share;
        match = object;
    }
    return match;
}

static int take_next(vanon_second_look *look)
{
    struct vanon_view view = {
        .frame = look->frame,
        .part = vanon_part_square(look->frame, &look->box, looks[look->taken].times,
                                  VANON_PART_ALIGNMENT),
        .imgsz = looks[look->taken].imgsz,
        .square = true,
    };
    vanon_object_list *seen = &look->seen[look->taken];
    int status;

    look->done = false;
    status = vanon_detector_look(look->detector, 0, &view, 1);
    if (status)
        return status;
    wait_for(look);
    status = vanon_detector_collect(look->detector, 0, &seen, 1);
    if (!status)
        look->match[look->taken++] = find_match(look, seen);
    return status;
}

static bool sees_joint(const vanon_second_look *look, size_t index, const struct vanon_disc *disc)
{
    const vanon_object *match = look->match[index];
    const vanon_keypoint *joint = match ? vanon_object_keypoints(&look->seen[index], match) : NULL;
    int number = joint && match->skeleton ? vanon_skeleton_joint(match->skeleton, disc->name) : -1;

    return number >= 0 && vanon_joint_seen(&joint[number]) && joint[number].visibility >= SURE &&
           hypot(joint[number].x - disc->x, joint[number].y - disc->y) <= NEAR * disc->radius;
}

int vanon_second_look_confirms(vanon_second_look *look, const struct vanon_disc *disc,
                               bool *confirmed)
{
    int status = create_detector(look);

    *confirmed = !status && !look->detector->views;
    for (size_t i = 0, people = 0, joints = 0; i < LOOKS && !status && !*confirmed; i++) {
        if (LOOKS - i + people < LEAST_LOOKS)
            break; /* the others can't make it enough */
        if (i == look->taken)
            status = take_next(look);
        if (status)
            break;
        people += look->match[i] != NULL;
        joints += sees_joint(look, i, disc);
        *confirmed = people >= LEAST_LOOKS && joints > 0;
    }
    return status;
}

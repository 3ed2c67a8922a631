/* SPDX-License-Identifier: Apache-2.0 */
/* A detector, one frame at a time, for tests. */
#ifndef VANON_TESTS_DETECT_H
#define VANON_TESTS_DETECT_H

#include <pthread.h>

#include "detect/detector.h"
#include "options/options.h"

#define DETECT_SLOTS 16

/* What a detector says when a slot is done; the counters are guarded by the lock. */
struct detect_wait {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t done[DETECT_SLOTS]; /* and not yet waited for */
};

#define DETECT_WAIT                                                            \
    {                                                                          \
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER \
    }

static void detect_done(void *opaque, size_t slot)
{
    struct detect_wait *wait = opaque;

    pthread_mutex_lock(&wait->lock);
    wait->done[slot]++;
    pthread_cond_broadcast(&wait->changed);
    pthread_mutex_unlock(&wait->lock);
}

static void detect_wait_for(struct detect_wait *wait, size_t slot)
{
    pthread_mutex_lock(&wait->lock);
    while (!wait->done[slot])
        pthread_cond_wait(&wait->changed, &wait->lock);
    wait->done[slot]--;
    pthread_mutex_unlock(&wait->lock);
}

/* Options from pairs of key and value, up to NULL. */
static vanon_options *detect_options(const char *const *pairs)
{
    vanon_options *options;

    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    for (; *pairs; pairs += 2)
        assert_int_equal(vanon_options_set(options, pairs[0], pairs[1]), VANON_OK);
    return options;
}

/* The whole way of one frame through one slot; the list is replaced. */
static int detect_frame(vanon_detector *detector, struct detect_wait *wait, size_t slot,
                        const vanon_frame *frame, vanon_object_list *objects)
{
    int status = vanon_detector_submit(detector, slot, &frame, 1);

    if (status)
        return status;
    detect_wait_for(wait, slot);
    return vanon_detector_collect(detector, slot, &objects, 1);
}

#endif

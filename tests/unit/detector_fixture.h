/* SPDX-License-Identifier: Apache-2.0 */
/* Files, detectors and frames for the detector's tests; after unit.h. */
#ifndef VANON_TESTS_DETECTOR_FIXTURE_H
#define VANON_TESTS_DETECTOR_FIXTURE_H

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "detect.h"

#define SHIPPED        VANON_SOURCE_ROOT "/models/yolov8n-pose.onnx"
#define SHIPPED_SHA256 "bf620f50c9f4523909f62778a313eb6d22d0b1b4248bb1d496606c3aa46383aa"

static char folder[] = "/tmp/vanon-detector-XXXXXX";
static char path[64], weights[64]; /* of the file that a test writes, and the .bin beside it */

static inline int make_folder(void **state)
{
    (void)state;
    unsetenv("VANON_MODELS");
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static inline int remove_files(void **state)
{
    (void)state;
    unlink(path);
    unlink(weights);
    return 0;
}

static inline void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static struct detect_wait waiting = DETECT_WAIT;

static inline int create_with(vanon_detector **out, const vanon_options *options, size_t slots,
                              size_t batch, int threads)
{
    unit_log_clear();
    return vanon_detector_create(out, &(struct vanon_detector_params){.options = options,
                                                                      .log = &unit_log,
                                                                      .done = detect_done,
                                                                      .opaque = &waiting,
                                                                      .slots = slots,
                                                                      .batch = batch,
                                                                      .threads = threads});
}

static inline int create(vanon_detector **out, const vanon_options *options)
{
    return create_with(out, options, 0, 0, 0);
}

static inline vanon_detector *create_f32(size_t slots, size_t batch, vanon_options **options)
{
    static const char *const pairs[] = {"precision", "f32", NULL};
    vanon_detector *detector;

    *options = detect_options(pairs);
    if (create_with(&detector, *options, slots, batch, 0))
        fail_msg("%s", unit_message);
    return detector;
}

static inline vanon_frame *grey_frame(int width, int height, uint8_t grey)
{
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_RGB24, width, height), VANON_OK);
    for (int y = 0; y < height; y++)
        memset(frame->plane[0] + y * frame->stride[0], grey, (size_t)width * 3);
    return frame;
}

static inline void assert_near(double value, double expected, double within)
{
    if (!(fabs(value - expected) <= within))
        fail_msg("%f, expected %f", value, expected);
}

static inline void assert_same_objects(const vanon_object_list *a, const vanon_object_list *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_memory_equal(&a->object[i].box, &b->object[i].box, sizeof a->object[i].box);
        assert_true(a->object[i].score == b->object[i].score);
        assert_memory_equal(vanon_object_keypoints(a, &a->object[i]),
                            vanon_object_keypoints(b, &b->object[i]), 17 * sizeof *a->keypoint);
    }
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes expected.txt (detections.h) for raw frames: what the project's own detector finds with
 * OpenVINO in f32.
 *
 *     store_detections MODEL FOLDER NAME WIDTH HEIGHT [NAME WIDTH HEIGHT]... > FOLDER/expected.txt
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vanon/status.h>

#include "detect/detector.h"
#include "detections.h"
#include "pixels/frame.h"

static void done(void *opaque, size_t slot)
{
    (void)opaque;
    (void)slot; /* collect waits */
}

static vanon_frame *read_frame(const char *folder, const char *name, int width, int height)
{
    vanon_frame *frame;
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (!file || vanon_frame_alloc(&frame, VANON_PIXEL_NV12, width, height))
        return NULL;
    frame->colour.matrix = DETECTIONS_MATRIX;
    for (int y = 0; y < height * 3 / 2; y++) {
        uint8_t *line = y < height ? frame->plane[0] + y * frame->stride[0]
                                   : frame->plane[1] + (y - height) * frame->stride[1];

        if (fread(line, 1, (size_t)width, file) != (size_t)width)
            vanon_frame_unref(&frame);
        if (!frame)
            break;
    }
    fclose(file);
    return frame;
}

static void print(const vanon_object_list *people)
{
    for (size_t i = 0; i < people->count; i++) {
        const vanon_object *person = &people->object[i];
        const vanon_keypoint *joint = vanon_object_keypoints(people, person);

        printf("person %.5f %.3f %.3f %.3f %.3f", (double)person->score, (double)person->box.x0,
               (double)person->box.y0, (double)person->box.x1, (double)person->box.y1);
        for (size_t j = 0; j < person->keypoints; j++)
            printf(" %.3f %.3f %.4f", (double)joint[j].x, (double)joint[j].y,
                   (double)joint[j].visibility);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    struct vanon_detector_params params = {.log = &vanon_log_to_stderr, .done = done};
    vanon_object_list people = {0}, *lists[] = {&people};
    vanon_detector *detector;
    vanon_options *options;
    char imgsz[16], confidence[16], iou[16];

    if (argc < 6 || argc % 3 != 0)
        return 2;
    snprintf(imgsz, sizeof imgsz, "%d", DETECTIONS_IMGSZ);
    snprintf(confidence, sizeof confidence, "%g", (double)DETECTIONS_CONFIDENCE);
    snprintf(iou, sizeof iou, "%g", (double)DETECTIONS_IOU);
    if (vanon_options_create(&options, params.log) ||
        vanon_options_set(options, "pose_model", argv[1]) ||
        vanon_options_set(options, "precision", "f32") ||
        vanon_options_set(options, "imgsz", imgsz) ||
        vanon_options_set(options, "confidence", confidence) ||
        vanon_options_set(options, "iou_threshold", iou))
        return 2;
    params.options = options;
    if (vanon_detector_create(&detector, &params))
        return 1;
    for (int i = 3; i < argc; i += 3) {
        vanon_frame *frame = read_frame(argv[2], argv[i], atoi(argv[i + 1]), atoi(argv[i + 2]));
        const vanon_frame *frames[] = {frame};

        if (!frame || vanon_detector_submit(detector, 0, frames, 1) ||
            vanon_detector_collect(detector, 0, lists, 1))
            return 1;
        printf("frame %s %d %d\n", argv[i], frame->width, frame->height);
        print(&people);
        vanon_frame_unref(&frame);
    }
    vanon_object_list_free(&people);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/model_kind.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "pixels/letterbox.h"

#define AUTO_IMGSZ   640
#define NMS_LEAST    0.25 /* score that nms=True keeps, unless it was exported with another conf */
#define MOST_BATCH   64   /* as much as the option batch_size allows */
#define LONGEST_SIDE 32768
#define MOST_JOINTS  133 /* of any skeleton that people use: COCO's whole body */
#define JOINTS       17  /* of COCO */

/* Names a network of another task, by what Ultralytics calls the task. */
static const struct {
    const char *task, *words;
} other_tasks[] = {
    {"detect", "a detection model (boxes without joints)"},
    {"segment", "a segmentation model (boxes and masks without joints)"},
    {"classify", "a classification model (what a picture shows, not where)"},
    {"obb", "a model of oriented boxes (OBB, without joints)"},
};

/* "1x3x?x?" for a message. */
static const char *describe(const struct vanon_model_shape *shape, char *text, size_t size)
{
    size_t length = 0;

    snprintf(text, size, "of any number of sides");
    for (size_t i = 0; i < shape->sides && length < size; i++) {
        const char *times = i ? "x" : "";

        length += (size_t)(shape->side[i] ? snprintf(text + length, size - length, "%s%lld", times,
                                                     (long long)shape->side[i])
                                          : snprintf(text + length, size - length, "%s?", times));
    }
    return text;
}

/* The task of a network that doesn't say it, where its outputs are those of Ultralytics' models;
 * NULL: none of these. Detection models of COCO have 80 classes, OBB models of DOTA 15. */
static const char *guess_task(const struct vanon_model_ends *ends)
{
    const struct vanon_model_shape *first = &ends->output[0], *second = &ends->output[1];

    if (ends->outputs == 2)
        return first->sides + second->sides == 3 + 4 ? "segment" : NULL;
    if (ends->outputs != 1)
        return NULL;
    if (first->sides == 2)
        return "classify";
    if (first->sides != 3)
        return NULL;
    if (first->side[1] == 4 + 80 || first->side[2] == 6)
        return "detect";
    return first->side[1] == 4 + 15 + 1 || first->side[2] == 7 ? "obb" : NULL;
}

static int check_task(const struct vanon_model_ends *ends, const struct vanon_model_file *file,
                      const vanon_log *log)
{
    const char *said = file->metadata.task, *task = *said ? said : guess_task(ends);
    char text[64];

    if (!task || !strcmp(task, "pose"))
        return VANON_OK;
    for (size_t i = 0; i < VANON_COUNT(other_tasks); i++)
        if (!strcmp(task, other_tasks[i].task))
            return vanon_fail(
                log, VANON_ERR_MODEL,
                "model %s: not a pose model: %s %s, its output is %s; such models are "
                "for a later version, this one needs YOLOv8-pose or YOLO11-pose",
                file->path, *said ? "it is" : "it looks like", other_tasks[i].words,
                describe(&ends->output[0], text, sizeof text));
    return vanon_fail(
        log, VANON_ERR_MODEL,
        "model %s: not a pose model: its metadata names the task \"%s\"; this version "
        "needs YOLOv8-pose or YOLO11-pose",
        file->path, task);
}

static bool is_side(int64_t side)
{
    return side > 0 && side % VANON_LETTERBOX_STRIDE == 0 && side <= LONGEST_SIDE;
}

/* [batch, 3, height, width], both sides open or both fixed. */
static int take_input(struct vanon_model_kind *kind, const struct vanon_model_shape *input,
                      const struct vanon_model_file *file, const vanon_log *log)
{
    int64_t batch = input->side[0], height = input->side[2], width = input->side[3];
    bool open = !height && !width;
    char text[128];

    if (input->sides != 4 || input->side[1] != 3 || batch > MOST_BATCH ||
        !(open || (is_side(height) && is_side(width))))
        return vanon_fail(log, VANON_ERR_MODEL,
                          "model %s: not a pose model: its input is %s and must be 1x3xHxW "
                          "(a batch of up to %d), with sides that are open or multiples of %d",
                          file->path, describe(input, text, sizeof text), MOST_BATCH,
                          VANON_LETTERBOX_STRIDE);
    if (open && file->metadata.stride > VANON_LETTERBOX_STRIDE)
        return vanon_fail(log, VANON_ERR_MODEL,
                          "model %s: its open sides would have to be multiples of %d, and are made "
                          "multiples of %d here; export it with a fixed size (without dynamic)",
                          file->path, file->metadata.stride, VANON_LETTERBOX_STRIDE);
    kind->batch = (size_t)batch;
    kind->height = (int)height;
    kind->width = (int)width;
    return VANON_OK;
}

/* Which of the classes is a person. The one class of a pose model may be called anything. */
static int take_classes(struct vanon_yolo_layout *layout, const struct vanon_model_file *file,
                        const vanon_log *log)
{
    const struct vanon_model_metadata *said = &file->metadata;

    layout->classes = said->classes ? said->classes : 1;
    layout->person = said->person > 0 ? (size_t)said->person : 0;
    if (said->person >= 0 || !said->classes)
        return VANON_OK;
    if (said->classes > 1)
        return vanon_fail(log, VANON_ERR_MODEL,
                          "model %s: none of its %zu classes is called \"person\"", file->path,
                          said->classes);
    vanon_warn(log, "model %s: its only class is not called \"person\"; it is taken for one",
               file->path);
    return VANON_OK;
}

/* A network has never so few anchors that the two layouts could be confused. */
static bool take_layout(struct vanon_yolo_layout *layout, const struct vanon_model_shape *output)
{
    size_t rows = (size_t)output->side[1], columns = (size_t)output->side[2];

    if (output->sides != 3)
        return false;
    layout->nms = true;
    if (vanon_yolo_fits(layout, JOINTS, rows, columns))
        return true;
    layout->nms = false;
    return vanon_yolo_fits(layout, JOINTS, rows, columns);
}

/* How many joints an output is for, if it is that of some other pose model; 0: it isn't. */
static int64_t guess_joints(const struct vanon_yolo_layout *layout,
                            const struct vanon_model_shape *output)
{
    const int64_t values[] = {output->side[1] - 4 - (int64_t)layout->classes,
                              output->side[2] - VANON_YOLO_NMS_JOINTS};

    for (size_t i = 0; output->sides == 3 && i < VANON_COUNT(values); i++)
        if (values[i] > 0 && values[i] % 3 == 0 && values[i] <= 3 * MOST_JOINTS)
            return values[i] / 3;
    return 0;
}

static int refuse_output(const struct vanon_yolo_layout *layout,
                         const struct vanon_model_ends *ends, const struct vanon_model_file *file,
                         const vanon_log *log)
{
    const struct vanon_model_metadata *said = &file->metadata;
    int64_t joints = said->joints ? said->joints : guess_joints(layout, &ends->output[0]);
    char shape[128], what[96] = "";

    if (said->joints && said->values != 3)
        snprintf(what, sizeof what, " (%d joints of %d values)", said->joints, said->values);
    else if (joints)
        snprintf(what, sizeof what, " (as of %lld joints)", (long long)joints);
    return vanon_fail(
        log, VANON_ERR_MODEL,
        "model %s: not a pose model that is supported: its output is %s%s and must be "
        "1x56xN (box, score, and the 17 joints of COCO with x, y, visibility; with "
        "several classes a score for each, if the file names them), or 1xNx57 with "
        "nms",
        file->path, describe(&ends->output[0], shape, sizeof shape), what);
}

int vanon_model_recognise(struct vanon_model_kind *kind, const struct vanon_model_ends *ends,
                          const struct vanon_model_file *file, const vanon_log *log)
{
    const struct vanon_model_metadata *said = &file->metadata;
    int status = check_task(ends, file, log);

    *kind = (struct vanon_model_kind){0};
    if (status)
        return status;
    if (ends->inputs != 1 || ends->outputs != 1)
        return vanon_fail(log, VANON_ERR_MODEL,
                          "model %s: not a pose model: it has %zu inputs and %zu outputs and must "
                          "have one of each",
                          file->path, ends->inputs, ends->outputs);
    status = take_input(kind, &ends->input, file, log);
    if (!status)
        status = take_classes(&kind->layout, file, log);
    if (status)
        return status;
    if ((said->joints && (said->joints != JOINTS || said->values != 3)) ||
        !take_layout(&kind->layout, &ends->output[0]))
        return refuse_output(&kind->layout, ends, file, log);
    /* The exporter unrolls its NMS for the batch that it was given: pictures beyond that come out
     * empty, as if nobody were there. */
    if (kind->layout.nms && !kind->batch)
        kind->most_batch = said->batch > 0 ? (size_t)said->batch : 1;
    return VANON_OK;
}

/* A static model decides the size itself; it can only be asked for that one. */
int vanon_model_choose_imgsz(int *imgsz, const struct vanon_model_kind *kind,
                             const struct vanon_model_file *file, const vanon_options *options,
                             const vanon_log *log)
{
    int longer = kind->width > kind->height ? kind->width : kind->height;
    int wanted = options->imgsz == VANON_AUTO ? AUTO_IMGSZ : options->imgsz;

    *imgsz =
        (wanted + VANON_LETTERBOX_STRIDE - 1) / VANON_LETTERBOX_STRIDE * VANON_LETTERBOX_STRIDE;
    if (!longer || options->imgsz == VANON_AUTO || *imgsz == longer)
        return VANON_OK;
    return vanon_fail(log, VANON_ERR_OPTION,
                      "imgsz %d: the model %s has a fixed input of %dx%d; leave imgsz at auto, or "
                      "export the model with dynamic=True",
                      options->imgsz, file->path, kind->width, kind->height);
}

void vanon_model_view_size(const struct vanon_model_kind *kind, int imgsz,
                           const struct vanon_view *view, int *width, int *height)
{
    vanon_frame picture = vanon_part_frame(view->frame, &view->part);

    *width = kind->width;
    *height = kind->height;
    if (view->square)
        *width = *height = view->imgsz;
    else if (!*width)
        vanon_letterbox_size(&picture, view->imgsz ? view->imgsz : imgsz, width, height);
}

void vanon_model_warn_of_nms(const struct vanon_model_kind *kind,
                             const struct vanon_model_file *file, const vanon_options *options,
                             const vanon_log *log)
{
    if (kind->layout.nms && options->confidence < NMS_LEAST)
        vanon_warn(log,
                   "confidence %g: the model %s has its own NMS and gives nobody of a score below "
                   "that which it was exported with (%g, unless conf was given)",
                   options->confidence, file->path, NMS_LEAST);
}

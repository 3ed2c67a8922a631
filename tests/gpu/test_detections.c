/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way, frames to people, against what OpenVINO finds in f32. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include <vanon/status.h>

#include "../../plugins/cuda/detector.h"
#include "../../plugins/cuda/device_cuda.h"
#include "../../plugins/cuda/onnx.h"
#include "detections.h"
#include "gpu.h"
#include "network.h"
#include "pixels/frame.h"
#include "pixels/letterbox.h"

#define FRAMES     3
#define PEOPLE     64
#define NEAR       1.5f /* display pixels, in half precision */
#define NEAR_F32   0.05f
#define UNCERTAIN  0.05f /* so far above the least score a person may be missed or found */
#define VISIBILITY 0.5f

struct person {
    float score, x0, y0, x1, y1, joint[DETECTIONS_JOINTS][3];
};

struct picture {
    vanon_frame *frame;
    struct person person[PEOPLE];
    size_t people;
};

static vanon_frame *read_frame(const char *folder, const char *name, int width, int height)
{
    vanon_frame *frame;
    char path[4096];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    REQUIRE(file, "%s", path);
    FINE(vanon_frame_alloc(&frame, VANON_PIXEL_NV12, width, height));
    frame->colour.matrix = DETECTIONS_MATRIX;
    for (int y = 0; y < height * 3 / 2; y++) {
        uint8_t *line = y < height ? frame->plane[0] + y * frame->stride[0]
                                   : frame->plane[1] + (y - height) * frame->stride[1];

        REQUIRE(fread(line, 1, (size_t)width, file) == (size_t)width, "%s", path);
    }
    fclose(file);
    return frame;
}

static void read_person(FILE *file, struct person *person)
{
    REQUIRE(fscanf(file, "%f %f %f %f %f", &person->score, &person->x0, &person->y0, &person->x1,
                   &person->y1) == 5,
            "a person");
    for (size_t i = 0; i < DETECTIONS_JOINTS; i++)
        REQUIRE(fscanf(file, "%f %f %f", &person->joint[i][0], &person->joint[i][1],
                       &person->joint[i][2]) == 3,
                "a joint");
}

static void read_expected(const char *folder, struct picture picture[FRAMES])
{
    char path[4096], word[16], name[64];
    int pictures = 0, width, height;
    FILE *file;

    snprintf(path, sizeof path, "%s/expected.txt", folder);
    file = fopen(path, "r");
    REQUIRE(file, "%s", path);
    while (fscanf(file, "%15s", word) == 1) {
        if (!strcmp(word, "frame")) {
            REQUIRE(pictures < FRAMES && fscanf(file, "%63s %d %d", name, &width, &height) == 3,
                    "a frame");
            picture[pictures++].frame = read_frame(folder, name, width, height);
        } else {
            REQUIRE(pictures && picture[pictures - 1].people < PEOPLE, "a person of no frame");
            read_person(file, &picture[pictures - 1].person[picture[pictures - 1].people++]);
        }
    }
    REQUIRE(pictures == FRAMES, "%d frames", pictures);
    fclose(file);
}

/* A record in display space. */
static struct person person_of(const float *record, const vanon_letterbox *letterbox)
{
    struct person person = {.score = record[VANON_RECORD_SCORE]};
    float half_width = record[VANON_RECORD_WIDTH] / 2,
          half_height = record[VANON_RECORD_HEIGHT] / 2;
    vanon_point first = vanon_letterbox_to_display(letterbox, record[VANON_RECORD_X] - half_width,
                                                   record[VANON_RECORD_Y] - half_height);
    vanon_point last = vanon_letterbox_to_display(letterbox, record[VANON_RECORD_X] + half_width,
                                                  record[VANON_RECORD_Y] + half_height);

    person.x0 = first.x;
    person.y0 = first.y;
    person.x1 = last.x;
    person.y1 = last.y;
    for (size_t i = 0; i < DETECTIONS_JOINTS; i++) {
        const float *joint = record + VANON_RECORD_JOINTS + 3 * i;
        vanon_point point = vanon_letterbox_to_display(letterbox, joint[0], joint[1]);

        person.joint[i][0] = point.x;
        person.joint[i][1] = point.y;
        person.joint[i][2] = joint[2];
    }
    return person;
}

static float overlap(const struct person *a, const struct person *b)
{
    float width = fminf(a->x1, b->x1) - fmaxf(a->x0, b->x0);
    float height = fminf(a->y1, b->y1) - fmaxf(a->y0, b->y0);
    float both = width > 0 && height > 0 ? width * height : 0;

    return both / ((a->x1 - a->x0) * (a->y1 - a->y0) + (b->x1 - b->x0) * (b->y1 - b->y0) - both);
}

/* The one of `people` that is the same person; NULL: there is none. */
static const struct person *find(const struct person *people, size_t count,
                                 const struct person *person)
{
    const struct person *best = NULL;
    float most = 0.5f;

    for (size_t i = 0; i < count; i++)
        if (overlap(&people[i], person) > most) {
            most = overlap(&people[i], person);
            best = &people[i];
        }
    return best;
}

/* Returns the largest distance of a joint that counts. */
static float compare(const struct picture *picture, const struct person *found, size_t count)
{
    float farthest = 0;

    for (size_t i = 0; i < picture->people; i++) {
        const struct person *expected = &picture->person[i];
        const struct person *person = find(found, count, expected);

        if (!person && expected->score < DETECTIONS_CONFIDENCE + UNCERTAIN)
            continue;
        REQUIRE(person, "a person of score %g is missed", (double)expected->score);
        REQUIRE(fabsf(person->score - expected->score) < UNCERTAIN, "score %g, not %g",
                (double)person->score, (double)expected->score);
        for (size_t j = 0; j < DETECTIONS_JOINTS; j++) {
            const float *a = person->joint[j], *b = expected->joint[j];

            if (b[2] >= VISIBILITY)
                farthest = fmaxf(farthest, hypotf(a[0] - b[0], a[1] - b[1]));
        }
    }
    for (size_t i = 0; i < count; i++)
        REQUIRE(found[i].score < DETECTIONS_CONFIDENCE + UNCERTAIN ||
                    find(picture->person, picture->people, &found[i]),
                "a person of score %g who is none", (double)found[i].score);
    return farthest;
}

static void done(void *opaque)
{
    (void)opaque; /* vanon_context_wait waits */
}

/* One batch, by one of the two ways in. */
static void run(vanon_context *context, const vanon_plan *plan, const struct picture *picture,
                bool as_rgb, bool half)
{
    struct person people[PEOPLE];
    vanon_letterbox *letterbox;
    float farthest = 0;
    size_t seen = 0;

    FINE(vanon_letterbox_create(&letterbox, picture[0].frame, plan->width, plan->height));
    for (size_t i = 0; i < FRAMES; i++)
        if (as_rgb)
            vanon_letterbox_run(letterbox, picture[i].frame, vanon_context_rgb(context, i));
        else
            FINE(vanon_context_put_frame(context, i, picture[i].frame, letterbox));
    FINE(vanon_context_run(context, FRAMES));
    FINE(vanon_context_wait(context));
    for (size_t i = 0; i < FRAMES; i++) {
        const float *records;
        size_t count;

        FINE(vanon_context_result(context, i, &records, &count));
        REQUIRE(count <= PEOPLE, "%zu people", count);
        for (size_t j = 0; j < count; j++)
            people[j] = person_of(records + j * vanon_record_floats(plan), letterbox);
        farthest = fmaxf(farthest, compare(&picture[i], people, count));
        seen += count;
    }
    vanon_letterbox_destroy(&letterbox);
    REQUIRE(farthest <= (half ? NEAR : NEAR_F32), "a joint is %g pixels off", (double)farthest);
    printf("detections: %zu people %s in %s, joints at most %.3f pixels from OpenVINO's f32\n",
           seen, as_rgb ? "from RGB" : "from NV12", half ? "f16" : "f32", (double)farthest);
}

/* The detector */

static atomic_int told;

static void count_done(void *opaque, size_t slot)
{
    (void)opaque;
    (void)slot;
    atomic_fetch_add(&told, 1);
}

static size_t people_of(const vanon_object_list *objects, struct person people[PEOPLE])
{
    REQUIRE(objects->count <= PEOPLE, "%zu people", objects->count);
    for (size_t i = 0; i < objects->count; i++) {
        const vanon_object *object = &objects->object[i];
        const vanon_keypoint *joint = vanon_object_keypoints(objects, object);

        people[i] = (struct person){.score = object->score,
                                    .x0 = object->box.x0,
                                    .y0 = object->box.y0,
                                    .x1 = object->box.x1,
                                    .y1 = object->box.y1};
        for (size_t j = 0; j < DETECTIONS_JOINTS; j++) {
            people[i].joint[j][0] = joint[j].x;
            people[i].joint[j][1] = joint[j].y;
            people[i].joint[j][2] = joint[j].visibility;
        }
    }
    return objects->count;
}

/* The detector that the plugin gives the program. */
static vanon_detector *make_detector(const char *model, const char *precision,
                                     vanon_options **options)
{
    struct vanon_detector_params params = {.log = &vanon_log_to_stderr,
                                           .skeleton = &vanon_skeleton_coco17,
                                           .done = count_done,
                                           .slots = 2,
                                           .batch = 2};
    vanon_detector *detector;

    FINE(vanon_options_create(options, params.log));
    FINE(vanon_options_set(*options, "pose_model", model));
    FINE(vanon_options_set(*options, "device", "cuda:0"));
    FINE(vanon_options_set(*options, "precision", precision));
    FINE(vanon_options_set(*options, "imgsz", "640"));
    FINE(vanon_options_set(*options, "batch_size", "2"));
    FINE(vanon_options_set(*options, "confidence", "0.25"));
    FINE(vanon_options_set(*options, "iou_threshold", "0.45"));
    params.options = *options;
    FINE(vanon_detector_cuda.create(&detector, &params));
    return detector;
}

/* The frames twice over, two slots with a batch of two and one of one. */
static void run_detector(const char *model, const struct picture *picture)
{
    const struct vanon_detector_ops *ops = &vanon_detector_cuda;
    vanon_object_list list[FRAMES] = {0}, *lists[] = {&list[0], &list[1], &list[2]};
    const struct vanon_view views[] = {
        {.frame = picture[0].frame}, {.frame = picture[1].frame}, {.frame = picture[2].frame}};
    struct person people[PEOPLE];
    vanon_options *options;
    vanon_detector *detector = make_detector(model, "f16", &options);
    float farthest = 0;

    for (int round = 0; round < 2; round++) {
        FINE(ops->look(detector, 0, views, 2));
        FINE(ops->look(detector, 1, views + 2, 1));
        FINE(ops->collect(detector, 1, lists + 2, 1));
        FINE(ops->collect(detector, 0, lists, 2));
        for (size_t i = 0; i < FRAMES; i++)
            farthest = fmaxf(farthest, compare(&picture[i], people, people_of(&list[i], people)));
    }
    REQUIRE(atomic_load(&told) == 4, "%d batches told of, not 4", atomic_load(&told));
    REQUIRE(farthest <= NEAR, "a joint is %g pixels off", (double)farthest);
    printf("detector: joints at most %.3f pixels from OpenVINO's f32\n", (double)farthest);
    ops->destroy(detector);
    for (size_t i = 0; i < FRAMES; i++)
        vanon_object_list_free(&list[i]);
    vanon_options_destroy(&options);
}

/* Looks */

static size_t look(vanon_detector *detector, size_t slot, const struct vanon_view *view,
                   struct person people[PEOPLE])
{
    vanon_object_list list = {0}, *lists[] = {&list};
    size_t count;

    FINE(detector->ops->look(detector, slot, view, 1));
    FINE(detector->ops->collect(detector, slot, lists, 1));
    count = people_of(&list, people);
    vanon_object_list_free(&list);
    return count;
}

/* Around each person who is surely there: a square, as a second look has it; and more sizes than
 * are kept. They are found there again, in the frame's own space. */
static void run_looks(const char *model, const struct picture *picture)
{
    vanon_options *options;
    vanon_detector *detector = make_detector(model, "f32", &options);
    struct vanon_detector_info info = {0};
    struct person people[PEOPLE];
    size_t found = 0, wanted = 0;

    REQUIRE(detector->views, "no views");
    for (size_t i = 0; i < FRAMES; i++)
        for (size_t j = 0; j < picture[i].people; j++) {
            const struct person *person = &picture[i].person[j];
            vanon_box box = {person->x0 - 32, person->y0 - 32, person->x1 + 32, person->y1 + 32};
            struct vanon_view view = {
                .frame = picture[i].frame, .imgsz = 256 + 64 * (int)(j % 5), .square = true};

            if (person->score < 0.6f)
                continue;
            view.part = vanon_part_around(view.frame, &box, 64);
            found += find(people, look(detector, j % 2, &view, people), person) != NULL;
            wanted++;
        }
    REQUIRE(wanted && found * 10 >= wanted * 9, "%zu of %zu people found again", found, wanted);
    detector->ops->get_info(detector, &info);
    REQUIRE(info.compile_seconds > 0, "no time to make networks");
    printf("looks: %zu of %zu people found again in parts, networks made in %.2f s\n", found,
           wanted, info.compile_seconds);
    detector->ops->destroy(detector);
    vanon_options_destroy(&options);
}

/* Batches */

/* All records of the frames, `batch` of them at once, by our own kernels alone. Returns how many
 * floats there are. */
static size_t find_alone(const char *model, const struct picture *picture, size_t batch, bool half,
                         float *found)
{
    const vanon_log *log = &vanon_log_to_stderr;
    vanon_onnx *onnx;
    vanon_plan *plan;
    vanon_device *device;
    struct gpu_network network;
    vanon_context *context;
    vanon_letterbox *letterbox;
    size_t floats = 0, count;
    const float *records;

    FINE(vanon_onnx_load(&onnx, model, log));
    FINE(vanon_plan_create(&plan, onnx, (int)batch, 480, 640, log));
    FINE(vanon_letterbox_create(&letterbox, picture[0].frame, 640, 480));
    FINE(vanon_device_open(&device, 0, log));
    vanon_cudnn_close(&device->cudnn);
    FINE(gpu_network_make(&network, device, plan, half, "", PEOPLE));
    FINE(vanon_context_create(&context, network.network, done, NULL));
    for (size_t first = 0; first < FRAMES; first += batch) {
        for (size_t i = 0; i < batch; i++)
            FINE(vanon_context_put_frame(context, i, picture[first + i].frame, letterbox));
        FINE(vanon_context_run(context, batch));
        FINE(vanon_context_wait(context));
        for (size_t i = 0; i < batch; i++) {
            FINE(vanon_context_result(context, i, &records, &count));
            memcpy(found + floats, records, count * vanon_record_floats(plan) * sizeof *found);
            floats += count * vanon_record_floats(plan);
        }
    }
    vanon_context_destroy(&context);
    gpu_network_free(&network);
    vanon_device_close(&device);
    vanon_letterbox_destroy(&letterbox);
    vanon_plan_destroy(&plan);
    vanon_onnx_destroy(&onnx);
    return floats;
}

/* Our own kernels add in the same order, whatever the batch. */
static void compare_batches(const char *model, const struct picture *picture, bool half)
{
    const size_t room = FRAMES * (PEOPLE + 1) * (VANON_RECORD_JOINTS + 3 * DETECTIONS_JOINTS);
    float *one = calloc(room, sizeof *one), *all = calloc(room, sizeof *all);
    size_t floats = find_alone(model, picture, 1, half, one);

    REQUIRE(floats && floats == find_alone(model, picture, FRAMES, half, all), "as many people");
    REQUIRE(!memcmp(one, all, floats * sizeof *one), "a batch of one finds something else");
    printf("batches: without cuDNN, in %s, the same %zu numbers bit for bit, one frame or %d at "
           "once\n",
           half ? "f16" : "f32", floats, FRAMES);
    free(one);
    free(all);
}

/* The network alone, in one of the two precisions. */
static void run_network(vanon_device *device, const vanon_plan *plan, const struct picture *picture,
                        bool half)
{
    struct gpu_network network;
    vanon_context *context;

    FINE(gpu_network_make(&network, device, plan, half, "", 300));
    FINE(vanon_context_create(&context, network.network, done, NULL));
    for (int round = 0; round < 3; round++) /* recorded, replayed, and the other way in */
        run(context, plan, picture, round == 2, half);
    vanon_context_destroy(&context);
    gpu_network_free(&network);
}

void test_detections(const char *model, const char *folder)
{
    const vanon_log *log = &vanon_log_to_stderr;
    struct picture picture[FRAMES] = {0};
    vanon_onnx *onnx;
    vanon_plan *plan;
    vanon_device *device;
    int width, height;

    read_expected(folder, picture);
    vanon_letterbox_size(picture[0].frame, DETECTIONS_IMGSZ, &width, &height);
    FINE(vanon_onnx_load(&onnx, model, log));
    FINE(vanon_plan_create(&plan, onnx, FRAMES, height, width, log));
    vanon_onnx_destroy(&onnx);
    FINE(vanon_device_open(&device, 0, log));
    run_network(device, plan, picture, true);
    run_network(device, plan, picture, false);
    vanon_device_close(&device);
    vanon_plan_destroy(&plan);
    run_detector(model, picture);
    run_looks(model, picture);
    compare_batches(model, picture, true);
    compare_batches(model, picture, false);
    for (size_t i = 0; i < FRAMES; i++)
        vanon_frame_unref(&picture[i].frame);
}

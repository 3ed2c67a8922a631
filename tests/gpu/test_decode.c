/* SPDX-License-Identifier: Apache-2.0 */
/* Decode and NMS on the GPU against detect/yolo.c on the same numbers. */
#include <math.h>
#include <string.h>

#include <vanon/status.h>

#include "../../plugins/cuda/kernels.h"
#include "detect/yolo.h"
#include "gpu.h"
#include "pixels/letterbox.h"

#ifdef GPU_EMULATED
#define BATCH 2
#else
#define BATCH 3
#endif
#define BINS    16
#define JOINTS  17
#define SIDE    640
#define MAX_DET 300

static const int strides[] = {8, 16, 32};

/* A head's numbers on both sides, and the tensor that an ONNX file would give for them. */
struct head {
    struct vanon_gpu_head gpu;
    uint16_t *box[3], *score[3], *joints[3];
    float *tensor; /* [BATCH][rows][anchors] */
};

/* Numbers that half precision holds, in either. */
static uint16_t *fill(struct vanon_gpu_slice *slice, size_t pixels, int channels, float least,
                      float most, bool single)
{
    size_t count = pixels * (size_t)channels;
    uint16_t *half = malloc(count * 2);
    float *value = malloc(count * sizeof *value);

    for (size_t i = 0; i < count; i++) {
        half[i] = gpu_half(gpu_random_float(least, most));
        value[i] = gpu_float(half[i]);
    }
    slice->at = single ? gpu_put(value, count * sizeof *value) : gpu_put(half, count * 2);
    slice->step = channels;
    free(value);
    return half;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double expectation(const uint16_t *logit)
{
    double sum = 0, mean = 0;

    for (int i = 0; i < BINS; i++) {
        sum += exp((double)gpu_float(logit[i]));
        mean += i * exp((double)gpu_float(logit[i]));
    }
    return mean / sum;
}

/* plan.h's formulas, in double precision. */
static void tensor_of(struct head *head, int level, int image, int cell)
{
    const struct vanon_gpu_level *l = &head->gpu.level[level];
    size_t anchors = (size_t)head->gpu.anchors,
           pixel = (size_t)(image * l->width * l->height + cell);
    float *to = head->tensor + (size_t)image * (5 + 3 * JOINTS) * anchors +
                (size_t)(l->first_anchor + cell);
    double gx = cell % l->width, gy = cell / l->width, s = (double)l->stride, d[4];

    for (int i = 0; i < 4; i++)
        d[i] = expectation(head->box[level] + (pixel * 4 + (size_t)i) * BINS);
    to[0 * anchors] = (float)((gx + 0.5 + (d[2] - d[0]) / 2) * s);
    to[1 * anchors] = (float)((gy + 0.5 + (d[3] - d[1]) / 2) * s);
    to[2 * anchors] = (float)((d[0] + d[2]) * s);
    to[3 * anchors] = (float)((d[1] + d[3]) * s);
    to[4 * anchors] = (float)sigmoid((double)gpu_float(head->score[level][pixel * 8]));
    for (size_t j = 0; j < JOINTS; j++) {
        const uint16_t *joint = head->joints[level] + pixel * 56 + 3 * j;

        to[(5 + 3 * j) * anchors] = (float)((2 * (double)gpu_float(joint[0]) + gx) * s);
        to[(6 + 3 * j) * anchors] = (float)((2 * (double)gpu_float(joint[1]) + gy) * s);
        to[(7 + 3 * j) * anchors] = (float)sigmoid((double)gpu_float(joint[2]));
    }
}

/* Scores between logits `least` and `most`: how many candidates there are. */
static void make_head(struct head *head, float least, float most, bool single)
{
    *head = (struct head){.gpu = {.levels = 3, .bins = BINS, .joints = JOINTS, .single = single}};
    for (int i = 0; i < 3; i++) {
        struct vanon_gpu_level *level = &head->gpu.level[i];
        int side = SIDE / strides[i];
        size_t pixels = (size_t)(BATCH * side * side);

        *level = (struct vanon_gpu_level){.width = side,
                                          .height = side,
                                          .first_anchor = head->gpu.anchors,
                                          .stride = (float)strides[i]};
        head->gpu.anchors += side * side;
        head->box[i] = fill(&level->box, pixels, 4 * BINS, -3, 3, single);
        head->score[i] = fill(&level->score, pixels, 8, least, most, single);
        head->joints[i] = fill(&level->joints, pixels, 56, -4, 4, single);
    }
    head->tensor =
        malloc((size_t)BATCH * (5 + 3 * JOINTS) * (size_t)head->gpu.anchors * sizeof *head->tensor);
    for (int image = 0; image < BATCH; image++)
        for (int i = 0; i < 3; i++)
            for (int cell = 0; cell < head->gpu.level[i].width * head->gpu.level[i].height; cell++)
                tensor_of(head, i, image, cell);
}

static void free_head(struct head *head)
{
    for (int i = 0; i < 3; i++) {
        free(head->box[i]);
        free(head->score[i]);
        free(head->joints[i]);
        cudaFree(head->gpu.level[i].box.at);
        cudaFree(head->gpu.level[i].score.at);
        cudaFree(head->gpu.level[i].joints.at);
    }
    free(head->tensor);
}

struct decoded {
    struct vanon_gpu_found found[BATCH];
    float records[BATCH][MAX_DET][VANON_GPU_FIRST_JOINT + 3 * JOINTS];
};

static void decode(const struct head *head, const struct vanon_gpu_limits *limits,
                   struct decoded *decoded)
{
    size_t anchors = (size_t)head->gpu.anchors;
    struct vanon_gpu_decode_memory memory = {
        .candidates = gpu_put(NULL, BATCH * anchors * sizeof *memory.candidates),
        .keys = gpu_put(NULL, BATCH * vanon_gpu_keys(head->gpu.anchors) * sizeof *memory.keys),
        .tally = gpu_put(NULL, BATCH * sizeof *memory.tally),
        .kept = gpu_put(NULL, BATCH * MAX_DET * sizeof *memory.kept)};
    struct vanon_gpu_found *found = gpu_put(NULL, sizeof decoded->found);
    float *records = gpu_put(NULL, sizeof decoded->records);

    FINE(vanon_gpu_decode(0, &head->gpu, BATCH, limits, &memory, found, records));
    gpu_get(decoded->found, found, sizeof decoded->found);
    gpu_get(decoded->records, records, sizeof decoded->records);
    cudaFree(memory.candidates);
    cudaFree(memory.keys);
    cudaFree(memory.tally);
    cudaFree(memory.kept);
    cudaFree(found);
    cudaFree(records);
}

/* Every person of one side is among the other's, to within rounding. */
static void compare(const struct vanon_object_list *people,
                    float (*records)[VANON_GPU_FIRST_JOINT + 3 * JOINTS], size_t count)
{
    REQUIRE(people->count == count, "%zu people, not %zu", count, people->count);
    for (size_t i = 0; i < count; i++) {
        const vanon_object *person = &people->object[i];
        const vanon_keypoint *joint = vanon_object_keypoints(people, person);
        const float *record = records[i];

        REQUIRE(fabsf(record[VANON_GPU_SCORE] - person->score) < 1e-5f, "score of person %zu", i);
        REQUIRE(fabsf(record[VANON_GPU_X] - record[VANON_GPU_WIDTH] / 2 - person->box.x0) < 0.01f &&
                    fabsf(record[VANON_GPU_Y] + record[VANON_GPU_HEIGHT] / 2 - person->box.y1) <
                        0.01f,
                "box of person %zu", i);
        for (size_t j = 0; j < JOINTS; j++)
            REQUIRE(fabsf(record[VANON_GPU_FIRST_JOINT + 3 * j] - joint[j].x) < 0.01f &&
                        fabsf(record[VANON_GPU_FIRST_JOINT + 3 * j + 1] - joint[j].y) < 0.01f &&
                        fabsf(record[VANON_GPU_FIRST_JOINT + 3 * j + 2] - joint[j].visibility) <
                            1e-5f,
                    "joint %zu of person %zu", j, i);
    }
}

static void test_scores(float least, float most, float confidence, bool single)
{
    struct vanon_gpu_limits limits = {confidence, 0.45f, MAX_DET};
    struct vanon_yolo_params params = {.confidence = confidence,
                                       .iou_threshold = 0.45f,
                                       .max_det = MAX_DET,
                                       .skeleton = &vanon_skeleton_coco17,
                                       .layout = {.classes = 1}};
    const vanon_frame like = {.format = VANON_PIXEL_NV12, .width = SIDE, .height = SIDE};
    struct vanon_yolo_scratch scratch = {0};
    vanon_object_list people = {0};
    vanon_letterbox *letterbox;
    struct decoded *decoded = malloc(sizeof *decoded);
    struct head head;

    make_head(&head, least, most, single);
    FINE(vanon_letterbox_create(&letterbox, &like, SIDE, SIDE)); /* scale 1, no padding */
    decode(&head, &limits, decoded);
    for (size_t i = 0; i < BATCH; i++) {
        size_t anchors = (size_t)head.gpu.anchors;

        vanon_object_list_clear(&people);
        FINE(vanon_yolo_decode(&params, head.tensor + i * (5 + 3 * JOINTS) * anchors,
                               5 + 3 * JOINTS, anchors, letterbox, &scratch, &people));
        REQUIRE(!decoded->found[i].faults, "%u faults", decoded->found[i].faults);
        printf("decode: %u candidates, %u people\n", decoded->found[i].candidates,
               decoded->found[i].count);
        compare(&people, decoded->records[i], decoded->found[i].count);
    }
    vanon_letterbox_destroy(&letterbox);
    vanon_yolo_scratch_free(&scratch);
    vanon_object_list_free(&people);
    free(decoded);
    free_head(&head);
}

/* Numbers that are none are never taken for a low score. */
static void test_faults(void)
{
    struct vanon_gpu_limits limits = {0.25f, 0.45f, MAX_DET};
    struct decoded *decoded = malloc(sizeof *decoded);
    uint16_t nan = 0x7e00, high = gpu_half(3);
    struct head head;

    make_head(&head, -9, -8, false);
    FINE(cudaMemcpy(head.gpu.level[0].score.at, &nan, 2, cudaMemcpyHostToDevice));
    FINE(cudaMemcpy((uint16_t *)head.gpu.level[2].score.at + 8, &high, 2, cudaMemcpyHostToDevice));
    FINE(cudaMemcpy((uint16_t *)head.gpu.level[2].joints.at + 56 + 50, &nan, 2,
                    cudaMemcpyHostToDevice));
    decode(&head, &limits, decoded);
    REQUIRE(decoded->found[0].faults == 2 && decoded->found[0].count == 0, "%u faults, %u people",
            decoded->found[0].faults, decoded->found[0].count);
    REQUIRE(!decoded->found[1].faults && !decoded->found[1].candidates, "the next picture");
    free(decoded);
    free_head(&head);
}

void test_decode(void)
{
    for (int single = 0; single < 2; single++) {
        test_scores(-12, -5, 0.25f, single); /* nobody */
        test_scores(-6, -1, 0.25f, single);  /* some */
        test_scores(-2, 4, 0.25f, single);   /* nearly all: too many, sorted in global memory */
        test_scores(-3, 0.5f, 0.4f, single); /* sorted in shared memory */
    }
    test_faults();
    puts("decode: the same people as the CPU finds");
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the head's tensors to people: every anchor's score is looked at, the boxes of those that
 * count are made, sorted and thinned out, and the joints are made for who is left.
 */
#include "elements.h"
#include "kernels.h"
#include "launch.h"

#define NMS_THREADS 1024
#define NMS_SHARED  4096    /* keys that are sorted in shared memory; more in global memory */
#define NMS_MOST    30000   /* VANON_NMS_CANDIDATES of detect/nms.h */
#define NOBODY      (~0ull) /* a key behind all others */

namespace
{

struct decode {
    vanon_gpu_head head;
    vanon_gpu_limits limits;
    vanon_gpu_decode_memory memory;
    size_t keys_each;
    vanon_gpu_found *found;
    float *records;
};

__global__ void clear(const decode d, int batch)
{
    int image = blockIdx.x * blockDim.x + threadIdx.x;

    if (image < batch)
        d.memory.tally[image] = {};
}

/* A channel of a pixel. */
__device__ __forceinline__ float number_of(const decode &d, const vanon_gpu_slice &slice,
                                           size_t pixel, int channel)
{
    size_t at = pixel * slice.step + channel;

    return d.head.single ? ((const float *)slice.at)[at]
                         : __half2float(((const half *)slice.at)[at]);
}

/* Finds an anchor's level. */
__device__ __forceinline__ const vanon_gpu_level &level_of(const decode &d, int anchor)
{
    int i = 0;

    while (i + 1 < d.head.levels && anchor >= d.head.level[i + 1].first_anchor)
        i++;
    return d.head.level[i];
}

__device__ vanon_gpu_box box_of(const decode &d, const vanon_gpu_level &level, int cell,
                                size_t pixel)
{
    float distance[4], logit[32];

    for (int side = 0; side < 4; side++) {
        for (int i = 0; i < d.head.bins; i++)
            logit[i] = number_of(d, level.box, pixel, side * d.head.bins + i);
        distance[side] = vanon_gpu_expectation(logit, d.head.bins);
    }
    return vanon_gpu_cell_box(cell % level.width, cell / level.width, distance, level.stride);
}

__device__ bool sound(const decode &d, const vanon_gpu_level &level, size_t pixel, float score,
                      const vanon_gpu_box &box)
{
    bool fine = score >= 0 && score <= 1 && vanon_gpu_is_finite(box.x) &&
                vanon_gpu_is_finite(box.y) && vanon_gpu_is_finite(box.width) &&
                vanon_gpu_is_finite(box.height);

    for (int i = 0; i < 3 * d.head.joints; i++)
        fine = fine && vanon_gpu_is_finite(number_of(d, level.joints, pixel, i));
    return fine;
}

__global__ __launch_bounds__(128) void find(const decode d)
{
    int anchor = blockIdx.x * blockDim.x + threadIdx.x, image = blockIdx.y;

    if (anchor >= d.head.anchors)
        return;
    const vanon_gpu_level &level = level_of(d, anchor);
    int cell = anchor - level.first_anchor;
    size_t pixel = (size_t)image * level.width * level.height + cell;
    float score = vanon_gpu_sigmoid(number_of(d, level.score, pixel, d.head.person));

    if (vanon_gpu_is_low(score, d.limits.confidence))
        return;
    vanon_gpu_found *tally = &d.memory.tally[image];
    vanon_gpu_box box = box_of(d, level, cell, pixel);

    if (!sound(d, level, pixel, score, box)) {
        atomicAdd(&tally->faults, 1u);
        return;
    }
    uint32_t place = atomicAdd(&tally->candidates, 1u);

    d.memory.candidates[(size_t)image * d.head.anchors + anchor] = {box, score};
    d.memory.keys[image * d.keys_each + place] =
        vanon_gpu_order(__float_as_uint(score), (uint32_t)anchor);
}

/* Bitonic sort of a power of two, rising. */
__device__ void sort(uint64_t *keys, int count)
{
    for (int length = 2; length <= count; length *= 2)
        for (int apart = length / 2; apart > 0; apart /= 2) {
            for (int i = threadIdx.x; i < count / 2; i += NMS_THREADS) {
                int low = 2 * i - (i & (apart - 1)), high = low + apart;
                bool rising = (low & length) == 0;
                uint64_t a = keys[low], b = keys[high];

                if ((a > b) == rising) {
                    keys[low] = b;
                    keys[high] = a;
                }
            }
            __syncthreads();
        }
}

/* The candidates' order, in shared memory where there is room. */
__device__ uint64_t *sorted(uint64_t *keys, uint64_t *shared, int count)
{
    int padded = 1;

    while (padded < count)
        padded *= 2;
    if (padded <= NMS_SHARED) {
        for (int i = threadIdx.x; i < padded; i += NMS_THREADS)
            shared[i] = i < count ? keys[i] : NOBODY;
        keys = shared;
    } else {
        for (int i = count + threadIdx.x; i < padded; i += NMS_THREADS)
            keys[i] = NOBODY;
    }
    __syncthreads();
    sort(keys, padded);
    return keys;
}

/*
 * One block a picture: keeps the best that is left and strikes out what overlaps it too much, until
 * nobody is left or enough are kept. The same as comparing each with all that were kept before.
 */
__global__ __launch_bounds__(NMS_THREADS) void thin_out(const decode d)
{
    VANON_SHARED(uint64_t[NMS_SHARED], shared);
    VANON_SHARED(int, next);
    int image = blockIdx.x;
    const vanon_gpu_candidate *all = d.memory.candidates + (size_t)image * d.head.anchors;
    int count = (int)d.memory.tally[image].candidates;
    uint64_t *keys = sorted(d.memory.keys + image * d.keys_each, shared, count);
    uint32_t kept = 0;

    count = count < NMS_MOST ? count : NMS_MOST;
    for (int best = 0; kept < d.limits.max_det;) {
        __syncthreads();
        if (threadIdx.x == 0)
            next = count;
        __syncthreads();
        for (int i = best + (int)threadIdx.x; i < count; i += NMS_THREADS)
            if (keys[i] != NOBODY) {
                atomicMin(&next, i);
                break;
            }
        __syncthreads();
        best = next;
        if (best >= count)
            break;
        uint32_t anchor = (uint32_t)keys[best];
        vanon_gpu_box box = all[anchor].box;

        if (threadIdx.x == 0)
            d.memory.kept[image * d.limits.max_det + kept] = anchor;
        for (int i = best + 1 + (int)threadIdx.x; i < count; i += NMS_THREADS)
            if (keys[i] != NOBODY &&
                vanon_gpu_iou(&box, &all[(uint32_t)keys[i]].box) > d.limits.iou_threshold)
                keys[i] = NOBODY;
        kept++;
        best++;
    }
    if (threadIdx.x == 0)
        d.memory.tally[image].count = kept;
}

/* A block a person, by turns; a thread a joint. */
__global__ __launch_bounds__(VANON_GPU_JOINTS) void deliver(const decode d)
{
    int image = blockIdx.y, joint = threadIdx.x;
    vanon_gpu_found tally = d.memory.tally[image];
    int floats = VANON_GPU_FIRST_JOINT + 3 * d.head.joints;

    if (blockIdx.x == 0 && threadIdx.x == 0)
        d.found[image] = tally;
    for (uint32_t i = blockIdx.x; i < tally.count; i += gridDim.x) {
        size_t place = (size_t)image * d.limits.max_det + i;
        int anchor = (int)d.memory.kept[place];
        const vanon_gpu_level &level = level_of(d, anchor);
        int cell = anchor - level.first_anchor;
        size_t pixel = (size_t)image * level.width * level.height + cell;
        float *record = d.records + place * floats;

        if (joint == 0) {
            vanon_gpu_candidate candidate =
                d.memory.candidates[(size_t)image * d.head.anchors + anchor];

            record[VANON_GPU_ANCHOR] = (float)anchor;
            record[VANON_GPU_SCORE] = candidate.score;
            record[VANON_GPU_X] = candidate.box.x;
            record[VANON_GPU_Y] = candidate.box.y;
            record[VANON_GPU_WIDTH] = candidate.box.width;
            record[VANON_GPU_HEIGHT] = candidate.box.height;
        }
        if (joint < d.head.joints) {
            float *to = record + VANON_GPU_FIRST_JOINT + 3 * joint, number[3];

            for (int i = 0; i < 3; i++)
                number[i] = number_of(d, level.joints, pixel, 3 * joint + i);
            to[0] = vanon_gpu_cell_joint(cell % level.width, number[0], level.stride);
            to[1] = vanon_gpu_cell_joint(cell / level.width, number[1], level.stride);
            to[2] = vanon_gpu_sigmoid(number[2]);
        }
    }
}

} // namespace

int vanon_gpu_decode(cudaStream_t stream, const struct vanon_gpu_head *head, int batch,
                     const struct vanon_gpu_limits *limits,
                     const struct vanon_gpu_decode_memory *memory, struct vanon_gpu_found *found,
                     float *records)
{
    decode d = {*head, *limits, *memory, vanon_gpu_keys(head->anchors), found, records};
    int error;

    if (head->bins > 32 || head->joints > VANON_GPU_JOINTS || head->levels > VANON_GPU_LEVELS)
        return cudaErrorInvalidValue;
    error = vanon_launch(stream, (unsigned)(batch + 31) / 32, 32, clear, d, batch);
    if (!error)
        error = vanon_launch(stream, dim3((unsigned)(head->anchors + 127) / 128, (unsigned)batch),
                             128, find, d);
    if (!error)
        error = vanon_launch(stream, (unsigned)batch, NMS_THREADS, thin_out, d);
    if (!error)
        error = vanon_launch(stream, dim3(32, (unsigned)batch), VANON_GPU_JOINTS, deliver, d);
    return error;
}

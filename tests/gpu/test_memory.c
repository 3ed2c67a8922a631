/* SPDX-License-Identifier: Apache-2.0 */
/* The device's memory: given back, flat while frames run, and its end a status like any other. */
#include <vanon/status.h>

#include "../../plugins/cuda/device.h"
#include "../../plugins/cuda/onnx.h"
#include "gpu.h"
#include "network.h"
#include "pixels/frame.h"
#include "pixels/part.h"

#define BATCH 8
#define SIDE  640
#define RUNS  50
#define SLACK ((size_t)4 << 20) /* the driver takes and gives in pieces of 2 MiB */

static void done(void *opaque)
{
    (void)opaque;
}

static size_t free_memory(void)
{
    size_t unused, total;

    FINE(cudaDeviceSynchronize());
    FINE(cudaMemGetInfo(&unused, &total));
    return unused;
}

static int make(struct gpu_network *network, vanon_device *device, const vanon_plan *plan)
{
    return gpu_network_make(network, device, plan, true, "memory-test", 300);
}

/* Of parts of the frame, all of one size; 0: of all of it. */
static void run_batch(vanon_context *context, const vanon_frame *frame, int part)
{
    struct vanon_part_rect rect = {0, 0, part, part};
    vanon_frame picture = vanon_part_frame(frame, &rect);
    vanon_letterbox *letterbox;

    FINE(vanon_letterbox_create(&letterbox, &picture, SIDE, SIDE));
    for (size_t i = 0; i < BATCH; i++)
        FINE(vanon_context_put_frame(context, i, &picture, letterbox));
    FINE(vanon_context_run(context, BATCH));
    FINE(vanon_context_wait(context));
    vanon_letterbox_destroy(&letterbox);
}

/* Returns what was taken while the network and two contexts were there. Looks at parts of the frame
 * take no more than looks at all of it. */
static size_t live_once(vanon_device *device, const vanon_plan *plan, const vanon_frame *frame)
{
    size_t before = free_memory(), first, taken;
    struct gpu_network network;
    vanon_context *context[2];

    FINE(make(&network, device, plan));
    for (int i = 0; i < 2; i++) {
        FINE(vanon_context_create(&context[i], network.network, done, NULL));
        run_batch(context[i], frame, 0);
    }
    first = free_memory();
    for (int i = 0; i < RUNS; i++)
        run_batch(context[i % 2], frame, i % 4 * 64);
    REQUIRE(free_memory() == first, "%zu bytes free, then %zu", first, free_memory());
    taken = before - first;
    for (int i = 0; i < 2; i++)
        vanon_context_destroy(&context[i]);
    gpu_network_free(&network);
    return taken;
}

/* Everything but what is left over from pieces of a MiB. */
struct hog {
    void *piece[256];
    size_t pieces;
};

static void take_all(struct hog *hog)
{
    size_t bytes = free_memory();

    hog->pieces = 0;
    while (bytes >= (size_t)1 << 20 && hog->pieces < sizeof hog->piece / sizeof *hog->piece) {
        if (!cudaMalloc(&hog->piece[hog->pieces], bytes))
            hog->pieces++;
        else
            bytes /= 2;
    }
    cudaGetLastError();
}

static void give_back(struct hog *hog)
{
    while (hog->pieces)
        FINE(cudaFree(hog->piece[--hog->pieces]));
}

static void test_end_of_memory(vanon_device *device, const vanon_plan *plan)
{
    struct gpu_network network;
    vanon_context *context = NULL;
    struct hog hog;

    take_all(&hog);
    REQUIRE(make(&network, device, plan) == VANON_ERR_MEMORY, "a network in %zu bytes",
            free_memory());
    give_back(&hog);
    FINE(make(&network, device, plan));
    take_all(&hog);
    REQUIRE(vanon_context_create(&context, network.network, done, NULL) == VANON_ERR_MEMORY,
            "a context in %zu bytes", free_memory());
    give_back(&hog);
    FINE(vanon_context_create(&context, network.network, done, NULL));
    vanon_context_destroy(&context);
    gpu_network_free(&network);
}

void test_memory(const char *model)
{
    const vanon_log *log = &vanon_log_to_stderr;
    vanon_onnx *onnx;
    vanon_plan *plan;
    vanon_device *device;
    vanon_frame *frame;
    size_t taken, before, need;

    FINE(vanon_frame_alloc(&frame, VANON_PIXEL_YUV420P, 640, 360));
    for (int i = 0; i < 3; i++)
        for (int y = 0; y < 360 >> !!i; y++)
            for (int x = 0; x < 640 >> !!i; x++)
                frame->plane[i][y * frame->stride[i] + x] = (uint8_t)(x + y);
    FINE(vanon_onnx_load(&onnx, model, log));
    FINE(vanon_plan_create(&plan, onnx, BATCH, SIDE, SIDE, log));
    vanon_onnx_destroy(&onnx);
    FINE(vanon_device_open(&device, 0, log));
    live_once(device, plan, frame); /* loads what is loaded once */
    before = free_memory();
    taken = live_once(device, plan, frame);
    live_once(device, plan, frame);
    REQUIRE(free_memory() + SLACK >= before, "%zu bytes free, then %zu", before, free_memory());
    need = vanon_device_need(plan, true, 2);
    REQUIRE(taken >= need / 2, "%zu bytes, need %zu", taken, need);
    test_end_of_memory(device, plan);
    printf("memory: %zu MiB for a network and two contexts of %d frames (%zu are said to be the "
           "least), flat, given back\n",
           taken >> 20, BATCH, need >> 20);
    vanon_device_close(&device);
    vanon_plan_destroy(&plan);
    vanon_frame_unref(&frame);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The device's memory: given back, flat while frames run, and its end a status like any other. */
#include <vanon/status.h>

#include "../../plugins/cuda/device.h"
#include "../../plugins/cuda/onnx.h"
#include "gpu.h"
#include "pixels/frame.h"

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

static int make(vanon_network **network, vanon_device *device, const vanon_plan *plan)
{
    return vanon_network_create(network, device,
                                &(struct vanon_network_params){.plan = plan,
                                                               .model_sha256 = "memory-test",
                                                               .half = true,
                                                               .confidence = 0.25f,
                                                               .iou_threshold = 0.45f,
                                                               .max_det = 300});
}

static void run_batch(vanon_context *context, const vanon_frame *frame)
{
    for (size_t i = 0; i < BATCH; i++)
        FINE(vanon_context_put_frame(context, i, frame));
    FINE(vanon_context_run(context, BATCH));
    FINE(vanon_context_wait(context));
}

/* Returns what was taken while the network and two contexts were there. */
static size_t live_once(vanon_device *device, const vanon_plan *plan, const vanon_frame *frame)
{
    size_t before = free_memory(), first, taken;
    vanon_network *network;
    vanon_context *context[2];

    FINE(make(&network, device, plan));
    for (int i = 0; i < 2; i++) {
        FINE(vanon_context_create(&context[i], network, done, NULL));
        run_batch(context[i], frame);
    }
    first = free_memory();
    for (int i = 0; i < RUNS; i++)
        run_batch(context[i % 2], frame);
    REQUIRE(free_memory() == first, "%zu bytes free, then %zu", first, free_memory());
    taken = before - first;
    for (int i = 0; i < 2; i++)
        vanon_context_destroy(&context[i]);
    vanon_network_destroy(&network);
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
    vanon_network *network = NULL;
    vanon_context *context = NULL;
    struct hog hog;

    take_all(&hog);
    REQUIRE(make(&network, device, plan) == VANON_ERR_MEMORY, "a network in %zu bytes",
            free_memory());
    give_back(&hog);
    FINE(make(&network, device, plan));
    take_all(&hog);
    REQUIRE(vanon_context_create(&context, network, done, NULL) == VANON_ERR_MEMORY,
            "a context in %zu bytes", free_memory());
    give_back(&hog);
    FINE(vanon_context_create(&context, network, done, NULL));
    vanon_context_destroy(&context);
    vanon_network_destroy(&network);
}

void test_memory(const char *model)
{
    const vanon_log *log = &vanon_log_to_stderr;
    vanon_onnx *onnx;
    vanon_plan *plan;
    vanon_device *device;
    vanon_frame *frame;
    size_t taken, before;

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
    REQUIRE(taken >= vanon_device_need(plan, 2) / 2, "%zu bytes, need %zu", taken,
            vanon_device_need(plan, 2));
    test_end_of_memory(device, plan);
    printf("memory: %zu MiB for a network and two contexts of %d frames (%zu are said to be the "
           "least), flat, given back\n",
           taken >> 20, BATCH, vanon_device_need(plan, 2) >> 20);
    vanon_device_close(&device);
    vanon_plan_destroy(&plan);
    vanon_frame_unref(&frame);
}

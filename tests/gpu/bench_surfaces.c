/* SPDX-License-Identifier: Apache-2.0 */
/* How fast a GPU hides heads in frames that stay in its memory: 1920x1080, NV12, mosaic, by one
 * thread and by four, whose work on the CPU (coverage) counts. bench_cuda measures the detector. */
#include <stdatomic.h>
#include <unistd.h>

#include "../../plugins/cuda/surfaces.h"
#include "base/thread.h"
#include "gpu.h"
#include "render/renderer.h"

#define THREADS 4
#define HEADS   8
#define SECONDS 3

struct bench {
    vanon_surfaces *surfaces;
    vanon_frame *frame;
    vanon_region_list regions;
    atomic_size_t frames;
    atomic_bool stop;
};

static void *hide(void *argument)
{
    vanon_options options = {.style = {VANON_STYLE_MOSAIC}, .mosaic_block = 16};
    struct bench *bench = argument;
    vanon_renderer *renderer;

    FINE(vanon_renderer_create(&renderer, &options, &vanon_log_to_stderr));
    vanon_renderer_use(renderer, bench->surfaces);
    for (; !atomic_load(&bench->stop); atomic_fetch_add(&bench->frames, 1)) {
        vanon_frame *frame = vanon_frame_ref(bench->frame);

        FINE(vanon_renderer_render(renderer, &frame, &bench->regions, NULL));
        vanon_frame_unref(&frame);
    }
    vanon_renderer_destroy(&renderer);
    return NULL;
}

static void measure(struct bench *bench, int threads)
{
    pthread_t thread[THREADS];
    int64_t begin;

    atomic_store(&bench->stop, false);
    for (int i = 0; i < threads; i++)
        FINE(vanon_thread_start(&thread[i], "hide", hide, bench));
    usleep(500000); /* until memory is taken */
    atomic_store(&bench->frames, 0);
    begin = vanon_clock();
    usleep(SECONDS * 1000000);
    printf("surfaces, %d threads, %zu heads: %.1f frames/s\n", threads, bench->regions.count,
           (double)atomic_load(&bench->frames) / (1e-9 * (double)(vanon_clock() - begin)));
    atomic_store(&bench->stop, true);
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
}

int main(void)
{
    vanon_region head[HEADS];
    struct bench bench = {.regions.region = head};
    vanon_frame *frame;

    for (int i = 0; i < HEADS; i++)
        head[i] = (vanon_region){
            .object = i, .cx = 150 + 220.0f * (float)i, .cy = 400, .rx = 60, .ry = 75};
    FINE(vanon_surfaces_gpu.create(&bench.surfaces, 0, &vanon_log_to_stderr));
    FINE(vanon_frame_alloc(&frame, VANON_PIXEL_NV12, 1920, 1080));
    FINE(vanon_surfaces_upload(bench.surfaces, frame, &bench.frame));
    for (int i = 0; i < 4; i++) {
        bench.regions.count = i % 2 ? HEADS : 1;
        measure(&bench, i / 2 ? THREADS : 1);
    }
    vanon_frame_unref(&frame);
    vanon_frame_unref(&bench.frame);
    vanon_surfaces_destroy(&bench.surfaces);
    return 0;
}

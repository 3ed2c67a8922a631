/* SPDX-License-Identifier: Apache-2.0 */
/* Frames in the GPU's memory are seen, measured and hidden there as on the CPU, also by several
 * threads at once. */
#include <pthread.h>

#include "../../plugins/cuda/surfaces.h"
#include "gpu.h"
#include "surface_case.h"

/* Sizes, formats of each thread, and threads. */
#ifdef GPU_EMULATED
static const int sizes[][2] = {{34, 26}};
#define FORMATS 1
#define THREADS 3
#else
static const int sizes[][2] = {{1920, 1080}, {322, 178}, {66, 48}};
#define FORMATS 3
#define THREADS 4
#endif

static const enum vanon_pixel_format formats[] = {VANON_PIXEL_NV12, VANON_PIXEL_P010,
                                                  VANON_PIXEL_YUV444P};

struct worker {
    vanon_surfaces *surfaces;
    pthread_t thread;
    int number;
};

static void check_format(vanon_surfaces *surfaces, enum vanon_pixel_format format)
{
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct surface_case c = {.format = format, .width = sizes[s][0], .height = sizes[s][1]};
        const char *wrong = surface_case_look(surfaces, &c);
        size_t painted;

        REQUIRE(!wrong, "%s: format %d, %dx%d", wrong, format, c.width, c.height);
        for (enum vanon_style style = 0; style < VANON_STYLES; style++)
            for (int i = 0; i < 4; i++) {
                c.style = style;
                c.held = i & 1;
                c.fields = i & 2 ? VANON_FIELDS_TOP_FIRST : VANON_FIELDS_PROGRESSIVE;
                wrong = surface_case_render(surfaces, &c, &painted);
                REQUIRE(!wrong, "%s: format %d, %dx%d, style %d, held %d, fields %d", wrong, format,
                        c.width, c.height, style, c.held, c.fields);
                REQUIRE(painted, "nothing was hidden");
            }
    }
}

static void *check_formats(void *argument)
{
    const struct worker *own = argument;

    for (int i = 0; i < FORMATS; i++)
        check_format(own->surfaces, formats[(own->number + i) % 3]);
    return NULL;
}

/* Memory of a user's own, filled on a stream of its own: the event says when it is ready. */
static void check_event(vanon_surfaces *surfaces)
{
    enum { SIDE = GPU_SIDE(4096) };
    const vanon_frame like = {
        .memory = VANON_MEMORY_CUDA, .format = VANON_PIXEL_GRAY8, .width = SIDE, .height = SIDE};
    vanon_cuda_planes planes = {.stride = {SIDE}};
    struct vanon_glance glance;
    vanon_frame frame = like;
    cudaStream_t stream;
    cudaEvent_t event;
    void *memory;

    FINE(cudaMalloc(&memory, SIDE * SIDE));
    FINE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    FINE(cudaEventCreate(&event));
    for (int value = 0; value < 200; value++) /* takes a while, so that a wait is seen */
        FINE(cudaMemsetAsync(memory, value, SIDE * SIDE, stream));
    FINE(cudaEventRecord(event, stream));
    planes.plane[0] = (uintptr_t)memory;
    frame.handle = &planes;
    frame.ready = event;
    REQUIRE(!vanon_surfaces_settle(surfaces, &frame), "settling");
    REQUIRE(!vanon_surfaces_glance(surfaces, &frame, &glance), "a glance");
    for (int y = 0; y < VANON_GLANCE_ROWS; y++)
        for (int x = 0; x < VANON_GLANCE_COLUMNS; x++)
            REQUIRE(glance.cell[y][x] == 199, "cell %d, %d is %u", x, y, glance.cell[y][x]);
    cudaEventDestroy(event);
    cudaStreamDestroy(stream);
    cudaFree(memory);
}

void test_surfaces(void)
{
    static const vanon_log silent;
    vanon_surfaces *surfaces;
    struct worker worker[THREADS];

    REQUIRE(!vanon_surfaces_gpu.create(&surfaces, 0, &silent), "no device");
    for (int i = 0; i < THREADS; i++) {
        worker[i].surfaces = surfaces;
        worker[i].number = i;
        REQUIRE(!pthread_create(&worker[i].thread, NULL, check_formats, &worker[i]), "a thread");
    }
    for (int i = 0; i < THREADS; i++)
        REQUIRE(!pthread_join(worker[i].thread, NULL), "a thread");
    check_event(surfaces);
    vanon_surfaces_destroy(&surfaces);
    puts("surfaces: frames in the GPU's memory are seen and hidden as on the CPU, bit by bit");
}

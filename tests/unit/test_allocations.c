/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Once frames flow, nothing of ours allocates: the linker sends every call of malloc and its
 * relatives from our own code (not from within libav* or OpenVINO) here, where it is counted.
 */
#include "unit.h"

#include <stdatomic.h>

#include "allocators.h"
#include "base/memory.h"
#include "job_fixture.h"

/* A still picture: what holds what is found in it, and frames, grows when there is first so much at
 * once, and not again. When that is depends on the threads, so what counts is the longest run of
 * frames without an allocation. */
#define FRAMES 320
#define QUIET  64

static atomic_ulong calls;

void *__wrap_malloc(size_t bytes)
{
    atomic_fetch_add(&calls, 1);
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    atomic_fetch_add(&calls, 1);
    return __real_calloc(count, bytes);
}

void *__wrap_realloc(void *block, size_t bytes)
{
    atomic_fetch_add(&calls, 1);
    return __real_realloc(block, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    atomic_fetch_add(&calls, 1);
    return __real_aligned_alloc(alignment, bytes);
}

char *__wrap_strdup(const char *text)
{
    atomic_fetch_add(&calls, 1);
    return __real_strdup(text);
}

struct count {
    unsigned long last;
    uint64_t frames, quiet, longest; /* frames without an allocation, now and at most */
};

static void count_calls(void *opaque, const struct vanon_progress *progress)
{
    struct count *count = opaque;
    unsigned long now = atomic_load(&calls);

    count->quiet = now == count->last ? count->quiet + 1 : 0;
    if (count->quiet > count->longest)
        count->longest = count->quiet;
    count->last = now;
    count->frames = progress->frames;
}

/* Runs the clip through everything, from its file to `codec`. */
static void check_run(const char *pipeline, const char *codec, const char *style)
{
    const char *const pairs[][2] = {{"output", strcmp(codec, "md5") != 0 ? result : ""},
                                    {"overwrite", "true"},
                                    {"codec", codec},
                                    {"pipeline", pipeline},
                                    {"style", style},
                                    {"parts", "eyes,elbows,head,arms"},
                                    {"imgsz", "224"},
                                    {"confidence", "0.2"},
                                    {NULL, NULL}};
    struct count count = {0};
    vanon_job *job = make_job(pairs, count_calls, &count);

    if (vanon_job_run(job))
        fail_msg("%s", unit_message);
    if (!strstr(vanon_job_report(job), "\"changed\": 320"))
        fail_msg("nothing was hidden: %s", vanon_job_report(job));
    vanon_job_destroy(&job);
    assert_int_equal(count.frames, FRAMES);
    assert_true(count.last > 100); /* calls are counted at all */
    if (count.longest < QUIET)
        fail_msg("%s, %s, %s: never more than %d frames without an allocation", pipeline, codec,
                 style, (int)count.longest);
    print_message("%s, %s, %s: %d frames without an allocation\n", pipeline, codec, style,
                  (int)count.longest);
}

static void test_nothing_is_allocated_for_a_frame(void **state)
{
    (void)state;
    check_run("cpu-gpu", "md5", "mosaic");
    check_run("cpu-gpu", "libx264", "gaussian");
    check_run("ultra", "md5", "boxblur");
    check_run("multithread", "ffv1", "solid");
}

static int set_up(void **state)
{
    char arguments[256];

    (void)state;
    snprintf(arguments, sizeof arguments,
             "-loop 1 -i /usr/share/doc/opencv-doc/examples/data/messi5.jpg -frames:v %d "
             "-vf scale=360:224 -c:v libx264 -qp 0 -pix_fmt yuv420p",
             FRAMES);
    return make_clip(arguments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_allocated_for_a_frame),
    };

    return cmocka_run_group_tests_name("allocations", tests, set_up, remove_clip);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Once frames flow, nothing of ours allocates: the linker sends every call of malloc and its
 * relatives from our own code (not from within libav* or OpenVINO) here, where it is counted.
 */
#include "unit.h"

#include <stdatomic.h>
#include <unistd.h>

#include <vanon/job.h>

#include "base/memory.h"

/* A still picture: what holds what is found in it, and frames, grows when there is first so much at
 * once, and not again. When that is depends on the threads, so what counts is the longest run of
 * frames without an allocation. */
#define FRAMES 320
#define QUIET  64

static atomic_ulong calls;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *block, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
char *__wrap_strdup(const char *text);

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

static char folder[] = "/tmp/vanon-allocations-XXXXXX";
static char clip[64], result[64];

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

static void set(vanon_options *options, const char *key, const char *value)
{
    assert_int_equal(vanon_options_set(options, key, value), VANON_OK);
}

/* Runs the clip through everything, from its file to `codec`. */
static void check_run(const char *pipeline, const char *codec, const char *style)
{
    struct count count = {0};
    struct vanon_job_params params = {.log = &unit_log, .progress = count_calls, .opaque = &count};
    vanon_options *options = NULL;
    vanon_job *job = NULL;

    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    set(options, "input", clip);
    if (strcmp(codec, "md5") != 0)
        set(options, "output", result);
    set(options, "overwrite", "true");
    set(options, "codec", codec);
    set(options, "pipeline", pipeline);
    set(options, "style", style);
    set(options, "parts", "eyes,elbows,head,arms");
    set(options, "imgsz", "224");
    set(options, "confidence", "0.2");
    params.options = options;
    if (vanon_job_create(&job, &params) || vanon_job_run(job))
        fail_msg("%s", unit_message);
    if (!strstr(vanon_job_report(job), "\"changed\": 320"))
        fail_msg("nothing was hidden: %s", vanon_job_report(job));
    vanon_job_destroy(&job);
    vanon_options_destroy(&options);
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
    char command[512];

    (void)state;
    vanon_quiet_libraries();
    if (!mkdtemp(folder))
        return -1;
    snprintf(clip, sizeof clip, "%s/clip.mkv", folder);
    snprintf(result, sizeof result, "%s/out.mkv", folder);
    snprintf(command, sizeof command,
             "ffmpeg -nostdin -v error -loop 1 -i "
             "/usr/share/doc/opencv-doc/examples/data/messi5.jpg -frames:v %d "
             "-vf scale=360:224 -c:v libx264 -qp 0 -pix_fmt yuv420p %s",
             FRAMES, clip);
    return system(command);
}

static int tear_down(void **state)
{
    (void)state;
    unlink(clip);
    unlink(result);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_allocated_for_a_frame),
    };

    return cmocka_run_group_tests_name("allocations", tests, set_up, tear_down);
}

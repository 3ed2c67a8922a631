/* SPDX-License-Identifier: Apache-2.0 */
/* A stage that fails, or that stands still, at any frame: the run ends with the error, and nobody
 * waits for ever. */
#include "unit.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/thread.h"
#include "engine/stall.h"
#include "job/internal.h"
#include "job_fixture.h"

#define FRAMES 40

static const char *const stages[] = {"read",  "prepare", "network", "decode",
                                     "track", "regions", "render",  "write"};
static const uint64_t places[] = {0, 1, 13, FRAMES - 1};

/* What happens at one frame of one stage. */
struct fault {
    const char *stage;
    uint64_t frame;
    int status; /* VANON_OK: stands still until it is released */

    vanon_job *job;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool reached, released;
    int64_t cancelled; /* when; 0: not yet */
};

static int strike(void *opaque, const char *stage, uint64_t frame)
{
    struct fault *fault = opaque;

    if (strcmp(stage, fault->stage) != 0 || frame != fault->frame)
        return VANON_OK;
    pthread_mutex_lock(&fault->lock);
    fault->reached = true;
    pthread_cond_broadcast(&fault->changed);
    while (!fault->status && !fault->released)
        pthread_cond_wait(&fault->changed, &fault->lock);
    pthread_mutex_unlock(&fault->lock);
    return fault->status;
}

static void release(struct fault *fault)
{
    pthread_mutex_lock(&fault->lock);
    fault->released = true;
    pthread_cond_broadcast(&fault->changed);
    pthread_mutex_unlock(&fault->lock);
}

/* The thread of vanon_job_run waits for the reader, and is the writer: those two it can't outlive.
 */
static bool is_the_jobs(const struct fault *fault)
{
    return !strcmp(fault->stage, "read") || !strcmp(fault->stage, "write");
}

static void *cancel_when_reached(void *argument)
{
    struct fault *fault = argument;

    pthread_mutex_lock(&fault->lock);
    while (!fault->reached)
        pthread_cond_wait(&fault->changed, &fault->lock);
    fault->cancelled = vanon_clock();
    pthread_mutex_unlock(&fault->lock);
    vanon_job_cancel(fault->job);
    if (is_the_jobs(fault))
        release(fault);
    return NULL;
}

static vanon_job *make_idle_job(const char *pipeline)
{
    const char *const pairs[][2] = {{"output", result},
                                    {"codec", "ffv1"},
                                    {"detector", "null"},
                                    {"pipeline", pipeline},
                                    /* every frame comes through every stage, in "ultra", too */
                                    {"detect_every", "1"},
                                    {NULL, NULL}};

    return make_job(pairs, NULL, NULL);
}

/* Runs the job; returns its status and, in `seconds`, how long after the fault it came. */
static int run_with(struct fault *fault, const char *pipeline, double *seconds)
{
    struct vanon_hook hook = {.before = strike, .opaque = fault};
    pthread_t thread;
    int64_t began, ended;
    int status;

    assert_int_equal(pthread_mutex_init(&fault->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&fault->changed, NULL), 0);
    fault->job = make_idle_job(pipeline);
    vanon_job_set_hook(fault->job, &hook);
    began = vanon_clock();
    if (!fault->status)
        assert_int_equal(pthread_create(&thread, NULL, cancel_when_reached, fault), 0);
    status = vanon_job_run(fault->job);
    ended = vanon_clock();
    if (!fault->status) {
        pthread_join(thread, NULL);
        began = fault->cancelled;
        assert_int_equal(fault->released, is_the_jobs(fault)); /* it still stands there */
        release(fault);
    }
    vanon_job_destroy(&fault->job);
    *seconds = (double)(ended - began) * 1e-9;
    assert_true(fault->reached);
    assert_int_not_equal(access(result, F_OK), 0);
    pthread_cond_destroy(&fault->changed);
    pthread_mutex_destroy(&fault->lock);
    return status;
}

static void check_stages(int status)
{
    static const char *const pipelines[] = {"cpu-gpu", "batch", "ultra", "multithread"};
    double worst = 0, seconds;
    size_t runs = 0;

    for (size_t stage = 0; stage < VANON_COUNT(stages); stage++)
        for (size_t place = 0; place < VANON_COUNT(places); place++) {
            struct fault fault = {.stage = stages[stage], .frame = places[place], .status = status};
            int expected = status ? status : VANON_ERR_CANCELLED;
            int got = run_with(&fault, pipelines[runs++ % VANON_COUNT(pipelines)], &seconds);

            if (got != expected)
                fail_msg("%s, frame %d: %s, not %s", stages[stage], (int)places[place],
                         vanon_status_text(got), vanon_status_text(expected));
            if (seconds > worst)
                worst = seconds;
        }
    print_message("%zu runs; the slowest ended %.3f s after its fault\n", runs, worst);
    assert_true(worst < 1);
}

static void test_failure_ends_the_run(void **state)
{
    (void)state;
    check_stages(VANON_ERR_INTERNAL);
}

static void test_standing_still_does_not_hang_the_run(void **state)
{
    (void)state;
    check_stages(VANON_OK);
}

/* A job whose network works in a few milliseconds. */
static vanon_job *make_network_job(const char *stall_seconds, const struct vanon_hook *hook)
{
    const char *const pairs[][2] = {{"output", result}, {"codec", "ffv1"},
                                    {"imgsz", "64"},    {"precision", "f32"},
                                    {"device", "cpu"},  {"stall_seconds", stall_seconds},
                                    {NULL, NULL}};
    vanon_job *job = make_job(pairs, NULL, NULL);

    vanon_job_set_hook(job, hook);
    return job;
}

static struct fault hanging = {.stage = "network",
                               .frame = 5,
                               .lock = PTHREAD_MUTEX_INITIALIZER,
                               .changed = PTHREAD_COND_INITIALIZER};

/* Runs a job whose network never answers; what is wrong then, NULL for nothing. */
static const char *run_hanging(void)
{
    struct vanon_hook hook = {.before = strike, .opaque = &hanging};
    vanon_job *job = make_network_job("1", &hook);

    if (vanon_job_run(job) != VANON_ERR_STALLED)
        return "another status";
    if (!strstr(unit_message, "network") || !strstr(unit_message, "stall_seconds"))
        return "other words";
    vanon_job_destroy(&job);
    if (!hanging.reached || hanging.released)
        return "it does not hang";
    return access(result, F_OK) ? NULL : "there is an output";
}

/* In a process of its own, which ends as programs should then. Before any other test has made
 * OpenVINO's threads. */
static void test_a_network_that_never_answers_ends_the_run(void **state)
{
    const char *wrong;
    pid_t child;
    int status;

    (void)state;
    fflush(NULL);
    child = fork();
    if (!child) {
        wrong = run_hanging();
        if (wrong)
            print_error("%s\n", wrong);
        _exit(wrong ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* At frame 5 it works three times as long as would be a stall if it slept. */
static int work_long(void *opaque, const char *stage, uint64_t frame)
{
    int64_t until = vanon_clock() + 3000000000;

    (void)opaque;
    while (!strcmp(stage, "network") && frame == 5 && vanon_clock() < until)
        ;
    return VANON_OK;
}

static void test_a_slow_network_is_no_stall(void **state)
{
    struct vanon_hook hook = {.before = work_long};
    vanon_job *job = make_network_job("1", &hook);

    (void)state;
    assert_int_equal(vanon_job_run(job), VANON_OK);
    vanon_job_destroy(&job);
    assert_int_equal(unlink(result), 0);
}

static void test_time_in_which_nobody_looked_does_not_count(void **state)
{
    const int64_t second = 1000000000;
    struct vanon_stall stall = {0};
    int64_t now = 5 * second;

    (void)state;
    assert_false(vanon_stall_look(&stall, 7, 3, now));
    assert_false(vanon_stall_look(&stall, 7, 3, now += second));
    assert_false(vanon_stall_look(&stall, 7, 3, now += second / 2));   /* too early to look */
    assert_false(vanon_stall_look(&stall, 7, 3, now += 100 * second)); /* Ctrl-Z, fg */
    assert_false(vanon_stall_look(&stall, 8, 3, now += second));       /* something moved */
    assert_false(vanon_stall_look(&stall, 8, 3, now += second));
    assert_false(vanon_stall_look(&stall, 8, 3, now += second));
    assert_true(vanon_stall_look(&stall, 8, 3, now += second));
}

static int set_up(void **state)
{
    char arguments[128];

    (void)state;
    snprintf(arguments, sizeof arguments,
             "-f lavfi -i testsrc2=s=64x48:r=25 -frames:v %d -c:v ffv1", FRAMES);
    return make_clip(arguments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failure_ends_the_run),
        cmocka_unit_test(test_standing_still_does_not_hang_the_run),
        cmocka_unit_test(test_time_in_which_nobody_looked_does_not_count),
        cmocka_unit_test(test_a_network_that_never_answers_ends_the_run),
        cmocka_unit_test(test_a_slow_network_is_no_stall),
    };

    return cmocka_run_group_tests_name("faults", tests, set_up, remove_clip);
}

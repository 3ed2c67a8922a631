/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out at any place of any kind of job: the job ends with an error and nothing is
 * left of its output, or it did without and the output is the same. The linker sends every call of
 * an allocator from our own code here, and jansson is told to come here, too.
 */
#include "unit.h"

#include <stdatomic.h>
#include <sys/stat.h>

#include <jansson.h>

#include "allocators.h"
#include "base/memory.h"
#include "elbow_sidecar.h"
#include "job_fixture.h"

#define FRAMES 12
#define TRIES  200 /* of each kind of job, evenly over its allocations */

static atomic_long left;      /* allocations before the one that fails; below 0: after it */
static atomic_bool counts;    /* they only count: none fails */
static atomic_bool for_good;  /* all after that one fail, too */
static atomic_bool with_json; /* jansson's are counted and fail, too: they are many */

static bool fails(void)
{
    long now = atomic_fetch_sub(&left, 1);

    return !atomic_load(&counts) && (atomic_load(&for_good) ? now <= 0 : now == 0);
}

void *__wrap_malloc(size_t bytes)
{
    return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return fails() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *block, size_t bytes)
{
    return fails() ? NULL : __real_realloc(block, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, bytes);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

static void *json_malloc(size_t bytes)
{
    return atomic_load(&with_json) ? __wrap_malloc(bytes) : __real_malloc(bytes);
}

static char people[64], picture[64], copy[64];

struct kind {
    const char *name;
    enum vanon_job_mode mode;
    bool writes;             /* a file of its own */
    bool json;               /* jansson's allocations may fail */
    const char *pairs[8][2]; /* further options; NULL at the end */
};

static const struct kind kinds[] = {
    {"anonymise",
     VANON_JOB_ANONYMIZE,
     false,
     false,
     {{"detector", "replay"},
      {"sidecar", people},
      {"codec", "md5"},
      {"parts", "all"},
      {"style", "eyes=gaussian,elbows=mosaic,head=boxblur"},
      {"region", "3,3,20,20"}}},
    {"write",
     VANON_JOB_ANONYMIZE,
     true,
     false,
     {{"detector", "replay"}, {"sidecar", people}, {"audio", "aac"}, {"output", result}}},
    {"strict",
     VANON_JOB_ANONYMIZE,
     true,
     false,
     {{"detector", "replay"},
      {"sidecar", people},
      {"style", "solid"},
      {"strict", "true"},
      {"output", result}}},
    {"apply",
     VANON_JOB_ANONYMIZE,
     false,
     true,
     {{"detector", "apply"}, {"sidecar", people}, {"codec", "md5"}, {"keep_person", "3"}}},
    {"twice",
     VANON_JOB_ANONYMIZE,
     false,
     false,
     {{"detector", "replay"}, {"sidecar", people}, {"codec", "md5"}, {"max_frame_memory", "16"}}},
    {"eyes",
     VANON_JOB_ANONYMIZE,
     false,
     false,
     {{"detector", "null"}, {"eye_detector", "both"}, {"codec", "md5"}}},
    {"detect",
     VANON_JOB_DETECT,
     true,
     false,
     {{"detector", "replay"}, {"sidecar", people}, {"with_regions", "true"}, {"output", result}}},
    {"explain",
     VANON_JOB_EXPLAIN,
     true,
     false,
     {{"detector", "replay"}, {"sidecar", people}, {"frame", "5"}, {"output", picture}}},
    {"verify",
     VANON_JOB_VERIFY,
     false,
     false,
     {{"detector", "replay"}, {"sidecar", people}, {"output", copy}}},
};

/* What a job did. */
struct outcome {
    int status;
    char md5[40];
};

static vanon_options *options_of(const struct kind *kind)
{
    vanon_options *options;

    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    assert_int_equal(vanon_options_set(options, "input", clip), VANON_OK);
    assert_int_equal(vanon_options_set(options, "cpu_threads", "2"), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(kind->pairs) && kind->pairs[i][0]; i++)
        if (vanon_options_set(options, kind->pairs[i][0], kind->pairs[i][1]))
            fail_msg("%s: %s", kind->name, unit_message);
    return options;
}

static void take_md5(struct outcome *outcome, const char *report)
{
    const char *found = report ? strstr(report, "\"md5\": \"") : NULL;

    if (found)
        snprintf(outcome->md5, sizeof outcome->md5, "%.32s", found + strlen("\"md5\": \""));
    if (strspn(outcome->md5, "0123456789abcdef") != 32) /* the report had no memory for it */
        outcome->md5[0] = '\0';
}

/* Runs a job whose allocation number `fault` fails, and all that follow where `good` says so;
 * negative: none. Returns how many there were. */
static long run(const struct kind *kind, long fault, bool good, struct outcome *outcome)
{
    vanon_options *options = options_of(kind);
    struct vanon_job_params params = {.options = options, .log = &unit_log, .mode = kind->mode};
    vanon_job *job = NULL;
    long first = fault < 0 ? 0 : fault;

    *outcome = (struct outcome){0};
    unit_log_clear();
    atomic_store(&counts, fault < 0);
    atomic_store(&for_good, good);
    atomic_store(&with_json, kind->json);
    atomic_store(&left, first);
    outcome->status = vanon_job_create(&job, &params);
    if (!outcome->status)
        outcome->status = vanon_job_run(job);
    if (job)
        take_md5(outcome, vanon_job_report(job));
    vanon_job_destroy(&job);
    first -= atomic_load(&left);
    atomic_store(&counts, true);
    vanon_options_destroy(&options);
    return first;
}

static bool is_there(const char *path)
{
    struct stat found;

    return !stat(path, &found) && found.st_size > 0;
}

static void check(const struct kind *kind, long fault, const struct outcome *now,
                  const struct outcome *whole)
{
    bool written = is_there(result) || is_there(picture);

    if (now->status == VANON_OK && kind->writes && !written)
        fail_msg("%s, %ld: done, but there is no output", kind->name, fault);
    if (now->status != VANON_OK && now->status != VANON_ERR_SHOWS && written)
        fail_msg("%s, %ld: status %d, but there is an output", kind->name, fault, now->status);
    if (now->status == VANON_OK && whole->status == VANON_ERR_SHOWS)
        fail_msg("%s, %ld: what shows was not found", kind->name, fault);
    if (now->status == VANON_OK && *now->md5 && strcmp(now->md5, whole->md5) != 0)
        fail_msg("%s, %ld: done, but other pixels: %s, not %s", kind->name, fault, now->md5,
                 whole->md5);
    unlink(result);
    unlink(picture);
}

static void try_kind(const struct kind *kind)
{
    struct outcome whole, now;
    long count = run(kind, -1, false, &whole), ended = 0, tries = 0;

    if (whole.status && whole.status != VANON_ERR_SHOWS)
        fail_msg("%s: %s", kind->name, unit_message);
    check(kind, -1, &whole, &whole);
    for (long n = 0; n < count; n += 1 + count / TRIES, tries++) {
        run(kind, n, tries % 2, &now);
        check(kind, n, &now, &whole);
        ended += now.status == VANON_ERR_MEMORY;
    }
    print_message("%s: %ld allocations, %ld of %ld tries ended for want of memory\n", kind->name,
                  count, ended, tries);
    assert_true(ended > tries / 2);
}

static void test_memory_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < VANON_COUNT(kinds); i++)
        try_kind(&kinds[i]);
}

static int set_up(void **state)
{
    char command[192];
    struct elbow_sidecar sidecar = {people, 96, 64, 30, 30, 60, 60};

    (void)state;
    atomic_store(&counts, true);
    json_set_alloc_funcs(json_malloc, free);
    if (make_clip("-f lavfi -i testsrc2=s=96x64:r=10:d=1.2 -f lavfi -i sine=duration=1.2 -c:v "
                  "ffv1 -c:a flac"))
        return -1;
    snprintf(people, sizeof people, "%s/people.jsonl", folder);
    snprintf(picture, sizeof picture, "%s/frame.png", folder);
    snprintf(copy, sizeof copy, "%s/copy.mkv", folder);
    snprintf(command, sizeof command, "cp %s %s", clip, copy);
    write_elbow_sidecar(&sidecar, FRAMES);
    return system(command);
}

static int tear_down(void **state)
{
    unlink(people);
    unlink(copy);
    return remove_clip(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_ends),
    };

    return cmocka_run_group_tests_name("memory", tests, set_up, tear_down);
}

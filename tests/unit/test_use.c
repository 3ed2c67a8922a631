/* SPDX-License-Identifier: Apache-2.0 */
/* What a run used: threads by name, a GPU by NVML (a stub of it is found before any real one). */
#include "unit.h"

#include <dlfcn.h>
#include <semaphore.h>
#include <stdbool.h>

#include "base/memory.h"
#include "base/nvml.h"
#include "base/thread.h"
#include "base/usage.h"

/* Nanoseconds of processor time: some of the kernel's ticks of 10 ms; none. */
static int64_t a_while = 60000000, not_at_all = 0;

static sem_t finished, go_on;

/* Works for so long, then stays until it was looked at. */
static void *be_busy(void *nanoseconds)
{
    while (vanon_thread_clock() < *(const int64_t *)nanoseconds)
        continue;
    sem_post(&finished);
    sem_wait(&go_on);
    return NULL;
}

static const struct vanon_thread_group *find(const struct vanon_usage *usage, const char *name)
{
    for (size_t i = 0; i < usage->groups; i++)
        if (!strcmp(usage->group[i].name, name))
            return &usage->group[i];
    return NULL;
}

static void test_threads_are_told_by_name(void **state)
{
    struct vanon_usage usage = {0};
    const struct vanon_thread_group *group;
    pthread_t threads[3];

    (void)state;
    sem_init(&finished, 0, 0);
    sem_init(&go_on, 0, 0);
    assert_int_equal(vanon_usage_sample(&usage), VANON_OK);
    assert_null(find(&usage, "busy (a) thread"));
    for (size_t i = 0; i < VANON_COUNT(threads); i++)
        assert_int_equal(vanon_thread_start(&threads[i], "busy (a) thread", be_busy, &a_while),
                         VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(threads); i++)
        sem_wait(&finished);
    assert_int_equal(vanon_usage_sample(&usage), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(threads); i++)
        sem_post(&go_on);
    for (size_t i = 0; i < VANON_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    group = find(&usage, "busy (a) thread");
    assert_non_null(group);
    assert_int_equal(group->threads, 3);
    assert_true(group->seconds >= 3 * 0.05);
    assert_ptr_equal(group, &usage.group[0]); /* who did most comes first */
    vanon_usage_sample(&usage);               /* what they did stays known */
    assert_int_equal(find(&usage, "busy (a) thread")->threads, 3);
    vanon_usage_free(&usage);
    assert_null(usage.thread);
}

static void test_many_names_make_a_group_of_others(void **state)
{
    struct vanon_usage usage = {0};
    pthread_t threads[20];
    char name[VANON_THREAD_NAME];
    size_t counted = 0;

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(threads); i++) {
        snprintf(name, sizeof name, "thread %zu", i);
        assert_int_equal(vanon_thread_start(&threads[i], name, be_busy, &not_at_all), VANON_OK);
    }
    assert_int_equal(vanon_usage_sample(&usage), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(threads); i++) {
        sem_wait(&finished);
        sem_post(&go_on);
    }
    for (size_t i = 0; i < VANON_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(usage.groups, VANON_USAGE_GROUPS);
    for (size_t i = 0; i < usage.groups; i++)
        counted += usage.group[i].threads;
    assert_int_equal(counted, VANON_COUNT(threads) + 1);
    assert_non_null(find(&usage, "others"));
    vanon_usage_free(&usage);
}

static void test_rename(void **state)
{
    char before[VANON_THREAD_NAME], now[VANON_THREAD_NAME];

    (void)state;
    vanon_thread_rename("for a while", before);
    vanon_thread_rename(before, now);
    assert_string_equal(now, "for a while");
    vanon_thread_rename(before, now);
    assert_string_equal(now, before);
}

static void test_gpu(void **state)
{
    vanon_nvml *nvml = vanon_nvml_open("");
    void *stub = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_NOLOAD);
    const int *running = stub ? dlsym(stub, "nvml_stub_running") : NULL;
    struct vanon_nvml_reading reading = {0};

    (void)state;
    assert_non_null(nvml);
    assert_non_null(running);
    assert_int_equal(*running, 1);
    assert_string_equal(vanon_nvml_name(nvml), "Stub 1000");
    assert_true(vanon_nvml_read(nvml, &reading));
    assert_float_equal(reading.use, 0.37, 1e-6);
    assert_float_equal(reading.decoder, 0.21, 1e-6);
    assert_float_equal(reading.encoder, 0.09, 1e-6);
    assert_int_equal(reading.memory, 3ull << 30);
    assert_int_equal(reading.memory_total, 8ull << 30);
    assert_int_equal(setenv("NVML_STUB_NO_ENCODER", "1", 1), 0);
    assert_true(vanon_nvml_read(nvml, &reading));
    assert_true(reading.encoder < 0);
    assert_int_equal(unsetenv("NVML_STUB_NO_ENCODER"), 0);
    vanon_nvml_close(&nvml);
    assert_null(nvml);
    assert_int_equal(*running, 0);
    assert_null(vanon_nvml_open("0000:0A:00.0")); /* there is none */
    assert_int_equal(*running, 0);
    assert_int_equal(setenv("NVML_STUB_SECOND", "1", 1), 0);
    assert_null(vanon_nvml_open("")); /* nothing says which is meant */
    nvml = vanon_nvml_open("0000:0B:00.0");
    assert_non_null(nvml);
    assert_string_equal(vanon_nvml_name(nvml), "Stub 1000");
    vanon_nvml_close(&nvml);
    assert_int_equal(unsetenv("NVML_STUB_SECOND"), 0);
    assert_int_equal(*running, 0);
    dlclose(stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_are_told_by_name),
        cmocka_unit_test(test_many_names_make_a_group_of_others),
        cmocka_unit_test(test_rename),
        cmocka_unit_test(test_gpu),
    };

    return cmocka_run_group_tests_name("use", tests, NULL, NULL);
}

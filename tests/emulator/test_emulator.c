/* SPDX-License-Identifier: Apache-2.0 */
/* The emulator shows what a GPU may hide: faults of kernels, and of who doesn't wait. */
#include "../unit/unit.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "emulator.h"
#include "faulty.h"

#define COUNT       (2 * FAULTY_THREADS)
#define FINE(call_) assert_int_equal((int)(call_), cudaSuccess)

/* Programs that end. They are children of this one, which must not have used the device before: its
 * thread would not be theirs. */

static int *make_numbers(void)
{
    int *number, host[COUNT];

    for (int i = 0; i < COUNT; i++)
        host[i] = i;
    FINE(cudaMalloc((void **)&number, sizeof host));
    FINE(cudaMemcpy(number, host, sizeof host, cudaMemcpyHostToDevice));
    return number;
}

static void launch_fault(int fault)
{
    int *number = make_numbers();

    FINE(faulty_launch((enum fault)fault, cudaStreamLegacy, number));
    FINE(cudaDeviceSynchronize());
}

static void read_on_the_host(int unused)
{
    volatile const int *number = make_numbers();

    (void)unused;
    FINE(cudaDeviceSynchronize());
    fprintf(stderr, "%d\n", *number);
}

static void use_the_hosts(int unused)
{
    int number[COUNT] = {0};

    (void)unused;
    FINE(faulty_advance(cudaStreamLegacy, number, COUNT));
    FINE(cudaDeviceSynchronize());
}

static void read_unwritten(int unused)
{
    int *number;

    (void)unused;
    FINE(cudaMalloc((void **)&number, COUNT * sizeof *number));
    FINE(faulty_advance(cudaStreamLegacy, number, COUNT));
    FINE(cudaDeviceSynchronize());
}

static void free_in_flight(int unused)
{
    int *number = make_numbers();

    (void)unused;
    FINE(cudaDeviceSynchronize());
    FINE(cudaMemsetAsync(number, 0, sizeof *number, cudaStreamLegacy));
    FINE(cudaFree(number));
    FINE(cudaDeviceSynchronize());
}

static void copy_too_much(int unused)
{
    int *number = make_numbers(), host[COUNT + 1];

    (void)unused;
    FINE(cudaMemcpy(host, number, sizeof host, cudaMemcpyDeviceToHost));
}

static void copy_the_wrong_way(int unused)
{
    int *number = make_numbers(), host[COUNT];

    (void)unused;
    FINE(cudaMemcpy(number, host, sizeof host, cudaMemcpyDeviceToHost));
}

/* Runs it in a child, which says that, and ends badly; NULL: it ends well. */
static void run_child(void (*run)(int), int argument, const char *text)
{
    char said[4096] = "";
    size_t length = 0;
    int ends[2], status;
    ssize_t got;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (!child) {
        dup2(ends[1], STDERR_FILENO);
        signal(SIGSEGV, SIG_DFL); /* not cmocka's */
        run(argument);
        _exit(0);
    }
    close(ends[1]);
    while (length + 1 < sizeof said &&
           (got = read(ends[0], said + length, sizeof said - 1 - length)) > 0)
        length += (size_t)got;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if ((status != 0) != (text != NULL) || (text && !strstr(said, text)))
        fail_msg("status %d, not \"%s\", but: %s", status, text ? text : "", said);
}

static void test_faults_of_kernels(void **state)
{
    static const struct {
        enum fault fault;
        const char *text;
    } cases[] = {
        {FAULT_NONE, NULL},
        {FAULT_NO_BARRIER, "nobody wrote"},
        {FAULT_WRITTEN_EARLY, "another thread read it meanwhile"},
        {FAULT_EARLY_END, "23 of 64 have ended"},
        {FAULT_TWO_BARRIERS, "waits at"},
        {FAULT_UNWRITTEN, "nobody wrote: thread 6 of block 0, 0, 0 reads"},
        {FAULT_SHARED_END, "beyond the end of shared memory"},
        {FAULT_GLOBAL_END, "are no memory"},
        {FAULT_NOT_ALIGNED, "aligned"},
        {FAULT_BLOCKS, "another thread wrote it meanwhile"},
        {FAULT_NOT_LANDED, "ends before its copies"},
        {FAULT_WAITS_FOR_OTHER, "ends before its copies"},
        {FAULT_HALF_A_WARP, "its warp's operation"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++)
        run_child(launch_fault, cases[i].fault, cases[i].text);
}

static void test_faults_of_the_host(void **state)
{
    (void)state;
    run_child(read_on_the_host, 0, "");
    run_child(use_the_hosts, 0, "the host's memory");
    run_child(read_unwritten, 0, "nobody wrote");
    run_child(free_in_flight, 0, "are no memory, or no more");
    run_child(copy_too_much, 0, "beyond the end");
    run_child(copy_the_wrong_way, 0, "a copy of kind 2");
}

/* From here on the device works in this program. */

static void assert_numbers(const int *number, int first, int step)
{
    int host[COUNT];

    FINE(cudaDeviceSynchronize());
    FINE(cudaMemcpy(host, number, sizeof host, cudaMemcpyDeviceToHost));
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(host[i], first + i * step);
}

static void test_both_orders(void **state)
{
    (void)state;
    for (int backwards = 0; backwards < 2; backwards++) {
        int *number = make_numbers();

        emulator_run_backwards(backwards);
        FINE(faulty_launch(FAULT_NONE, cudaStreamLegacy, number));
        assert_numbers(number, 1, 1);
        FINE(cudaFree(number));
    }
    emulator_run_backwards(false);
}

static cudaStream_t make_stream(void)
{
    cudaStream_t stream;

    FINE(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    return stream;
}

/* What nobody waited for has not happened. */
static void test_waiting(void **state)
{
    const size_t bytes = COUNT * sizeof(int);
    int *number = make_numbers(), *pinned, pageable[COUNT];
    cudaStream_t stream = make_stream();

    (void)state;
    FINE(cudaDeviceSynchronize());
    FINE(cudaHostAlloc((void **)&pinned, bytes, 0));
    memset(pinned, 0, bytes);
    FINE(faulty_advance(stream, number, COUNT));
    FINE(cudaMemcpyAsync(pinned, number, bytes, cudaMemcpyDeviceToHost, stream));
    assert_int_equal(pinned[2], 0);
    FINE(cudaStreamSynchronize(stream));
    assert_int_equal(pinned[2], 21);

    /* From pinned memory what is there when the copy is done; pageable memory is free at once. */
    FINE(cudaMemcpyAsync(number, pinned, bytes, cudaMemcpyHostToDevice, stream));
    pinned[2] = 7;
    FINE(cudaStreamSynchronize(stream));
    FINE(cudaMemcpyAsync(pageable, number, bytes, cudaMemcpyDeviceToHost, stream));
    assert_int_equal(pageable[2], 7);
    FINE(cudaMemcpyAsync(number, pageable, bytes, cudaMemcpyHostToDevice, stream));
    pageable[2] = 8;
    FINE(cudaMemcpyAsync(pageable, number, bytes, cudaMemcpyDeviceToHost, stream));
    assert_int_equal(pageable[2], 7);

    /* What cudaMemcpy copies from pageable memory another stream doesn't wait for. */
    pageable[2] = 9;
    FINE(cudaMemcpy(number, pageable, bytes, cudaMemcpyHostToDevice));
    FINE(cudaMemcpyAsync(pinned, number, bytes, cudaMemcpyDeviceToHost, stream));
    FINE(cudaStreamSynchronize(stream));
    assert_int_equal(pinned[2], 7);
    FINE(cudaStreamDestroy(stream));
    FINE(cudaDeviceSynchronize());
    FINE(cudaFreeHost(pinned));
    FINE(cudaFree(number));
}

/* A stream sees what another did where it waits for its event, and else doesn't. */
static void test_events(void **state)
{
    cudaStream_t first = make_stream(), second = make_stream();
    int *number = make_numbers(), *pinned;
    cudaEvent_t event;

    (void)state;
    FINE(cudaDeviceSynchronize());
    FINE(cudaHostAlloc((void **)&pinned, sizeof *pinned, 0));
    FINE(cudaEventCreate(&event));
    for (int waits = 0; waits < 2; waits++) {
        FINE(faulty_advance(first, number, COUNT));
        FINE(cudaEventRecord(event, first));
        if (waits)
            FINE(cudaStreamWaitEvent(second, event, 0));
        FINE(cudaMemcpyAsync(pinned, number, sizeof *pinned, cudaMemcpyDeviceToHost, second));
        FINE(cudaStreamSynchronize(second));
        assert_int_equal(*pinned, waits ? 11 : 0);
        FINE(cudaEventSynchronize(event));
    }
    FINE(cudaEventDestroy(event));
    FINE(cudaStreamDestroy(first));
    FINE(cudaStreamDestroy(second));
    FINE(cudaFreeHost(pinned));
    FINE(cudaFree(number));
}

struct told {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int times;
};

static void CUDART_CB tell(cudaStream_t stream, cudaError_t error, void *opaque)
{
    struct told *told = opaque;

    (void)stream;
    pthread_mutex_lock(&told->lock);
    told->times += !error;
    pthread_cond_signal(&told->changed);
    pthread_mutex_unlock(&told->lock);
}

/* A graph is recorded, not run; it runs as often as it is launched, and a callback comes though
 * nobody waits. */
static void test_graphs(void **state)
{
    struct told told = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    cudaStream_t stream = make_stream();
    int *number = make_numbers();
    cudaGraphExec_t exec;
    cudaGraph_t graph;

    (void)state;
    FINE(cudaDeviceSynchronize());
    FINE(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    FINE(faulty_advance(stream, number, COUNT));
    assert_int_equal(cudaStreamSynchronize(stream), cudaErrorStreamCaptureUnsupported);
    FINE(cudaStreamEndCapture(stream, &graph));
    FINE(cudaGraphInstantiate(&exec, graph, 0));
    FINE(cudaGraphDestroy(graph));
    assert_numbers(number, 0, 1);
    FINE(cudaGraphLaunch(exec, stream));
    FINE(cudaGraphLaunch(exec, stream));
    FINE(cudaStreamAddCallback(stream, tell, &told, 0));
    pthread_mutex_lock(&told.lock);
    while (!told.times)
        pthread_cond_wait(&told.changed, &told.lock);
    pthread_mutex_unlock(&told.lock);
    assert_numbers(number, 11, 100);
    FINE(cudaGraphExecDestroy(exec));
    FINE(cudaStreamDestroy(stream));
    FINE(cudaFree(number));
}

static void test_memory(void **state)
{
    struct emulator_memory before = emulator_memory(), after;
    size_t unused[2], total;
    void *memory, *other;

    (void)state;
    FINE(cudaMemGetInfo(&unused[0], &total));
    emulator_refuse(2, 2);
    FINE(cudaMalloc(&memory, 10000));
    assert_int_equal(cudaMalloc(&other, 10000), cudaErrorMemoryAllocation);
    FINE(cudaMalloc(&other, 10000));
    FINE(cudaMemGetInfo(&unused[1], &total));
    assert_true(unused[1] + 20000 <= unused[0]);
    assert_int_equal(cudaHostAlloc(&other, 0, 0) || cudaFreeHost(other), 0);
    FINE(cudaFree(memory));
    after = emulator_memory();
    assert_int_equal(after.requests - before.requests, 4);
    assert_int_equal(after.live - before.live, 1);
    assert_int_equal(cudaMalloc(&other, total), cudaErrorMemoryAllocation);
}

static void test_grids_that_can_not_be(void **state)
{
    (void)state;
    assert_int_equal(faulty_advance(cudaStreamLegacy, NULL, 0), cudaErrorInvalidConfiguration);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults_of_kernels),
        cmocka_unit_test(test_faults_of_the_host),
        cmocka_unit_test(test_both_orders),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_graphs),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_grids_that_can_not_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

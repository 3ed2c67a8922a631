/* SPDX-License-Identifier: Apache-2.0 */
/* How engines are chosen, with a runtime, kernels and a cuDNN that compute nothing but can fail:
 * each error is told or done without, and none is left behind for whoever tries again. */
#include "unit.h"

#include <stdatomic.h>
#include <unistd.h>

#include "../../plugins/cuda/engine_store.h"
#include "../../plugins/cuda/engines.h"
#include "../../plugins/cuda/kernels.h"
#include "base/memory.h"

#define ENGINES 3 /* that cuDNN has for every shape */

/* What fails from now on. */
static size_t memory_left;    /* allocations that are granted */
static bool capture_fails;    /* of cuDNN's engines */
static size_t spilled;        /* numbers that cuDNN's engines write behind each pixel's last */
static atomic_bool no_handle; /* cuDNN can't be started */

static _Thread_local cudaError_t last_error; /* as CUDA has it: until somebody asks */
static bool captured, by_cudnn;
static atomic_bool one_handle_was_made;
static atomic_int handles, being_made, too_early, executed;

static cudaError_t failing(cudaError_t error)
{
    last_error = error;
    return error;
}

/* The runtime */

cudaError_t cudaSetDevice(int device)
{
    (void)device;
    return cudaSuccess;
}

cudaError_t cudaGetLastError(void)
{
    cudaError_t error = last_error;

    last_error = cudaSuccess;
    return error;
}

const char *cudaGetErrorString(cudaError_t error)
{
    return error ? "an error" : "none";
}

cudaError_t cudaMalloc(void **out, size_t bytes)
{
    *out = NULL;
    if (!memory_left)
        return failing(cudaErrorMemoryAllocation);
    memory_left--;
    *out = malloc(bytes);
    assert_non_null(*out);
    return cudaSuccess;
}

cudaError_t cudaFree(void *memory)
{
    free(memory);
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *out, unsigned flags)
{
    (void)flags;
    *out = NULL;
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    (void)stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    (void)stream;
    return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    (void)stream;
    (void)mode;
    captured = true;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    (void)stream;
    *graph = NULL;
    captured = false;
    return capture_fails && by_cudnn ? failing(cudaErrorStreamCaptureInvalidated) : cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *out, cudaGraph_t graph, unsigned long long flags)
{
    (void)graph;
    (void)flags;
    *out = NULL;
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    (void)exec;
    (void)stream;
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    (void)graph;
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    (void)exec;
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    *event = NULL;
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    (void)event;
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    (void)event;
    (void)stream;
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    (void)event;
    return cudaSuccess;
}

/* cuDNN's are the fastest. */
cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t begin, cudaEvent_t end)
{
    (void)begin;
    (void)end;
    *milliseconds = by_cudnn ? 1 : 2;
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    (void)stream;
    memset(to, value, bytes);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    (void)kind;
    (void)stream;
    memcpy(to, from, bytes);
    return cudaSuccess;
}

static const struct vanon_conv_shape any_shape = {.batch = 1,
                                                  .in_height = 4,
                                                  .in_width = 4,
                                                  .out_height = 4,
                                                  .out_width = 4,
                                                  .out_channels = 8,
                                                  .out_step = 24,
                                                  .kernel_height = 1,
                                                  .kernel_width = 1,
                                                  .stride = 1};

/* Kernels: as the plugin's, they tell the thread's last error as their own. Every result is the
 * same number. */

static void write_pixels(const struct vanon_conv_shape *shape, uint16_t *to, size_t more)
{
    size_t pixels = (size_t)(shape->batch * shape->out_height * shape->out_width);

    for (size_t i = 0; i < pixels; i++)
        for (size_t j = 0; j < (size_t)shape->out_channels + more; j++)
            to[i * (size_t)shape->out_step + j] = 0x3800;
}

int vanon_gpu_conv(cudaStream_t stream, int variant, const struct vanon_conv_shape *shape,
                   const struct vanon_conv_data *data)
{
    (void)stream;
    (void)variant;
    by_cudnn = false;
    write_pixels(shape, data->output, 0);
    return cudaGetLastError();
}

int vanon_gpu_scatter(cudaStream_t stream, void *to, size_t count, float scale, unsigned seed,
                      int is_half)
{
    (void)stream;
    (void)to;
    (void)count;
    (void)scale;
    (void)seed;
    (void)is_half;
    return cudaGetLastError();
}

int vanon_gpu_compare(cudaStream_t stream, struct vanon_gpu_size size, struct vanon_gpu_slice a,
                      struct vanon_gpu_slice b, float most, unsigned *differing)
{
    size_t pixels = (size_t)(size.batch * size.height * size.width);

    (void)stream;
    (void)most;
    for (size_t i = 0; i < pixels; i++)
        *differing += memcmp((uint16_t *)a.at + i * (size_t)a.step,
                             (uint16_t *)b.at + i * (size_t)b.step, (size_t)size.channels * 2) != 0;
    return cudaGetLastError();
}

/* cuDNN: engines know their number, choosers how they choose, packs where the output is. */

struct descriptor {
    cudnnBackendDescriptorType_t type;
    int number;
    void *output; /* of a variant pack */
};

static cudnnStatus_t create_handle(cudnnHandle_t *out)
{
    *out = NULL;
    if (atomic_load(&no_handle))
        return CUDNN_STATUS_NOT_INITIALIZED;
    if (atomic_fetch_add(&being_made, 1) && !atomic_load(&one_handle_was_made))
        atomic_fetch_add(&too_early, 1);
    if (!atomic_load(&one_handle_was_made))
        usleep(20000);
    atomic_store(&one_handle_was_made, true);
    atomic_fetch_sub(&being_made, 1);
    atomic_fetch_add(&handles, 1);
    *out = (cudnnHandle_t)&handles;
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t destroy_handle(cudnnHandle_t handle)
{
    (void)handle;
    atomic_fetch_sub(&handles, 1);
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t set_stream(cudnnHandle_t handle, cudaStream_t stream)
{
    (void)handle;
    (void)stream;
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t create(cudnnBackendDescriptorType_t type, cudnnBackendDescriptor_t *out)
{
    struct descriptor *descriptor = calloc(1, sizeof *descriptor);

    assert_non_null(descriptor);
    descriptor->type = type;
    *out = descriptor;
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t destroy(cudnnBackendDescriptor_t descriptor)
{
    free(descriptor);
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t set(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                         cudnnBackendAttributeType_t type, int64_t count, const void *values)
{
    (void)type;
    (void)count;
    if (name == CUDNN_ATTR_ENGINEHEUR_MODE)
        ((struct descriptor *)descriptor)->number = (int)*(const cudnnBackendHeurMode_t *)values;
    if (name == CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS) /* input, weights, bias, output */
        ((struct descriptor *)descriptor)->output = ((void *const *)values)[3];
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t get(cudnnBackendDescriptor_t of, cudnnBackendAttributeName_t name,
                         cudnnBackendAttributeType_t type, int64_t room, int64_t *count,
                         void *values)
{
    const struct descriptor *descriptor = of;
    cudnnBackendDescriptor_t *list = values;

    (void)type;
    *count = 0;
    if (name == CUDNN_ATTR_ENGINEHEUR_RESULTS) {
        if (descriptor->number == CUDNN_HEUR_MODE_FALLBACK)
            return CUDNN_STATUS_SUCCESS;
        *count = room && room < ENGINES ? room : ENGINES;
        for (int64_t i = 0; list && i < *count; i++)
            ((struct descriptor *)list[i])->number = (int)(10 + i);
    } else if (name == CUDNN_ATTR_ENGINECFG_ENGINE) {
        ((struct descriptor *)*list)->number = descriptor->number;
    } else if (name == CUDNN_ATTR_ENGINE_GLOBAL_INDEX) {
        *(int64_t *)values = descriptor->number;
    } else if (name == CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE) {
        *(int64_t *)values = 0;
    }
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t finalize(cudnnBackendDescriptor_t descriptor)
{
    (void)descriptor;
    return CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t execute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                             cudnnBackendDescriptor_t pack)
{
    (void)handle;
    (void)plan;
    by_cudnn = true;
    write_pixels(&any_shape, ((struct descriptor *)pack)->output, spilled);
    atomic_fetch_add(&executed, 1);
    return CUDNN_STATUS_SUCCESS;
}

static const struct vanon_cudnn cudnn = {
    .cudnnCreate = create_handle,
    .cudnnDestroy = destroy_handle,
    .cudnnSetStream = set_stream,
    .cudnnBackendCreateDescriptor = create,
    .cudnnBackendDestroyDescriptor = destroy,
    .cudnnBackendSetAttribute = set,
    .cudnnBackendGetAttribute = get,
    .cudnnBackendFinalize = finalize,
    .cudnnBackendExecute = execute,
};

/* The loader, as cudnn_library.c sees it: every symbol is one function, that of the version. */

static bool no_library, no_graph;
static size_t version, asked;
static int loaded;

void *__wrap_dlopen(const char *name, int flags);
void *__wrap_dlsym(void *library, const char *name);
int __wrap_dlclose(void *library);
char *__wrap_dlerror(void);

void *__wrap_dlopen(const char *name, int flags)
{
    (void)flags;
    if (strstr(name, "libcudnn_graph") ? no_graph : no_library)
        return NULL;
    loaded++;
    return &loaded;
}

static size_t get_version(void)
{
    asked++;
    return version;
}

void *__wrap_dlsym(void *library, const char *name)
{
    size_t (*function)(void) = get_version;
    void *symbol;

    (void)library;
    (void)name;
    memcpy(&symbol, &function, sizeof symbol);
    return symbol;
}

int __wrap_dlclose(void *library)
{
    (void)library;
    loaded--;
    return 0;
}

char *__wrap_dlerror(void)
{
    return NULL;
}

/* Tests */

#define SHAPES 4

static const struct vanon_engine_tools tools = {.cudnn = &cudnn, .log = &unit_log};

static int choose(struct vanon_engine engines[SHAPES], const struct vanon_engine_tools *with)
{
    unit_log_clear();
    return vanon_engines_choose(engines, SHAPES, with);
}

static void set_up(struct vanon_engine engines[SHAPES])
{
    memory_left = SIZE_MAX;
    capture_fails = false;
    spilled = 0;
    atomic_store(&no_handle, false);
    memset(engines, 0, SHAPES * sizeof *engines);
    for (int i = 0; i < SHAPES; i++) {
        engines[i].shape = any_shape;
        engines[i].shape.in_channels = engines[i].shape.in_step = 8 * (i + 1);
    }
}

static void test_the_fastest_is_taken(void **state)
{
    struct vanon_engine engines[SHAPES];

    (void)state;
    set_up(engines);
    assert_int_equal(choose(engines, &tools), VANON_OK);
    for (int i = 0; i < SHAPES; i++) {
        assert_true(engines[i].chosen);
        assert_int_equal(engines[i].own, -1);
        assert_int_equal(engines[i].number, 10);
    }
    vanon_engines_free(engines, SHAPES);
}

/* Whichever allocation is refused: another try, as is made with smaller batches, succeeds. */
static void test_short_memory_leaves_no_error(void **state)
{
    struct vanon_engine engines[SHAPES];
    size_t refusals = 0;

    (void)state;
    for (size_t granted = 0;; granted++) {
        int status;

        set_up(engines);
        memory_left = granted;
        status = choose(engines, &tools);
        vanon_engines_free(engines, SHAPES);
        if (!status)
            break;
        assert_int_equal(status, VANON_ERR_MEMORY);
        refusals++;
        set_up(engines);
        if (choose(engines, &tools))
            fail_msg("after refusal %zu: %s", granted, unit_message);
        vanon_engines_free(engines, SHAPES);
    }
    assert_int_equal(refusals, 8);
}

/* Engines that can't be recorded are not taken, and the next shape is tried as if nothing had been.
 */
static void test_an_engine_that_cannot_be_recorded(void **state)
{
    struct vanon_engine engines[SHAPES];

    (void)state;
    set_up(engines);
    capture_fails = true;
    if (choose(engines, &tools))
        fail_msg("%s", unit_message);
    for (int i = 0; i < SHAPES; i++)
        assert_true(engines[i].chosen && engines[i].own >= 0);
    vanon_engines_free(engines, SHAPES);
}

/* What lies between a slice's pixels is other tensors'. */
static void test_an_engine_that_writes_too_much(void **state)
{
    struct vanon_engine engines[SHAPES];

    (void)state;
    for (size_t i = 1; i <= 16; i += 15) {
        set_up(engines);
        spilled = i;
        assert_int_equal(choose(engines, &tools), VANON_OK);
        for (int j = 0; j < SHAPES; j++)
            assert_true(engines[j].chosen && engines[j].own >= 0);
        vanon_engines_free(engines, SHAPES);
    }
}

/* A cuDNN that can't be started is as none, for this time: what is stored of it stays. */
static void test_a_cudnn_that_does_not_start(void **state)
{
    char path[] = "/tmp/vanon-engines-XXXXXX";
    struct vanon_engine_tools with_store = tools;
    struct vanon_engine engines[SHAPES];
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    with_store.store = path;
    set_up(engines);
    assert_int_equal(choose(engines, &with_store), VANON_OK);
    vanon_engines_free(engines, SHAPES);

    set_up(engines);
    atomic_store(&no_handle, true);
    assert_int_equal(choose(engines, &with_store), VANON_OK);
    for (int i = 0; i < SHAPES; i++)
        assert_true(engines[i].chosen && engines[i].own >= 0);
    vanon_engines_free(engines, SHAPES);

    set_up(engines);
    vanon_engine_store_read(path, engines, SHAPES);
    for (int i = 0; i < SHAPES; i++)
        assert_true(engines[i].chosen && engines[i].own < 0);
    assert_int_equal(unlink(path), 0);
}

/* One handle is made before several are. */
static void test_starting_cudnn(void **state)
{
    struct vanon_engine engines[SHAPES];

    (void)state;
    set_up(engines);
    atomic_store(&one_handle_was_made, false);
    atomic_store(&too_early, 0);
    assert_int_equal(choose(engines, &tools), VANON_OK);
    assert_true(atomic_load(&one_handle_was_made));
    assert_int_equal(atomic_load(&too_early), 0);
    assert_int_equal(atomic_load(&handles), 0);
    vanon_engines_free(engines, SHAPES);
}

/* A stored choice is compiled and not tried again; one that names an engine behind cuDNN's last is
 * chosen anew. */
static void test_stored_choices(void **state)
{
    char path[] = "/tmp/vanon-engines-XXXXXX";
    struct vanon_engine_tools with_store = tools;
    struct vanon_engine engines[SHAPES];
    int fd = mkstemp(path), before;

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    with_store.store = path;
    for (int i = 0; i < 2; i++) {
        set_up(engines);
        for (int j = 0; j < SHAPES; j++) {
            engines[j].own = -1;
            engines[j].index = i ? 1000 : 1;
            engines[j].number = 11;
        }
        vanon_engine_store_write(path, engines, SHAPES, &unit_log);
        set_up(engines);
        before = atomic_load(&executed);
        assert_int_equal(choose(engines, &with_store), VANON_OK);
        assert_int_equal(atomic_load(&executed) > before, i);
        for (int j = 0; j < SHAPES; j++)
            assert_int_equal(engines[j].number, i ? 10 : 11);
        vanon_engines_free(engines, SHAPES);
    }
    assert_int_equal(unlink(path), 0);
}

/* NVIDIA's library ends the process when it is called without its parts. */
static void test_a_cudnn_that_is_not_whole(void **state)
{
    static const struct {
        bool no_library, no_graph;
        size_t version;
        const char *text;
    } cases[] = {{true, true, 0, "libcudnn.so.9 is not there"},
                 {false, true, 0, "libcudnn_graph.so.9"},
                 {false, false, 80907, "another major version"},
                 {false, false, 91900, NULL}};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        struct vanon_cudnn opened;
        char why[160] = "";
        int status;

        no_library = cases[i].no_library;
        no_graph = cases[i].no_graph;
        version = cases[i].version;
        asked = 0;
        status = vanon_cudnn_open(&opened, why, sizeof why);
        assert_int_equal(status, cases[i].text ? VANON_ERR_UNSUPPORTED : VANON_OK);
        if (cases[i].text)
            assert_non_null(strstr(why, cases[i].text));
        assert_int_equal(asked, cases[i].version != 0);
        vanon_cudnn_close(&opened);
        assert_int_equal(loaded, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_fastest_is_taken),
        cmocka_unit_test(test_short_memory_leaves_no_error),
        cmocka_unit_test(test_an_engine_that_cannot_be_recorded),
        cmocka_unit_test(test_an_engine_that_writes_too_much),
        cmocka_unit_test(test_a_cudnn_that_does_not_start),
        cmocka_unit_test(test_starting_cudnn),
        cmocka_unit_test(test_stored_choices),
        cmocka_unit_test(test_a_cudnn_that_is_not_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

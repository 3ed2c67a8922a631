/* SPDX-License-Identifier: Apache-2.0 */
/* A GPU that says that all is well and has not done its work, and what only one thread at a time
 * may do there: the plugin on the emulator, some of whose functions are replaced when the test is
 * linked. */
#include "unit.h"

#include <stdatomic.h>

#include <cuda_runtime_api.h>

#include "picture.h"

#include "../../plugins/cuda/device_cuda.h"
#include "cuda_detector.h"

static bool idle_gpu;   /* what is started is not done */
static bool wrong_gpu;  /* more people come out than may */
static bool faulty_gpu; /* nobody, and three numbers that are none */

static struct vanon_gpu_found *results; /* where the last network that was recorded puts its own */
static uint32_t most_found;

int __real_vanon_gpu_decode(cudaStream_t stream, const struct vanon_gpu_head *head, int batch,
                            const struct vanon_gpu_limits *limits,
                            const struct vanon_gpu_decode_memory *memory,
                            struct vanon_gpu_found *found, float *records);
int __wrap_vanon_gpu_decode(cudaStream_t stream, const struct vanon_gpu_head *head, int batch,
                            const struct vanon_gpu_limits *limits,
                            const struct vanon_gpu_decode_memory *memory,
                            struct vanon_gpu_found *found, float *records);

int __wrap_vanon_gpu_decode(cudaStream_t stream, const struct vanon_gpu_head *head, int batch,
                            const struct vanon_gpu_limits *limits,
                            const struct vanon_gpu_decode_memory *memory,
                            struct vanon_gpu_found *found, float *records)
{
    results = found;
    most_found = limits->max_det;
    return __real_vanon_gpu_decode(stream, head, batch, limits, memory, found, records);
}

cudaError_t __real_cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t __wrap_cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);

cudaError_t __wrap_cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    cudaError_t error = idle_gpu ? cudaSuccess : __real_cudaGraphLaunch(exec, stream);

    if (wrong_gpu || faulty_gpu)
        cudaStreamSynchronize(stream); /* what it writes comes before */
    if (wrong_gpu)
        *results = (struct vanon_gpu_found){.count = most_found + 1};
    if (faulty_gpu)
        *results = (struct vanon_gpu_found){.faults = 3};
    return error;
}

static atomic_int queueing, most_queueing;

int __real_vanon_network_queue(const struct vanon_network_run *run);
int __wrap_vanon_network_queue(const struct vanon_network_run *run);

int __wrap_vanon_network_queue(const struct vanon_network_run *run)
{
    int now = atomic_fetch_add(&queueing, 1) + 1, error;

    if (now > atomic_load(&most_queueing))
        atomic_store(&most_queueing, now);
    error = __real_vanon_network_queue(run);
    atomic_fetch_sub(&queueing, 1);
    return error;
}

static cudaError_t count_error; /* of asking how many GPUs there are */
static int driver_version;

cudaError_t __real_cudaGetDeviceCount(int *count);
cudaError_t __wrap_cudaGetDeviceCount(int *count);

cudaError_t __wrap_cudaGetDeviceCount(int *count)
{
    return count_error ? count_error : __real_cudaGetDeviceCount(count);
}

cudaError_t __real_cudaDriverGetVersion(int *version);
cudaError_t __wrap_cudaDriverGetVersion(int *version);

cudaError_t __wrap_cudaDriverGetVersion(int *version)
{
    if (!count_error)
        return __real_cudaDriverGetVersion(version);
    *version = driver_version;
    return cudaSuccess;
}

/* Looks once while nothing is wrong, and somebody is found; then while `*wrong` is set, which is an
 * error. */
static void look_while(bool *wrong)
{
    vanon_options *options = make_options();
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_detector *detector = create_gpu(options, 1);
    vanon_object_list found = {0};
    int status;

    assert_int_equal(detect_frame(detector, &gpu_waiting, 0, frame, &found), VANON_OK);
    assert_true(found.count > 0);
    *wrong = true;
    status = detect_frame(detector, &gpu_waiting, 0, frame, &found);
    *wrong = false;
    assert_int_equal(status, VANON_ERR_INFERENCE);
    vanon_detector_destroy(&detector);
    vanon_object_list_free(&found);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* The results of the last run are there still, and somebody is in them. */
static void test_results_that_are_not_this_runs(void **state)
{
    (void)state;
    look_while(&idle_gpu);
    assert_message("the GPU failed", "missing");
}

static void test_more_results_than_there_is_room_for(void **state)
{
    (void)state;
    look_while(&wrong_gpu);
    assert_message("the GPU failed");
}

/* Nobody was found, and some scores were no numbers: that is not "nobody". */
static void test_faults_are_errors(void **state)
{
    (void)state;
    look_while(&faulty_gpu);
    assert_message("gave 3 numbers that are no scores");
}

struct look {
    vanon_detector *detector;
    const vanon_frame *frame;
    size_t slot;
    vanon_object_list found;
    int status;
};

static void *look(void *argument)
{
    struct look *own = argument;

    own->status = detect_frame(own->detector, &gpu_waiting, own->slot, own->frame, &own->found);
    return NULL;
}

/* Both slots record the network's work at the same time, which executes the plans that cuDNN made
 * for it. */
static void test_one_thread_executes_a_network(void **state)
{
    vanon_options *options = make_options();
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_detector *detector = create_gpu(options, 1);
    struct look looks[2];
    pthread_t thread[2];

    (void)state;
    atomic_store(&most_queueing, 0);
    for (size_t i = 0; i < 2; i++) {
        looks[i] = (struct look){.detector = detector, .frame = frame, .slot = i};
        assert_int_equal(pthread_create(&thread[i], NULL, look, &looks[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(looks[i].status, VANON_OK);
        assert_true(looks[i].found.count > 0);
        vanon_object_list_free(&looks[i].found);
    }
    assert_int_equal(atomic_load(&most_queueing), 1);
    vanon_detector_destroy(&detector);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* The shipped model, whose weights are stored as float16, with one in the middle of its file that
 * is no number: four bytes alike are two of one number wherever it begins. */
static void write_broken_model(void)
{
    FILE *file = fopen(SHIPPED, "rb");
    uint8_t *bytes;
    size_t size;

    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    memset(bytes + size / 2, 0x7c, 4);
    write_file("broken.onnx", bytes, size);
    free(bytes);
}

/* A model that the device can't do is refused when the detector is made, where there is still
 * another device to take its place. */
static void test_a_model_that_it_cannot_do(void **state)
{
    vanon_options *options = make_options();
    struct vanon_detector_params params = {.options = options,
                                           .log = &unit_log,
                                           .done = detect_done,
                                           .opaque = &gpu_waiting,
                                           .skeleton = &vanon_skeleton_coco17};
    vanon_detector *detector = NULL;

    (void)state;
    write_broken_model();
    assert_int_equal(vanon_options_set(options, "pose_model", path), VANON_OK);
    assert_int_equal(vanon_options_set(options, "precision", "f16"), VANON_OK);
    unit_log_clear();
    assert_int_equal(vanon_detector_cuda.create(&detector, &params), VANON_ERR_MODEL);
    assert_message("a weight that float16 does not hold");
    assert_int_equal(vanon_options_set(options, "precision", "f32"), VANON_OK);
    assert_int_equal(vanon_detector_cuda.create(&detector, &params), VANON_OK);
    vanon_detector_destroy(&detector);
    vanon_options_destroy(&options);
}

/* Errors of both libraries; memory that is short is no failure: less of it can be tried. */
static void test_errors_by_number(void **state)
{
    (void)state;
    assert_int_equal(vanon_cuda_status(&unit_log, 0, "x"), VANON_OK);
    unit_log_clear();
    assert_int_equal(vanon_cuda_status(&unit_log, cudaErrorMemoryAllocation, "x"),
                     VANON_ERR_MEMORY);
    assert_int_equal(
        vanon_cuda_status(&unit_log, CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED, "x"),
        VANON_ERR_MEMORY);
    assert_string_equal(unit_message, "");
    assert_int_equal(vanon_cuda_status(&unit_log, CUDNN_STATUS_EXECUTION_FAILED, "a batch"),
                     VANON_ERR_INFERENCE);
    assert_message("the GPU failed: a batch", "cuDNN");
    assert_int_equal(vanon_cuda_status(&unit_log, cudaErrorUnknown, "a batch"),
                     VANON_ERR_INFERENCE);
    assert_null(strstr(unit_message, "cuDNN"));
}

/* What is missing is said. */
static void test_no_gpu(void **state)
{
    static const struct {
        cudaError_t error;
        int driver;
        const char *text;
    } cases[] = {
        {cudaErrorInsufficientDriver, 12040, "driver is for CUDA 12.4; 13.0 is the least"},
        {cudaErrorInsufficientDriver, 0, "no driver of NVIDIA's, or no GPU"},
        {cudaErrorNoDevice, 13000, "no NVIDIA GPU"},
        {cudaErrorSystemNotReady, 13000, "the GPU's driver: "},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        char why[128] = "";
        int count = 7;

        count_error = cases[i].error;
        driver_version = cases[i].driver;
        assert_int_equal(vanon_device_count(&count, why, sizeof why), VANON_ERR_UNSUPPORTED);
        assert_int_equal(count, 0);
        if (!strstr(why, cases[i].text))
            fail_msg("%s: %s", cases[i].text, why);
    }
    count_error = cudaSuccess;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_that_are_not_this_runs),
        cmocka_unit_test(test_more_results_than_there_is_room_for),
        cmocka_unit_test(test_faults_are_errors),
        cmocka_unit_test(test_one_thread_executes_a_network),
        cmocka_unit_test_teardown(test_a_model_that_it_cannot_do, remove_files),
        cmocka_unit_test(test_errors_by_number),
        cmocka_unit_test(test_no_gpu),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

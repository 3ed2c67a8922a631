/* SPDX-License-Identifier: Apache-2.0 */
/* The detector as the plugin has it, on the emulator, against the CPU's. */
#include "unit.h"

#include <cuda_runtime_api.h>

#include "picture.h"

#include "cuda_detector.h"
#include "cuda_frame.h"
#include "detector.h"
#include "detector_fixture.h"
#include "emulator/emulator.h"
#include "engines.h"
#include "kernels.h"
#include "pixels/format.h"

static const struct vanon_view views[] = {
    {.imgsz = 0},
    {.imgsz = 192},
    {.part = {160, 0, 256, 256}, .imgsz = 128, .square = true},
    {.part = {96, 0, 320, 320}, .imgsz = 128, .square = true},
};

#define VIEWS VANON_COUNT(views)

static int look(vanon_detector *detector, struct detect_wait *wait, size_t slot,
                const vanon_frame *frame, size_t number, vanon_object_list *objects)
{
    struct vanon_view view = views[number];
    int status;

    view.frame = frame;
    status = vanon_detector_look(detector, slot, &view, 1);
    if (status)
        return status;
    detect_wait_for(wait, slot);
    return vanon_detector_collect(detector, slot, &objects, 1);
}

/* What the CPU finds in each of the views. */
static void find_by_cpu(const vanon_options *options, const vanon_frame *frame,
                        vanon_object_list wanted[VIEWS])
{
    vanon_detector *cpu;

    assert_int_equal(create_with(&cpu, options, 1, 1, 0), VANON_OK);
    for (size_t i = 0; i < VIEWS; i++) {
        wanted[i] = (vanon_object_list){0};
        assert_int_equal(look(cpu, &waiting, 0, frame, i, &wanted[i]), VANON_OK);
        assert_true(wanted[i].count > 0);
    }
    vanon_detector_destroy(&cpu);
}

static void assert_near_people(const vanon_object_list *found, const vanon_object_list *wanted,
                               double pixels, double score)
{
    assert_int_equal(found->count, wanted->count);
    for (size_t i = 0; i < found->count; i++) {
        assert_near((double)found->object[i].box.x0, (double)wanted->object[i].box.x0, pixels);
        assert_near((double)found->object[i].box.y1, (double)wanted->object[i].box.y1, pixels);
        assert_near((double)found->object[i].score, (double)wanted->object[i].score, score);
    }
    for (size_t i = 0; i < found->keypoints; i++)
        assert_near((double)found->keypoint[i].x, (double)wanted->keypoint[i].x, pixels);
}

static void assert_same_people(const vanon_object_list *found, const vanon_object_list *wanted)
{
    assert_near_people(found, wanted, 0.1, 0.001);
}

static void free_lists(vanon_object_list lists[VIEWS])
{
    for (size_t i = 0; i < VIEWS; i++)
        vanon_object_list_free(&lists[i]);
}

/* Views of several kinds by turns, in both slots; once all is made, nothing more is allocated. */
static void test_looks(void **state)
{
    static const enum vanon_pixel_format formats[] = {VANON_PIXEL_YUV420P, VANON_PIXEL_RGB24};
    vanon_options *options = make_options();

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(formats); i++) {
        vanon_frame *frame = picture_load(PICTURE_MESSI, formats[i]);
        vanon_detector *detector = create_gpu(options, 1);
        vanon_object_list wanted[VIEWS], found = {0};
        size_t made = 0;

        find_by_cpu(options, frame, wanted);
        for (size_t j = 0; j < (i ? 1 : 3) * VIEWS; j++) {
            if (j == 2 * VIEWS)
                made = emulator_memory().requests;
            assert_int_equal(look(detector, &gpu_waiting, j / VIEWS % 2, frame, j % VIEWS, &found),
                             VANON_OK);
            assert_same_people(&found, &wanted[j % VIEWS]);
        }
        if (made)
            assert_int_equal(emulator_memory().requests, made);
        vanon_detector_destroy(&detector);
        assert_int_equal(emulator_memory().live, 0);
        free_lists(wanted);
        vanon_object_list_free(&found);
        vanon_frame_unref(&frame);
    }
    vanon_options_destroy(&options);
}

static void flip(vanon_frame *frame)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);

    for (int i = 0; i < layout->planes; i++)
        for (int y = 0; y < vanon_plane_lines(layout, i, frame->height); y++) {
            uint8_t *line = frame->plane[i] + y * frame->stride[i];
            size_t bytes = vanon_plane_bytes(layout, i, frame->width);

            for (size_t x = 0; x < bytes / 2; x++) {
                uint8_t sample = line[x];

                line[x] = line[bytes - 1 - x];
                line[bytes - 1 - x] = sample;
            }
        }
}

static void assert_identical(const vanon_object_list *a, const vanon_object_list *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->keypoints, b->keypoints);
    for (size_t i = 0; i < a->count; i++)
        assert_memory_equal(&a->object[i].box, &b->object[i].box, sizeof a->object[i].box);
    assert_memory_equal(a->keypoint, b->keypoint, a->keypoints * sizeof *a->keypoint);
}

/* Two pictures at once: each gives the bits that it gives alone, in either place. */
static void test_batches(void **state)
{
    vanon_options *options = make_options();
    vanon_frame *frame[2];
    vanon_object_list alone[2] = {{0}}, list[2] = {{0}}, *lists[] = {&list[0], &list[1]};
    vanon_detector *detector = create_gpu(options, 1);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        frame[i] = picture_load(PICTURE_MESSI, VANON_PIXEL_YUV420P);
        if (i)
            flip(frame[i]);
        assert_int_equal(detect_frame(detector, &gpu_waiting, 0, frame[i], &alone[i]), VANON_OK);
        assert_true(alone[i].count > 0);
    }
    vanon_detector_destroy(&detector);
    detector = create_gpu(options, 2);
    for (size_t first = 0; first < 2; first++) {
        const struct vanon_view both[] = {{.frame = frame[first]}, {.frame = frame[1 - first]}};

        assert_int_equal(vanon_detector_look(detector, 0, both, 2), VANON_OK);
        detect_wait_for(&gpu_waiting, 0);
        assert_int_equal(vanon_detector_collect(detector, 0, lists, 2), VANON_OK);
        assert_identical(&list[0], &alone[first]);
        assert_identical(&list[1], &alone[1 - first]);
    }
    vanon_detector_destroy(&detector);
    for (size_t i = 0; i < 2; i++) {
        vanon_frame_unref(&frame[i]);
        vanon_object_list_free(&alone[i]);
        vanon_object_list_free(&list[i]);
    }
    vanon_options_destroy(&options);
}

/* The same frame in the GPU's memory, at `*memory`. */
static vanon_frame put_frame(const vanon_frame *frame, vanon_cuda_planes *planes, void **memory)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(frame->format);
    vanon_frame there = cuda_frame(frame, 0, planes);
    size_t used = 0, bytes[VANON_MAX_PLANES];

    for (int i = 0; i < layout->planes; i++) {
        bytes[i] = (size_t)frame->stride[i] * (size_t)vanon_plane_lines(layout, i, frame->height);
        used += bytes[i];
    }
    assert_int_equal(cudaMalloc(memory, used), cudaSuccess);
    used = 0;
    for (int i = 0; i < layout->planes; i++) {
        planes->plane[i] = (uintptr_t)*memory + used;
        assert_int_equal(
            cudaMemcpy((char *)*memory + used, frame->plane[i], bytes[i], cudaMemcpyHostToDevice),
            cudaSuccess);
        used += bytes[i];
    }
    assert_int_equal(cudaDeviceSynchronize(), cudaSuccess);
    return there;
}

/* Frames that are in the GPU's memory already, between others of the host's. */
static void test_frames_of_the_device(void **state)
{
    vanon_options *options = make_options();
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_YUV420P), there, elsewhere;
    vanon_detector *detector = create_gpu(options, 1);
    vanon_object_list wanted[VIEWS], found = {0};
    vanon_cuda_planes planes, other;
    void *memory;

    (void)state;
    there = put_frame(frame, &planes, &memory);
    elsewhere = cuda_frame(frame, 1, &other);
    assert_true(vanon_detector_takes(detector, &there));
    assert_true(vanon_detector_takes(detector, frame));
    assert_false(vanon_detector_takes(detector, &elsewhere));
    find_by_cpu(options, frame, wanted);
    for (size_t i = 0; i < 2 * VIEWS; i++) {
        assert_int_equal(
            look(detector, &gpu_waiting, 0, i % 3 == 2 ? frame : &there, i % VIEWS, &found),
            VANON_OK);
        assert_same_people(&found, &wanted[i % VIEWS]);
    }
    vanon_detector_destroy(&detector);
    cudaFree(memory);
    free_lists(wanted);
    vanon_object_list_free(&found);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* Memory that the device refuses: once, or from then on. Who is there is found, or it is an error.
 */
static void test_short_memory(void **state)
{
    enum { REQUESTS = 13 }; /* so many make two contexts ready */
    vanon_options *options = make_options();
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_YUV420P);
    vanon_object_list wanted[VIEWS], found = {0};
    size_t errors = 0;

    (void)state;
    find_by_cpu(options, frame, wanted);
    for (size_t i = 0; i < 2 * REQUESTS; i++) {
        vanon_detector *detector = create_gpu(options, 2);

        emulator_refuse(1 + i / 2, i % 2 ? SIZE_MAX / 2 : 1 + i / 2);
        for (size_t j = 0; j < 2; j++) {
            int status = look(detector, &gpu_waiting, j, frame, VIEWS - 1, &found);

            if (!status)
                assert_same_people(&found, &wanted[VIEWS - 1]);
            else
                assert_int_equal(status, VANON_ERR_MEMORY);
            if (status)
                assert_message("device cuda:0: not enough memory");
            assert_true(i % 2 || !status);
            errors += status != VANON_OK;
        }
        emulator_refuse(0, 0);
        vanon_detector_destroy(&detector);
        assert_int_equal(emulator_memory().live, 0);
    }
    assert_true(errors > 0);
    free_lists(wanted);
    vanon_object_list_free(&found);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

/* Choosing engines takes long; here all of our own kernels come in turn. */
int __wrap_vanon_engines_choose(struct vanon_engine *engines, size_t count,
                                const struct vanon_engine_tools *tools);
int __wrap_vanon_engines_choose(struct vanon_engine *engines, size_t count,
                                const struct vanon_engine_tools *tools)
{
    assert_null(tools->cudnn);
    assert_true(count > VANON_GPU_CONVS);
    for (size_t i = 0; i < count; i++) {
        engines[i].own = (int)(i % VANON_GPU_CONVS);
        engines[i].chosen = true;
    }
    return VANON_OK;
}

static void test_half(void **state)
{
    vanon_options *options = make_options();
    vanon_frame *frame = picture_load(PICTURE_MESSI, VANON_PIXEL_RGB24);
    vanon_object_list wanted[VIEWS], found = {0};
    vanon_detector *detector;

    (void)state;
    find_by_cpu(options, frame, wanted);
    assert_int_equal(vanon_options_set(options, "precision", "f16"), VANON_OK);
    detector = create_gpu(options, 1);
    assert_int_equal(detect_frame(detector, &gpu_waiting, 0, frame, &found), VANON_OK);
    assert_near_people(&found, &wanted[0], 1, 0.01);
    vanon_detector_destroy(&detector);
    assert_int_equal(emulator_memory().live, 0);
    free_lists(wanted);
    vanon_object_list_free(&found);
    vanon_frame_unref(&frame);
    vanon_options_destroy(&options);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_frames_of_the_device),
        cmocka_unit_test(test_short_memory),
        cmocka_unit_test(test_half),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the GPU detector's networks are kept, and what they may take of its memory; over the
 * reference device. */
#include "unit.h"

#include "base/thread.h"
#include "device.h"
#include "onnx.h"
#include "sizes.h"

#define SHIPPED VANON_SOURCE_ROOT "/models/yolov8n-pose.onnx"
#define SLOTS   3
#define BATCH   4

struct fixture {
    vanon_onnx *onnx;
    vanon_device *device;
    vanon_sizes *sizes;
};

static void done(void *opaque)
{
    (void)opaque;
}

static void begin(struct fixture *fixture, size_t budget)
{
    unit_log_clear();
    assert_int_equal(vanon_onnx_load(&fixture->onnx, SHIPPED, &unit_log), VANON_OK);
    assert_int_equal(vanon_device_open(&fixture->device, 0, &unit_log), VANON_OK);
    assert_int_equal(
        vanon_sizes_create(&fixture->sizes,
                           &(struct vanon_sizes_params){.device = fixture->device,
                                                        .onnx = fixture->onnx,
                                                        .log = &unit_log,
                                                        .network = {.model_sha256 = "",
                                                                    .half = true,
                                                                    .confidence = 0.5f,
                                                                    .iou_threshold = 0.5f,
                                                                    .max_det = 10},
                                                        .slots = SLOTS,
                                                        .batch = BATCH,
                                                        .budget = budget,
                                                        .done = done}),
        VANON_OK);
}

static void end(struct fixture *fixture)
{
    struct vanon_device_info info;

    vanon_sizes_destroy(&fixture->sizes);
    assert_int_equal(vanon_device_get_info(fixture->device, &info), VANON_OK);
    assert_true(info.free_memory == info.memory); /* all of it came back */
    vanon_device_close(&fixture->device);
    vanon_onnx_destroy(&fixture->onnx);
}

/* What `contexts` contexts for inputs of a side take. */
static size_t bytes_of(const struct fixture *fixture, int batch, int side, size_t contexts)
{
    vanon_plan *plan;
    size_t bytes;

    assert_int_equal(vanon_plan_create(&plan, fixture->onnx, batch, side, side, &unit_log),
                     VANON_OK);
    bytes = vanon_device_need(plan, true, contexts);
    vanon_plan_destroy(&plan);
    return bytes;
}

static size_t taken(const struct fixture *fixture)
{
    struct vanon_device_info info;

    assert_int_equal(vanon_device_get_info(fixture->device, &info), VANON_OK);
    return info.memory - info.free_memory;
}

static struct vanon_seat *acquire(struct fixture *fixture, size_t slot, int side)
{
    struct vanon_seat *seat;

    assert_int_equal(vanon_sizes_acquire(fixture->sizes, slot, NULL, side, side, &seat), VANON_OK);
    assert_non_null(seat->context);
    assert_int_equal(seat->plan->width, side);
    return seat;
}

static void look(struct fixture *fixture, size_t slot, int side)
{
    acquire(fixture, slot, side);
    vanon_sizes_release(fixture->sizes, slot);
}

/* The last four that were used are kept; one that is in use stays besides. */
static void test_the_last_ones_are_kept(void **state)
{
    struct fixture fixture;
    size_t kept;

    (void)state;
    begin(&fixture, SIZE_MAX);
    look(&fixture, 0, 32);
    look(&fixture, 0, 64);
    look(&fixture, 1, 64);
    look(&fixture, 0, 96);
    look(&fixture, 0, 32);
    kept = bytes_of(&fixture, BATCH, 32, 1) + bytes_of(&fixture, BATCH, 64, 2) +
           bytes_of(&fixture, BATCH, 96, 1);
    assert_int_equal(taken(&fixture), kept);
    look(&fixture, 0, 128);
    kept += bytes_of(&fixture, BATCH, 128, 1);
    assert_int_equal(taken(&fixture), kept);
    acquire(&fixture, 0, 160); /* 64 is the oldest */
    kept += bytes_of(&fixture, BATCH, 160, 1) - bytes_of(&fixture, BATCH, 64, 2);
    assert_int_equal(taken(&fixture), kept);
    for (int side = 192; side < 192 + 5 * 32; side += 32)
        look(&fixture, 1, side);
    assert_true(taken(&fixture) > bytes_of(&fixture, BATCH, 160, 1));
    vanon_sizes_release(fixture.sizes, 0);
    kept = bytes_of(&fixture, BATCH, 160, 1);
    for (int side = 320; side > 320 - 3 * 32; side -= 32)
        kept += bytes_of(&fixture, BATCH, side, 1);
    assert_int_equal(taken(&fixture), kept);
    assert_string_equal(unit_message, "");
    end(&fixture);
}

/* The same size is made once, whoever asks for it. */
static void test_a_size_is_made_once(void **state)
{
    struct fixture fixture;
    struct vanon_sizes_use before, after;
    struct vanon_seat *first, *second;

    (void)state;
    begin(&fixture, SIZE_MAX);
    first = acquire(&fixture, 0, 64);
    second = acquire(&fixture, 1, 64);
    assert_ptr_equal(first->plan, second->plan);
    assert_ptr_not_equal(first->context, second->context);
    vanon_sizes_release(fixture.sizes, 0);
    vanon_sizes_release(fixture.sizes, 1);
    vanon_sizes_get_use(fixture.sizes, &before);
    look(&fixture, 1, 64);
    look(&fixture, 0, 64);
    vanon_sizes_get_use(fixture.sizes, &after);
    assert_true(before.compile_seconds > 0);
    assert_true(before.compile_seconds == after.compile_seconds); /* nothing was made */
    assert_int_equal(after.width, 64);
    assert_int_equal(after.piece, BATCH);
    end(&fixture);
}

/* More than the budget is not taken as long as fewer frames at once, or fewer networks, will do. */
static void test_budget(void **state)
{
    struct fixture fixture;
    struct vanon_sizes_use use;
    size_t budget;

    (void)state;
    begin(&fixture, SIZE_MAX);
    budget = bytes_of(&fixture, 2, 96, SLOTS);
    end(&fixture);
    begin(&fixture, budget);
    look(&fixture, 0, 96);
    assert_message("not enough memory; batches are done 2 at a time");
    for (size_t i = 1; i < SLOTS; i++)
        look(&fixture, i, 96);
    assert_int_equal(taken(&fixture), budget);
    look(&fixture, 0, 64);
    assert_message("batches are done 1 at a time");
    look(&fixture, 0, 96);
    assert_true(taken(&fixture) <= budget);
    look(&fixture, 0, 128); /* too large for others beside it */
    vanon_sizes_get_use(fixture.sizes, &use);
    assert_int_equal(use.piece, 1);
    look(&fixture, 0, 256); /* too large, and the only one: it is done all the same */
    assert_true(taken(&fixture) > budget);
    end(&fixture);
}

/* What a slot has is given up for others, and what is at work stays. */
static void test_idle_contexts_make_room(void **state)
{
    struct fixture fixture;
    struct vanon_seat *seat;
    char bytes[32];

    (void)state;
    begin(&fixture, SIZE_MAX);
    snprintf(bytes, sizeof bytes, "%zu", bytes_of(&fixture, 1, 64, 1));
    acquire(&fixture, 0, 64);
    setenv("VANON_REFERENCE_BYTES", bytes, 1);
    assert_int_equal(vanon_sizes_acquire(fixture.sizes, 1, NULL, 64, 64, &seat), VANON_ERR_MEMORY);
    assert_message("not enough memory for one frame of 64x64");
    vanon_sizes_release(fixture.sizes, 0);
    seat = acquire(&fixture, 1, 64);
    assert_int_equal(seat->plan->batch, 1);
    assert_false(vanon_sizes_give_up(fixture.sizes, 1));
    assert_message("not enough memory to look at one frame");
    assert_int_equal(taken(&fixture), 0);
    look(&fixture, 0, 64);
    look(&fixture, 1, 64); /* in place of the other's */
    unsetenv("VANON_REFERENCE_BYTES");
    end(&fixture);
}

/* Threads with a slot each, more sizes than are kept, memory that is not enough for all of them. */

struct worker {
    pthread_t thread;
    vanon_sizes *sizes;
    size_t slot, failed;
};

static void *work(void *argument)
{
    struct worker *worker = argument;
    uint32_t seed = (uint32_t)worker->slot + 1;

    for (int i = 0; i < 25; i++) {
        struct vanon_seat *seat = NULL;
        int side;

        seed = seed * 1664525 + 1013904223;
        side = 32 * (int)(1 + (seed >> 16) % 6);
        if (vanon_sizes_acquire(worker->sizes, worker->slot, NULL, side, side, &seat)) {
            worker->failed++;
            continue;
        }
        worker->failed += seat->plan->width != side || !seat->context;
        if (seed >> 28 == 0)
            vanon_sizes_give_up(worker->sizes, worker->slot);
        else
            vanon_sizes_release(worker->sizes, worker->slot);
    }
    return NULL;
}

static void test_threads(void **state)
{
    struct fixture fixture;
    struct worker worker[SLOTS] = {0};
    size_t kept;

    (void)state;
    begin(&fixture, SIZE_MAX);
    kept = bytes_of(&fixture, BATCH, 192, SLOTS);
    end(&fixture);
    begin(&fixture, kept);
    for (size_t i = 0; i < SLOTS; i++) {
        worker[i] = (struct worker){.sizes = fixture.sizes, .slot = i};
        assert_int_equal(vanon_thread_start(&worker[i].thread, "worker", work, &worker[i]), 0);
    }
    for (size_t i = 0; i < SLOTS; i++) {
        pthread_join(worker[i].thread, NULL);
        assert_int_equal(worker[i].failed, 0);
    }
    end(&fixture);
}

/* Weights are shared between sizes and batches: they must be the same. */
static void test_weights_know_no_size(void **state)
{
    static const int kinds[][3] = {{1, 64, 64}, {4, 64, 64}, {2, 96, 224}, {1, 384, 384}};
    struct fixture fixture;
    vanon_plan *first = NULL;

    (void)state;
    begin(&fixture, SIZE_MAX);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        vanon_plan *plan;

        assert_int_equal(vanon_plan_create(&plan, fixture.onnx, kinds[i][0], kinds[i][1],
                                           kinds[i][2], &unit_log),
                         VANON_OK);
        if (!first) {
            first = plan;
            continue;
        }
        assert_int_equal(plan->floats, first->floats);
        assert_memory_equal(plan->weights, first->weights, plan->floats * sizeof *plan->weights);
        vanon_plan_destroy(&plan);
    }
    vanon_plan_destroy(&first);
    end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_last_ones_are_kept),
        cmocka_unit_test(test_a_size_is_made_once),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_idle_contexts_make_room),
        cmocka_unit_test(test_weights_know_no_size),
        cmocka_unit_test(test_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

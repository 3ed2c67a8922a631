/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vanon/object.h>
#include <vanon/version.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/matrix.h"
#include "base/memory.h"
#include "base/thread.h"

static char folder[] = "/tmp/vanon-base-XXXXXX";

#include "files.h"

static void test_version_and_status(void **state)
{
    (void)state;
    assert_string_equal(vanon_version(), "0.1.0");
    assert_string_equal(vanon_status_text(VANON_OK), "done");
    for (int status = VANON_ERR_INTERNAL; status < 0; status++)
        assert_string_not_equal(vanon_status_text(status), vanon_status_text(-1000));
}

static void test_log_levels(void **state)
{
    const vanon_log quiet = {.write = unit_log_write, .level = VANON_LOG_ERROR};

    (void)state;
    unit_log_clear();
    vanon_warn(&quiet, "no");
    vanon_warn(NULL, "no");
    assert_string_equal(unit_message, "");
    vanon_warn(&unit_log, "%d birds", 3);
    assert_string_equal(unit_message, "3 birds");
    assert_int_equal(vanon_fail(&unit_log, VANON_ERR_IO, "%s", "gone"), VANON_ERR_IO);
    assert_string_equal(unit_message, "gone");
}

static void test_grow(void **state)
{
    int *numbers = NULL;
    size_t capacity = 0;

    (void)state;
    assert_int_equal(vanon_grow(&numbers, &capacity, 3, sizeof *numbers), VANON_OK);
    assert_true(capacity >= 3);
    numbers[2] = 7;
    assert_int_equal(vanon_grow(&numbers, &capacity, 100, sizeof *numbers), VANON_OK);
    assert_int_equal(numbers[2], 7);
    assert_int_equal(numbers[99], 0);
    assert_int_equal(vanon_grow(&numbers, &capacity, SIZE_MAX / 4, sizeof *numbers),
                     VANON_ERR_MEMORY);
    assert_int_equal(numbers[2], 7);
    free(numbers);
    assert_null(vanon_aligned_alloc(0));
    assert_null(vanon_aligned_alloc(SIZE_MAX));
    void *block = vanon_aligned_alloc(1);
    assert_int_equal((uintptr_t)block % VANON_ALIGNMENT, 0);
    free(block);
}

static int freed;

static void count_free(vanon_ref *ref)
{
    (void)ref;
    freed++;
}

/* Pages of files, which are mostly the libraries' code. */
static long pages_of_files(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long all, resident, files;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld %ld", &all, &resident, &files), 3);
    fclose(file);
    return files;
}

static void test_forgotten_code(void **state)
{
    long before = pages_of_files(), others, after;

    (void)state;
    vanon_memory_forget_code("no library is called so");
    others = pages_of_files();
    vanon_memory_forget_code("lib");
    after = pages_of_files(); /* read with code that was forgotten */
    assert_true(before - others < others - after);
    assert_true(after < others);
}

static void test_references(void **state)
{
    vanon_ref ref, *one = &ref, *two, *none = NULL;

    (void)state;
    vanon_ref_init(&ref, count_free);
    two = vanon_ref_get(one);
    vanon_ref_put(&one);
    assert_null(one);
    assert_int_equal(freed, 0);
    vanon_ref_put(&two);
    assert_int_equal(freed, 1);
    vanon_ref_put(&none);
    assert_null(vanon_ref_get(NULL));
}

static void test_matrix(void **state)
{
    vanon_matrix m = {.xx = 0, .xy = 2, .x0 = 5, .yx = -1, .yy = 0, .y0 = 7},
                 back = vanon_matrix_invert(&m);
    vanon_matrix same = vanon_matrix_then(&m, &back);
    double x, y;

    (void)state;
    vanon_matrix_apply(&m, 3, 4, &x, &y);
    assert_float_equal(x, 13, 1e-12);
    assert_float_equal(y, 4, 1e-12);
    vanon_matrix_apply(&same, 11, -12, &x, &y);
    assert_float_equal(x, 11, 1e-12);
    assert_float_equal(y, -12, 1e-12);
}

static void test_object_lists(void **state)
{
    vanon_object_list list = {0}, other = {0};
    vanon_object *object;

    (void)state;
    assert_int_equal(vanon_skeleton_joint(&vanon_skeleton_coco17, "left_elbow"), 7);
    assert_int_equal(vanon_skeleton_joint(&vanon_skeleton_coco17, "right_ankle"), 16);
    assert_int_equal(vanon_skeleton_joint(&vanon_skeleton_coco17, "tail"), -1);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(
            vanon_object_list_add(&list, i % 2 ? &vanon_skeleton_coco17 : NULL, &object), VANON_OK);
        object->id = i;
        if (i % 2)
            vanon_object_keypoints(&list, object)[16].x = (float)i;
        else
            assert_null(vanon_object_keypoints(&list, object));
    }
    assert_int_equal(list.count, 50);
    assert_int_equal(list.keypoints, 25 * 17);
    assert_float_equal(vanon_object_keypoints(&list, &list.object[31])[16].x, 31, 0);
    assert_int_equal(vanon_object_list_copy(&other, &list, &list.object[31]), VANON_OK);
    vanon_object_list_clear(&list);
    assert_int_equal(list.count, 0);
    assert_int_equal(other.object[0].id, 31);
    assert_float_equal(vanon_object_keypoints(&other, &other.object[0])[16].x, 31, 0);
    vanon_object_list_free(&list);
    vanon_object_list_free(&other);
    assert_null(other.object);
    vanon_object_list_free(NULL);
}

static void test_region_lists(void **state)
{
    vanon_region_list list = {0};
    vanon_region *region;

    (void)state;
    assert_int_equal(vanon_region_list_add(&list, 3, &region), VANON_OK);
    assert_int_equal(vanon_region_list_add(&list, 4, &region), VANON_OK);
    assert_int_equal(region->first_point, 3);
    assert_int_equal(region->points, 4);
    vanon_region_list_clear(&list);
    assert_int_equal(vanon_region_list_add(&list, 0, &region), VANON_OK);
    assert_int_equal(region->first_point, 0);
    vanon_region_list_free(&list);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(vanon_class_name(VANON_CLASS_PERSON), "person");
    assert_null(vanon_class_name(VANON_CLASSES));
    assert_string_equal(vanon_part_name(VANON_PART_EYES), "eyes");
    assert_string_equal(vanon_part_name(VANON_PART_FRAME), "frame");
    assert_string_equal(vanon_shape_name(VANON_SHAPE_CAPSULE), "capsule");
    assert_null(vanon_shape_name(VANON_SHAPES));
}

static void test_digest(void **state)
{
    char text[VANON_SHA256_TEXT], first[256], second[256];

    (void)state;
    write_file(path_of("abc"), "abc"); /* the first example of FIPS 180-2, appendix B */
    assert_int_equal(vanon_sha256_file(path_of("abc"), text, &unit_log), VANON_OK);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    write_file(path_of("a"), "a");
    write_file(path_of("bc"), "bc");
    snprintf(first, sizeof first, "%s", path_of("a"));
    snprintf(second, sizeof second, "%s", path_of("bc"));
    assert_int_equal(vanon_sha256_files((const char *[]){first, second}, 2, text, &unit_log),
                     VANON_OK);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    unlink(second);
    assert_int_equal(vanon_sha256_files((const char *[]){first, second}, 2, text, &unit_log),
                     VANON_ERR_IO);
    assert_message("bc", "No such file");
    unlink(first);
    unlink(path_of("abc"));
    assert_int_equal(vanon_sha256_file(path_of("none"), text, &unit_log), VANON_ERR_IO);
    assert_message("none", "No such file");
    assert_int_equal(vanon_sha256_file(folder, text, &unit_log), VANON_ERR_IO);
}

static void test_waiting(void **state)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond;
    int64_t before = vanon_clock();

    (void)state;
    assert_int_equal(vanon_cond_init(&cond), VANON_OK);
    pthread_mutex_lock(&mutex);
    while (vanon_cond_wait(&cond, &mutex, before + 20000000) != VANON_ERR_AGAIN)
        ;
    assert_true(vanon_clock() - before >= 20000000);
    assert_int_equal(vanon_cond_wait(&cond, &mutex, vanon_deadline(0)), VANON_ERR_AGAIN);
    pthread_mutex_unlock(&mutex);
    pthread_cond_destroy(&cond);
    assert_true(vanon_deadline(-1) == VANON_FOREVER);
    assert_true(vanon_processors() >= 1);
    assert_true(vanon_cpu_seconds() > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version_and_status),
        cmocka_unit_test(test_log_levels),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_forgotten_code),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_object_lists),
        cmocka_unit_test(test_region_lists),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_waiting),
    };
    int failed;

    if (!mkdtemp(folder))
        return 1;
    failed = cmocka_run_group_tests_name("base", tests, NULL, NULL);
    rmdir(folder);
    return failed;
}

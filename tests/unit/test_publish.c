/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/publish.h"

/* Each test runs with files that have no name, and as on a file system that can't give them one
 * later: the linker has linkat go through here. */
static bool linkat_fails;

int __real_linkat(int from, const char *name, int to, const char *new_name, int flags);
int __wrap_linkat(int from, const char *name, int to, const char *new_name, int flags);

int __wrap_linkat(int from, const char *name, int to, const char *new_name, int flags)
{
    if (linkat_fails)
        return errno = EPERM, -1;
    return __real_linkat(from, name, to, new_name, flags);
}

static char folder[] = "/tmp/vanon-publish-XXXXXX";

#include "files.h"

static void assert_content(const char *path, const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) == strlen(expected));
    fclose(file);
    assert_string_equal(text, expected);
}

/* How many names the test's folder has. */
static int count_names(void)
{
    DIR *open_folder = opendir(folder);
    int count = 0;

    assert_non_null(open_folder);
    for (struct dirent *entry; (entry = readdir(open_folder));)
        count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(open_folder);
    return count;
}

static int use_names(void **state)
{
    (void)state;
    linkat_fails = true;
    return 0;
}

static int use_none(void **state)
{
    (void)state;
    linkat_fails = false;
    return 0;
}

static void test_puts_in_place(void **state)
{
    vanon_publish *publish = NULL;
    char target[256];
    struct stat there;

    (void)state;
    snprintf(target, sizeof target, "%s", path_of("out"));
    assert_int_equal(vanon_publish_create(&publish, target, false, &unit_log), VANON_OK);
    assert_int_equal(access(target, F_OK), -1);
    assert_int_equal(count_names(), linkat_fails ? 1 : 0);
    write_file(vanon_publish_path(publish), "new");
    assert_int_equal(vanon_publish_commit(&publish), VANON_OK);
    assert_null(publish);
    assert_content(target, "new");
    assert_int_equal(count_names(), 1);
    mode_t mask = umask(0);
    umask(mask);
    assert_int_equal(stat(target, &there), 0);
    assert_int_equal(there.st_mode & 0777, 0666 & ~mask);
    assert_int_equal(vanon_publish_create(&publish, target, false, &unit_log), VANON_ERR_EXISTS);
    assert_message(target, "--overwrite");
    assert_int_equal(vanon_publish_create(&publish, target, true, &unit_log), VANON_OK);
    write_file(vanon_publish_path(publish), "newer");
    assert_content(target, "new");
    assert_int_equal(vanon_publish_commit(&publish), VANON_OK);
    assert_content(target, "newer");
    unlink(target);
}

static void test_leaves_nothing(void **state)
{
    vanon_publish *publish = NULL;
    char target[256];

    (void)state;
    snprintf(target, sizeof target, "%s", path_of("out"));
    assert_int_equal(vanon_publish_create(&publish, target, false, &unit_log), VANON_OK);
    vanon_publish_destroy(&publish);
    vanon_publish_destroy(&publish);
    assert_int_equal(count_names(), 0);
    /* Somebody else is quicker. */
    assert_int_equal(vanon_publish_create(&publish, target, false, &unit_log), VANON_OK);
    write_file(target, "theirs");
    assert_int_equal(vanon_publish_commit(&publish), VANON_ERR_EXISTS);
    assert_content(target, "theirs");
    assert_int_equal(count_names(), 1);
    unlink(target);
}

static void test_refuses(void **state)
{
    vanon_publish *publish = NULL;

    (void)state;
    assert_int_equal(vanon_publish_create(&publish, folder, true, &unit_log), VANON_ERR_EXISTS);
    assert_message("is a folder");
    assert_int_equal(vanon_publish_create(&publish, "/dev/null", true, &unit_log),
                     VANON_ERR_EXISTS);
    assert_message("/dev/null", "regular file");
    assert_int_equal(vanon_publish_create(&publish, path_of("no/such"), false, &unit_log),
                     VANON_ERR_IO);
    assert_message("no/such", "No such file");
    assert_int_equal(vanon_publish_create(&publish, "", false, &unit_log), VANON_ERR_EXISTS);
    assert_int_equal(vanon_publish_create(&publish, path_of("slash/"), false, &unit_log),
                     VANON_ERR_EXISTS);
    assert_null(publish);
    assert_int_equal(count_names(), 0);
}

/* Whatever ends the program, the file goes with it. */
static void test_killed_leaves_nothing(void **state)
{
    int status;
    pid_t child;

    (void)state;
    fflush(NULL);
    child = fork();
    if (!child) {
        vanon_publish *publish = NULL;

        if (vanon_publish_create(&publish, path_of("out"), false, &unit_log))
            _exit(1);
        write_file(vanon_publish_path(publish), "half");
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(count_names(), 0);
}

#define BOTH(test)                                           \
    cmocka_unit_test_setup(test, use_none),                  \
    {                                                        \
#test " with names", test, use_names, use_none, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_puts_in_place),
        BOTH(test_leaves_nothing),
        BOTH(test_refuses),
        cmocka_unit_test(test_killed_leaves_nothing),
    };
    int failed;

    if (!mkdtemp(folder))
        return 1;
    failed = cmocka_run_group_tests_name("publish", tests, NULL, NULL);
    rmdir(folder);
    return failed;
}

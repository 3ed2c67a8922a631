/* SPDX-License-Identifier: Apache-2.0 */
/* Files in the test's own folder, whose name `folder` is; after unit.h. */
#ifndef VANON_TESTS_FILES_H
#define VANON_TESTS_FILES_H

static inline const char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static inline void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

#endif

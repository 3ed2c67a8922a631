/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every harness includes first. A harness is one function that libFuzzer calls with bytes:
 * whatever they are, the reader must refuse or take them; a crash, a leak, a hang or a failed
 * assertion is a finding. The names of the assertions are cmocka's, so that fixtures of
 * tests/unit can be used here.
 */
#ifndef VANON_TESTS_FUZZ_H
#define VANON_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vanon/status.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define fail_msg(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), abort())
#define assert_true(condition) \
    ((condition) ? (void)0 : (void)fail_msg("%s:%d: %s", __FILE__, __LINE__, #condition))
#define assert_non_null(pointer)  assert_true((pointer) != NULL)
#define assert_int_equal(a, b)    assert_true((a) == (b))
#define assert_string_equal(a, b) assert_true(!strcmp((a), (b)))

/* Reads a message to its end, so that what it points to is looked at, too. */
static inline void fuzz_log_write(void *opaque, enum vanon_log_level level, const char *message)
{
    (void)opaque;
    (void)level;
    assert_true(strlen(message) < 1 << 20);
}

static const vanon_log fuzz_log = {.write = fuzz_log_write, .level = VANON_LOG_DEBUG};

/* The bytes as a file for readers that want a path; the next call takes it away again. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
    static char path[32];
    static int file = -1;

    if (file >= 0)
        close(file);
    file = memfd_create("fuzz", MFD_CLOEXEC);
    assert_true(file >= 0);
    for (size_t written = 0; written < size;) {
        ssize_t count = write(file, data + written, size - written);

        assert_true(count > 0);
        written += (size_t)count;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return path;
}

/* Bytes as decisions; 0 behind their end. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
};

static inline unsigned fuzz_byte(struct fuzz_bytes *bytes)
{
    if (!bytes->left)
        return 0;
    bytes->left--;
    return *bytes->at++;
}

/* From 0 to most. */
static inline int fuzz_upto(struct fuzz_bytes *bytes, int most)
{
    return (int)fuzz_byte(bytes) % (most + 1);
}

#endif

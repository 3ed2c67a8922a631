/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <nettle/sha2.h>

#include "base/log.h"
#include "base/publish.h"

static int add_file(struct sha256_ctx *context, const char *path, const vanon_log *log)
{
    uint8_t block[1 << 16];
    FILE *file = fopen(path, "rb");
    size_t got;
    int status = VANON_OK;

    if (!file)
        return vanon_fail(log, VANON_ERR_IO, "%s: %s", path, strerror(errno));
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        sha256_update(context, got, block);
    if (ferror(file))
        status = vanon_fail(log, VANON_ERR_IO, "%s: %s", path, strerror(errno));
    fclose(file);
    return status;
}

int vanon_sha256_files(const char *const *paths, size_t count, char text[VANON_SHA256_TEXT],
                       const vanon_log *log)
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    int status = VANON_OK;

    sha256_init(&context);
    for (size_t i = 0; i < count && !status; i++)
        status = add_file(&context, paths[i], log);
    sha256_digest(&context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return status;
}

int vanon_sha256_file(const char *path, char text[VANON_SHA256_TEXT], const vanon_log *log)
{
    return vanon_sha256_files(&path, 1, text, log);
}

int vanon_sha256_input(const char *input, char text[VANON_SHA256_TEXT], const vanon_log *log)
{
    const char *path = vanon_plain_name(input);
    struct stat there;

    text[0] = '\0';
    if (!strcmp(input, "-") || stat(path, &there) || !S_ISREG(there.st_mode))
        return VANON_OK;
    return vanon_sha256_file(path, text, log);
}

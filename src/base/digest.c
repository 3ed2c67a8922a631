/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nettle/sha2.h>

#include "base/log.h"

int vanon_sha256_file(const char *path, char text[VANON_SHA256_TEXT], const vanon_log *log)
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE], block[1 << 16];
    FILE *file = fopen(path, "rb");
    size_t got;
    int status = VANON_OK;

    if (!file)
        return vanon_fail(log, VANON_ERR_IO, "%s: %s", path, strerror(errno));
    sha256_init(&context);
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        sha256_update(&context, got, block);
    if (ferror(file))
        status = vanon_fail(log, VANON_ERR_IO, "%s: %s", path, strerror(errno));
    fclose(file);
    sha256_digest(&context, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return status;
}

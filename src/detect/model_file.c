/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/model_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

#define SHIPPED_NAME   "yolov8n-pose.onnx"
#define SHIPPED_SHA256 "bf620f50c9f4523909f62778a313eb6d22d0b1b4248bb1d496606c3aa46383aa"

/* What the replaced program calls the same weights. */
#define SHIPPED_CHECKPOINT "yolov8n-pose.pt"

static bool exists(const char *path)
{
    return !access(path, F_OK);
}

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), wanted = strlen(ending);

    return length > wanted && !strcasecmp(path + length - wanted, ending);
}

/* Files that users have of such models, and that can't be read. */
static const struct {
    const char *ending, *what;
} foreign[] = {
    {".pt", "a PyTorch checkpoint"},
    {".pth", "a PyTorch checkpoint"},
    {".torchscript", "a TorchScript model"},
    {".engine", "a TensorRT engine"},
    {".trt", "a TensorRT engine"},
    {".tflite", "a TensorFlow Lite model"},
    {".pb", "a TensorFlow model"},
    {".mlmodel", "a Core ML model"},
    {".safetensors", "a file of weights without their network"},
};

static int check_name(const char *path, const vanon_log *log)
{
    if (ends_with(path, ".onnx") || ends_with(path, ".xml"))
        return VANON_OK;
    if (ends_with(path, ".bin"))
        return vanon_fail(
            log, VANON_ERR_MODEL,
            "model %s: these may be the weights of an OpenVINO IR; give the .xml that "
            "belongs to them",
            path);
    for (size_t i = 0; i < VANON_COUNT(foreign); i++) {
        bool checkpoint = i == 0;

        if (ends_with(path, foreign[i].ending))
            return vanon_fail(log, VANON_ERR_MODEL,
                              "model %s: %s can't be read; export %s with \"yolo export model=%s "
                              "format=onnx dynamic=True\" and give the .onnx",
                              path, foreign[i].what,
                              checkpoint ? "it" : "the checkpoint that it was made of",
                              checkpoint ? path : "NAME.pt");
    }
    return vanon_fail(log, VANON_ERR_MODEL,
                      "model %s: must be .onnx, or .xml (OpenVINO IR) with its .bin", path);
}

/* The file has some bytes and a name that tells its format. */
static int check_file(const char *path, const vanon_log *log)
{
    struct stat there;

    if (stat(path, &there))
        return vanon_fail(log, VANON_ERR_MODEL, "model %s: %s%s", path, strerror(errno),
                          ends_with(path, ".pt") ? "; " SHIPPED_CHECKPOINT
                                                   " without a folder stands for the shipped "
                                                   "model, others are to be exported to ONNX"
                                                 : "");
    if (S_ISDIR(there.st_mode))
        return vanon_fail(log, VANON_ERR_MODEL,
                          "model %s: a folder, not a regular file; of a model as OpenVINO IR give "
                          "the .xml inside",
                          path);
    if (!S_ISREG(there.st_mode))
        return vanon_fail(log, VANON_ERR_MODEL, "model %s: not a regular file", path);
    if (!there.st_size)
        return vanon_fail(log, VANON_ERR_MODEL, "model %s: the file is empty", path);
    return check_name(path, log);
}

/* The weights of an OpenVINO IR lie beside it. */
static int find_weights(struct vanon_model_file *file, const vanon_log *log)
{
    if (!ends_with(file->path, ".xml"))
        return VANON_OK;
    file->weights = strdup(file->path);
    if (!file->weights)
        return VANON_ERR_MEMORY;
    memcpy(file->weights + strlen(file->weights) - strlen(".bin"), ".bin", strlen(".bin"));
    if (access(file->weights, R_OK))
        return vanon_fail(log, VANON_ERR_MODEL,
                          "model %s: its weights must lie beside it as %s: %s", file->path,
                          file->weights, strerror(errno));
    return VANON_OK;
}

static int digest(struct vanon_model_file *file, const vanon_log *log)
{
    const char *const paths[] = {file->path, file->weights};

    return vanon_sha256_files(paths, file->weights ? 2 : 1, file->sha256, log) ? VANON_ERR_MODEL
                                                                               : VANON_OK;
}

/* OpenVINO offers what it can't read to its readers of other formats, which write to stderr and
 * leak. So a look at the beginning: ONNX starts with the number of its first field, XML with a
 * tag. */
static int check_beginning(const char *path, const vanon_log *log)
{
    char bytes[64] = "";
    FILE *file = fopen(path, "rb");
    const char *first = bytes;
    size_t got;
    bool good;

    if (!file)
        return vanon_fail(log, VANON_ERR_MODEL, "model %s: %s", path, strerror(errno));
    got = fread(bytes, 1, sizeof bytes - 1, file);
    fclose(file);
    if (ends_with(path, ".onnx")) {
        good = got && bytes[0] == 0x08;
    } else {
        if (!strncmp(first, "\xef\xbb\xbf", 3)) /* byte order mark */
            first += 3;
        good = first[strspn(first, " \t\r\n")] == '<';
    }
    if (!good)
        return vanon_fail(log, VANON_ERR_MODEL,
                          "model %s: damaged, or no model at all: it does not start as %s does",
                          path, ends_with(path, ".onnx") ? "ONNX" : "OpenVINO IR");
    return VANON_OK;
}

/* Looks for the shipped model; `path` stays NULL where it is in none of the folders. */
static int find_shipped(char **path, const vanon_log *log)
{
    const char *own = getenv("VANON_MODELS");
    const char *const folders[] = {own ? own : "", VANON_MODELS_INSTALLED, VANON_MODELS_SOURCE};

    for (size_t i = 0; i < VANON_COUNT(folders); i++) {
        if (!*folders[i])
            continue;
        if (asprintf(path, "%s/%s", folders[i], SHIPPED_NAME) < 0) {
            *path = NULL;
            return VANON_ERR_MEMORY;
        }
        if (exists(*path))
            return VANON_OK;
        free(*path);
        *path = NULL;
    }
    return vanon_fail(
        log, VANON_ERR_MODEL,
        "model %s: the shipped model is neither in $VANON_MODELS (%s) nor in %s or %s",
        SHIPPED_NAME, own ? own : "not set", VANON_MODELS_INSTALLED, VANON_MODELS_SOURCE);
}

static int look_inside(struct vanon_model_file *file, const vanon_log *log)
{
    /* Names of operations: OpenVINO's, then ONNX's. */
    static const char *const marks[] = {"FakeQuantize", "QuantizeLinear"};
    int handle = open(file->path, O_RDONLY | O_CLOEXEC);
    struct stat there = {0};
    void *bytes = MAP_FAILED;
    size_t size;

    if (handle >= 0 && !fstat(handle, &there))
        bytes = mmap(NULL, (size_t)there.st_size, PROT_READ, MAP_PRIVATE, handle, 0);
    if (bytes == MAP_FAILED)
        vanon_fail(log, VANON_ERR_MODEL, "model %s: %s", file->path, strerror(errno));
    if (handle >= 0)
        close(handle);
    if (bytes == MAP_FAILED)
        return VANON_ERR_MODEL;
    size = (size_t)there.st_size;
    if (file->weights)
        vanon_model_metadata_from_xml(&file->metadata, bytes, size);
    else
        vanon_model_metadata_from_onnx(&file->metadata, bytes, size);
    for (size_t i = 0; i < VANON_COUNT(marks) && !file->quantised; i++)
        file->quantised = memmem(bytes, size, marks[i], strlen(marks[i]));
    munmap(bytes, size);
    return VANON_OK;
}

static int find_and_check(struct vanon_model_file *file, const char *name, const vanon_log *log)
{
    bool shipped = !*name || !strcmp(name, SHIPPED_CHECKPOINT) ||
                   (!strcmp(name, SHIPPED_NAME) && !exists(name));
    int status = VANON_OK;

    if (shipped)
        status = find_shipped(&file->path, log);
    else if (!(file->path = strdup(name)))
        status = VANON_ERR_MEMORY;
    if (!status)
        status = check_file(file->path, log);
    if (!status)
        status = find_weights(file, log);
    if (!status)
        status = digest(file, log);
    if (status)
        return status;
    if (shipped && strcmp(file->sha256, SHIPPED_SHA256))
        return vanon_fail(log, VANON_ERR_MODEL,
                          "model %s: altered or damaged: its SHA-256 is %s, that of the shipped "
                          "model is %s",
                          file->path, file->sha256, SHIPPED_SHA256);
    file->shipped = !strcmp(file->sha256, SHIPPED_SHA256);
    status = check_beginning(file->path, log);
    return status ? status : look_inside(file, log);
}

int vanon_model_file_find(struct vanon_model_file *file, const char *name, const vanon_log *log)
{
    int status;

    *file = (struct vanon_model_file){0};
    status = find_and_check(file, name ? name : "", log);
    if (status)
        vanon_model_file_free(file);
    return status;
}

int vanon_model_file_check(const struct vanon_model_file *file, const vanon_log *log)
{
    struct vanon_model_file now = *file;
    int status = digest(&now, log);

    if (!status && strcmp(now.sha256, file->sha256) != 0)
        status = vanon_fail(log, VANON_ERR_MODEL,
                            "model %s: the file has changed since it was read", file->path);
    return status;
}

void vanon_model_file_free(struct vanon_model_file *file)
{
    free(file->path);
    free(file->weights);
    *file = (struct vanon_model_file){0};
}

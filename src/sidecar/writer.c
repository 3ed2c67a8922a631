/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/log.h"
#include "base/memory.h"
#include "sidecar/sidecar.h"

/* Digits behind the point, at least: more where only they give the same float when they are read
 * back, so that what is drawn from the file is what would have been drawn without it. */
enum { COORDINATE = 2, RATIO = 4, ANGLE = 5, MOST_DIGITS = 12 };

struct vanon_sidecar_writer {
    FILE *file;
    const char *name;
    const vanon_log *log;
    uint64_t frames;
    bool refused; /* a number of the present line can't be written */
};

#define TINY 0.5e-12f /* less is 0 in MOST_DIGITS digits */

static const double scale[MOST_DIGITS + 1] = {1,   10,  100, 1000, 1e4,  1e5, 1e6,
                                              1e7, 1e8, 1e9, 1e10, 1e11, 1e12};

/* Not printf's %f: that writes the comma of the program's locale. */
static void put_number(vanon_sidecar_writer *writer, float value, int digits)
{
    float size = fabsf(value);
    int64_t units, one;

    if (!(size <= VANON_SIDECAR_MOST)) {
        writer->refused = true;
        return;
    }
    if (size < TINY)
        size = 0;
    /* The larger a float, the fewer digits it needs: the product never gets too large. */
    while (digits < MOST_DIGITS &&
           (float)((double)llround(size * scale[digits]) / scale[digits]) != size)
        digits++;
    units = llround(size * scale[digits]);
    one = (int64_t)scale[digits];
    fprintf(writer->file, "%s%" PRId64 ".%0*" PRId64, value < 0 && units ? "-" : "", units / one,
            digits, units % one);
}

/* ,"key":number */
static void put_field(vanon_sidecar_writer *writer, const char *key, float value, int digits)
{
    fprintf(writer->file, ",\"%s\":", key);
    put_number(writer, value, digits);
}

/* Text for JSON, which must be UTF-8; of a file name that isn't, the ASCII. NULL: no memory. */
static json_t *text(const char *value)
{
    json_t *string = json_string(value);
    char *ascii;

    if (string)
        return string;
    ascii = strdup(value);
    if (!ascii)
        return NULL;
    for (char *c = ascii; *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    string = json_string(ascii);
    free(ascii);
    return string;
}

static int set_text(json_t *object, const char *key, const char *value)
{
    return value && *value ? json_object_set_new(object, key, text(value)) : 0;
}

/* Where files lie tells of people and cases; who gets the sidecar need not know. */
static bool names_a_place(const char *key)
{
    static const char *const keys[] = {"input", "output", "report", "sidecar", "sheet"};

    for (size_t i = 0; i < VANON_COUNT(keys); i++)
        if (!strcmp(key, keys[i]))
            return true;
    return false;
}

static int set_options(json_t *header, const vanon_options *options)
{
    json_t *object = json_object();
    const vanon_option_info *info;
    int failed = !object;

    for (size_t i = 0; options && !failed && (info = vanon_option_table(i)); i++) {
        if (names_a_place(info->key))
            continue;

        int length = vanon_options_get(options, info->key, NULL, 0);
        char *value = length < 0 ? NULL : malloc((size_t)length + 1);

        failed = !value;
        if (value) {
            vanon_options_get(options, info->key, value, (size_t)length + 1);
            failed = json_object_set_new(object, info->key, text(value));
            free(value);
        }
    }
    return json_object_set_new(header, "options", object) || failed;
}

static json_t *make_header(const struct vanon_sidecar_header *header, const vanon_options *options)
{
    json_t *object = json_pack("{s:i}", "vanon", 1);
    int failed =
        !object || set_text(object, "source", header->source) ||
        set_text(object, "sha256", header->sha256) ||
        json_object_set_new(object, "width", json_integer(header->width)) ||
        json_object_set_new(object, "height", json_integer(header->height)) ||
        json_object_set_new(object, "time_base",
                            json_pack("[ii]", header->time_base.num, header->time_base.den)) ||
        json_object_set_new(object, "rotation", json_integer(header->rotation)) ||
        (header->mirrored && json_object_set_new(object, "mirrored", json_true())) ||
        json_object_set_new(object, "sar", json_pack("[ii]", header->sar.num, header->sar.den)) ||
        set_text(object, "model", header->model) || set_options(object, options);

    if (!failed)
        return object;
    json_decref(object);
    return NULL;
}

static int check_file(const vanon_sidecar_writer *writer)
{
    if (ferror(writer->file))
        return vanon_fail(writer->log, VANON_ERR_IO, "output %s: %s", writer->name,
                          strerror(errno));
    return VANON_OK;
}

int vanon_sidecar_writer_create(vanon_sidecar_writer **out, FILE *file, const char *name,
                                const struct vanon_sidecar_header *header,
                                const vanon_options *options, const vanon_log *log)
{
    vanon_sidecar_writer *writer = calloc(1, sizeof *writer);
    json_t *line = make_header(header, options);
    char *words = line ? json_dumps(line, JSON_COMPACT) : NULL;
    int status = VANON_ERR_MEMORY;

    *out = NULL;
    if (writer && words) {
        writer->file = file;
        writer->name = name;
        writer->log = log;
        fprintf(file, "%s\n", words);
        status = check_file(writer);
    }
    free(words);
    json_decref(line);
    if (status)
        vanon_sidecar_writer_destroy(&writer);
    *out = writer;
    return status;
}

static void put_box(vanon_sidecar_writer *writer, const vanon_box *box)
{
    const float side[] = {box->x0, box->y0, box->x1, box->y1};

    fputs(",\"box\":", writer->file);
    for (size_t i = 0; i < VANON_COUNT(side); i++) {
        fputc(i ? ',' : '[', writer->file);
        put_number(writer, side[i], COORDINATE);
    }
    fputc(']', writer->file);
}

static void put_point(vanon_sidecar_writer *writer, bool first, float x, float y)
{
    fputs(first ? "[" : ",[", writer->file);
    put_number(writer, x, COORDINATE);
    fputc(',', writer->file);
    put_number(writer, y, COORDINATE);
}

static void put_object(vanon_sidecar_writer *writer, const vanon_object_list *objects,
                       const vanon_object *object)
{
    const vanon_keypoint *joint = vanon_object_keypoints(objects, object);
    const char *class_name = vanon_class_name(object->class_id);

    if (!class_name || !vanon_origin_name(object->origin) ||
        (joint && object->skeleton != &vanon_skeleton_coco17)) {
        writer->refused = true;
        return;
    }
    fprintf(writer->file, "{\"id\":%" PRId64 ",\"class\":\"%s\"", object->id, class_name);
    put_field(writer, "score", object->score, RATIO);
    fprintf(writer->file, ",\"seen\":%s", object->seen ? "true" : "false");
    if (object->origin)
        fprintf(writer->file, ",\"origin\":\"%s\"", vanon_origin_name(object->origin));
    if (object->spread > 0)
        put_field(writer, "spread", object->spread, COORDINATE);
    put_box(writer, &object->box);
    if (joint) {
        fputs(",\"keypoints\":[", writer->file);
        for (size_t i = 0; i < object->keypoints; i++) {
            put_point(writer, !i, joint[i].x, joint[i].y);
            fputc(',', writer->file);
            put_number(writer, joint[i].visibility, RATIO);
            fputc(']', writer->file);
        }
        fputc(']', writer->file);
    }
    fputc('}', writer->file);
}

/* A circle is an ellipse whose radii are the same. */
static const char *shape_name(const vanon_region *region)
{
    if (region->shape == VANON_SHAPE_ELLIPSE && region->rx == region->ry)
        return "circle";
    return vanon_shape_name(region->shape);
}

static void put_shape(vanon_sidecar_writer *writer, const vanon_region_list *regions,
                      const vanon_region *region)
{
    if (region->shape == VANON_SHAPE_POLYGON) {
        const vanon_point *point = regions->point + region->first_point;

        fputs(",\"points\":[", writer->file);
        for (size_t i = 0; i < region->points; i++) {
            put_point(writer, !i, point[i].x, point[i].y);
            fputc(']', writer->file);
        }
        fputc(']', writer->file);
        return;
    }
    put_field(writer, "cx", region->cx, COORDINATE);
    put_field(writer, "cy", region->cy, COORDINATE);
    put_field(writer, "rx", region->rx, COORDINATE);
    if (region->shape == VANON_SHAPE_CAPSULE) {
        put_field(writer, "ex", region->ex, COORDINATE);
        put_field(writer, "ey", region->ey, COORDINATE);
        return;
    }
    put_field(writer, "ry", region->ry, COORDINATE);
    put_field(writer, "angle", region->angle, ANGLE);
}

static void put_region(vanon_sidecar_writer *writer, const vanon_region_list *regions,
                       const vanon_region *region)
{
    const char *part = vanon_part_name(region->part), *shape = shape_name(region);

    if (!part || !shape) {
        writer->refused = true;
        return;
    }
    fprintf(writer->file, "{\"part\":\"%s\",\"object\":%" PRId64 ",\"shape\":\"%s\"", part,
            region->object, shape);
    put_shape(writer, regions, region);
    fputc('}', writer->file);
}

int vanon_sidecar_write(vanon_sidecar_writer *writer, const vanon_frame *frame,
                        const vanon_object_list *objects, const vanon_region_list *regions)
{
    if (frame->number != writer->frames)
        return vanon_fail(writer->log, VANON_ERR_ARGUMENT,
                          "sidecar: frame %" PRIu64 " came where frame %" PRIu64 " should",
                          frame->number, writer->frames);
    fprintf(writer->file, "{\"frame\":%" PRIu64 ",\"pts\":", frame->number);
    if (frame->pts == VANON_NO_PTS)
        fputs("null", writer->file);
    else
        fprintf(writer->file, "%" PRId64, frame->pts);
    fputs(",\"objects\":[", writer->file);
    for (size_t i = 0; i < objects->count; i++) {
        if (i)
            fputc(',', writer->file);
        put_object(writer, objects, &objects->object[i]);
    }
    fputs(regions ? "],\"regions\":[" : "]", writer->file);
    for (size_t i = 0; regions && i < regions->count; i++) {
        if (i)
            fputc(',', writer->file);
        put_region(writer, regions, &regions->region[i]);
    }
    fputs(regions ? "]}\n" : "}\n", writer->file);
    if (writer->refused)
        return vanon_fail(writer->log, VANON_ERR_ARGUMENT,
                          "sidecar: frame %" PRIu64 " has an object or a region that can't be "
                          "written: a number that is not finite or too large, or unknown joints",
                          frame->number);
    writer->frames++;
    return check_file(writer);
}

int vanon_sidecar_finish(vanon_sidecar_writer *writer)
{
    fprintf(writer->file, "{\"end\":true,\"frames\":%" PRIu64 "}\n", writer->frames);
    if (fflush(writer->file))
        return vanon_fail(writer->log, VANON_ERR_IO, "output %s: %s", writer->name,
                          strerror(errno));
    return check_file(writer);
}

void vanon_sidecar_writer_destroy(vanon_sidecar_writer **writer)
{
    free(*writer);
    *writer = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "sidecar/fields.h"
#include "sidecar/sidecar.h"

#define LONGEST_LINE (16 << 20) /* bytes: tens of thousands of objects */
#define MOST_ANGLE   1000
#define JOINTS       17

/* A frame's part of the lists. */
struct frame {
    int64_t pts;
    size_t first_object, objects;
    size_t first_region, regions; /* those of "regions", */
    size_t added;                 /* and behind them those of "add" */
    bool has_regions;             /* the key "regions" is there */
};

struct vanon_sidecar {
    struct vanon_sidecar_header header;
    char *path;
    char *source, *sha256, *model; /* what the header points to */
    struct frame *frame;
    size_t frames, capacity;
    vanon_object_list objects; /* of all frames, in order */
    vanon_region_list regions;
};

/* What is open while a file is read. */
struct reading {
    vanon_sidecar *sidecar;
    struct vanon_place place;
    FILE *file;
    char *line;
    size_t length, capacity;
    bool ended; /* the last line was there */
};

static const char *class_name(int index)
{
    return vanon_class_name((enum vanon_class)index);
}

static const char *origin_name(int index)
{
    return vanon_origin_name((enum vanon_origin)index);
}

static const char *part_name(int index)
{
    return vanon_part_name((enum vanon_part)index);
}

/* "circle" follows the shapes of object.h. */
static const char *shape_name(int index)
{
    return index == VANON_SHAPES ? "circle" : vanon_shape_name((enum vanon_shape)index);
}

static int take_text(const struct vanon_place *place, const json_t *line, const char *key,
                     char **copy, const char **out)
{
    const char *text;
    int status;

    if (!json_object_get(line, key))
        return VANON_OK;
    status = vanon_take_string(place, line, key, &text);
    if (status)
        return status;
    *out = *copy = strdup(text);
    return *copy ? VANON_OK : VANON_ERR_MEMORY;
}

static int take_ratio(const struct vanon_place *place, const json_t *line, const char *key,
                      int least, vanon_rational *out)
{
    const json_t *array, *num, *den;
    int status = vanon_take_array(place, line, key, &array);

    if (status)
        return status;
    num = json_array_get(array, 0);
    den = json_array_get(array, 1);
    if (json_array_size(array) != 2 || !json_is_integer(num) || !json_is_integer(den) ||
        json_integer_value(num) < least || json_integer_value(num) > INT32_MAX ||
        json_integer_value(den) < 1 || json_integer_value(den) > INT32_MAX)
        return vanon_refuse(
            place, "\"%s\" must be [A,B], whole numbers, A at least %d, B at least 1", key, least);
    *out = (vanon_rational){(int)json_integer_value(num), (int)json_integer_value(den)};
    return VANON_OK;
}

static int take_int(const struct vanon_place *place, const json_t *line, const char *key, int least,
                    int most, int *out)
{
    int64_t value = 0;
    int status = vanon_take_integer(place, line, key, least, most, &value);

    *out = (int)value;
    return status;
}

/* The options are for the reader's eyes: they must be strings, and nothing uses them. */
static int check_options(const struct vanon_place *place, const json_t *line)
{
    json_t *options = json_object_get(line, "options"), *value;
    const char *key;

    if (!json_is_object(options))
        return vanon_refuse(place, "\"options\" must be an object, {...}");
    json_object_foreach(options, key, value)
    {
        if (!json_is_string(value))
            return vanon_refuse(place, "\"options\": \"%s\" must be a string", key);
    }
    return VANON_OK;
}

static int read_header(vanon_sidecar *sidecar, const struct vanon_place *place, const json_t *line)
{
    static const char *const keys[] = {"vanon",  "source",    "sha256",   "width",
                                       "height", "time_base", "rotation", "mirrored",
                                       "sar",    "model",     "options"};
    struct vanon_sidecar_header *header = &sidecar->header;
    int64_t version;
    int status = vanon_take_integer(place, line, "vanon", 1, 1, &version);

    if (!status)
        status = vanon_check_keys(place, line, "the header", keys, VANON_COUNT(keys));
    if (!status)
        status = take_text(place, line, "source", &sidecar->source, &header->source);
    if (!status)
        status = take_text(place, line, "sha256", &sidecar->sha256, &header->sha256);
    if (!status)
        status = take_text(place, line, "model", &sidecar->model, &header->model);
    if (!status)
        status = take_int(place, line, "width", 1, 32767, &header->width);
    if (!status)
        status = take_int(place, line, "height", 1, 32767, &header->height);
    if (!status)
        status = take_ratio(place, line, "time_base", 1, &header->time_base);
    if (!status)
        status = take_ratio(place, line, "sar", 0, &header->sar);
    if (!status)
        status = take_int(place, line, "rotation", 0, 270, &header->rotation);
    if (!status && header->rotation % 90)
        status = vanon_refuse(place, "\"rotation\" must be 0, 90, 180 or 270");
    if (!status && json_object_get(line, "mirrored"))
        status = vanon_take_bool(place, line, "mirrored", &header->mirrored);
    return status ? status : check_options(place, line);
}

static int read_keypoints(const struct vanon_place *place, const json_t *array,
                          vanon_keypoint *keypoints)
{
    if (json_array_size(array) != JOINTS)
        return vanon_refuse(place, "\"keypoints\" must be %d joints, not %zu", JOINTS,
                            json_array_size(array));
    for (size_t i = 0; i < JOINTS; i++) {
        const json_t *joint = json_array_get(array, i);
        float value[3];
        int status = vanon_read_numbers(place, joint, "keypoints", -VANON_SIDECAR_MOST,
                                        VANON_SIDECAR_MOST, value, VANON_COUNT(value));

        if (status)
            return status;
        keypoints[i] = (vanon_keypoint){value[0], value[1], value[2]};
    }
    return VANON_OK;
}

static int read_object(vanon_sidecar *sidecar, const struct vanon_place *place, const json_t *value)
{
    static const char *const keys[] = {"id",     "class", "score",     "seen",
                                       "origin", "box",   "keypoints", "spread"};
    const json_t *box, *joints = NULL;
    vanon_object *object;
    float side[4];
    int class_id = 0, origin = VANON_ORIGIN_FOUND, status;

    status = vanon_check_keys(place, value, "an object", keys, VANON_COUNT(keys));
    if (!status && json_object_get(value, "keypoints"))
        status = vanon_take_array(place, value, "keypoints", &joints);
    if (status)
        return status;
    if (vanon_object_list_add(&sidecar->objects, joints ? &vanon_skeleton_coco17 : NULL, &object))
        return VANON_ERR_MEMORY;
    object->detector = "sidecar";
    status = vanon_take_integer(place, value, "id", 0, INT64_MAX, &object->id);
    if (!status)
        status = vanon_take_name(place, value, "class", class_name, &class_id);
    object->class_id = (enum vanon_class)class_id;
    if (!status)
        status = vanon_take_number(place, value, "score", 0, 1, &object->score);
    if (!status)
        status = vanon_take_bool(place, value, "seen", &object->seen);
    if (!status && json_object_get(value, "origin"))
        status = vanon_take_name(place, value, "origin", origin_name, &origin);
    object->origin = (enum vanon_origin)origin;
    if (!status && json_object_get(value, "spread"))
        status = vanon_take_number(place, value, "spread", 0, VANON_SIDECAR_MOST, &object->spread);
    if (!status)
        status = vanon_take_array(place, value, "box", &box);
    if (!status)
        status = vanon_read_numbers(place, box, "box", -VANON_SIDECAR_MOST, VANON_SIDECAR_MOST,
                                    side, VANON_COUNT(side));
    if (status)
        return status;
    object->box = (vanon_box){side[0], side[1], side[2], side[3]};
    return joints ? read_keypoints(place, joints, vanon_object_keypoints(&sidecar->objects, object))
                  : VANON_OK;
}

static int read_points(const struct vanon_place *place, const json_t *array, vanon_point *points)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        float value[2];
        int status =
            vanon_read_numbers(place, json_array_get(array, i), "points", -VANON_SIDECAR_MOST,
                               VANON_SIDECAR_MOST, value, VANON_COUNT(value));

        if (status)
            return status;
        points[i] = (vanon_point){value[0], value[1]};
    }
    return VANON_OK;
}

/* The numbers of a shape that is no polygon. */
static int read_shape(const struct vanon_place *place, const json_t *value, vanon_region *region)
{
    bool capsule = region->shape == VANON_SHAPE_CAPSULE;
    const struct {
        const char *key;
        float *out;
        double least, most;
    } numbers[] = {
        {"cx", &region->cx, -VANON_SIDECAR_MOST, VANON_SIDECAR_MOST},
        {"cy", &region->cy, -VANON_SIDECAR_MOST, VANON_SIDECAR_MOST},
        {"rx", &region->rx, 0, VANON_SIDECAR_MOST},
        {capsule ? "ex" : "ry", capsule ? &region->ex : &region->ry,
         capsule ? -VANON_SIDECAR_MOST : 0, VANON_SIDECAR_MOST},
        {capsule ? "ey" : "angle", capsule ? &region->ey : &region->angle,
         capsule ? -VANON_SIDECAR_MOST : -MOST_ANGLE, capsule ? VANON_SIDECAR_MOST : MOST_ANGLE},
    };
    int status = VANON_OK;

    for (size_t i = 0; i < VANON_COUNT(numbers) && !status; i++)
        status = vanon_take_number(place, value, numbers[i].key, numbers[i].least, numbers[i].most,
                                   numbers[i].out);
    return status;
}

/* The keys of a shape, besides which there are no others. */
static int check_region_keys(const struct vanon_place *place, const json_t *value,
                             enum vanon_shape shape)
{
    static const char *const polygon[] = {"part", "object", "shape", "points"};
    static const char *const capsule[] = {"part", "object", "shape", "cx", "cy", "rx", "ex", "ey"};
    static const char *const other[] = {"part", "object", "shape", "cx", "cy", "rx", "ry", "angle"};

    if (shape == VANON_SHAPE_POLYGON)
        return vanon_check_keys(place, value, "a region", polygon, VANON_COUNT(polygon));
    return vanon_check_keys(place, value, "a region",
                            shape == VANON_SHAPE_CAPSULE ? capsule : other, VANON_COUNT(other));
}

static int read_region(vanon_sidecar *sidecar, const struct vanon_place *place, const json_t *value)
{
    const json_t *points = NULL;
    vanon_region *region;
    int64_t object = 0;
    int part = 0, name = 0, shape, status;

    if (!json_is_object(value))
        return vanon_refuse(place, "a region must be an object, {...}");
    status = vanon_take_name(place, value, "shape", shape_name, &name);
    shape = name == VANON_SHAPES ? VANON_SHAPE_ELLIPSE : name;
    if (!status)
        status = check_region_keys(place, value, (enum vanon_shape)shape);
    if (!status)
        status = vanon_take_name(place, value, "part", part_name, &part);
    if (!status)
        status = vanon_take_integer(place, value, "object", 0, INT64_MAX, &object);
    if (!status && shape == VANON_SHAPE_POLYGON)
        status = vanon_take_array(place, value, "points", &points);
    if (!status && points && json_array_size(points) < 3)
        status = vanon_refuse(place, "\"points\" must be at least 3");
    if (status)
        return status;
    if (vanon_region_list_add(&sidecar->regions, points ? json_array_size(points) : 0, &region))
        return VANON_ERR_MEMORY;
    region->part = (enum vanon_part)part;
    region->object = object;
    region->shape = (enum vanon_shape)shape;
    if (points)
        return read_points(place, points, sidecar->regions.point + region->first_point);
    status = read_shape(place, value, region);
    if (!status && name == VANON_SHAPES && region->rx != region->ry)
        status = vanon_refuse(place, "\"ry\" must be as \"rx\" in a circle");
    return status;
}

static int read_all(vanon_sidecar *sidecar, const struct vanon_place *place, const json_t *line,
                    const char *key,
                    int (*read)(vanon_sidecar *, const struct vanon_place *, const json_t *))
{
    const json_t *array;
    int status = vanon_take_array(place, line, key, &array);

    for (size_t i = 0; !status && i < json_array_size(array); i++)
        status = read(sidecar, place, json_array_get(array, i));
    return status;
}

static int read_frame(vanon_sidecar *sidecar, const struct vanon_place *place, const json_t *line)
{
    static const char *const keys[] = {"frame", "pts", "objects", "regions", "add"};
    struct frame *frame;
    int64_t number;
    int status = vanon_check_keys(place, line, "a frame", keys, VANON_COUNT(keys));

    if (!status)
        status = vanon_take_integer(place, line, "frame", 0, INT64_MAX, &number);
    if (status)
        return status;
    if ((uint64_t)number != sidecar->frames)
        return vanon_refuse(place, "\"frame\" is %" PRId64 " where %zu should follow: a frame %s",
                            number, sidecar->frames,
                            (uint64_t)number < sidecar->frames ? "is there twice" : "is missing");
    if (vanon_grow(&sidecar->frame, &sidecar->capacity, sidecar->frames + 1, sizeof *frame))
        return VANON_ERR_MEMORY;
    frame = &sidecar->frame[sidecar->frames++];
    *frame = (struct frame){.pts = VANON_NO_PTS,
                            .first_object = sidecar->objects.count,
                            .first_region = sidecar->regions.count,
                            .has_regions = json_object_get(line, "regions")};
    if (!json_is_null(json_object_get(line, "pts")))
        status = vanon_take_integer(place, line, "pts", -INT64_MAX, INT64_MAX, &frame->pts);
    if (!status)
        status = read_all(sidecar, place, line, "objects", read_object);
    if (!status && frame->has_regions)
        status = read_all(sidecar, place, line, "regions", read_region);
    frame->objects = sidecar->objects.count - frame->first_object;
    frame->regions = sidecar->regions.count - frame->first_region;
    if (!status && json_object_get(line, "add"))
        status = read_all(sidecar, place, line, "add", read_region);
    frame->added = sidecar->regions.count - frame->first_region - frame->regions;
    return status;
}

static int read_end(vanon_sidecar *sidecar, const struct vanon_place *place, const json_t *line)
{
    static const char *const keys[] = {"end", "frames"};
    int64_t frames;
    bool end;
    int status = vanon_check_keys(place, line, "the last line", keys, VANON_COUNT(keys));

    if (!status)
        status = vanon_take_bool(place, line, "end", &end);
    if (!status && !end)
        status = vanon_refuse(place, "\"end\" must be true");
    if (!status)
        status = vanon_take_integer(place, line, "frames", 0, INT64_MAX, &frames);
    if (!status && (uint64_t)frames != sidecar->frames)
        status = vanon_refuse(place, "\"frames\" is %" PRId64 ", but there are %zu", frames,
                              sidecar->frames);
    return status;
}

/* Takes the next line without its end. VANON_ERR_EOF: there is none. */
static int next_line(struct reading *reading)
{
    int c;

    reading->length = 0;
    reading->place.line++;
    while ((c = getc_unlocked(reading->file)) != EOF && c != '\n') {
        if (reading->length == LONGEST_LINE)
            return vanon_refuse(&reading->place, "the line is longer than %d bytes", LONGEST_LINE);
        if (vanon_grow(&reading->line, &reading->capacity, reading->length + 1, 1))
            return VANON_ERR_MEMORY;
        reading->line[reading->length++] = (char)c;
    }
    if (ferror(reading->file))
        return vanon_fail(reading->place.log, VANON_ERR_IO, "%s: %s", reading->place.path,
                          strerror(errno));
    return c == EOF && !reading->length ? VANON_ERR_EOF : VANON_OK;
}

static int read_line(struct reading *reading)
{
    const struct vanon_place *place = &reading->place;
    json_error_t error;
    json_t *line;
    int status;

    if (reading->ended)
        return vanon_refuse(place, "something follows the line with \"end\"");
    line = json_loadb(reading->line ? reading->line : "", reading->length, JSON_REJECT_DUPLICATES,
                      &error);
    if (!line && !*error.text) /* of what is wrong with the text it always tells */
        return VANON_ERR_MEMORY;
    if (!line)
        return vanon_refuse(place, "not JSON, or with a key twice: %s", error.text);
    if (!json_is_object(line))
        status = vanon_refuse(place, "the line must be an object, {...}");
    else if (place->line == 1)
        status = read_header(reading->sidecar, place, line);
    else if (json_object_get(line, "end")) {
        status = read_end(reading->sidecar, place, line);
        reading->ended = !status;
    } else
        status = read_frame(reading->sidecar, place, line);
    json_decref(line);
    return status;
}

static int read_lines(struct reading *reading)
{
    int status;

    while (!(status = next_line(reading))) {
        status = read_line(reading);
        if (status)
            return status;
    }
    if (status != VANON_ERR_EOF)
        return status;
    if (!reading->ended)
        return vanon_refuse(&reading->place,
                            "the last line, with \"end\", is missing after %zu frames: the file is "
                            "not complete",
                            reading->sidecar->frames);
    return VANON_OK;
}

int vanon_sidecar_load(vanon_sidecar **out, const char *path, const vanon_log *log)
{
    struct reading reading = {.place = {.log = log, .path = path}};
    int status;

    *out = NULL;
    reading.file = fopen(path, "rb");
    if (!reading.file)
        return vanon_fail(log, VANON_ERR_IO, "%s: %s", path, strerror(errno));
    reading.sidecar = calloc(1, sizeof *reading.sidecar);
    if (reading.sidecar)
        reading.sidecar->path = strdup(path);
    status = reading.sidecar && reading.sidecar->path ? read_lines(&reading) : VANON_ERR_MEMORY;
    fclose(reading.file);
    free(reading.line);
    if (status)
        vanon_sidecar_destroy(&reading.sidecar);
    *out = reading.sidecar;
    return status;
}

void vanon_sidecar_destroy(vanon_sidecar **pointer)
{
    vanon_sidecar *sidecar = *pointer;

    if (!sidecar)
        return;
    vanon_object_list_free(&sidecar->objects);
    vanon_region_list_free(&sidecar->regions);
    free(sidecar->frame);
    free(sidecar->path);
    free(sidecar->source);
    free(sidecar->sha256);
    free(sidecar->model);
    free(sidecar);
    *pointer = NULL;
}

const char *vanon_sidecar_path(const vanon_sidecar *sidecar)
{
    return sidecar->path;
}

const struct vanon_sidecar_header *vanon_sidecar_get_header(const vanon_sidecar *sidecar)
{
    return &sidecar->header;
}

uint64_t vanon_sidecar_frames(const vanon_sidecar *sidecar)
{
    return sidecar->frames;
}

int vanon_sidecar_objects(const vanon_sidecar *sidecar, uint64_t number, vanon_object_list *objects)
{
    const struct frame *frame;
    int status = VANON_OK;

    if (number >= sidecar->frames)
        return VANON_ERR_ARGUMENT;
    frame = &sidecar->frame[number];
    for (size_t i = 0; i < frame->objects && !status; i++)
        status = vanon_object_list_copy(objects, &sidecar->objects,
                                        &sidecar->objects.object[frame->first_object + i]);
    return status;
}

static int copy_region(vanon_region_list *list, const vanon_region_list *from,
                       const vanon_region *region)
{
    vanon_region *copy;
    size_t first;

    if (vanon_region_list_add(list, region->points, &copy))
        return VANON_ERR_MEMORY;
    first = copy->first_point;
    *copy = *region;
    copy->first_point = first;
    if (region->points)
        memcpy(list->point + first, from->point + region->first_point,
               region->points * sizeof *list->point);
    return VANON_OK;
}

static int copy_regions(const vanon_sidecar *sidecar, size_t first, size_t count,
                        vanon_region_list *regions)
{
    int status = VANON_OK;

    for (size_t i = 0; i < count && !status; i++)
        status = copy_region(regions, &sidecar->regions, &sidecar->regions.region[first + i]);
    return status;
}

int vanon_sidecar_regions(const vanon_sidecar *sidecar, uint64_t number, vanon_region_list *regions)
{
    const struct frame *frame;

    if (number >= sidecar->frames)
        return VANON_ERR_ARGUMENT;
    frame = &sidecar->frame[number];
    return copy_regions(sidecar, frame->first_region, frame->regions, regions);
}

bool vanon_sidecar_has_regions(const vanon_sidecar *sidecar, uint64_t number)
{
    return number < sidecar->frames && sidecar->frame[number].has_regions;
}

int vanon_sidecar_added(const vanon_sidecar *sidecar, uint64_t number, vanon_region_list *regions)
{
    const struct frame *frame;

    if (number >= sidecar->frames)
        return VANON_ERR_ARGUMENT;
    frame = &sidecar->frame[number];
    return copy_regions(sidecar, frame->first_region + frame->regions, frame->added, regions);
}

int64_t vanon_sidecar_pts(const vanon_sidecar *sidecar, uint64_t number)
{
    return number < sidecar->frames ? sidecar->frame[number].pts : VANON_NO_PTS;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>
#include <unistd.h>

#include "base/memory.h"
#include "sidecar/sidecar.h"

static char path[] = "/tmp/vanon-sidecar-XXXXXX";

static const struct vanon_sidecar_header header = {
    .source = "walk \"1\".mp4",
    .sha256 = "00ff",
    .model = "abcd",
    .width = 720,
    .height = 576,
    .time_base = {1, 90000},
    .sar = {16, 15},
    .rotation = 90,
};

static int make_file(void **state)
{
    int file = mkstemp(path);

    (void)state;
    unit_log_clear();
    return file < 0 || close(file);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_text(const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The whole file; the caller frees it. */
static char *read_text(void)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 16);

    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 16) - 1, file) < (1 << 16) - 1);
    fclose(file);
    return text;
}

static void add_people(vanon_object_list *list)
{
    vanon_object *person, *face;

    assert_int_equal(vanon_object_list_add(list, &vanon_skeleton_coco17, &person), VANON_OK);
    person->id = 12345678901;
    person->score = 0.93f;
    person->seen = true;
    person->box = (vanon_box){-10.254f, 0, 123.456f, 1000.125f};
    vanon_object_keypoints(list, person)[16] = (vanon_keypoint){33.333f, -0.001f, 0.98768f};
    assert_int_equal(vanon_object_list_add(list, NULL, &face), VANON_OK);
    face->class_id = VANON_CLASS_FACE;
    face->origin = VANON_ORIGIN_BETWEEN;
    face->spread = 2.5f;
    face->box = (vanon_box){1, 2, 3, 4};
}

static void add_region(vanon_region_list *list, const vanon_region *region,
                       const float (*points)[2], size_t count)
{
    vanon_region *added;
    size_t first;

    assert_int_equal(vanon_region_list_add(list, count, &added), VANON_OK);
    first = added->first_point;
    *added = *region;
    added->first_point = first;
    added->points = count;
    for (size_t i = 0; i < count; i++)
        list->point[first + i] = (vanon_point){points[i][0], points[i][1]};
}

static void add_regions(vanon_region_list *list)
{
    static const float corners[][2] = {{0, 0}, {10, 0.5f}, {5, 7}};

    add_region(list,
               &(vanon_region){.part = VANON_PART_ELBOWS,
                               .object = 1,
                               .cx = 10,
                               .cy = 20.5f,
                               .rx = 7.001f,
                               .ry = 7.001f,
                               .angle = 0.5f},
               NULL, 0);
    add_region(list, &(vanon_region){.part = VANON_PART_EYES, .object = 2, .rx = 3, .ry = 2}, NULL,
               0);
    add_region(list,
               &(vanon_region){.part = VANON_PART_FRAME,
                               .shape = VANON_SHAPE_BOX,
                               .cx = 360,
                               .cy = 288,
                               .rx = 360,
                               .ry = 288,
                               .angle = -1.23456f},
               NULL, 0);
    add_region(list,
               &(vanon_region){.part = VANON_PART_ELBOWS,
                               .shape = VANON_SHAPE_CAPSULE,
                               .cx = 1,
                               .cy = 2,
                               .rx = 3,
                               .ex = 4,
                               .ey = 5},
               NULL, 0);
    add_region(list, &(vanon_region){.shape = VANON_SHAPE_POLYGON}, corners, 3);
}

static int write_all(FILE *file, const struct vanon_sidecar_header *first,
                     const vanon_options *options, const vanon_object_list *objects,
                     const vanon_region_list *regions)
{
    const vanon_object_list nobody = {0};
    vanon_frame frame = {.pts = VANON_NO_PTS};
    vanon_sidecar_writer *writer;
    int status =
        vanon_sidecar_writer_create(&writer, file, "people.jsonl", first, options, &unit_log);

    if (!status)
        status = vanon_sidecar_write(writer, &frame, objects, regions);
    frame.number = 1;
    frame.pts = -3003;
    if (!status)
        status = vanon_sidecar_write(writer, &frame, &nobody, NULL);
    if (!status)
        status = vanon_sidecar_finish(writer);
    if (writer)
        vanon_sidecar_writer_destroy(&writer);
    return status;
}

#define NOUGHT "[0.00,0.00,0.0000],"
#define NOUGHT16                                                                               \
    NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT NOUGHT \
        NOUGHT NOUGHT NOUGHT

static const char expected[] =
    "{\"vanon\":1,\"source\":\"walk "
    "\\\"1\\\".mp4\",\"sha256\":\"00ff\",\"width\":720,\"height\":576,"
    "\"time_base\":[1,90000],\"rotation\":90,\"sar\":[16,15],\"model\":\"abcd\",\"options\":{}}\n"
    "{\"frame\":0,\"pts\":null,\"objects\":[{\"id\":12345678901,\"class\":\"person\",\"score\":0."
    "9300,"
    "\"seen\":true,\"box\":[-10.254,0.00,123.456,1000.125],\"keypoints\":[" NOUGHT16
    "[33.333,-0.001,0.98768]]},{\"id\":0,\"class\":\"face\",\"score\":0.0000,\"seen\":false,"
    "\"origin\":\"between\",\"spread\":2.50,\"box\":[1.00,2.00,3.00,4.00]}],\"regions\":["
    "{\"part\":\"elbows\",\"object\":1,\"shape\":\"circle\",\"cx\":10.00,\"cy\":20.50,\"rx\":7.001,"
    "\"ry\":7.001,\"angle\":0.50000},"
    "{\"part\":\"eyes\",\"object\":2,\"shape\":\"ellipse\",\"cx\":0.00,\"cy\":0.00,\"rx\":3.00,"
    "\"ry\":2.00,\"angle\":0.00000},"
    "{\"part\":\"frame\",\"object\":0,\"shape\":\"box\",\"cx\":360.00,\"cy\":288.00,\"rx\":360.00,"
    "\"ry\":288.00,\"angle\":-1.23456},"
    "{\"part\":\"elbows\",\"object\":0,\"shape\":\"capsule\",\"cx\":1.00,\"cy\":2.00,\"rx\":3.00,"
    "\"ex\":4.00,\"ey\":5.00},"
    "{\"part\":\"eyes\",\"object\":0,\"shape\":\"polygon\",\"points\":[[0.00,0.00],[10.00,0.50],"
    "[5.00,7.00]]}]}\n"
    "{\"frame\":1,\"pts\":-3003,\"objects\":[]}\n"
    "{\"end\":true,\"frames\":2}\n";

static void check_objects(const vanon_sidecar *sidecar, vanon_object_list *objects)
{
    const vanon_object *person;
    const vanon_keypoint *joint;

    assert_int_equal(vanon_sidecar_objects(sidecar, 0, objects), VANON_OK);
    assert_int_equal(objects->count, 2);
    person = &objects->object[0];
    joint = vanon_object_keypoints(objects, person);
    assert_true(person->id == 12345678901 && person->seen);
    assert_true(person->score == 0.93f && person->box.x0 == -10.254f &&
                person->box.y1 == 1000.125f);
    assert_ptr_equal(person->skeleton, &vanon_skeleton_coco17);
    assert_string_equal(person->detector, "sidecar");
    assert_true(joint[16].x == 33.333f && joint[16].y == -0.001f &&
                joint[16].visibility == 0.98768f);
    assert_int_equal(objects->object[1].class_id, VANON_CLASS_FACE);
    assert_null(objects->object[1].skeleton);
    assert_false(objects->object[1].seen);
    assert_true(person->origin == VANON_ORIGIN_FOUND);
    assert_true(objects->object[1].origin == VANON_ORIGIN_BETWEEN);
    assert_float_equal(person->spread, 0, 0);
    assert_float_equal(objects->object[1].spread, 2.5, 0);
}

static void check_regions(const vanon_sidecar *sidecar, vanon_region_list *regions)
{
    const vanon_region *region;

    assert_int_equal(vanon_sidecar_regions(sidecar, 0, regions), VANON_OK);
    assert_int_equal(regions->count, 5);
    region = regions->region;
    assert_true(region[0].part == VANON_PART_ELBOWS && region[0].shape == VANON_SHAPE_ELLIPSE);
    assert_true(region[0].rx == 7.001f && region[0].ry == 7.001f && region[0].angle == 0.5f);
    assert_true(region[0].object == 1 && region[0].cy == 20.5f);
    assert_true(region[1].part == VANON_PART_EYES && region[1].ry == 2);
    assert_true(region[2].part == VANON_PART_FRAME && region[2].shape == VANON_SHAPE_BOX);
    assert_true(region[3].shape == VANON_SHAPE_CAPSULE && region[3].ex == 4 && region[3].ey == 5);
    assert_true(region[4].shape == VANON_SHAPE_POLYGON && region[4].points == 3);
    assert_true(regions->point[region[4].first_point + 1].y == 0.5f);
}

static void test_round_trip(void **state)
{
    vanon_object_list objects = {0}, objects_read = {0};
    vanon_region_list regions = {0}, regions_read = {0};
    vanon_sidecar *sidecar;
    const struct vanon_sidecar_header *read;
    FILE *file = fopen(path, "wb");
    char *text;

    (void)state;
    add_people(&objects);
    add_regions(&regions);
    assert_int_equal(write_all(file, &header, NULL, &objects, &regions), VANON_OK);
    fclose(file);
    text = read_text();
    assert_string_equal(text, expected);
    free(text);

    assert_int_equal(vanon_sidecar_load(&sidecar, path, &unit_log), VANON_OK);
    read = vanon_sidecar_get_header(sidecar);
    assert_string_equal(read->source, header.source);
    assert_string_equal(read->sha256, "00ff");
    assert_string_equal(read->model, "abcd");
    assert_true(read->width == 720 && read->height == 576 && read->rotation == 90);
    assert_true(read->time_base.den == 90000 && read->sar.num == 16 && !read->mirrored);
    assert_int_equal(vanon_sidecar_frames(sidecar), 2);
    assert_true(vanon_sidecar_pts(sidecar, 0) == VANON_NO_PTS);
    assert_true(vanon_sidecar_pts(sidecar, 1) == -3003);
    check_objects(sidecar, &objects_read);
    check_regions(sidecar, &regions_read);

    /* What was read is written as the same bytes. */
    file = fopen(path, "wb");
    assert_int_equal(write_all(file, read, NULL, &objects_read, &regions_read), VANON_OK);
    fclose(file);
    text = read_text();
    assert_string_equal(text, expected);
    free(text);

    assert_int_equal(vanon_sidecar_objects(sidecar, 1, &objects_read), VANON_OK);
    assert_int_equal(vanon_sidecar_regions(sidecar, 1, &regions_read), VANON_OK);
    assert_int_equal(objects_read.count, 2); /* appended to, and nobody was there */
    assert_int_equal(regions_read.count, 5);
    assert_int_equal(vanon_sidecar_objects(sidecar, 2, &objects_read), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_sidecar_regions(sidecar, 2, &regions_read), VANON_ERR_ARGUMENT);
    assert_true(vanon_sidecar_pts(sidecar, 2) == VANON_NO_PTS);
    vanon_sidecar_destroy(&sidecar);
    vanon_sidecar_destroy(&sidecar);
    vanon_object_list_free(&objects);
    vanon_object_list_free(&objects_read);
    vanon_region_list_free(&regions);
    vanon_region_list_free(&regions_read);
}

/* Any number of a coordinate's range comes back as it was; what is no larger than 1e-12 is 0. */
static void test_numbers(void **state)
{
    static const float values[] = {0.005f,     -0.004f,   0.995f,     99.999f,  12345.678f,
                                   -65535.99f, 131071.5f, 999999.94f, -1000000, 1e-30f};
    vanon_object_list objects = {0}, read = {0};
    vanon_object *object;
    vanon_sidecar *sidecar;
    char *first, *second;

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(values); i++) {
        assert_int_equal(vanon_object_list_add(&objects, NULL, &object), VANON_OK);
        object->box = (vanon_box){values[i], -values[i], values[i] / 3, values[i] / 7};
    }
    for (size_t round = 0; round < 2; round++) {
        FILE *file = fopen(path, "wb");

        assert_int_equal(write_all(file, &header, NULL, round ? &read : &objects, NULL), VANON_OK);
        fclose(file);
        if (round) {
            second = read_text();
            assert_string_equal(first, second);
            free(second);
            free(first);
            continue;
        }
        first = read_text();
        assert_null(strstr(first, "-0.00,"));
        assert_int_equal(vanon_sidecar_load(&sidecar, path, &unit_log), VANON_OK);
        assert_int_equal(vanon_sidecar_objects(sidecar, 0, &read), VANON_OK);
        for (size_t i = 0; i < VANON_COUNT(values); i++)
            for (size_t j = 0; j < 4; j++) {
                float was = (&objects.object[i].box.x0)[j], is = (&read.object[i].box.x0)[j];

                assert_true(is == was || (!is && fabsf(was) < 1e-12f));
            }
        vanon_sidecar_destroy(&sidecar);
    }
    vanon_object_list_free(&objects);
    vanon_object_list_free(&read);
}

static void test_header(void **state)
{
    const vanon_object_list nobody = {0};
    struct vanon_sidecar_header other = header;
    vanon_options *options;
    vanon_sidecar *sidecar;
    FILE *file = fopen(path, "wb");
    char *text;

    (void)state;
    other.source = "caf\xe9.mp4"; /* no UTF-8 */
    other.sha256 = NULL;
    other.model = "";
    other.mirrored = true;
    other.sar = (vanon_rational){0, 1};
    assert_int_equal(vanon_options_create(&options, NULL), VANON_OK);
    assert_int_equal(vanon_options_set(options, "confidence", "0.45"), VANON_OK);
    assert_int_equal(write_all(file, &other, options, &nobody, NULL), VANON_OK);
    fclose(file);
    vanon_options_destroy(&options);
    text = read_text();
    assert_non_null(strstr(text, "\"source\":\"caf?.mp4\",\"width\":720"));
    assert_non_null(
        strstr(text, "\"rotation\":90,\"mirrored\":true,\"sar\":[0,1],\"options\":{\""));
    assert_non_null(strstr(text, "\"confidence\":\"0.45\""));
    assert_non_null(strstr(text, "\"iou_threshold\":\"0.7\""));
    assert_null(strstr(text, "\"model\""));
    assert_null(strstr(text, "\"sha256\""));
    free(text);
    assert_int_equal(vanon_sidecar_load(&sidecar, path, &unit_log), VANON_OK);
    assert_true(vanon_sidecar_get_header(sidecar)->mirrored);
    assert_null(vanon_sidecar_get_header(sidecar)->model);
    vanon_sidecar_destroy(&sidecar);
}

static void test_writer_refuses(void **state)
{
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1000001, -1e30f};
    static const char *const joint[] = {"hand"};
    static const vanon_skeleton other = {"other", 1, joint};
    vanon_object_list objects = {0};
    vanon_region_list regions = {0};
    vanon_object *object;
    FILE *file = fopen("/dev/null", "wb");

    (void)state;
    assert_int_equal(vanon_object_list_add(&objects, &vanon_skeleton_coco17, &object), VANON_OK);
    for (size_t i = 0; i < VANON_COUNT(bad); i++) {
        object->box.y1 = bad[i];
        unit_log_clear();
        assert_int_equal(write_all(file, &header, NULL, &objects, NULL), VANON_ERR_ARGUMENT);
        assert_message("frame 0", "not finite");
    }
    object->box.y1 = 0;
    vanon_object_keypoints(&objects, object)[3].visibility = NAN;
    assert_int_equal(write_all(file, &header, NULL, &objects, NULL), VANON_ERR_ARGUMENT);
    vanon_object_keypoints(&objects, object)[3].visibility = 0;
    assert_int_equal(write_all(file, &header, NULL, &objects, NULL), VANON_OK);
    add_region(&regions, &(vanon_region){.rx = 1, .ry = NAN}, NULL, 0);
    assert_int_equal(write_all(file, &header, NULL, &objects, &regions), VANON_ERR_ARGUMENT);
    regions.region[0] = (vanon_region){.part = (enum vanon_part)99};
    assert_int_equal(write_all(file, &header, NULL, &objects, &regions), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_object_list_add(&objects, &other, &object), VANON_OK);
    assert_int_equal(write_all(file, &header, NULL, &objects, NULL), VANON_ERR_ARGUMENT);
    vanon_object_list_free(&objects);
    vanon_region_list_free(&regions);
    fclose(file);
}

static void test_writer_order_and_disk(void **state)
{
    const vanon_object_list nobody = {0};
    const vanon_frame late = {.number = 1};
    vanon_sidecar_writer *writer;
    FILE *file = fopen("/dev/null", "wb");

    (void)state;
    assert_int_equal(
        vanon_sidecar_writer_create(&writer, file, "people.jsonl", &header, NULL, &unit_log),
        VANON_OK);
    assert_int_equal(vanon_sidecar_write(writer, &late, &nobody, NULL), VANON_ERR_ARGUMENT);
    assert_message("frame 1 came where frame 0 should");
    vanon_sidecar_writer_destroy(&writer);
    vanon_sidecar_writer_destroy(&writer);
    fclose(file);
    file = fopen("/dev/full", "wb");
    assert_non_null(file);
    assert_int_equal(write_all(file, &header, NULL, &nobody, NULL), VANON_ERR_IO);
    assert_message("output people.jsonl: No space");
    fclose(file);
}

#define HEAD                                                                       \
    "{\"vanon\":1,\"width\":64,\"height\":48,\"time_base\":[1,25],\"rotation\":0," \
    "\"sar\":[1,1],\"options\":{}}\n"
#define FRAME(n)     "{\"frame\":" #n ",\"pts\":" #n ",\"objects\":[]}\n"
#define END(n)       "{\"end\":true,\"frames\":" #n "}\n"
#define OBJECTS(...) HEAD "{\"frame\":0,\"pts\":0,\"objects\":[" __VA_ARGS__ "]}\n" END(1)
#define PERSON(s, b) "{\"id\":1,\"class\":\"person\",\"score\":" s ",\"seen\":true,\"box\":" b "}"
#define JOINTS(...)                                                                       \
    OBJECTS("{\"id\":1,\"class\":\"person\",\"score\":1,\"seen\":true,\"box\":[0,0,1,1]," \
            "\"keypoints\":" __VA_ARGS__ "}")
#define REGIONS(...) \
    HEAD "{\"frame\":0,\"pts\":0,\"objects\":[],\"regions\":[" __VA_ARGS__ "]}\n" END(1)
#define SHAPE(s, rest) REGIONS("{\"part\":\"eyes\",\"object\":0,\"shape\":\"" s "\"" rest "}")
#define CENTRE         ",\"cx\":1,\"cy\":1"

static void test_good(void **state)
{
    static const char *const texts[] = {
        HEAD END(0),
        HEAD FRAME(0) FRAME(1) "{\"frames\":2,\"end\":true}", /* no newline at the end */
        OBJECTS(PERSON("1", "[0,0,1,1]")),
        OBJECTS(PERSON("0.5", "[-1e6,0,1.5e2,1]") "," PERSON("0", "[1,1,0,0]")),
        SHAPE("circle", CENTRE ",\"rx\":2,\"ry\":2.0,\"angle\":0"),
        SHAPE("polygon", ",\"points\":[[0,0],[1,0],[1,1]]"),
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(texts); i++) {
        vanon_sidecar *sidecar;

        write_text(texts[i]);
        unit_log_clear();
        if (vanon_sidecar_load(&sidecar, path, &unit_log))
            fail_msg("%s: %s", texts[i], unit_message);
        vanon_sidecar_destroy(&sidecar);
    }
}

#define CIRCLE(n)                                                \
    "{\"part\":\"region\",\"object\":" #n                        \
    ",\"shape\":\"circle\",\"cx\":1,\"cy\":1,\"rx\":2,\"ry\":2," \
    "\"angle\":0}"

/* "regions" replaces, "add" adds: they are told apart, and whether the first one is there. */
static void test_regions_and_added(void **state)
{
    static const char *const lines[] = {
        "", ",\"regions\":[]", ",\"add\":[" CIRCLE(7) "]",
        ",\"add\":[" CIRCLE(7) "],\"regions\":[" CIRCLE(1) "," CIRCLE(2) "]"};
    static const size_t regions[] = {0, 0, 0, 2}, added[] = {0, 0, 1, 1};
    vanon_region_list list = {0};
    vanon_sidecar *sidecar;

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(lines); i++) {
        char text[1024];

        snprintf(text, sizeof text, HEAD "{\"frame\":0,\"pts\":0,\"objects\":[]%s}\n" END(1),
                 lines[i]);
        write_text(text);
        assert_int_equal(vanon_sidecar_load(&sidecar, path, &unit_log), VANON_OK);
        assert_int_equal(vanon_sidecar_has_regions(sidecar, 0), i % 2);
        vanon_region_list_clear(&list);
        assert_int_equal(vanon_sidecar_regions(sidecar, 0, &list), VANON_OK);
        assert_int_equal(list.count, regions[i]);
        vanon_region_list_clear(&list);
        assert_int_equal(vanon_sidecar_added(sidecar, 0, &list), VANON_OK);
        assert_int_equal(list.count, added[i]);
        if (added[i])
            assert_true(list.region[0].object == 7 && list.region[0].part == VANON_PART_REGION);
        assert_int_equal(vanon_sidecar_added(sidecar, 1, &list), VANON_ERR_ARGUMENT);
        vanon_sidecar_destroy(&sidecar);
    }
    vanon_region_list_free(&list);
}

/* Each message names file and line, and holds `words`. */
static void test_bad(void **state)
{
    static const struct {
        const char *text, *line, *words;
    } cases[] = {
        {"", ":1:", "is missing after 0 frames"},
        {HEAD FRAME(0), ":3:", "is missing after 1 frames: the file is not complete"},
        {HEAD FRAME(0) "{\"frame\":1,\"pts\"", ":3:", "not JSON"},
        {HEAD FRAME(0) FRAME(2) END(2),
         ":3:", "\"frame\" is 2 where 1 should follow: a frame is missing"},
        {HEAD FRAME(0) FRAME(0) END(2), ":3:", "a frame is there twice"},
        {HEAD FRAME(1) END(1), ":2:", "a frame is missing"},
        {HEAD FRAME(0) END(2), ":3:", "\"frames\" is 2, but there are 1"},
        {HEAD END(0) FRAME(0), ":3:", "something follows"},
        {HEAD END(0) "\n", ":3:", "something follows"},
        {HEAD "\n" FRAME(0) END(1), ":2:", "not JSON"},
        {HEAD "[1]\n" END(0), ":2:", "must be an object"},
        {HEAD "{\"end\":false,\"frames\":0}\n", ":2:", "\"end\" must be true"},
        {HEAD "{\"end\":true,\"frames\":0,\"x\":0}\n", ":2:", "unknown key \"x\""},
        {HEAD "{\"frame\":0,\"frame\":0,\"pts\":0,\"objects\":[]}\n", ":2:", "key twice"},
        {HEAD "{\"frame\":0,\"pts\":0,\"objects\":[],\"more\":[]}\n" END(1),
         ":2:", "unknown key \"more\" in a frame; known are: frame, pts, objects, regions, add"},
        {HEAD "{\"frame\":0,\"pts\":0,\"objects\":[],\"add\":[{}]}\n" END(1),
         ":2:", "\"shape\" is missing"},
        {HEAD "{\"frame\":0,\"pts\":0}\n" END(1), ":2:", "\"objects\" is missing"},
        {HEAD "{\"frame\":0,\"objects\":[]}\n" END(1), ":2:", "\"pts\" is missing"},
        {HEAD "{\"frame\":0,\"pts\":0.5,\"objects\":[]}\n" END(1),
         ":2:", "\"pts\" must be a whole"},
        {HEAD "{\"frame\":\"0\",\"pts\":0,\"objects\":[]}\n" END(1), ":2:", "\"frame\" must be"},
        {HEAD "{\"frame\":0,\"pts\":0,\"objects\":{}}\n" END(1),
         ":2:", "\"objects\" must be an array"},
        {"{}\n" END(0), ":1:", "\"vanon\" is missing"},
        {FRAME(0) END(1), ":1:", "\"vanon\" is missing"},
        {"{\"vanon\":2}\n", ":1:", "\"vanon\" must be"},
        {"{\"vanon\":1,\"x\":1}\n", ":1:", "unknown key \"x\" in the header"},
        {"{\"vanon\":1,\"source\":1}\n", ":1:", "\"source\" must be a string"},
        {"{\"vanon\":1,\"width\":0}\n", ":1:", "\"width\" must be a whole number from 1 to 32767"},
        {"{\"vanon\":1,\"width\":1,\"height\":1,\"time_base\":[0,1]}\n",
         ":1:", "\"time_base\" must be"},
        {"{\"vanon\":1,\"width\":1,\"height\":1,\"time_base\":[1,1],\"sar\":[1]}\n",
         ":1:", "\"sar\""},
        {"{\"vanon\":1,\"width\":1,\"height\":1,\"time_base\":[1,1],\"sar\":[1,1],\"rotation\":45}"
         "\n",
         ":1:", "\"rotation\" must be 0, 90, 180 or 270"},
        {"{\"vanon\":1,\"width\":1,\"height\":1,\"time_base\":[1,1],\"sar\":[1,1],\"rotation\":0}"
         "\n",
         ":1:", "\"options\" must be"},
        {"{\"vanon\":1,\"width\":1,\"height\":1,\"time_base\":[1,1],\"sar\":[1,1],\"rotation\":0,"
         "\"options\":{\"crf\":20}}\n",
         ":1:", "\"crf\" must be a string"},
        {"{\"vanon\":1,\"width\":1,\"height\":1,\"time_base\":[1,1],\"sar\":[1,1],\"rotation\":0,"
         "\"mirrored\":1,\"options\":{}}\n",
         ":1:", "\"mirrored\" must be true or false"},
        {OBJECTS("7"), ":2:", "an object must be an object"},
        {OBJECTS("{\"id\":1}"), ":2:", "\"class\" is missing"},
        {OBJECTS("{\"id\":-1}"), ":2:", "\"id\" must be"},
        {OBJECTS("{\"id\":1,\"class\":\"cat\"}"),
         ":2:", "\"class\" is \"cat\" and must be one of: person, face, eye"},
        {OBJECTS("{\"colour\":1}"), ":2:", "unknown key \"colour\" in an object"},
        {OBJECTS(PERSON("1.01", "[0,0,1,1]")), ":2:", "\"score\" must be a number from 0 to 1"},
        {OBJECTS(PERSON("\"1\"", "[0,0,1,1]")), ":2:", "\"score\" must be a number"},
        {OBJECTS(PERSON("NaN", "[0,0,1,1]")), ":2:", "not JSON"},
        {OBJECTS(PERSON("1", "[0,0,1]")), ":2:", "\"box\": 4 numbers"},
        {OBJECTS(PERSON("1", "[0,0,1,null]")), ":2:", "\"box\": 4 numbers"},
        {OBJECTS(PERSON("1", "[0,0,1,1e300]")), ":2:", "\"box\": 4 numbers from -1e+06 to 1e+06"},
        {OBJECTS(PERSON("1", "[0,0,1,1e999]")), ":2:", "not JSON"},
        {JOINTS("[]"), ":2:", "must be 17 joints, not 0"},
        {JOINTS("5"), ":2:", "\"keypoints\" must be an array"},
        {JOINTS("[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]"), ":2:", "\"keypoints\": 3 numbers"},
        {REGIONS("3"), ":2:", "a region must be an object"},
        {REGIONS("{\"part\":\"eyes\"}"), ":2:", "\"shape\" is missing"},
        {SHAPE("star", ""), ":2:", "must be one of: ellipse, box, capsule, polygon, circle"},
        {REGIONS("{\"part\":\"nose\",\"object\":0,\"shape\":\"box\"}"),
         ":2:", "\"part\" is \"nose\" and must be one of: eyes, elbows, face, "},
        {SHAPE("box", ""), ":2:", "\"cx\" is missing"},
        {SHAPE("box", CENTRE ",\"rx\":-1"), ":2:", "\"rx\" must be a number from 0"},
        {SHAPE("circle", CENTRE ",\"rx\":2,\"ry\":3,\"angle\":0"),
         ":2:", "\"ry\" must be as \"rx\""},
        {SHAPE("circle", CENTRE ",\"rx\":2,\"ex\":3"), ":2:", "unknown key \"ex\" in a region"},
        {SHAPE("capsule", CENTRE ",\"rx\":2,\"ry\":2"), ":2:", "unknown key \"ry\" in a region"},
        {SHAPE("polygon", ",\"points\":[[0,0],[1,1]]"), ":2:", "\"points\" must be at least 3"},
        {SHAPE("polygon", ",\"points\":[[0,0],[1,1],[1]]"), ":2:", "\"points\": 2 numbers"},
    };

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(cases); i++) {
        vanon_sidecar *sidecar;

        write_text(cases[i].text);
        unit_log_clear();
        if (vanon_sidecar_load(&sidecar, path, &unit_log) != VANON_ERR_INPUT)
            fail_msg("taken: %s", cases[i].text);
        assert_null(sidecar);
        assert_message(path, cases[i].line, cases[i].words);
    }
}

static void test_files(void **state)
{
    vanon_sidecar *sidecar;
    FILE *file;

    (void)state;
    unit_log_clear();
    assert_int_equal(vanon_sidecar_load(&sidecar, "/nowhere/x.jsonl", &unit_log), VANON_ERR_IO);
    assert_message("/nowhere/x.jsonl", "No such file");
    assert_int_equal(vanon_sidecar_load(&sidecar, "/", &unit_log), VANON_ERR_IO);

    /* A line that never ends takes no more memory than a line may have. */
    file = fopen(path, "wb");
    for (size_t i = 0; i < (17u << 20); i++)
        putc_unlocked(' ', file);
    fclose(file);
    unit_log_clear();
    assert_int_equal(vanon_sidecar_load(&sidecar, path, &unit_log), VANON_ERR_INPUT);
    assert_message(path, ":1: the line is longer than");

    file = fopen(path, "wb");
    fwrite(HEAD "\0" END(0), 1, sizeof HEAD "\0" END(0) - 1, file);
    fclose(file);
    unit_log_clear();
    assert_int_equal(vanon_sidecar_load(&sidecar, path, &unit_log), VANON_ERR_INPUT);
    assert_message(":2: not JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {

        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_writer_refuses),
        cmocka_unit_test(test_writer_order_and_disk),
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_regions_and_added),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <math.h>

#include "base/memory.h"
#include "engine/look.h"
#include "engine/scale.h"
#include "options/options.h"

#define FRAMES 200
#define RATE   30

/* A video that never was: who is where, and from which size on the network sees them. */
struct world {
    int frames, width, height;
    /* Adds the people of a frame that a look sees which has `reach` network pixels for each of
     * display. */
    void (*see)(const struct world *world, int number, double reach, bool second,
                vanon_object_list *list);
    int cut;     /* the first frame of a second scene; 0: none */
    int damaged; /* this frame is; 0: none */
    int failing; /* looks at this frame fail; 0: none */
    int flicker; /* in this frame brightness differs around (300, 300); 0: none */
};

/* What was looked at. */
struct record {
    unsigned looks[FRAMES];   /* at all of the frame or its grid */
    unsigned seconds[FRAMES]; /* second looks */
    int largest[FRAMES];      /* imgsz */
    size_t found[FRAMES];     /* people; SIZE_MAX: nobody looked */
    float sum[FRAMES];        /* of what was found, to compare */
};

static void add_person(vanon_object_list *list, double x, double y, double size, double score)
{
    vanon_object *person;
    vanon_keypoint *joints;

    assert_int_equal(vanon_object_list_add(list, &vanon_skeleton_coco17, &person), VANON_OK);
    person->class_id = VANON_CLASS_PERSON;
    person->score = (float)score;
    person->box = (vanon_box){(float)(x - size / 4), (float)(y - size / 2), (float)(x + size / 4),
                              (float)(y + size / 2)};
    joints = vanon_object_keypoints(list, person);
    for (int i = 0; i < 17; i++)
        joints[i] = (vanon_keypoint){(float)(x + (i % 3 - 1) * size / 8),
                                     (float)(y + (i / 3 - 2.5) * size / 8), 0.9f};
}

static vanon_options *make_options(const char *const (*pairs)[2])
{
    vanon_options *options = NULL;

    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    for (; (*pairs)[0]; pairs++)
        assert_int_equal(vanon_options_set(options, (*pairs)[0], (*pairs)[1]), VANON_OK);
    return options;
}

static void fill_glance(const struct world *world, int number, struct vanon_glance *glance)
{
    bool second = world->cut && number >= world->cut;

    for (int y = 0; y < VANON_GLANCE_ROWS; y++)
        for (int x = 0; x < VANON_GLANCE_COLUMNS; x++) {
            bool near = abs(x - 300 * VANON_GLANCE_COLUMNS / world->width) < 3 &&
                        abs(y - 300 * VANON_GLANCE_ROWS / world->height) < 3;

            glance->cell[y][x] = (uint8_t)(second ? 200 - 2 * x : 40 + 2 * x);
            if (near && world->flicker && number == world->flicker)
                glance->cell[y][x] = (uint8_t)(glance->cell[y][x] + 60);
        }
}

static void take_look(const struct world *world, const struct vanon_looks_job *job,
                      struct record *record)
{
    int longer = job->part.width
                     ? (job->part.width > job->part.height ? job->part.width : job->part.height)
                     : (world->width > world->height ? world->width : world->height);
    int imgsz = job->imgsz ? job->imgsz : 640;
    vanon_object_list all = {0};
    vanon_box part = {(float)job->part.x, (float)job->part.y,
                      (float)(job->part.x + job->part.width),
                      (float)(job->part.y + job->part.height)};

    record->looks[job->number] += !job->square;
    record->seconds[job->number] += job->square;
    if (!job->square && job->imgsz > record->largest[job->number])
        record->largest[job->number] = job->imgsz;
    if (world->see)
        world->see(world, (int)job->number, (double)imgsz / longer, job->square, &all);
    vanon_object_list_clear(job->found);
    for (size_t i = 0; i < all.count; i++) {
        const vanon_box *box = &all.object[i].box;

        if (!job->part.width ||
            (box->x0 >= part.x0 && box->x1 <= part.x1 && box->y0 >= part.y0 && box->y1 <= part.y1))
            assert_int_equal(vanon_object_list_copy(job->found, &all, &all.object[i]), VANON_OK);
    }
    vanon_object_list_free(&all);
}

static void note_ready(const vanon_looks *look, uint64_t *noted, struct record *record)
{
    for (; *noted < vanon_looks_ready(look); ++*noted) {
        const vanon_object_list *found = vanon_looks_found(look, *noted);

        record->found[*noted] = found ? found->count : SIZE_MAX;
        for (size_t i = 0; found && i < found->count; i++)
            record->sum[*noted] +=
                (float)(i + 1) * found->object[i].box.x0 + found->object[i].score;
    }
}

/* Runs the world through a planner whose looks come back in an order that depends on `order`, up to
 * `requests` at once, with at most `room` frames inside. */
static struct record run(const struct world *world, const char *const (*pairs)[2], unsigned order,
                         size_t requests, int room)
{
    vanon_options *options = make_options(pairs);
    struct vanon_looks_job job[64];
    static vanon_frame frame[FRAMES];
    struct record record = {0};
    vanon_looks *look = NULL;
    uint64_t noted = 0;
    size_t out = 0;
    int added = 0;

    assert_true(world->frames <= FRAMES);
    assert_int_equal(vanon_looks_create(&look, options, true, (size_t)room + 1), VANON_OK);
    while (noted < (uint64_t)world->frames) {
        struct vanon_glance glance;
        size_t pick;

        if (added < world->frames && added < (int)noted + room && (out == requests || order % 3)) {
            frame[added] = (vanon_frame){.format = VANON_PIXEL_GRAY8,
                                         .width = world->width,
                                         .height = world->height,
                                         .pts = added,
                                         .time_base = {1, RATE},
                                         .duration = 1};
            if (world->damaged && added == world->damaged)
                frame[added].flags = VANON_FRAME_DAMAGED;
            fill_glance(world, added, &glance);
            assert_int_equal(vanon_looks_add(look, (uint64_t)added, &frame[added], &glance),
                             VANON_OK);
            if (++added == world->frames)
                assert_int_equal(vanon_looks_end(look), VANON_OK);
        }
        order = order * 1664525u + 1013904223u;
        while (out < requests && vanon_looks_batch(look, 1))
            vanon_looks_take(look, &job[out++], 1);
        if (out && (added == world->frames || added == (int)noted + room || order & 64)) {
            pick = (order >> 8) % out;
            take_look(world, &job[pick], &record);
            if (world->failing && job[pick].number == (uint64_t)world->failing) {
                job[pick].failed = true;
                vanon_object_list_clear(job[pick].found);
            }
            assert_int_equal(vanon_looks_done(look, &job[pick]), VANON_OK);
            job[pick] = job[--out];
        }
        note_ready(look, &noted, &record);
        assert_true(out || added < world->frames || vanon_looks_waiting(look) ||
                    noted == (uint64_t)world->frames);
    }
    vanon_looks_destroy(&look);
    vanon_options_destroy(&options);
    return record;
}

#define OPTIONS(...)         \
    (const char *const[][2]) \
    {                        \
        __VA_ARGS__,         \
        {                    \
            NULL, NULL       \
        }                    \
    }

/* How many frames of a range were looked at. */
static int looked_at(const struct record *record, int first, int last)
{
    int count = 0;

    for (int i = first; i <= last; i++)
        count += record->looks[i] > 0;
    return count;
}

static void test_each_frame_once(void **state)
{
    struct world world = {.frames = 50, .width = 1280, .height = 720, .damaged = 7};
    struct record record = run(&world, OPTIONS({"imgsz", "640"}), 1, 2, 60);

    (void)state;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(record.looks[i], i != 7);
        assert_int_equal(record.seconds[i], 0);
        assert_int_equal(record.largest[i], 0);
        assert_true((record.found[i] == SIZE_MAX) == (i == 7));
    }
}

static void test_every_fourth_and_the_last(void **state)
{
    struct world world = {.frames = 51, .width = 1280, .height = 720};
    struct record record = run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "4"}), 1, 2, 60);

    (void)state;
    for (int i = 0; i < 51; i++) {
        assert_int_equal(record.looks[i], i % 4 == 0 || i == 50);
        assert_true((record.found[i] == SIZE_MAX) == !record.looks[i]);
    }
}

static void test_automatic_distance_is_eight_where_nothing_moves(void **state)
{
    struct world world = {.frames = 41, .width = 1280, .height = 720};
    struct record record =
        run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "auto"}), 1, 2, 60);

    (void)state;
    for (int i = 0; i < 41; i++)
        assert_int_equal(record.looks[i], i % 8 == 0);
}

static void test_cut_is_looked_at_on_both_sides(void **state)
{
    struct world world = {.frames = 60, .width = 1280, .height = 720, .cut = 21};
    struct record record =
        run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "auto"}), 1, 2, 60);

    (void)state;
    assert_int_equal(looked_at(&record, 17, 22), 2);
    assert_int_equal(record.looks[20], 1);
    assert_int_equal(record.looks[21], 1);
    assert_int_equal(record.looks[29], 1); /* counted from the cut on */
}

static void test_no_frame_beside_damage_goes_unseen(void **state)
{
    struct world world = {.frames = 60, .width = 1280, .height = 720, .damaged = 21};
    struct record record =
        run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "auto"}), 1, 2, 60);

    (void)state;
    assert_int_equal(record.looks[20], 1);
    assert_int_equal(record.looks[21], 0);
    assert_int_equal(record.looks[22], 1);
}

static void test_no_frame_beside_a_failed_look_goes_unseen(void **state)
{
    struct world world = {.frames = 60, .width = 1280, .height = 720};
    const char *const(*pairs)[2] = OPTIONS({"imgsz", "640"}, {"detect_every", "auto"});
    struct record record = run(&world, pairs, 1, 2, 60);

    (void)state;
    while (!world.failing || !record.looks[world.failing])
        world.failing = world.failing ? world.failing + 1 : 20;
    assert_int_equal(looked_at(&record, world.failing - 7, world.failing + 7), 1);
    record = run(&world, pairs, 1, 2, 60);
    assert_int_equal(looked_at(&record, world.failing - 7, world.failing + 7), 15);
}

static void see_newcomer(const struct world *world, int number, double reach, bool second,
                         vanon_object_list *list)
{
    (void)world;
    (void)reach;
    (void)second;
    if (number >= 19 && number <= 37)
        add_person(list, 600 + number, 300, 400, 0.8);
}

static void test_stretch_with_somebody_new_is_looked_at(void **state)
{
    struct world world = {.frames = 60, .width = 1280, .height = 720, .see = see_newcomer};
    struct record record =
        run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "auto"}), 1, 2, 60);

    (void)state;
    assert_int_equal(looked_at(&record, 9, 15), 0);
    assert_int_equal(looked_at(&record, 16, 24), 9); /* came */
    assert_int_equal(looked_at(&record, 25, 31), 0); /* moves evenly and slowly */
    assert_int_equal(looked_at(&record, 32, 40), 9); /* went */
    for (int i = 19; i <= 37; i++)
        assert_true(record.found[i] == 1 || !record.looks[i]);
}

static void see_runner(const struct world *world, int number, double reach, bool second,
                       vanon_object_list *list)
{
    (void)world;
    (void)reach;
    (void)second;
    add_person(list, 300 + (number > 16 && number <= 24 ? (number - 16) * 20 : 0), 300, 300, 0.8);
}

static void test_fast_motion_is_looked_at(void **state)
{
    struct world world = {.frames = 41, .width = 1280, .height = 720, .see = see_runner};
    struct record record =
        run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "auto"}), 1, 2, 60);

    (void)state;
    assert_int_equal(looked_at(&record, 9, 15), 0);
    assert_int_equal(record.looks[20], 1);
}

static void see_waving(const struct world *world, int number, double reach, bool second,
                       vanon_object_list *list)
{
    (void)world;
    (void)number;
    (void)reach;
    (void)second;
    add_person(list, 300, 300, 300, 0.8);
}

static void test_motion_there_and_back_is_looked_at(void **state)
{
    struct world world = {.frames = 41, .width = 1280, .height = 720, .see = see_waving};
    struct record record;

    (void)state;
    world.flicker = 19;
    record = run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "auto"}), 1, 2, 60);
    assert_int_equal(looked_at(&record, 9, 15), 0);
    assert_true(record.looks[20]);
    assert_true(record.looks[18] && record.looks[19]);
    assert_int_equal(looked_at(&record, 25, 31), 0);
}

/* Seen from 120 network pixels on. */
static void see_small(const struct world *world, int number, double reach, bool second,
                      vanon_object_list *list)
{
    (void)second;
    if (reach * 70 >= 120)
        for (int i = 0; i < 4; i++)
            add_person(list, world->width * (0.2 + 0.2 * i) + number, world->height / 2.0, 70, 0.7);
}

static void test_small_people_are_looked_at_closely(void **state)
{
    struct world world = {.frames = 60, .width = 768, .height = 576, .see = see_small};
    struct record record = run(&world, OPTIONS({"look_budget", "100"}), 1, 2, 60);

    (void)state;
    for (int i = 0; i < 60; i++) {
        assert_int_equal(record.largest[i], 1920);
        assert_int_equal(record.found[i], 4);
    }
    record = run(&world, OPTIONS({"imgsz", "640"}), 1, 2, 60); /* obeyed */
    for (int i = 0; i < 60; i++) {
        assert_int_equal(record.largest[i], 0);
        assert_int_equal(record.found[i], 0);
        assert_int_equal(record.looks[i] + record.seconds[i], 1);
    }
}

/* Seen from 100 network pixels on: 42 in a small picture, 65 in a large one. */
static void see_distant(const struct world *world, int number, double reach, bool second,
                        vanon_object_list *list)
{
    double size = world->width < 1000 ? 42 : 65;

    (void)second;
    if (reach * size >= 100)
        add_person(list, world->width * 0.3 + number, world->height / 2.0, size, 0.7);
}

static void test_distant_people_are_seen_in_pictures_of_any_size(void **state)
{
    static const int size[][2] = {{576, 432}, {640, 480}, {768, 576}, {1920, 1080}};

    (void)state;
    for (size_t i = 0; i < VANON_COUNT(size); i++) {
        struct world world = {
            .frames = 60, .width = size[i][0], .height = size[i][1], .see = see_distant};
        struct record record;

        record = run(&world, OPTIONS({"look_budget", "1000"}), 1, 2, 60);
        for (int j = 0; j < 60; j++)
            assert_int_equal(record.found[j], 1);
    }
}

static void see_large(const struct world *world, int number, double reach, bool second,
                      vanon_object_list *list)
{
    (void)world;
    (void)second;
    (void)reach;
    add_person(list, 600 + number, 360, 500, 0.9);
}

static void test_large_people_stay_at_the_smallest_size(void **state)
{
    struct world world = {.frames = 180, .width = 1280, .height = 720, .see = see_large};
    struct record record = run(&world, OPTIONS({"ttl_frames", "5"}), 1, 2, 60);
    int wide = 0;

    (void)state;
    for (int i = 0; i < 180; i++) {
        wide += record.largest[i] > 640;
        assert_int_equal(record.found[i], 1);
    }
    assert_int_equal(record.largest[0], 1920);
    assert_in_range(wide, 5, 7); /* about once a second */
}

/* Somebody near, whom a close look takes to pieces, and one behind them whom one frame shows to a
 * second look only. */
static void see_pieces(const struct world *world, int number, double reach, bool second,
                       vanon_object_list *list)
{
    (void)world;
    add_person(list, 320, 240, 460, 0.9);
    if (reach * 460 > VANON_SCALE_LARGEST && !second)
        add_person(list, 300, 240, 200, 0.6);
    if (reach >= 3 && !second)
        add_person(list, 100, 240, 210, 0.4); /* 630 network pixels of a chair */
    if (number != 20 || second)
        add_person(list, 360, 240, 300, 0.8);
}

static void test_pieces_of_large_people_are_nobody(void **state)
{
    struct world world = {.frames = 60, .width = 640, .height = 480, .see = see_pieces};
    struct record record = run(&world, OPTIONS({"ttl_frames", "5"}), 1, 2, 60);

    (void)state;
    assert_int_equal(record.largest[0], 1920);
    for (int i = 0; i < 60; i++)
        assert_int_equal(record.found[i], 2);
    assert_int_equal(record.seconds[20], 1);
}

static void see_small_newcomers(const struct world *world, int number, double reach, bool second,
                                vanon_object_list *list)
{
    if (number >= 58)
        see_small(world, number, reach, second, list);
}

static void test_small_newcomers_are_found(void **state)
{
    struct world world = {.frames = 120, .width = 768, .height = 576, .see = see_small_newcomers};
    struct record record = run(&world, OPTIONS({"look_budget", "100"}), 1, 2, 60);
    int first = 0;

    (void)state;
    while (first < 120 && !record.found[first])
        first++;
    assert_in_range(first, 58, 58 + RATE + 8); /* the next wider look */
    assert_int_equal(record.largest[first], 1920);
    for (int i = first; i < 120; i++)
        assert_int_equal(record.found[i], 4);
}

static void see_lost_for_a_moment(const struct world *world, int number, double reach, bool second,
                                  vanon_object_list *list)
{
    (void)world;
    (void)reach;
    if (number < 20 || number > 24 || second)
        add_person(list, 400, 300, 300, 0.8);
}

static void test_who_is_lost_is_looked_for_closely(void **state)
{
    struct world world = {.frames = 60, .width = 1280, .height = 720, .see = see_lost_for_a_moment};
    struct record record = run(&world, OPTIONS({"ttl_frames", "5"}), 1, 2, 60);

    (void)state;
    for (int i = 0; i < 60; i++) {
        assert_int_equal(record.found[i], 1);
        assert_int_equal(record.seconds[i], i >= 20 && i <= 24);
    }
    record = run(&world, OPTIONS({"imgsz", "640"}), 1, 2, 60);
    for (int i = 20; i <= 24; i++)
        assert_int_equal(record.found[i] + record.seconds[i], 0);
}

static void test_budget_is_kept(void **state)
{
    struct world world = {.frames = 120, .width = 768, .height = 576, .see = see_small};
    struct record record = run(&world, OPTIONS({"look_budget", "32"}), 1, 2, 60);
    double pixels = 0;
    int wide = 0;

    (void)state;
    for (int i = 30; i < 120; i++) {
        wide += record.largest[i] == 1920;
        pixels += record.largest[i] == 1920 ? 1920 * 1440 + 640 * 480 : 640 * 480;
        assert_int_equal(record.found[i], 4); /* by second looks where not by wide ones */
    }
    assert_in_range(wide, 20, 45);
    assert_true(pixels / 3 < 32e6);
}

static void test_large_pictures_are_looked_at_in_parts(void **state)
{
    struct world world = {.frames = 30, .width = 3840, .height = 2160, .see = NULL};
    struct record record;

    (void)state;
    world.see = see_small;
    record = run(&world, OPTIONS({"look_budget", "100000"}), 1, 2, 60);
    assert_int_equal(record.found[29], 0); /* too small for any size */
    assert_int_equal(record.looks[0], 1 + 4);
    world.see = see_large; /* 500 pixels of 3840: seen at 640, but better in parts */
    record = run(&world, OPTIONS({"look_budget", "100000"}), 1, 2, 60);
    for (int i = 0; i < 30; i++)
        assert_int_equal(record.found[i], 1);
}

static void see_crowd(const struct world *world, int number, double reach, bool second,
                      vanon_object_list *list)
{
    for (int i = 0; i < 7; i++) {
        double size = 60 + 40 * i, x = 100 + 150 * i + (i % 2 ? 4 : -2) * number;
        bool hit = (number * 7 + i * 13) % 11 > 2 || second;

        if (reach * size > 90 && hit && number % 50 > 5 * i)
            add_person(list, fmod(x + 10 * world->width, world->width), 100 + 60 * i, size,
                       0.15 + 0.1 * ((number + i) % 8));
    }
}

static void test_order_of_results_does_not_matter(void **state)
{
    struct world world = {
        .frames = 150, .width = 1280, .height = 720, .see = see_crowd, .cut = 77, .damaged = 101};
    static const char *const every[] = {"1", "3", "auto"};

    (void)state;
    for (size_t e = 0; e < VANON_COUNT(every); e++) {
        const char *const pairs[][2] = {{"detect_every", every[e]}, {NULL, NULL}};
        struct record expected = run(&world, pairs, 1, 1, 40);

        for (unsigned order = 2; order < 14; order++) {
            struct record record =
                run(&world, pairs, order * 7919, 1 + order * 5 % 63, 10 + (int)order * 3);

            assert_memory_equal(&record, &expected, sizeof record);
        }
    }
}

static void test_reset_starts_anew(void **state)
{
    vanon_options *options = make_options(OPTIONS({"detect_every", "4"}));
    vanon_frame frame = {.format = VANON_PIXEL_GRAY8, .width = 640, .height = 480};
    struct vanon_glance glance = {0};
    struct vanon_looks_job job;
    vanon_looks *look = NULL;

    (void)state;
    assert_int_equal(vanon_looks_create(&look, options, true, 40), VANON_OK);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(vanon_looks_add(look, i, &frame, &glance), VANON_OK);
    assert_int_not_equal(vanon_looks_waiting(look), 0);
    vanon_looks_reset(look, 70);
    assert_int_equal(vanon_looks_waiting(look), 0);
    assert_int_equal(vanon_looks_ready(look), 70);
    assert_int_equal(vanon_looks_add(look, 70, &frame, &glance), VANON_OK);
    while (vanon_looks_batch(look, 1)) {
        vanon_looks_take(look, &job, 1);
        assert_int_equal(job.number, 70);
        assert_int_equal(vanon_looks_done(look, &job), VANON_OK);
    }
    assert_int_equal(vanon_looks_ready(look), 71);
    vanon_looks_destroy(&look);
    vanon_options_destroy(&options);
}

static void test_group_fits_into_memory(void **state)
{
    vanon_options *options = make_options(OPTIONS({"detect_every", "auto"}));
    vanon_frame frame = {.format = VANON_PIXEL_YUV420P, .width = 1920, .height = 1080};

    (void)state;
    assert_int_equal(vanon_looks_hold(options, true), 8);
    assert_int_equal(vanon_looks_hold_of(options, true, &frame), 8);
    frame.width = 3840;
    frame.height = 2160;
    assert_int_equal(vanon_looks_hold_of(options, true, &frame), 5); /* of 12.4 MB in 64 MiB */
    assert_int_equal(vanon_options_set(options, "detect_every", "3"), VANON_OK);
    assert_int_equal(vanon_looks_hold(options, true), 6);
    assert_int_equal(vanon_options_set(options, "detect_every", "1"), VANON_OK);
    assert_int_equal(vanon_looks_hold(options, true), 8);
    assert_int_equal(vanon_looks_hold(options, false), 1);
    assert_int_equal(vanon_options_set(options, "imgsz", "640"), VANON_OK);
    assert_int_equal(vanon_looks_hold(options, true), 1);
    vanon_options_destroy(&options);
}

/* The tracker needs a look on either side of a frame. */
static void test_looks_are_as_near_as_the_look_ahead_wants(void **state)
{
    struct world world = {.frames = 40, .width = 1280, .height = 720};
    struct record record =
        run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "8"}, {"look_ahead_frames", "0"}), 1,
            2, 60);

    (void)state;
    assert_int_equal(looked_at(&record, 0, 39), 40);
    record =
        run(&world, OPTIONS({"imgsz", "640"}, {"detect_every", "8"}, {"look_ahead_frames", "5"}), 1,
            2, 60);
    assert_int_equal(looked_at(&record, 0, 39), 21); /* the first, every second, the last */
}

static void test_parts_cover_the_picture(void **state)
{
    vanon_frame frame = {.format = VANON_PIXEL_YUV420P, .width = 7680, .height = 4320};
    struct vanon_scale_ladder ladder;

    (void)state;
    vanon_scale_ladder_make(&ladder, &frame, 64e6);
    assert_int_equal(ladder.steps, 6);
    for (size_t s = 4; s < 6; s++) {
        const struct vanon_scale_step *step = &ladder.step[s];
        size_t parts = (size_t)(step->grid * step->grid);
        double overlap = vanon_scale_overlap(step, 4320);

        for (int y = 0; y + overlap <= 4320; y += 97)
            for (int x = 0; x + overlap <= 7680; x += 97) {
                bool whole = false; /* in some part there is all of a box of the overlap's size */

                for (size_t i = 0; i < parts; i++) {
                    vanon_box part = vanon_scale_part(step, i, 7680, 4320);

                    whole = whole || (part.x0 <= x + 0.5 && part.y0 <= y + 0.5 &&
                                      part.x1 >= x + overlap - 0.5 && part.y1 >= y + overlap - 0.5);
                }
                assert_true(whole);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_frame_once),
        cmocka_unit_test(test_every_fourth_and_the_last),
        cmocka_unit_test(test_automatic_distance_is_eight_where_nothing_moves),
        cmocka_unit_test(test_cut_is_looked_at_on_both_sides),
        cmocka_unit_test(test_no_frame_beside_damage_goes_unseen),
        cmocka_unit_test(test_no_frame_beside_a_failed_look_goes_unseen),
        cmocka_unit_test(test_stretch_with_somebody_new_is_looked_at),
        cmocka_unit_test(test_fast_motion_is_looked_at),
        cmocka_unit_test(test_motion_there_and_back_is_looked_at),
        cmocka_unit_test(test_small_people_are_looked_at_closely),
        cmocka_unit_test(test_distant_people_are_seen_in_pictures_of_any_size),
        cmocka_unit_test(test_large_people_stay_at_the_smallest_size),
        cmocka_unit_test(test_pieces_of_large_people_are_nobody),
        cmocka_unit_test(test_small_newcomers_are_found),
        cmocka_unit_test(test_who_is_lost_is_looked_for_closely),
        cmocka_unit_test(test_budget_is_kept),
        cmocka_unit_test(test_large_pictures_are_looked_at_in_parts),
        cmocka_unit_test(test_order_of_results_does_not_matter),
        cmocka_unit_test(test_reset_starts_anew),
        cmocka_unit_test(test_group_fits_into_memory),
        cmocka_unit_test(test_looks_are_as_near_as_the_look_ahead_wants),
        cmocka_unit_test(test_parts_cover_the_picture),
    };

    return cmocka_run_group_tests_name("look", tests, NULL, NULL);
}

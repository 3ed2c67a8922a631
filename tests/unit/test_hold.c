/* SPDX-License-Identifier: Apache-2.0 */
/* What is held of a region, and that frames together show no more than one of them. */
#include "render.h"

#include "base/memory.h"
#include "render/hold.h"

#define WIDTH  320
#define HEIGHT 240
#define PATCH  150 /* side of what is hidden */
#define MARGIN 25  /* around its middle, which is compared */
#define INNER  (PATCH - 2 * MARGIN)
#define FRAMES 40 /* 1.6 seconds */
#define RATE   25
#define ROUNDS 30 /* of the attack; more gain nothing */

static uint32_t seed;

static double random_number(double from, double to)
{
    seed = seed * 1664525 + 1013904223;
    return from + (to - from) * (seed >> 8) / (1 << 24);
}

/* A texture like that of things: each octave as strong as the others. */
static void draw_texture(double *to, int width, int height)
{
    for (int i = 0; i < width * height; i++)
        to[i] = 128;
    for (int step = 2; step <= 64; step *= 2) {
        double knots[170 * 130];
        int across = width / step + 2, down = height / step + 2;

        for (int i = 0; i < across * down; i++)
            knots[i] = random_number(-24, 24);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                const double *at = knots + y / step * across + x / step;
                double u = (double)(x % step) / step, v = (double)(y % step) / step;

                to[y * width + x] += (at[0] * (1 - u) + at[1] * u) * (1 - v) +
                                     (at[across] * (1 - u) + at[across + 1] * u) * v;
            }
    }
}

/* A patch that moves by whole pixels over a ground that stands still, seen with some noise. */
struct scene {
    double ground[WIDTH * HEIGHT], patch[PATCH * PATCH];
    int x[FRAMES], y[FRAMES];    /* of the patch */
    vanon_region region[FRAMES]; /* found about where the patch is */
};

static void make_scene(struct scene *scene)
{
    seed = 7;
    draw_texture(scene->ground, WIDTH, HEIGHT);
    draw_texture(scene->patch, PATCH, PATCH);
    for (int i = 0; i < FRAMES; i++) {
        double half = PATCH / 2.0 + random_number(4, 8);

        scene->x[i] = 50 + i + (int)random_number(0, 20);
        scene->y[i] = 40 + (int)random_number(0, 20);
        scene->region[i] = (vanon_region){
            .part = VANON_PART_EYES,
            .object = 1,
            .shape = VANON_SHAPE_BOX,
            .cx = (float)(scene->x[i] + PATCH / 2.0 + random_number(-3, 3)),
            .cy = (float)(scene->y[i] + PATCH / 2.0 + random_number(-3, 3)),
            .rx = (float)half,
            .ry = (float)half,
        };
    }
}

static void set_luma(vanon_frame *frame, int x, int y, double value)
{
    value = floor(value + 0.5);
    line_of(frame, 0, y)[x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static vanon_frame *draw_scene(const struct scene *scene, enum vanon_pixel_format format, int i)
{
    vanon_frame *frame = new_frame(format, WIDTH, HEIGHT);

    paint(frame, 128);
    frame->pts = i;
    frame->time_base = (vanon_rational){1, RATE};
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int px = x - scene->x[i], py = y - scene->y[i];
            bool on = px >= 0 && py >= 0 && px < PATCH && py < PATCH;

            set_luma(frame, x, y,
                     (on ? scene->patch[py * PATCH + px] : scene->ground[y * WIDTH + x]) +
                         random_number(-2, 2));
        }
    return frame;
}

/* The means of a grid that stands still in the picture, anew in every frame. */
static vanon_frame *hide_by_picture(const vanon_frame *frame, const vanon_region *region)
{
    vanon_frame *out = new_frame(frame->format, WIDTH, HEIGHT);
    const int side = ((int)(2 * region->rx) + 5) / 6;

    for (int y0 = 0; y0 < HEIGHT; y0 += side)
        for (int x0 = 0; x0 < WIDTH; x0 += side) {
            int x1 = least(x0 + side, WIDTH), y1 = least(y0 + side, HEIGHT);
            double sum = 0;

            for (int y = y0; y < y1; y++)
                for (int x = x0; x < x1; x++)
                    sum += line_of(frame, 0, y)[x];
            for (int y = y0; y < y1; y++)
                for (int x = x0; x < x1; x++)
                    set_luma(out, x, y, sum / ((x1 - x0) * (y1 - y0)));
        }
    return out;
}

enum way { BY_PICTURE, ANEW, HELD };

static vanon_frame *hide(enum way way, vanon_renderer *renderer, vanon_hold *hold,
                         const vanon_frame *frame, vanon_region *region)
{
    vanon_region_list list = {.count = 1, .region = region};
    vanon_frame *out = vanon_frame_ref((vanon_frame *)frame);
    struct vanon_held held = {0};

    if (way == BY_PICTURE) {
        vanon_frame_unref(&out);
        return hide_by_picture(frame, region);
    }
    if (way == HELD)
        assert_int_equal(vanon_hold_frame(hold, frame, &list, &held), VANON_OK);
    assert_int_equal(vanon_renderer_render(renderer, &out, &list, way == HELD ? &held : NULL),
                     VANON_OK);
    vanon_held_free(&held);
    return out;
}

/* What a frame shows where the patch lies. */
struct view {
    double sample[PATCH * PATCH];
    int columns, rows, column[PATCH], row[PATCH]; /* where cells begin: their borders' middles */
};

/* Adds the middle of a border of so many samples where it ends before sample k; returns how many
 * there are with k. */
static int end_border(int samples, bool border, int k, int middles[], int *count)
{
    if (border)
        return samples + 1;
    if (samples)
        middles[(*count)++] = k - (samples + 1) / 2;
    return 0;
}

static void look(struct view *view, const struct scene *scene, const vanon_frame *frame, int i)
{
    const double *at = view->sample;

    for (int k = 0; k < PATCH * PATCH; k++)
        view->sample[k] = line_of(frame, 0, scene->y[i] + k / PATCH)[scene->x[i] + k % PATCH];
    view->columns = view->rows = 0;
    for (int k = 1, columns = 0, rows = 0; k < PATCH; k++) { /* samples in a border so far */
        bool column = false, row = false;

        for (int m = 0; m < PATCH; m++) {
            column = column || at[m * PATCH + k] != at[m * PATCH + k - 1];
            row = row || at[k * PATCH + m] != at[(k - 1) * PATCH + m];
        }
        columns = end_border(columns, column, k, view->column, &view->columns);
        rows = end_border(rows, row, k, view->row, &view->rows);
    }
}

/* Changes what is thought to be there so that its mean over a cell is what the cell shows. */
static void correct_cell(double *thought, const struct view *view, int x0, int x1, int y0, int y1,
                         double by)
{
    double sum = 0, change;

    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            sum += thought[y * PATCH + x];
    change =
        (view->sample[(y0 + y1) / 2 * PATCH + (x0 + x1) / 2] - sum / ((x1 - x0) * (y1 - y0))) * by;
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            thought[y * PATCH + x] += change;
}

/* All of a view's whole cells. */
static void correct(double *thought, const struct view *view, double by)
{
    for (int row = 0; row + 1 < view->rows; row++)
        for (int column = 0; column + 1 < view->columns; column++)
            correct_cell(thought, view, view->column[column], view->column[column + 1],
                         view->row[row], view->row[row + 1], by);
}

/* The attack: what the views of cells that lie differently on the patch have in common. Where they
 * are no flat cells, their mean. */
static void recover(double *thought, const struct view *views, int count, bool cells)
{
    memset(thought, 0, sizeof *thought * PATCH * PATCH);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < PATCH * PATCH; k++)
            thought[k] += views[i].sample[k] / count;
    for (int round = 0; cells && round < ROUNDS; round++)
        for (int i = 0; i < count; i++)
            correct(thought, &views[i], 0.5);
}

static double correlation(const double *a, const double *b)
{
    double mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;
    const int count = INNER * INNER;

    for (int i = 0; i < count; i++) {
        mean_a += a[i] / count;
        mean_b += b[i] / count;
    }
    for (int i = 0; i < count; i++) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

/* Means over `radius` samples on either side, along one axis (`step` 1 or INNER). */
static void smooth_along(double *to, const double *from, int step, int radius)
{
    for (int i = 0; i < INNER * INNER; i++) {
        int place = step == 1 ? i % INNER : i / INNER, count = 0;

        to[i] = 0;
        for (int k = most(-radius, -place); k <= radius && place + k < INNER; k++, count++)
            to[i] += from[i + k * step];
        to[i] /= count;
    }
}

/* How alike the middles of what was recovered and of the original are, after whatever smoothing of
 * the cells' edges makes them most so: that much anybody can do with a single frame. */
static double likeness(const double *recovered, const double *original)
{
    static double once[INNER * INNER], twice[INNER * INNER], inner[INNER * INNER];
    double best = 0;

    for (int i = 0; i < INNER * INNER; i++) {
        int at = (i / INNER + MARGIN) * PATCH + i % INNER + MARGIN;

        twice[i] = recovered[at];
        inner[i] = original[at];
    }
    for (int passes = 0; passes < 12; passes++) {
        best = fmax(best, correlation(twice, inner));
        smooth_along(once, twice, 1, 2);
        smooth_along(twice, once, INNER, 2);
    }
    return best;
}

/* What all frames show together beyond what the best of them shows. */
static double gain_of(const struct scene *scene, enum vanon_pixel_format format, enum way way,
                      enum vanon_style style)
{
    static double thought[PATCH * PATCH];
    static struct view views[FRAMES];
    vanon_options with = one_style(style, 16);
    bool cells = style == VANON_STYLE_MOSAIC;
    vanon_renderer *renderer;
    double best = 0, together;
    vanon_hold *hold;

    assert_int_equal(vanon_renderer_create(&renderer, &with, &unit_log), VANON_OK);
    assert_int_equal(vanon_hold_create(&hold, &with), VANON_OK);
    for (int i = 0; i < FRAMES; i++) {
        vanon_region region = scene->region[i];
        vanon_frame *frame = draw_scene(scene, format, i);
        vanon_frame *out = hide(way, renderer, hold, frame, &region);

        look(&views[i], scene, out, i);
        recover(thought, &views[i], 1, cells);
        best = fmax(best, likeness(thought, scene->patch));
        vanon_frame_unref(&out);
        vanon_frame_unref(&frame);
    }
    vanon_hold_destroy(&hold);
    vanon_renderer_destroy(&renderer);
    recover(thought, views, FRAMES, cells);
    together = likeness(thought, scene->patch);
    print_message("style %d, way %d: one frame %.3f, %d frames %.3f\n", (int)style, (int)way, best,
                  FRAMES, together);
    return together - best;
}

static void frames_together_show_no_more(void **state)
{
    static const enum vanon_style styles[] = {VANON_STYLE_MOSAIC, VANON_STYLE_GAUSSIAN,
                                              VANON_STYLE_BOXBLUR};
    static struct scene scene;
    double by_picture;

    (void)state;
    make_scene(&scene);
    /* The attack is one: what is not held gives way to it. A grid that moves along gives it little
     * to work on as long as regions are found within a few pixels. */
    by_picture = gain_of(&scene, VANON_PIXEL_GRAY8, BY_PICTURE, VANON_STYLE_MOSAIC);
    assert_true(by_picture > 0.1);
    assert_true(gain_of(&scene, VANON_PIXEL_GRAY8, ANEW, VANON_STYLE_MOSAIC) < by_picture / 2);
    for (size_t i = 0; i < VANON_COUNT(styles); i++) {
        assert_true(gain_of(&scene, VANON_PIXEL_GRAY8, HELD, styles[i]) < 0.01);
        assert_true(gain_of(&scene, VANON_PIXEL_YUV420P, HELD, styles[i]) < 0.01);
    }
}

/* A run of frames: what is held, and a renderer. */
struct run {
    vanon_options options;
    vanon_renderer *renderer;
    vanon_hold *hold;
    struct vanon_held held;
};

static void begin(struct run *run, enum vanon_style style)
{
    *run = (struct run){.options = one_style(style, 4)};
    assert_int_equal(vanon_renderer_create(&run->renderer, &run->options, &unit_log), VANON_OK);
    assert_int_equal(vanon_hold_create(&run->hold, &run->options), VANON_OK);
}

static void end(struct run *run)
{
    vanon_renderer_destroy(&run->renderer);
    vanon_hold_destroy(&run->hold);
    assert_null(run->hold);
    vanon_held_free(&run->held);
}

static vanon_frame *hide_held(struct run *run, const vanon_frame *frame, vanon_region *region,
                              const struct vanon_held *held)
{
    vanon_region_list list = {.count = 1, .region = region};
    vanon_frame *out = vanon_frame_ref((vanon_frame *)frame);

    assert_int_equal(vanon_renderer_render(run->renderer, &out, &list, held), VANON_OK);
    return out;
}

static void hold(struct run *run, const vanon_frame *frame, vanon_region *region, size_t count)
{
    vanon_region_list list = {.count = count, .region = region};

    assert_int_equal(vanon_hold_frame(run->hold, frame, &list, &run->held), VANON_OK);
    assert_int_equal(run->held.count, count);
}

/* All samples that the region hides wholly are the same in both; those outside are the source's. */
static void assert_same_hidden(const vanon_frame *a, const vanon_frame *b,
                               const vanon_frame *source, const vanon_region *region)
{
    const struct vanon_pixel_layout *layout = vanon_pixel_layout(a->format);
    vanon_matrix to_coded = vanon_frame_display_to_coded(a);
    vanon_mask mask = {0};

    assert_int_equal(vanon_mask_draw(&mask, region, NULL, &to_coded, a->width, a->height),
                     VANON_OK);
    for (int component = 0; component < layout->components - layout->alpha; component++)
        for (int y = 0; y < vanon_component_height(layout, component, a->height); y++)
            for (int x = 0; x < vanon_component_width(layout, component, a->width); x++) {
                int c = coverage_at(&mask, a, component, x, y);

                if (a->field_order == VANON_FIELDS_TOP_FIRST) /* both fields' lines */
                    c = most(c, coverage_at(&mask, a, component, x, y ^ 1));
                if (c == 255 && sample_at(a, component, x, y) != sample_at(b, component, x, y))
                    fail_msg("%s: component %d, %d,%d", layout->name, component, x, y);
                if (!c)
                    assert_int_equal(word_at(b, component, x, y), word_at(source, component, x, y));
            }
    vanon_mask_free(&mask);
}

static void check_later(enum vanon_style style, enum vanon_pixel_format format,
                        enum vanon_field_order fields)
{
    vanon_frame *first = new_frame(format, 96, 80), *second = new_frame(format, 96, 80), *a, *b;
    vanon_region region = ellipse(VANON_PART_EYES, 40.3f, 34.7f, 17);
    struct run run;

    begin(&run, style);
    scribble(first, 1);
    scribble(second, 2);
    first->field_order = second->field_order = fields;
    hold(&run, first, &region, 1);
    a = hide_held(&run, first, &region, &run.held);
    b = hide_held(&run, first, &region, NULL);
    assert_same_samples(a, b); /* the first frame is as it would be without */
    vanon_frame_unref(&b);
    hold(&run, second, &region, 1);
    b = hide_held(&run, second, &region, &run.held);
    assert_same_hidden(a, b, second, &region);
    vanon_frame_unref(&b);
    region.rx *= 1.1f; /* another shape, other chroma samples */
    region.cx += 3;
    region.cy -= 5;
    hold(&run, second, &region, 1);
    vanon_frame_unref(&a);
    a = hide_held(&run, first, &region, &run.held);
    b = hide_held(&run, second, &region, &run.held);
    assert_same_hidden(a, b, second, &region);
    vanon_frame_unref(&a);
    vanon_frame_unref(&b);
    vanon_frame_unref(&first);
    vanon_frame_unref(&second);
    end(&run);
}

/* Nothing of a later frame is in what hides it, whatever stands there. */
static void later_frames_show_nothing(void **state)
{
    (void)state;
    for (int style = 0; style < VANON_STYLES; style++)
        for (int format = VANON_PIXEL_NONE + 1; format < VANON_PIXEL_FORMATS; format++) {
            check_later((enum vanon_style)style, (enum vanon_pixel_format)format,
                        VANON_FIELDS_PROGRESSIVE);
            check_later((enum vanon_style)style, (enum vanon_pixel_format)format,
                        VANON_FIELDS_TOP_FIRST);
        }
}

/* What is shown of a region moves with it. */
static void cells_move_with_the_region(void **state)
{
    (void)state;
    for (int style = VANON_STYLE_MOSAIC; style < VANON_STYLE_SOLID; style++)
        for (int shift = -24; shift <= 24; shift += 6) {
            vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 128, 96), *still, *moved;
            vanon_region region = ellipse(VANON_PART_EYES, 60, 48, 15);
            struct run run;

            begin(&run, (enum vanon_style)style);
            scribble(frame, 3);
            hold(&run, frame, &region, 1);
            still = hide_held(&run, frame, &region, &run.held);
            region.cx += (float)shift;
            region.cy -= (float)shift;
            hold(&run, frame, &region, 1);
            moved = hide_held(&run, frame, &region, &run.held);
            for (int component = 0; component < 3; component++)
                for (int y = -12; y <= 12; y += 2)
                    for (int x = -8; x <= 8; x += 2) {
                        int scale = component ? 2 : 1;

                        assert_int_equal(
                            sample_at(still, component, (60 + x) / scale, (48 + y) / scale),
                            sample_at(moved, component, (60 + x + shift) / scale,
                                      (48 + y - shift) / scale));
                    }
            vanon_frame_unref(&still);
            vanon_frame_unref(&moved);
            vanon_frame_unref(&frame);
            end(&run);
        }
}

/* Shows grey pictures to a hold, each of another value, and tells whose value a region has. */
static unsigned shown(struct run *run, double seconds, vanon_region *regions, size_t count,
                      size_t index)
{
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 400, 300);
    unsigned value;

    paint(frame, (int)(seconds * 10 + 0.5));
    frame->pts = seconds < 0 ? VANON_NO_PTS : (int64_t)(seconds * 1000 + 0.5);
    frame->time_base = (vanon_rational){1, 1000};
    hold(run, frame, regions, count);
    value = run->held.value[run->held.grid[index].first];
    vanon_frame_unref(&frame);
    return value;
}

static void means_are_taken_anew_where_they_must(void **state)
{
    vanon_region region = ellipse(VANON_PART_EYES, 150, 150, 40);
    struct run run;

    (void)state;
    begin(&run, VANON_STYLE_MOSAIC);
    assert_int_equal(shown(&run, 1, &region, 1, 0), 10);
    region.cx += 60; /* moving is no reason, nor time */
    for (int i = 1; i < 12; i++)
        assert_int_equal(shown(&run, 1 + 0.9 * i, &region, 1, 0), 10);
    region.rx = region.ry = 45; /* nor some growth, nor shrinking to a half */
    assert_int_equal(shown(&run, 11.5, &region, 1, 0), 10);
    region.rx = region.ry = 22;
    assert_int_equal(shown(&run, 12, &region, 1, 0), 10);
    region.ry = 55;
    assert_int_equal(shown(&run, 12.2, &region, 1, 0), 122);
    region.ry = 80; /* but not so soon */
    assert_int_equal(shown(&run, 12.6, &region, 1, 0), 122);
    assert_int_equal(shown(&run, 13.1, &region, 1, 0), 122);
    assert_int_equal(shown(&run, 13.2, &region, 1, 0), 132);
    region.rx = region.ry = 35;
    assert_int_equal(shown(&run, 14.2, &region, 1, 0), 142);
    end(&run);
}

static void regions_are_known_again(void **state)
{
    vanon_region two[2] = {ellipse(VANON_PART_EYES, 100, 100, 30),
                           ellipse(VANON_PART_EYES, 200, 100, 30)};
    struct run run;

    (void)state;
    begin(&run, VANON_STYLE_GAUSSIAN);
    two[0].object = 7;
    assert_int_equal(shown(&run, 1, two, 1, 0), 10);
    assert_int_equal(shown(&run, 1.1, two, 2, 0), 10);
    assert_int_equal(shown(&run, 1.2, two, 2, 1), 11); /* no object: by part and place */
    assert_int_equal(shown(&run, 1.3, two + 1, 1, 0), 11);
    two[1].object = 7; /* the object's second one, not known yet */
    assert_int_equal(shown(&run, 1.4, two, 2, 1), 14);
    assert_int_equal(shown(&run, 1.5, two, 2, 0), 10);
    two[1].part = VANON_PART_ELBOWS;
    assert_int_equal(shown(&run, 1.6, two, 2, 1), 16);
    two[0].object = 8; /* somebody else, in the same place */
    assert_int_equal(shown(&run, 1.7, two, 2, 0), 17);
    assert_int_equal(shown(&run, 2.5, two + 1, 1, 0),
                     16); /* 8 is away for as long as is held ... */
    assert_int_equal(shown(&run, 2.6, two, 2, 0), 17);
    assert_int_equal(shown(&run, 3.5, two + 1, 1, 0), 16);
    assert_int_equal(shown(&run, 3.7, two, 2, 0), 37); /* ... and now for longer */
    vanon_hold_reset(run.hold);
    assert_int_equal(shown(&run, 3.8, two, 2, 0), 38);
    assert_int_equal(shown(&run, 2.0, two, 2, 0), 38); /* times that fall */
    end(&run);
}

static void what_has_nothing_to_hold(void **state)
{
    vanon_region region = ellipse(VANON_PART_EYES, 20, 20, 8), whole = {.part = VANON_PART_FRAME};
    vanon_frame *frame = new_frame(VANON_PIXEL_GRAY8, 64, 48), *other;
    struct run run;

    (void)state;
    scribble(frame, 4);
    begin(&run, VANON_STYLE_SOLID);
    hold(&run, frame, &region, 1);
    assert_int_equal(run.held.grid[0].side, 0);
    end(&run);
    begin(&run, VANON_STYLE_MOSAIC);
    hold(&run, frame, &whole, 1);
    assert_int_equal(run.held.grid[0].side, 0);
    region.cx = NAN;
    hold(&run, frame, &region, 1);
    assert_int_equal(run.held.grid[0].side, 0);
    region.cx = 20;
    hold(&run, frame, &region, 1);
    assert_true(run.held.grid[0].side > 0 && run.held.values > 0);
    other = new_frame(VANON_PIXEL_YUV444P, 64, 48); /* another kind of frames: all anew */
    paint(other, 99);
    hold(&run, other, &region, 1);
    for (size_t i = 0; i < run.held.values; i++)
        assert_int_equal(run.held.value[i], 99);
    run.options.exact_styles = true;
    assert_int_equal(vanon_hold_frame(run.hold, frame,
                                      &(vanon_region_list){.count = 1, .region = &region},
                                      &run.held),
                     VANON_OK);
    assert_int_equal(run.held.count, 0);
    vanon_frame_unref(&other);
    vanon_frame_unref(&frame);
    end(&run);
}

/* Somebody new in every frame, hundreds of them in the end: memory stays what it is. */
static void memory_is_used_again(void **state)
{
    vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 64, 48);
    vanon_region region = ellipse(VANON_PART_EYES, 20, 20, 8);
    const uint16_t *value = NULL;
    struct run run;

    (void)state;
    begin(&run, VANON_STYLE_BOXBLUR);
    scribble(frame, 5);
    for (int i = 0; i < 500; i++) {
        region.object = i;
        hold(&run, frame, &region, 1);
        if (i == 50)
            value = run.held.value;
        if (i > 50)
            assert_ptr_equal(run.held.value, value);
    }
    vanon_frame_unref(&frame);
    end(&run);
}

/* The second field of a picture so low has no lines of chroma. */
static void a_field_may_have_no_lines(void **state)
{
    vanon_region region = {
        .part = VANON_PART_EYES, .shape = VANON_SHAPE_BOX, .cx = 8, .cy = 1, .rx = 4, .ry = 1};
    vanon_region_list regions = {.region = &region, .count = 1};
    vanon_frame *frame = new_frame(VANON_PIXEL_YUV420P, 16, 2);
    vanon_options *settings = NULL;
    struct vanon_held held = {0};
    vanon_hold *hold = NULL;

    (void)state;
    paint(frame, 128);
    frame->field_order = VANON_FIELDS_TOP_FIRST;
    assert_int_equal(vanon_options_create(&settings, &unit_log), VANON_OK);
    assert_int_equal(vanon_hold_create(&hold, settings), VANON_OK);
    assert_int_equal(vanon_hold_frame(hold, frame, &regions, &held), VANON_OK);
    assert_true(held.values > 0);
    vanon_held_free(&held);
    vanon_hold_destroy(&hold);
    vanon_options_destroy(&settings);
    vanon_frame_unref(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_together_show_no_more),
        cmocka_unit_test(later_frames_show_nothing),
        cmocka_unit_test(cells_move_with_the_region),
        cmocka_unit_test(a_field_may_have_no_lines),
        cmocka_unit_test(means_are_taken_anew_where_they_must),
        cmocka_unit_test(regions_are_known_again),
        cmocka_unit_test(what_has_nothing_to_hold),
        cmocka_unit_test(memory_is_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Frames in a device's memory, by the reference that stands for one: what is done to them there is
 * what the CPU does. */
#include "unit.h"

#include "../../plugins/cuda/surfaces.h"
#include "../gpu/surface_case.h"
#include "camera_scene.h"
#include "pixels/camera.h"
#include "render/renderer.h"

static const enum vanon_pixel_format formats[] = {
    VANON_PIXEL_NV12,      VANON_PIXEL_P010,  VANON_PIXEL_YUV420P, VANON_PIXEL_YUV444P,
    VANON_PIXEL_YUV420P10, VANON_PIXEL_GRAY8, VANON_PIXEL_YUVA420P};

static const int sizes[][2] = {{322, 178}, {640, 90}, {65, 47}, {7, 5}, {1, 1}};

static vanon_surfaces *make_surfaces(void)
{
    vanon_surfaces *surfaces;

    assert_int_equal(vanon_surfaces_gpu.create(&surfaces, 3, &unit_log), VANON_OK);
    return surfaces;
}

static void fail_case(const struct surface_case *c, const char *wrong)
{
    fail_msg("%s: %s of %dx%d, fields %d, style %d, held %d", wrong,
             vanon_pixel_format_name(c->format), c->width, c->height, c->fields, c->style, c->held);
}

static void seen_as_on_the_cpu(void **state)
{
    vanon_surfaces *surfaces = make_surfaces();

    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            const struct surface_case c = {
                .format = formats[f], .width = sizes[s][0], .height = sizes[s][1]};
            const char *wrong = surface_case_look(surfaces, &c);

            if (wrong)
                fail_case(&c, wrong);
        }
    vanon_surfaces_destroy(&surfaces);
    assert_null(surfaces);
}

static void check_render(vanon_surfaces *surfaces, const struct surface_case *c)
{
    size_t painted = 0;
    const char *wrong = surface_case_render(surfaces, c, &painted);

    if (wrong)
        fail_case(c, wrong);
    assert_true(painted > 0 || c->width == 1); /* a single sample is its own mean */
}

static void rendered_as_on_the_cpu(void **state)
{
    vanon_surfaces *surfaces = make_surfaces();

    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (enum vanon_style style = 0; style < VANON_STYLES; style++)
                for (int held = 0; held < 2; held++) {
                    const struct surface_case c = {.format = formats[f],
                                                   .width = sizes[s][0],
                                                   .height = sizes[s][1],
                                                   .fields = s % 2 ? VANON_FIELDS_PROGRESSIVE
                                                                   : VANON_FIELDS_BOTTOM_FIRST,
                                                   .style = style,
                                                   .blur_kernel = s == 2 ? 41 : 0,
                                                   .held = held};

                    check_render(surfaces, &c);
                }
    vanon_surfaces_destroy(&surfaces);
}

static void whole_picture_is_hidden(void **state)
{
    vanon_surfaces *surfaces = make_surfaces();

    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++)
        check_render(surfaces, &(const struct surface_case){
                                   .format = formats[f], .width = 33, .height = 21, .whole = true});
    vanon_surfaces_destroy(&surfaces);
}

static vanon_frame *make_nv12(void)
{
    vanon_frame *frame;

    assert_int_equal(vanon_frame_alloc(&frame, VANON_PIXEL_NV12, 64, 36), VANON_OK);
    memset(frame->plane[0], 50, (size_t)frame->stride[0] * 36);
    memset(frame->plane[1], 60, (size_t)frame->stride[1] * 18);
    return frame;
}

/* The planes lie as an encoder wants them, and the memory is used again. */
static void frames_come_from_a_pool(void **state)
{
    vanon_surfaces *surfaces = make_surfaces();
    vanon_frame *host = make_nv12(), *device = NULL, *other = NULL;
    const vanon_cuda_planes *planes;
    uint64_t first;

    (void)state;
    assert_int_equal(vanon_surfaces_upload(surfaces, host, &device), VANON_OK);
    planes = device->handle;
    first = planes->plane[0];
    assert_int_equal(planes->device, 3);
    assert_int_equal(planes->stride[0] % 256, 0);
    assert_int_equal(planes->stride[0], planes->stride[1]);
    assert_int_equal(planes->plane[1], planes->plane[0] + 36 * (uint64_t)planes->stride[0]);
    assert_int_equal(planes->plane[2], 0);
    assert_null(device->plane[0]);
    assert_int_equal(vanon_surfaces_upload(surfaces, host, &other), VANON_OK);
    assert_int_not_equal(((const vanon_cuda_planes *)other->handle)->plane[0], first);
    vanon_frame_unref(&device);
    assert_int_equal(vanon_surfaces_upload(surfaces, host, &device), VANON_OK);
    assert_int_equal(((const vanon_cuda_planes *)device->handle)->plane[0], first);
    vanon_surfaces_destroy(&surfaces);
    vanon_frame_unref(&other); /* later than the device's object */
    vanon_frame_unref(&device);
    vanon_frame_unref(&host);
}

static void broken_frames_are_refused(void **state)
{
    vanon_surfaces *surfaces = make_surfaces();
    vanon_frame *host = make_nv12(), *device = NULL;
    vanon_cuda_planes broken;
    vanon_frame frame;

    (void)state;
    assert_int_equal(vanon_surfaces_check(surfaces, host), VANON_ERR_ARGUMENT);
    assert_int_equal(vanon_surfaces_upload(surfaces, host, &device), VANON_OK);
    assert_int_equal(vanon_surfaces_check(surfaces, device), VANON_OK);
#define assert_refused_with(member_, value_)                                          \
    do {                                                                              \
        broken = *(const vanon_cuda_planes *)device->handle;                          \
        broken.member_ = (value_);                                                    \
        frame = *device;                                                              \
        frame.handle = &broken;                                                       \
        assert_int_equal(vanon_surfaces_check(surfaces, &frame), VANON_ERR_ARGUMENT); \
    } while (0)
    assert_refused_with(device, 0);
    assert_refused_with(plane[1], 0);
    assert_refused_with(stride[0], 63);
    assert_refused_with(stride[1], -256);
#undef assert_refused_with
    vanon_frame_unref(&device);
    vanon_frame_unref(&host);
    vanon_surfaces_destroy(&surfaces);
}

/* A renderer that knows no device, and exact styles, which no device has. */
static void what_cannot_be_rendered_is_dropped(void **state)
{
    struct vanon_options plain = {.mosaic_block = 4}, exact = {.mosaic_block = 4};
    vanon_region region = {.part = VANON_PART_EYES, .cx = 20, .cy = 20, .rx = 5, .ry = 5};
    const vanon_region_list list = {.count = 1, .region = &region};
    vanon_surfaces *surfaces = make_surfaces();
    vanon_frame *host = make_nv12();

    (void)state;
    exact.exact_styles = true;
    assert_true(vanon_renderer_paints_surfaces(&plain));
    assert_false(vanon_renderer_paints_surfaces(&exact));
    for (int i = 0; i < 2; i++) {
        vanon_renderer *renderer;
        vanon_frame *device;

        assert_int_equal(vanon_renderer_create(&renderer, i ? &exact : &plain, &unit_log),
                         VANON_OK);
        if (i)
            vanon_renderer_use(renderer, surfaces);
        assert_int_equal(vanon_surfaces_upload(surfaces, host, &device), VANON_OK);
        assert_int_equal(vanon_renderer_render(renderer, &device, &list, NULL),
                         VANON_ERR_UNSUPPORTED);
        assert_null(device);
        vanon_renderer_destroy(&renderer);
    }
    vanon_frame_unref(&host);
    vanon_surfaces_destroy(&surfaces);
}

/* The camera tells the same of both memories; without the device's object it tells nothing. */
static void camera_sees_device_frames(void **state)
{
    vanon_surfaces *surfaces = make_surfaces();
    vanon_camera *camera[2];

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(vanon_camera_create(&camera[i]), VANON_OK);
    vanon_camera_use(camera[1], surfaces);
    for (int number = 0; number < 6; number++) {
        const struct shot shot = {
            .scene = number < 4 ? 1 : 2, .x = 5 * number, .y = number, .walker = -1};
        vanon_frame *frame = make_frame(VANON_PIXEL_GRAY8), *device;
        struct vanon_camera_step step[2];

        paint(frame, &shot, (uint32_t)number);
        assert_int_equal(vanon_surfaces_upload(surfaces, frame, &device), VANON_OK);
        assert_int_equal(vanon_camera_next(camera[0], frame, &step[0]), VANON_OK);
        assert_int_equal(vanon_camera_next(camera[1], device, &step[1]), VANON_OK);
        assert_int_equal(step[0].scene, step[1].scene);
        assert_memory_equal(&step[0].moved, &step[1].moved, sizeof step[0].moved);
        if (number == 3) {
            assert_int_equal(step[1].scene, VANON_SCENE_SAME);
            assert_true(step[1].moved.x0 > 0);
        }
        if (number == 4)
            assert_int_equal(step[1].scene, VANON_SCENE_CUT);
        vanon_frame_unref(&frame);
        vanon_frame_unref(&device);
    }
    for (int i = 0; i < 2; i++)
        vanon_camera_destroy(&camera[i]);
    vanon_surfaces_destroy(&surfaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seen_as_on_the_cpu),
        cmocka_unit_test(rendered_as_on_the_cpu),
        cmocka_unit_test(whole_picture_is_hidden),
        cmocka_unit_test(frames_come_from_a_pool),
        cmocka_unit_test(broken_frames_are_refused),
        cmocka_unit_test(what_cannot_be_rendered_is_dropped),
        cmocka_unit_test(camera_sees_device_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

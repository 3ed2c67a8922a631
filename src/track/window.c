/* SPDX-License-Identifier: Apache-2.0 */
#include "track/window.h"

#include <stdlib.h>

#include <vanon/status.h>

#include "base/memory.h"
#include "track/move.h"

static void clear_masks(vanon_object_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        vanon_ref_put(&list->object[i].mask);
}

/* A larger ring has other places for the same frames. */
static int grow(struct vanon_window *window)
{
    size_t capacity = 2 * window->capacity + 8;
    struct vanon_window_frame *ring = calloc(capacity, sizeof *ring);

    if (!ring)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < window->capacity; i++) {
        size_t number = (size_t)window->first + i; /* an unused place keeps its memory, too */

        ring[number % capacity] = window->frame[number % window->capacity];
    }
    free(window->frame);
    window->frame = ring;
    window->capacity = capacity;
    return VANON_OK;
}

int vanon_window_add(struct vanon_window *window, double time, bool looked)
{
    struct vanon_window_frame *frame;

    if ((size_t)(window->next - window->first) == window->capacity && grow(window))
        return VANON_ERR_MEMORY;
    frame = vanon_window_at(window, window->next++);
    frame->time = time;
    frame->looked = looked;
    frame->camera = VANON_MATRIX_IDENTITY;
    vanon_object_list_clear(&frame->objects);
    vanon_object_list_clear(&frame->found);
    return VANON_OK;
}

static int keep_found(struct vanon_window_frame *frame, const vanon_object_list *found)
{
    vanon_object_list_clear(&frame->found);
    for (size_t i = 0; i < found->count; i++)
        if (vanon_object_list_copy(&frame->found, found, &found->object[i]))
            return VANON_ERR_MEMORY;
    clear_masks(&frame->found); /* objects has them */
    return VANON_OK;
}

int vanon_window_moved(struct vanon_window *window, const vanon_matrix *camera,
                       const vanon_object_list *found)
{
    struct vanon_window_frame *frame = vanon_window_at(window, window->next - 1);

    frame->camera = *camera;
    return keep_found(frame, found);
}

int vanon_window_move(struct vanon_window *window, const vanon_matrix *by)
{
    vanon_matrix back = vanon_matrix_invert(by);
    int status = VANON_OK;

    for (int64_t number = window->first; number < window->next && !status; number++) {
        struct vanon_window_frame *frame = vanon_window_at(window, number);

        if (!frame->found.count)
            status = keep_found(frame, &frame->objects);
        for (size_t i = 0; i < frame->objects.count; i++)
            vanon_move_object(&frame->objects, &frame->objects.object[i], by);
        frame->camera = vanon_matrix_then(&back, &frame->camera);
    }
    return status;
}

int vanon_window_see(struct vanon_window *window, const vanon_object_list *from,
                     const vanon_object *object, struct vanon_place *place)
{
    struct vanon_window_frame *frame = vanon_window_at(window, window->next - 1);
    size_t index = frame->objects.count;

    if (vanon_grow(&frame->link, &frame->link_capacity, index + 1, sizeof *frame->link) ||
        vanon_object_list_copy(&frame->objects, from, object))
        return VANON_ERR_MEMORY;
    frame->link[index] = (struct vanon_link){VANON_NOWHERE, VANON_NOWHERE};
    *place = (struct vanon_place){window->next - 1, index};
    return VANON_OK;
}

void vanon_window_join(struct vanon_window *window, struct vanon_place before,
                       struct vanon_place after)
{
    if (!vanon_window_has(window, before.frame))
        return;
    vanon_window_link(window, before)->after = after;
    vanon_window_link(window, after)->before = before;
}

int64_t vanon_window_missed(const struct vanon_window *window, int64_t from, int64_t to)
{
    int64_t way = to < from ? -1 : 1, at = from + way;

    while (at != to + way && vanon_window_has(window, at) && !vanon_window_at(window, at)->looked)
        at += way;
    return (to + way - at) * way;
}

void vanon_window_drop(struct vanon_window *window, int64_t first, int64_t done)
{
    for (; window->first < first; window->first++) {
        vanon_object_list_clear(&vanon_window_at(window, window->first)->objects);
        vanon_object_list_clear(&vanon_window_at(window, window->first)->found);
    }
    if (vanon_window_has(window, done - 1))
        clear_masks(&vanon_window_at(window, done - 1)->objects);
}

void vanon_window_clear(struct vanon_window *window)
{
    for (size_t i = 0; i < window->capacity; i++) {
        vanon_object_list_clear(&window->frame[i].objects);
        vanon_object_list_clear(&window->frame[i].found);
    }
    window->first = window->next = 0;
}

void vanon_window_free(struct vanon_window *window)
{
    for (size_t i = 0; i < window->capacity; i++) {
        vanon_object_list_free(&window->frame[i].objects);
        vanon_object_list_free(&window->frame[i].found);
        free(window->frame[i].link);
    }
    free(window->frame);
    *window = (struct vanon_window){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "sizes.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/thread.h"

struct network {
    vanon_plan *plan;       /* NULL: the place is free */
    vanon_network *network; /* of it */
    size_t bytes;           /* of the device's memory, with a context for each slot */
    size_t in_flight;       /* slots that work with it now */
    uint64_t used;          /* when it was taken last */
};

struct slot {
    struct vanon_seat *seat; /* one for each network's place; its context NULL: none yet */
    struct network *network; /* at work; NULL: none */
};

struct vanon_sizes {
    struct vanon_sizes_params params;

    /* Held by whoever makes a network; taken before the lock. */
    pthread_mutex_t compiling;
    vanon_weights *weights; /* NULL: no network was made yet; then they stay */

    /* Guards all below, and the sizes that a slot is not at work with. */
    pthread_mutex_t lock;
    struct network *network;
    size_t networks; /* room for so many */
    struct slot *slot;
    uint64_t clock; /* rises with every use of a network */
    struct vanon_sizes_use use;
};

/* Letting go. All of it needs the lock. */

static void unbind(struct vanon_seat *seat)
{
    vanon_context_destroy(&seat->context);
    vanon_letterbox_destroy(&seat->letterbox);
    *seat = (struct vanon_seat){0};
}

static struct vanon_seat *seat_of(const vanon_sizes *sizes, size_t slot,
                                  const struct network *network)
{
    return &sizes->slot[slot].seat[network - sizes->network];
}

static void free_network(vanon_sizes *sizes, struct network *network)
{
    for (size_t i = 0; i < sizes->params.slots; i++)
        unbind(seat_of(sizes, i, network));
    vanon_network_destroy(&network->network);
    vanon_plan_destroy(&network->plan);
    *network = (struct network){0};
}

static bool is_idle(const struct network *network)
{
    return network->plan && !network->in_flight;
}

/* The network that was idle longest, other than `but`; NULL: all are at work. */
static struct network *find_oldest(const vanon_sizes *sizes, const struct network *but)
{
    struct network *oldest = NULL;

    for (size_t i = 0; i < sizes->networks; i++) {
        struct network *network = &sizes->network[i];

        if (is_idle(network) && network != but && (!oldest || network->used < oldest->used))
            oldest = network;
    }
    return oldest;
}

static bool evict(vanon_sizes *sizes, const struct network *but)
{
    struct network *oldest = find_oldest(sizes, but);

    if (oldest)
        free_network(sizes, oldest);
    return oldest;
}

/* Leaves at most `most` networks, but for those at work: waiting for them could wait for a slot
 * that only the waiting thread would collect. */
static void evict_down_to(vanon_sizes *sizes, size_t most)
{
    size_t live = 0;

    for (size_t i = 0; i < sizes->networks; i++)
        live += sizes->network[i].plan != NULL;
    while (live > most && evict(sizes, NULL))
        live--;
}

/* Lets go of the contexts of slots that are not at work with them. False: there are none. */
static bool drop_idle_contexts(vanon_sizes *sizes)
{
    bool gone = false;

    for (size_t i = 0; i < sizes->params.slots; i++)
        for (size_t j = 0; j < sizes->networks; j++) {
            struct slot *slot = &sizes->slot[i];

            if (!slot->seat[j].context || slot->network == &sizes->network[j])
                continue;
            unbind(&slot->seat[j]);
            gone = true;
        }
    return gone;
}

/* Makes room on the device; networks for larger pieces than the last go with it. `wanted` is what
 * the room is for, if it is there: to give that up would lead nowhere. False: there is no room to
 * make. */
static bool give_way(vanon_sizes *sizes, const struct network *wanted)
{
    if (sizes->use.piece > 1) {
        sizes->use.piece /= 2;
        vanon_warn(sizes->params.log,
                   "device cuda:%d: not enough memory; batches are done %zu at a time",
                   sizes->params.number, sizes->use.piece);
        evict_down_to(sizes, 0);
        return true;
    }
    return evict(sizes, wanted) || drop_idle_contexts(sizes);
}

/* Making networks */

/* More than the budget would be taken, and something could be done about it. */
static bool is_too_much(const vanon_sizes *sizes, size_t bytes)
{
    size_t spent = bytes;

    for (size_t i = 0; i < sizes->networks; i++)
        spent += sizes->network[i].bytes;
    return spent > sizes->params.budget && (sizes->use.piece > 1 || find_oldest(sizes, NULL));
}

/* Makes a network for pieces of so many frames, but doesn't put it into its place. Needs
 * `compiling` alone, and comes back with the lock. */
static int make(vanon_sizes *sizes, struct network *network, size_t piece, int width, int height)
{
    const struct vanon_sizes_params *own = &sizes->params;
    struct vanon_network_params params = own->network;
    bool half = params.half, too_much;
    int status = vanon_plan_create(&network->plan, own->onnx, (int)piece, height, width, own->log);

    if (!status && !sizes->weights)
        status = vanon_weights_create(&sizes->weights, own->device, network->plan, half);
    if (!status) {
        network->bytes = vanon_device_need(network->plan, half, own->slots);
        pthread_mutex_lock(&sizes->lock);
        too_much = is_too_much(sizes, network->bytes);
        pthread_mutex_unlock(&sizes->lock);
        params.plan = network->plan;
        params.weights = sizes->weights;
        status = too_much ? VANON_ERR_MEMORY
                          : vanon_network_create(&network->network, own->device, &params);
    }
    if (status)
        vanon_plan_destroy(&network->plan);
    pthread_mutex_lock(&sizes->lock);
    return status;
}

/* Adds to what was spent on making things since then. Needs the lock. */
static void add_time(vanon_sizes *sizes, int64_t wall, int64_t cpu)
{
    sizes->use.compile_seconds += (double)(vanon_clock() - wall) * 1e-9;
    sizes->use.compile_cpu_seconds += (double)(vanon_thread_clock() - cpu) * 1e-9;
}

/* The network for this size and the pieces of now; NULL: it must be made. Needs the lock. */
static struct network *find(const vanon_sizes *sizes, int width, int height)
{
    for (size_t i = 0; i < sizes->networks; i++) {
        struct network *network = &sizes->network[i];

        if (network->plan && network->plan->width == width && network->plan->height == height &&
            network->plan->batch == (int)sizes->use.piece)
            return network;
    }
    return NULL;
}

/* Makes the network for this size, unless another thread just did. Needs the lock, and lets go of
 * it meanwhile: other slots go on with the networks that are there. */
static int add(vanon_sizes *sizes, int width, int height, struct network **out)
{
    struct network made = {0}, *place;
    size_t piece;
    int64_t wall, cpu;
    int status = VANON_OK;

    pthread_mutex_unlock(&sizes->lock);
    pthread_mutex_lock(&sizes->compiling);
    pthread_mutex_lock(&sizes->lock);
    place = find(sizes, width, height);
    if (!place) {
        evict_down_to(sizes, VANON_LIVE_SIZES - 1);
        piece = sizes->use.piece;
        pthread_mutex_unlock(&sizes->lock);
        wall = vanon_clock();
        cpu = vanon_thread_clock();
        status = make(sizes, &made, piece, width, height);
        add_time(sizes, wall, cpu);
        /* There is room: no more networks are at work than there are other slots, and nobody else
         * adds one. */
        for (place = sizes->network; place->plan;)
            place++;
        if (!status)
            *place = made;
    }
    pthread_mutex_unlock(&sizes->compiling);
    *out = place;
    return status;
}

/* Needs the lock. */
static int bind(vanon_sizes *sizes, struct vanon_seat *seat, const struct network *network,
                void *opaque)
{
    int64_t wall = vanon_clock(), cpu = vanon_thread_clock();
    int status = vanon_context_create(&seat->context, network->network, sizes->params.done, opaque);

    seat->plan = network->plan;
    add_time(sizes, wall, cpu);
    return status;
}

/* One try. `*out` is the network as soon as it is there. Needs the lock. */
static int take(vanon_sizes *sizes, size_t slot, void *opaque, int width, int height,
                struct network **out)
{
    struct network *network = *out = find(sizes, width, height);
    struct vanon_seat *seat;
    int status = VANON_OK;

    if (!network)
        status = add(sizes, width, height, &network);
    if (status)
        return status;
    *out = network;
    seat = seat_of(sizes, slot, network);
    if (!seat->context)
        status = bind(sizes, seat, network, opaque);
    if (status)
        return status;
    sizes->slot[slot].network = network;
    network->in_flight++;
    network->used = ++sizes->clock;
    if ((int64_t)width * height > (int64_t)sizes->use.width * sizes->use.height) {
        sizes->use.width = width;
        sizes->use.height = height;
    }
    return VANON_OK;
}

int vanon_sizes_acquire(vanon_sizes *sizes, size_t slot, void *opaque, int width, int height,
                        struct vanon_seat **out)
{
    struct network *network;
    int status;

    pthread_mutex_lock(&sizes->lock);
    do
        status = take(sizes, slot, opaque, width, height, &network);
    while (status == VANON_ERR_MEMORY && give_way(sizes, network));
    *out = status ? NULL : seat_of(sizes, slot, network);
    pthread_mutex_unlock(&sizes->lock);
    if (status == VANON_ERR_MEMORY)
        vanon_fail(sizes->params.log, status,
                   "device cuda:%d: not enough memory for one frame of %dx%d", sizes->params.number,
                   width, height);
    return status;
}

/* What the slot was at work with. Needs the lock. */
static struct network *leave(vanon_sizes *sizes, size_t slot)
{
    struct network *network = sizes->slot[slot].network;

    sizes->slot[slot].network = NULL;
    network->in_flight--;
    return network;
}

/* What is for larger pieces than are wanted now is not kept. */
void vanon_sizes_release(vanon_sizes *sizes, size_t slot)
{
    struct network *network;

    pthread_mutex_lock(&sizes->lock);
    network = leave(sizes, slot);
    if (is_idle(network) && network->plan->batch != (int)sizes->use.piece)
        free_network(sizes, network);
    evict_down_to(sizes, VANON_LIVE_SIZES);
    pthread_mutex_unlock(&sizes->lock);
}

bool vanon_sizes_give_up(vanon_sizes *sizes, size_t slot)
{
    struct network *network;
    bool room;

    pthread_mutex_lock(&sizes->lock);
    network = leave(sizes, slot);
    unbind(seat_of(sizes, slot, network));
    room = give_way(sizes, network);
    pthread_mutex_unlock(&sizes->lock);
    if (!room)
        vanon_fail(sizes->params.log, VANON_ERR_MEMORY,
                   "device cuda:%d: not enough memory to look at one frame", sizes->params.number);
    return room;
}

void vanon_sizes_get_use(vanon_sizes *sizes, struct vanon_sizes_use *use)
{
    pthread_mutex_lock(&sizes->lock);
    *use = sizes->use;
    pthread_mutex_unlock(&sizes->lock);
}

/* Life */

static int make_places(vanon_sizes *sizes)
{
    size_t slots = sizes->params.slots;

    sizes->networks = slots > VANON_LIVE_SIZES ? slots : VANON_LIVE_SIZES;
    sizes->network = calloc(sizes->networks, sizeof *sizes->network);
    sizes->slot = calloc(slots, sizeof *sizes->slot);
    if (!sizes->network || !sizes->slot)
        return VANON_ERR_MEMORY;
    for (size_t i = 0; i < slots; i++) {
        sizes->slot[i].seat = calloc(sizes->networks, sizeof *sizes->slot[i].seat);
        if (!sizes->slot[i].seat)
            return VANON_ERR_MEMORY;
    }
    return VANON_OK;
}

int vanon_sizes_create(vanon_sizes **out, const struct vanon_sizes_params *params)
{
    vanon_sizes *sizes = calloc(1, sizeof *sizes);

    *out = NULL;
    if (!sizes)
        return VANON_ERR_MEMORY;
    if (pthread_mutex_init(&sizes->lock, NULL)) {
        free(sizes);
        return VANON_ERR_MEMORY;
    }
    if (pthread_mutex_init(&sizes->compiling, NULL)) {
        pthread_mutex_destroy(&sizes->lock);
        free(sizes);
        return VANON_ERR_MEMORY;
    }
    sizes->params = *params;
    sizes->use.piece = params->batch;
    *out = sizes;
    if (make_places(sizes))
        vanon_sizes_destroy(out);
    return *out ? VANON_OK : VANON_ERR_MEMORY;
}

void vanon_sizes_destroy(vanon_sizes **pointer)
{
    vanon_sizes *sizes = pointer ? *pointer : NULL;

    if (!sizes)
        return;
    *pointer = NULL;
    for (size_t i = 0; sizes->network && i < sizes->networks; i++)
        if (sizes->network[i].plan)
            free_network(sizes, &sizes->network[i]);
    for (size_t i = 0; sizes->slot && i < sizes->params.slots; i++)
        free(sizes->slot[i].seat);
    vanon_weights_destroy(&sizes->weights);
    free(sizes->slot);
    free(sizes->network);
    pthread_mutex_destroy(&sizes->compiling);
    pthread_mutex_destroy(&sizes->lock);
    free(sizes);
}

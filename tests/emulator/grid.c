/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel's blocks, one after the other, and the threads of each, by turns. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "emulator.h"
#include "fiber.h"
#include "machine.h"

#define THREADS     1024 /* of a block, at most */
#define GRID_HEIGHT 65535
#define SHARED      (48 * 1024) /* bytes of shared memory, at most */
#define VARIABLES   8           /* in it, at most */
#define STACK       ((size_t)128 << 10)
#define PAGE        ((size_t)4096)
#define COPIES      64 /* asynchronous ones of a thread, at once */

enum state { GONE, READY, AT_BARRIER, IN_WARP };

struct copy {
    void *to;
    const void *from;
    size_t bytes;
    bool valid;
};

struct thread {
    struct fiber fiber;
    enum state state;
    uint3 index;
    size_t variables; /* of shared memory that it has taken */
    const char *file; /* where it waits */
    int line;
};

/* A thread's, in flight. */
struct copies {
    struct copy copy[COPIES];
    size_t count, committed; /* those of the group that is open come last */
    size_t group[COPIES];    /* copies of each group */
    size_t groups;
};

/* All of a warp meet for one operation. */
struct warp {
    void (*run)(void *const argument[EMULATED_WARP]);
    void *argument[EMULATED_WARP];
    size_t here;
};

struct variable {
    void *at;
    size_t bytes;
    bool taken; /* by the block that runs */
};

uint3 emulated_thread, emulated_block;
dim3 emulated_block_size, emulated_grid_size;

/* The device's own: one kernel runs at a time, on its thread. */
static struct fiber scheduler;
static struct thread thread[THREADS];
static struct copies copies[THREADS];
static struct warp warp[THREADS / EMULATED_WARP];
static struct variable variable[VARIABLES + 1]; /* the last: what the launch gives */
static size_t threads, now, at_barrier, left;
static void (*kernel)(const void *arguments);
static const void *kernel_arguments;
static uint64_t work;
static bool backwards;

void emulator_run_backwards(bool wanted)
{
    backwards = wanted;
}

uint64_t emulated_work(void)
{
    return work;
}

int emulated_check_grid(const struct emulated_grid *g)
{
    const dim3 *grid = &g->grid, *block = &g->block;

    if (!grid->x || !grid->y || !grid->z || grid->y > GRID_HEIGHT || grid->z > GRID_HEIGHT ||
        grid->x > INT32_MAX)
        return cudaErrorInvalidConfiguration;
    if (!block->x || !block->y || !block->z || block->x * block->y * block->z > THREADS ||
        g->shared > SHARED)
        return cudaErrorInvalidConfiguration;
    return cudaSuccess;
}

/* Shared memory: each variable in memory of its own, so that its end is seen. */

static void *take(struct variable *v, size_t bytes)
{
    if (v->at && v->bytes != bytes) {
        free(v->at);
        v->at = NULL;
    }
    if (!v->at && posix_memalign(&v->at, 128, bytes))
        emulated_fail("no memory");
    v->bytes = bytes;
    if (!v->taken) {
        memset(v->at, EMULATED_POISON, bytes);
        emulated_watch_shared(v->at, bytes);
    }
    v->taken = true;
    return v->at;
}

static void check_shared(void)
{
    size_t bytes = 0;

    for (size_t i = 0; i <= VARIABLES; i++)
        bytes += variable[i].taken ? variable[i].bytes : 0;
    if (bytes > SHARED)
        emulated_fail("%zu bytes of shared memory; %d are the most", bytes, SHARED);
}

void *emulated_shared(size_t bytes)
{
    struct variable *v = &variable[thread[now].variables++];
    void *at;

    if (thread[now].variables > VARIABLES || (v->taken && v->bytes != bytes))
        emulated_fail("threads that differ in their shared memory");
    at = take(v, bytes);
    check_shared();
    return at;
}

void *emulated_shared_rest(void)
{
    return variable[VARIABLES].at;
}

/* Threads */

static void wait_as(enum state state, const char *file, int line)
{
    struct thread *own = &thread[now];

    own->state = state;
    own->file = file;
    own->line = line;
    fiber_go(&own->fiber, &scheduler);
}

/* The thread's fiber, for one block after the other. */
static void be_a_thread(void *unused)
{
    (void)unused;
    for (;;) {
        kernel(kernel_arguments);
        if (copies[now].count)
            emulated_fail("thread %zu ends before its copies have", now);
        copies[now].groups = 0;
        left++;
        wait_as(GONE, "its end", 0);
    }
}

/* Its fiber is kept for all that come. */
static void make_thread(size_t number, const dim3 *block)
{
    struct thread *t = &thread[number];
    unsigned line = (unsigned)number / block->x;
    char *pages;

    t->index = (uint3){(unsigned)number % block->x, line % block->y, line / block->y};
    if (t->fiber.stack)
        return;
    pages = mmap(NULL, STACK + PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (pages == MAP_FAILED || mprotect(pages, PAGE, PROT_NONE))
        emulated_fail("no memory for a thread");
    fiber_prepare(&t->fiber, pages + PAGE, STACK, be_a_thread, NULL);
}

static bool waits_at(const struct thread *t, const char *file, int line)
{
    return t->line == line && (t->file == file || !strcmp(t->file, file));
}

void emulated_barrier(const char *file, int line)
{
    at_barrier++;
    if (at_barrier < threads) {
        wait_as(AT_BARRIER, file, line);
        return;
    }
    for (size_t i = 0; i < threads; i++) {
        if (i != now && !waits_at(&thread[i], file, line))
            emulated_fail("thread %zu waits at %s:%d, thread %zu at %s:%d", i, thread[i].file,
                          thread[i].line, now, file, line);
        thread[i].state = READY;
    }
    at_barrier = 0;
    emulated_watch_time(EMULATED_BARRIER);
}

void emulated_meet(void (*run)(void *const argument[EMULATED_WARP]), void *argument)
{
    struct warp *own = &warp[now / EMULATED_WARP];
    size_t first = now / EMULATED_WARP * EMULATED_WARP;

    if (own->here && own->run != run)
        emulated_fail("thread %zu is at another operation than its warp", now);
    own->run = run;
    own->argument[now % EMULATED_WARP] = argument;
    if (++own->here < EMULATED_WARP) {
        wait_as(IN_WARP, "its warp's operation", 0);
        return;
    }
    own->here = 0;
    run(own->argument);
    for (size_t i = first; i < first + EMULATED_WARP; i++)
        thread[i].state = READY;
}

unsigned emulated_atomic_add(unsigned *at, unsigned value)
{
    unsigned before;

    emulated_watch(at, sizeof *at, true, false);
    before = *at;
    *at = before + value;
    return before;
}

int emulated_atomic_min(int *at, int value)
{
    int before;

    emulated_watch(at, sizeof *at, true, false);
    before = *at;
    *at = value < before ? value : before;
    return before;
}

/* Asynchronous copies */

static void show(const struct copy *copy, bool land)
{
    emulated_watch(copy->to, copy->bytes, true, true);
    if (!land)
        memset(copy->to, EMULATED_POISON, copy->bytes);
    else if (copy->valid)
        memcpy(copy->to, copy->from, copy->bytes);
    else
        memset(copy->to, 0, copy->bytes);
}

void emulated_copy_async(void *to, const void *from, size_t bytes, bool valid)
{
    struct copies *own = &copies[now];
    struct copy *copy = &own->copy[own->count];

    if (own->count == COPIES)
        emulated_fail("thread %zu has too many copies", now);
    if (((uintptr_t)to | (uintptr_t)from) % bytes)
        emulated_fail("an asynchronous copy of %zu bytes from %p to %p", bytes, from, to);
    *copy = (struct copy){to, from, bytes, valid};
    own->count++;
    if (valid)
        emulated_watch(from, bytes, false, true);
    show(copy, false);
}

void emulated_commit_copies(void)
{
    struct copies *own = &copies[now];

    if (own->groups == COPIES)
        emulated_fail("thread %zu has too many groups", now);
    own->group[own->groups++] = own->count - own->committed;
    own->committed = own->count;
}

void emulated_wait_for_copies(size_t but_for)
{
    struct copies *own = &copies[now];
    size_t ended = own->groups > but_for ? own->groups - but_for : 0, landed = 0;

    for (size_t i = 0; i < ended; i++)
        for (size_t j = 0; j < own->group[i]; j++)
            show(&own->copy[landed++], true);
    own->groups -= ended;
    memmove(own->group, own->group + ended, own->groups * sizeof *own->group);
    own->count -= landed;
    own->committed -= landed;
    memmove(own->copy, own->copy + landed, own->count * sizeof *own->copy);
}

/* Blocks */

static void go_to(size_t number)
{
    struct thread *next = &thread[number];

    now = number;
    emulated_thread = next->index;
    emulated_watch_thread((unsigned)number, next->fiber.stack, next->fiber.bytes);
    fiber_go(&scheduler, &next->fiber);
}

static void say_who_waits(void)
{
    const struct thread *waiting = thread, *other = NULL;

    while (waiting->state == GONE)
        waiting++;
    for (size_t i = 0; i < threads; i++)
        if (!waits_at(&thread[i], waiting->file, waiting->line))
            other = &thread[i];
    emulated_fail("thread %td waits at %s:%d, thread %td at %s:%d, %zu of %zu have ended",
                  waiting - thread, waiting->file, waiting->line,
                  (other ? other : waiting) - thread, (other ? other : waiting)->file,
                  (other ? other : waiting)->line, left, threads);
}

static void run_block(size_t shared)
{
    left = at_barrier = 0;
    for (size_t i = 0; i <= VARIABLES; i++)
        variable[i].taken = false;
    if (shared)
        take(&variable[VARIABLES], shared);
    for (size_t i = 0; i < threads; i++) {
        thread[i].state = READY;
        thread[i].variables = 0;
    }
    emulated_watch_time(EMULATED_BLOCK);
    while (left < threads) {
        bool moved = false;

        for (size_t i = 0; i < threads; i++) {
            size_t number = backwards ? threads - 1 - i : i;

            if (thread[number].state != READY)
                continue;
            go_to(number);
            moved = true;
        }
        if (!moved)
            say_who_waits();
    }
    work += threads;
}

void emulated_run_grid(const struct emulated_grid *g, void (*run)(const void *),
                       const void *arguments, size_t bytes)
{
    size_t blocks = (size_t)g->grid.x * g->grid.y * g->grid.z;

    threads = (size_t)g->block.x * g->block.y * g->block.z;
    kernel = run;
    kernel_arguments = arguments;
    emulated_block_size = g->block;
    emulated_grid_size = g->grid;
    emulated_watch_arguments(arguments, bytes);
    emulated_watch_time(EMULATED_LAUNCH);
    for (size_t i = 0; i < threads; i++)
        make_thread(i, &g->block);
    for (size_t i = 0; i < blocks; i++) {
        size_t number = backwards ? blocks - 1 - i : i;

        emulated_block =
            (uint3){(unsigned)(number % g->grid.x), (unsigned)(number / g->grid.x % g->grid.y),
                    (unsigned)(number / g->grid.x / g->grid.y)};
        run_block(g->shared);
    }
    emulated_watch_time(EMULATED_END);
}

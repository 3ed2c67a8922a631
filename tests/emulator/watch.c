/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches what kernels do to memory: their files are compiled as for ThreadSanitizer
 * (-fsanitize=thread), so that each access calls a function, and here, in place of its runtime, are
 * these functions.
 *
 * Of each byte is noted who wrote it last, and who read it. Time is counted in barriers and blocks:
 * what two threads of a block do between the same barriers, and what two blocks of a launch do at
 * all, has no order.
 */
#include <execinfo.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "machine.h"

#define WHO       11 /* bits of a mark for who, the rest is when */
#define VARIABLES 16
#define KNOWN     16 /* pieces of memory that are found fast */

/* Threads of a block are 1 to 1024. */
enum who { HOST = 2044, ATOMIC, SEVERAL_BLOCKS, SEVERAL };

typedef uint64_t mark[2]; /* of the last write, of reads since; 0: there was none */

struct variable {
    const char *at;
    size_t bytes;
    mark *mark;
};

static bool watching;              /* there are kernels that are */
static _Thread_local bool running; /* a kernel, on this thread */
static uint64_t now, launch = 1, block = 1;
static unsigned own;
static struct variable variable[VARIABLES];
static size_t variables;
static struct emulated_piece *known[KNOWN];
static const char *stack, *arguments;
static size_t stack_bytes, argument_bytes;

extern const char __executable_start, end; /* the linker's */

static bool lies_in(const char *at, const char *from, size_t bytes)
{
    return at >= from && at < from + bytes;
}

void emulated_watch_time(enum emulated_time time)
{
    now++;
    running = time != EMULATED_END;
    if (time == EMULATED_BLOCK)
        block = now;
    if (time != EMULATED_LAUNCH)
        return;
    launch = now;
    while (variables)
        free(variable[--variables].mark);
    for (size_t i = 0; i < KNOWN; i++)
        known[i] = NULL;
}

void emulated_watch_thread(unsigned number, const void *at, size_t bytes)
{
    own = number + 1;
    stack = at;
    stack_bytes = bytes;
}

void emulated_watch_arguments(const void *at, size_t bytes)
{
    arguments = at;
    argument_bytes = bytes;
}

static mark *marks_of(struct emulated_piece *piece)
{
    if (!piece->mark) {
        piece->mark = mmap(NULL, piece->bytes * sizeof *piece->mark, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (piece->mark == MAP_FAILED)
            emulated_fail("no memory to watch with");
    }
    return piece->mark;
}

void emulated_watch_shared(const void *at, size_t bytes)
{
    size_t i = 0;

    while (i < variables && variable[i].at != at)
        i++;
    if (!watching || i < variables)
        return;
    variable[i] = (struct variable){at, bytes, calloc(bytes, sizeof(mark))};
    if (++variables == VARIABLES || !variable[i].mark)
        emulated_fail("no memory to watch with");
}

void emulated_watch_written(struct emulated_piece *piece, const void *at, size_t bytes)
{
    mark *m;

    if (!watching)
        return;
    m = marks_of(piece) + ((const char *)at - piece->at);
    now++;
    for (size_t i = 0; i < bytes; i++)
        m[i][0] = now << WHO | HOST;
}

/* What is checked of an access. */
struct access {
    bool write;
    unsigned who;
    uint64_t written; /* since then somebody wrote it; 0: the host may have */
    uint64_t begun;   /* since then what others did has no order */
    void *place;      /* in the program */
};

/* Where in the program it happens; addr2line tells the line. */
static void fail(const char *what, const void *at, const struct access *a)
{
    char **name = backtrace_symbols(&a->place, 1);

    emulated_fail("%s: thread %u of block %u, %u, %u %s %p in %s", what, own - 1, emulated_block.x,
                  emulated_block.y, emulated_block.z, a->write ? "writes" : "reads", at,
                  name ? *name : "?");
}

/* True where nothing orders what was done before and what is done now. */
static bool clashes(uint64_t before, const struct access *a)
{
    uint64_t when = before >> WHO;
    unsigned other = before & ((1u << WHO) - 1);

    if (when < a->begun || (other == ATOMIC && a->who == ATOMIC))
        return false;
    if (when < block || other == SEVERAL_BLOCKS)
        return true;
    return when == now && other != a->who;
}

static uint64_t note_read(uint64_t before, const struct access *a)
{
    uint64_t when = before >> WHO;
    unsigned other = before & ((1u << WHO) - 1), who = a->who;

    if (when >= a->begun && (when < block || other == SEVERAL_BLOCKS))
        who = SEVERAL_BLOCKS;
    else if (when == now && other != who)
        who = SEVERAL;
    return now << WHO | who;
}

static void check(mark *m, const char *at, size_t bytes, const struct access *a)
{
    for (size_t i = 0; i < bytes; i++, m++) {
        if ((!a->write || a->who == ATOMIC) && (*m)[0] >> WHO < a->written)
            fail("what nobody wrote", at + i, a);
        if (clashes((*m)[0], a))
            fail("another thread wrote it meanwhile", at + i, a);
        if (a->write && clashes((*m)[1], a))
            fail("another thread read it meanwhile", at + i, a);
        if (a->write)
            (*m)[0] = now << WHO | a->who;
        else
            (*m)[1] = note_read((*m)[1], a);
    }
}

/* NULL: it is none of the device's or of pinned memory. */
static struct emulated_piece *find_piece(const char *at, size_t bytes)
{
    struct emulated_piece *piece;
    size_t i = 0;

    while (i < KNOWN && known[i] &&
           !(at >= known[i]->at && at + bytes <= known[i]->at + known[i]->bytes))
        i++;
    if (i < KNOWN && known[i])
        return known[i];
    piece = emulated_piece_of(at, bytes);
    if (i < KNOWN)
        known[i] = piece;
    return piece;
}

static void access(const void *memory, size_t bytes, bool write, bool plain, void *place)
{
    const char *at = memory;
    struct access a = {write, plain ? own : ATOMIC, block, block, place};
    struct emulated_piece *piece;

    if (!running || !watching || lies_in(at, stack, stack_bytes))
        return;
    for (size_t i = 0; i < variables; i++)
        if (lies_in(at, variable[i].at, variable[i].bytes)) {
            if (!lies_in(at + bytes - 1, variable[i].at, variable[i].bytes))
                fail("beyond the end of shared memory", at, &a);
            check(variable[i].mark + (at - variable[i].at), at, bytes, &a);
            return;
        }
    if (!write &&
        (lies_in(at, arguments, argument_bytes) || (at >= &__executable_start && at < &end)))
        return;
    piece = find_piece(at, bytes);
    if (!piece)
        fail("the host's memory, or beyond the end of shared memory", at, &a);
    a.written = piece->device; /* whether the host wrote its own memory is not known */
    a.begun = launch;
    check(marks_of(piece) + (at - piece->at), at, bytes, &a);
}

void emulated_watch(const void *at, size_t bytes, bool write, bool plain)
{
    access(at, bytes, write, plain, __builtin_return_address(0));
}

/* What the compiler calls. */

#define ACCESS(name_, bytes_, write_)                                  \
    void name_(const void *at);                                        \
    void name_(const void *at)                                         \
    {                                                                  \
        access(at, bytes_, write_, true, __builtin_return_address(0)); \
    }

#define RANGE(name_, write_)                                          \
    void name_(const void *at, size_t bytes);                         \
    void name_(const void *at, size_t bytes)                          \
    {                                                                 \
        access(at, bytes, write_, true, __builtin_return_address(0)); \
    }

ACCESS(__tsan_read1, 1, false)
ACCESS(__tsan_read2, 2, false)
ACCESS(__tsan_read4, 4, false)
ACCESS(__tsan_read8, 8, false)
ACCESS(__tsan_read16, 16, false)
ACCESS(__tsan_write1, 1, true)
ACCESS(__tsan_write2, 2, true)
ACCESS(__tsan_write4, 4, true)
ACCESS(__tsan_write8, 8, true)
ACCESS(__tsan_write16, 16, true)
ACCESS(__tsan_unaligned_read2, 2, false)
ACCESS(__tsan_unaligned_read4, 4, false)
ACCESS(__tsan_unaligned_read8, 8, false)
ACCESS(__tsan_unaligned_read16, 16, false)
ACCESS(__tsan_unaligned_write2, 2, true)
ACCESS(__tsan_unaligned_write4, 4, true)
ACCESS(__tsan_unaligned_write8, 8, true)
ACCESS(__tsan_unaligned_write16, 16, true)
RANGE(__tsan_read_range, false)
RANGE(__tsan_write_range, true)

/* What it says where something is not aligned as its type wants it, which a GPU refuses to read or
 * write at once (-fsanitize=alignment). Weak: UndefinedBehaviorSanitizer has its own. */
struct mismatch {
    const char *file;
    uint32_t line, column;
    const void *type;
    unsigned char alignment, kind;
};

void __ubsan_handle_type_mismatch_v1_abort(const struct mismatch *of, const void *at);
__attribute__((weak)) void __ubsan_handle_type_mismatch_v1_abort(const struct mismatch *of,
                                                                 const void *at)
{
    emulated_fail("not aligned: thread %u of block %u, %u, %u, %p at %s:%u", own - 1,
                  emulated_block.x, emulated_block.y, emulated_block.z, at, of->file, of->line);
}

void __tsan_init(void);
void __tsan_init(void)
{
    watching = true;
}

void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void)
{
}

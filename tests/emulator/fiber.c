/* SPDX-License-Identifier: Apache-2.0 */
#include "fiber.h"

#include <stdint.h>
#include <stdlib.h>

#include "machine.h"

#if EMULATED_ASAN
#include <sanitizer/common_interface_defs.h>

/* The sanitizer must know which stack is in use. */
static void before(struct fiber *from, const struct fiber *to)
{
    __sanitizer_start_switch_fiber(&from->fake, to->stack, to->bytes);
}

static struct fiber *left; /* by whoever went last */

static void after(const struct fiber *own)
{
    const void *stack;
    size_t bytes;

    __sanitizer_finish_switch_fiber(own->fake, &stack, &bytes);
    if (!left->stack) { /* a thread's own: now it is known */
        left->stack = (void *)(uintptr_t)stack;
        left->bytes = bytes;
    }
}

static void leave(struct fiber *from)
{
    left = from;
}
#else
static void before(struct fiber *from, const struct fiber *to)
{
    (void)from;
    (void)to;
}

static void after(const struct fiber *own)
{
    (void)own;
}

static void leave(struct fiber *from)
{
    (void)from;
}
#endif

static struct fiber *begun; /* for the first lines on a new stack */

static void begin(void)
{
    struct fiber *own = begun;

    after(own);
    own->run(own->argument);
    abort();
}

#ifdef __x86_64__
/* What a called function must keep lies on the stack while it waits. */
void fiber_swap(void **top, void *other);
__asm__(".text\n"
        ".globl fiber_swap\n"
        ".hidden fiber_swap\n"
        ".type fiber_swap, @function\n"
        "fiber_swap:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rsi, %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size fiber_swap, . - fiber_swap\n");

void fiber_prepare(struct fiber *fiber, void *stack, size_t bytes, void (*run)(void *),
                   void *argument)
{
    /* Six registers, where to return to, and what makes the stack aligned as after a call. */
    void **top = (void **)((char *)stack + bytes) - 8;

    for (int i = 0; i < 8; i++)
        top[i] = NULL;
    top[6] = (void *)(uintptr_t)begin;
    *fiber = (struct fiber){
        .top = top, .stack = stack, .bytes = bytes, .run = run, .argument = argument};
}

void fiber_go(struct fiber *from, struct fiber *to)
{
    begun = to;
    leave(from);
    before(from, to);
    fiber_swap(&from->top, to->top);
    after(from);
}
#else
void fiber_prepare(struct fiber *fiber, void *stack, size_t bytes, void (*run)(void *),
                   void *argument)
{
    *fiber = (struct fiber){.stack = stack, .bytes = bytes, .run = run, .argument = argument};
    getcontext(&fiber->context);
    fiber->context.uc_stack.ss_sp = stack;
    fiber->context.uc_stack.ss_size = bytes;
    makecontext(&fiber->context, begin, 0);
}

void fiber_go(struct fiber *from, struct fiber *to)
{
    begun = to;
    leave(from);
    before(from, to);
    swapcontext(&from->context, &to->context);
    after(from);
}
#endif

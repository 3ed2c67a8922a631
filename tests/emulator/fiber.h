/* SPDX-License-Identifier: Apache-2.0 */
/* Several stacks for one thread, which goes from one to the other where it says so. */
#ifndef VANON_TESTS_FIBER_H
#define VANON_TESTS_FIBER_H

#include <stddef.h>

#ifndef __x86_64__
#include <ucontext.h>
#endif

struct fiber {
#ifdef __x86_64__
    void *top; /* of the stack, where the registers are */
#else
    ucontext_t context;
#endif
    void *stack; /* its lowest byte; NULL: a thread's own */
    size_t bytes;
    void *fake; /* AddressSanitizer's */
    void (*run)(void *argument);
    void *argument;
};

/* Begins with run(argument) when it is gone to for the first time; that never returns. `stack` is
 * aligned to 16 bytes. */
void fiber_prepare(struct fiber *fiber, void *stack, size_t bytes, void (*run)(void *),
                   void *argument);

/* Returns when somebody goes to `from`. A thread's own fiber needs no preparation but zeroes. */
void fiber_go(struct fiber *from, struct fiber *to);

#endif

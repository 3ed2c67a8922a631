/* SPDX-License-Identifier: Apache-2.0 */
#define VANON_LEVEL c
#include "render/rows_tmpl.h"

#include "base/cpu.h"

const struct vanon_render_rows *vanon_render_rows(unsigned cpu_flags)
{
#ifdef __x86_64__
    if (cpu_flags & VANON_CPU_AVX2)
        return &vanon_render_rows_avx2;
#endif
    (void)cpu_flags;
    return &vanon_render_rows_c;
}

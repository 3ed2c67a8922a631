/* SPDX-License-Identifier: Apache-2.0 */
/* What a set of instructions' `across` does with a plan, in rounds of shuffles. Included by its
 * file after across_rounds, which the usual numbers of rounds are compiled for. */

static void across(int16_t *restrict out, const uint8_t *restrict line,
                   const struct vanon_row_plan *plan)
{
    switch (plan->rounds) {
    case 0:
        vanon_letterbox_kernels_c.across(out, line, plan);
        break;
    case 1:
        across_rounds(out, line, plan, 1);
        break;
    case 2:
        across_rounds(out, line, plan, 2);
        break;
    default:
        across_rounds(out, line, plan, plan->rounds);
        break;
    }
}

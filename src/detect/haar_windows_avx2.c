/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled for AVX2; called only where the processor has it. Eight windows side by side, until
 * all of them have failed. */
#include "detect/haar_windows.h"

#include <immintrin.h>

#define LANES     8
#define MOST_FLAT 1e-1 /* as in haar_windows.c */

static inline __m256i load(const uint32_t *at)
{
    return _mm256_loadu_si256((const void *)at);
}

static inline __m256i area_sum(const uint32_t *window, const uint32_t corner[4])
{
    __m256i left = _mm256_sub_epi32(load(window + corner[0]), load(window + corner[1]));

    return _mm256_add_epi32(_mm256_sub_epi32(left, load(window + corner[2])),
                            load(window + corner[3]));
}

static inline __m256d unsigned_to_double(__m128i numbers)
{
    __m128i moved = _mm_xor_si128(numbers, _mm_set1_epi32(INT32_MIN));

    return _mm256_add_pd(_mm256_cvtepi32_pd(moved), _mm256_set1_pd(-(double)INT32_MIN));
}

/* Of four windows; not above 0: too flat. */
static inline __m128 contrast_half(const struct vanon_haar_view *view, __m128i sums,
                                   __m128i squares)
{
    __m256d area = _mm256_set1_pd(view->inner_area), sum = _mm256_cvtepi32_pd(sums), variance;
    __m256d sharp, wide;
    __m128 factor;

    variance =
        _mm256_sub_pd(_mm256_mul_pd(area, unsigned_to_double(squares)), _mm256_mul_pd(sum, sum));
    factor = _mm256_cvtpd_ps(_mm256_div_pd(_mm256_set1_pd(1), _mm256_sqrt_pd(variance)));
    wide = _mm256_cvtps_pd(factor);
    sharp = _mm256_and_pd(
        _mm256_cmp_pd(variance, _mm256_setzero_pd(), _CMP_GT_OQ),
        _mm256_cmp_pd(_mm256_mul_pd(area, wide), _mm256_set1_pd(MOST_FLAT), _CMP_LT_OQ));
    return _mm256_cvtpd_ps(_mm256_and_pd(wide, sharp));
}

static inline __m256 contrast_factor(const struct vanon_haar_view *view, const uint32_t *window)
{
    __m256i sums = area_sum(window, view->inner);
    __m256i squares = area_sum(window + view->plane, view->inner);

    return _mm256_set_m128(
        contrast_half(view, _mm256_extracti128_si256(sums, 1),
                      _mm256_extracti128_si256(squares, 1)),
        contrast_half(view, _mm256_castsi256_si128(sums), _mm256_castsi256_si128(squares)));
}

/* All ones where the node sends a window to its second side. */
static inline __m256 second_side(const struct vanon_haar_placed *node, const uint32_t *window,
                                 __m256 factor)
{
    __m256 value =
        _mm256_add_ps(_mm256_mul_ps(_mm256_set1_ps(node->weight[0]),
                                    _mm256_cvtepi32_ps(area_sum(window, node->corner[0]))),
                      _mm256_mul_ps(_mm256_set1_ps(node->weight[1]),
                                    _mm256_cvtepi32_ps(area_sum(window, node->corner[1]))));

    if (node->weight[2] != 0)
        value = _mm256_add_ps(value,
                              _mm256_mul_ps(_mm256_set1_ps(node->weight[2]),
                                            _mm256_cvtepi32_ps(area_sum(window, node->corner[2]))));
    return _mm256_cmp_ps(_mm256_mul_ps(value, factor), _mm256_set1_ps(node->threshold),
                         _CMP_NLT_UQ);
}

/* Nodes only lead to later ones: each is asked once, for the windows that have come to it. */
static inline __m256 tree_value(const struct vanon_haar_placed *nodes, int count,
                                const uint32_t *window, __m256 factor)
{
    __m256i at = _mm256_setzero_si256(); /* the node that a window has come to */
    __m256 leaf = _mm256_setzero_ps();

    for (int i = 0; i < count; i++) {
        const struct vanon_haar_placed *node = &nodes[i];
        __m256 second = second_side(node, window, factor), here, value;
        __m256i next =
            _mm256_blendv_epi8(_mm256_set1_epi32(node->next[0]), _mm256_set1_epi32(node->next[1]),
                               _mm256_castps_si256(second));

        here = _mm256_castsi256_ps(_mm256_cmpeq_epi32(at, _mm256_set1_epi32(i)));
        value =
            _mm256_blendv_ps(_mm256_set1_ps(node->leaf[0]), _mm256_set1_ps(node->leaf[1]), second);
        leaf = _mm256_blendv_ps(leaf, value, here);
        /* At a leaf it never comes to a later node. */
        next = _mm256_or_si256(next, _mm256_cmpgt_epi32(_mm256_set1_epi32(1), next));
        at = _mm256_blendv_epi8(at, next, _mm256_castps_si256(here));
    }
    return leaf;
}

static inline __m256 stump_value(const struct vanon_haar_placed *node, const uint32_t *window,
                                 __m256 factor)
{
    return _mm256_blendv_ps(_mm256_set1_ps(node->leaf[0]), _mm256_set1_ps(node->leaf[1]),
                            second_side(node, window, factor));
}

static inline int count_nodes(const vanon_haar_cascade *cascade, size_t tree)
{
    size_t end = tree + 1 < cascade->trees ? cascade->tree[tree + 1].first_node : cascade->nodes;

    return (int)(end - cascade->tree[tree].first_node);
}

/* A bit for each window that passes. */
static inline unsigned pass(const struct vanon_haar_view *view,
                            const struct vanon_haar_stage *stage, const uint32_t *window,
                            __m256 factor)
{
    __m256d low = _mm256_setzero_pd(), high = low, least = _mm256_set1_pd((double)stage->threshold);

    for (size_t i = stage->first_tree; i < stage->first_tree + stage->trees; i++) {
        const struct vanon_haar_placed *nodes = view->node + view->cascade->tree[i].first_node;
        int count = count_nodes(view->cascade, i);
        __m256 value = count == 1 ? stump_value(nodes, window, factor)
                                  : tree_value(nodes, count, window, factor);

        low = _mm256_add_pd(low, _mm256_cvtps_pd(_mm256_castps256_ps128(value)));
        high = _mm256_add_pd(high, _mm256_cvtps_pd(_mm256_extractf128_ps(value, 1)));
    }
    return (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(low, least, _CMP_NLT_UQ)) |
           (unsigned)_mm256_movemask_pd(_mm256_cmp_pd(high, least, _CMP_NLT_UQ)) << 4;
}

static void set_state(uint8_t *state, unsigned lanes, enum vanon_haar_state value)
{
    for (; lanes; lanes &= lanes - 1)
        state[__builtin_ctz(lanes)] = (uint8_t)value;
}

/* `lanes`: a bit for each of the eight windows that counts. */
static void look_at_eight(const struct vanon_haar_view *view, const uint32_t *window,
                          unsigned lanes, uint8_t *state)
{
    const vanon_haar_cascade *cascade = view->cascade;
    __m256 factor = contrast_factor(view, window);

    set_state(state, lanes, VANON_HAAR_FLAT);
    lanes &= (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(factor, _mm256_setzero_ps(), _CMP_GT_OQ));
    for (size_t i = 0; i < cascade->stages && lanes; i++) {
        unsigned passed = pass(view, &cascade->stage[i], window, factor) & lanes;

        set_state(state, lanes & ~passed, i ? VANON_HAAR_SOME : VANON_HAAR_NOTHING);
        lanes = passed;
    }
    set_state(state, lanes, VANON_HAAR_ALL);
}

static void look(const struct vanon_haar_view *view, const uint32_t *window, int columns, int step,
                 uint8_t *state)
{
    const unsigned every = step == 1 ? 0xFF : 0x55;

    for (int x = 0; x < columns; x += LANES) {
        int rest = columns - x;

        look_at_eight(view, window + x, every & (rest < LANES ? (1u << rest) - 1 : 0xFF),
                      state + x);
    }
}

const struct vanon_haar_kernels vanon_haar_kernels_avx2 = {look};

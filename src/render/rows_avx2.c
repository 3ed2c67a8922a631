/* SPDX-License-Identifier: Apache-2.0 */
#define VANON_LEVEL avx2
#include "render/rows_tmpl.h"

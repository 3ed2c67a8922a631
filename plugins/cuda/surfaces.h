/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin does to frames in its device's memory: pixels/surfaces.h. surfaces_cuda.c has it
 * for CUDA, surfaces_reference.c for the host, where the "device's memory" is an address that only
 * this file reads: for tests. There call number $VANON_REFERENCE_SURFACE_FAULT of an object, from
 * 1, fails. Which one is used is decided at link time.
 */
#ifndef VANON_CUDA_SURFACES_H
#define VANON_CUDA_SURFACES_H

#include "pixels/surfaces.h"

extern const struct vanon_surfaces_ops vanon_surfaces_gpu;

#endif

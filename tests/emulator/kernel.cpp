/* SPDX-License-Identifier: Apache-2.0 */
/* One file of the plugin's kernels, as it is, for the emulator. */
#include KERNELS

/* SPDX-License-Identifier: Apache-2.0 */
/* What CUDA C++ has and C++ has not, for kernels that the emulator runs; see launch.h. */
#ifndef VANON_TESTS_DEVICE_CODE_H
#define VANON_TESTS_DEVICE_CODE_H

#include <math.h>
#include <tuple>

#include <cuda_runtime_api.h>
#include <vector_functions.h>

#include "machine.h"

#ifndef __launch_bounds__
#define __launch_bounds__(...)
#endif

#define threadIdx emulated_thread
#define blockIdx  emulated_block
#define blockDim  emulated_block_size
#define gridDim   emulated_grid_size

#define __syncthreads() emulated_barrier(__FILE__, __LINE__)

#define VANON_SHARED(type_, name_) \
    vanon_type<type_> &name_ = *(vanon_type<type_> *)emulated_shared(sizeof(vanon_type<type_>))
#define VANON_SHARED_REST(type_, name_) type_ *name_ = (type_ *)emulated_shared_rest()

using std::isnan;

#define __expf expf

/* Fast, and the same on all processors; a GPU doesn't round the product. */
static inline float __fmaf_rn(float a, float b, float c)
{
    return a * b + c;
}

static inline unsigned __float_as_uint(float x)
{
    unsigned bits;

    __builtin_memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Threads take turns, so nothing comes between. */
static inline unsigned atomicAdd(unsigned *at, unsigned value)
{
    return emulated_atomic_add(at, value);
}

static inline int atomicMin(int *at, int value)
{
    return emulated_atomic_min(at, value);
}

template <typename... Parameters> struct emulated_call {
    emulated_grid grid;
    void (*kernel)(Parameters...);
    std::tuple<Parameters...> arguments;

    static void run_thread(const void *call)
    {
        const emulated_call *own = static_cast<const emulated_call *>(call);

        std::apply(own->kernel, own->arguments);
    }

    static void run(const void *call)
    {
        emulated_run_grid(&static_cast<const emulated_call *>(call)->grid, run_thread, call,
                          sizeof(emulated_call));
    }
};

template <typename... Parameters, typename... Arguments>
static inline int vanon_launch_with(size_t shared, cudaStream_t stream, dim3 grid, dim3 block,
                                    void (*kernel)(Parameters...), const Arguments &...arguments)
{
    const emulated_call<Parameters...> call = {
        {grid, block, shared}, kernel, std::tuple<Parameters...>(arguments...)};
    int error = emulated_check_grid(&call.grid);

    return error ? error : emulated_queue(stream, call.run, &call, sizeof call);
}

#endif

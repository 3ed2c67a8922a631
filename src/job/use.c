/* SPDX-License-Identifier: Apache-2.0 */
#include "job/use.h"

#include "base/thread.h"
#include "detect/plugin.h"

#define SAMPLE_EVERY 500000000 /* nanoseconds */

void vanon_use_start(struct vanon_use *use)
{
    use->at = vanon_clock();
    use->cpu = vanon_cpu_seconds();
    vanon_usage_sample(&use->threads); /* without memory some thread's times are missing */
}

/* The GPU that the options mean. */
static vanon_nvml *open_gpu(const struct vanon_device *device)
{
    bool numbered = device->kind == VANON_DEVICE_NUMBER || device->kind == VANON_DEVICE_CUDA;
    const struct vanon_plugin *plugin;
    char why[512], place[32] = "";

    if (!vanon_plugin_load(&plugin, "cuda", why, sizeof why))
        plugin->place(numbered ? device->number : 0, place, sizeof place);
    return vanon_nvml_open(place);
}

static void sample_gpu(struct vanon_use *use, const vanon_options *options)
{
    /* NVML takes a while to start, so only where a GPU may be at work. */
    if (!use->sought && options->device.kind != VANON_DEVICE_CPU)
        use->nvml = open_gpu(&options->device);
    use->sought = true;
    if (!use->nvml || !vanon_nvml_read(use->nvml, &use->gpu))
        return;
    use->gpu_samples++;
    use->gpu_sum += use->gpu.use;
    use->gpu_decoder_sum += use->gpu.decoder;
    use->gpu_encoder_sum += use->gpu.encoder;
    if (use->gpu.memory > use->gpu_memory)
        use->gpu_memory = use->gpu.memory;
}

bool vanon_use_sample(struct vanon_use *use, const vanon_options *options, bool now)
{
    int64_t since = vanon_clock() - use->at;
    double cpu;

    if (since < SAMPLE_EVERY && !now)
        return false;
    cpu = vanon_cpu_seconds();
    use->cpu_use = since > 0 ? (cpu - use->cpu) / ((double)since * 1e-9) : 0;
    use->cpu = cpu;
    use->at += since;
    vanon_usage_sample(&use->threads);
    sample_gpu(use, options);
    return true;
}

void vanon_use_end(struct vanon_use *use)
{
    vanon_usage_free(&use->threads);
    vanon_nvml_close(&use->nvml);
}

const char *vanon_use_slowest(const struct vanon_engine_stats *stats, double read_load,
                              double write_load, double *load)
{
    const char *slowest = stats->slowest ? stats->slowest : "read";

    *load = stats->load;
    if (read_load > *load) {
        slowest = "read";
        *load = read_load;
    }
    if (write_load > *load) {
        slowest = "write";
        *load = write_load;
    }
    return slowest;
}

double vanon_use_scheduling(const struct vanon_engine_stats *stats)
{
    double inside = stats->compile_cpu_seconds;

    for (size_t i = 0; i < stats->stages; i++)
        inside += stats->stage[i].cpu_seconds;
    return stats->worker_cpu_seconds > inside ? stats->worker_cpu_seconds - inside : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define REDRAW_SECONDS 0.1
#define LONGEST_LINE   256
#define WIDEST_BAR     40
#define NARROWEST_BAR  8
#define ERASE_LINE     "\r\033[K"

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int tool_progress_init(struct tool_progress *progress)
{
    const char *kind = getenv("TERM");

    *progress = (struct tool_progress){.terminal = isatty(STDERR_FILENO) && kind && *kind &&
                                                   strcmp(kind, "dumb") != 0};
    return pthread_mutex_init(&progress->lock, NULL) ? VANON_ERR_MEMORY : VANON_OK;
}

void tool_progress_start(struct tool_progress *progress, uint64_t log_every, bool stats)
{
    pthread_mutex_lock(&progress->lock);
    progress->running = true;
    progress->log_every = log_every;
    progress->stats = stats;
    progress->logged = 0;
    progress->latest = (struct vanon_progress){0};
    pthread_mutex_unlock(&progress->lock);
}

/* Call with the lock held. */
static void erase(struct tool_progress *progress)
{
    if (progress->drawn)
        fputs(ERASE_LINE, stderr);
    progress->drawn = false;
    progress->drawn_at = 0;
}

void tool_progress_stop(struct tool_progress *progress)
{
    pthread_mutex_lock(&progress->lock);
    erase(progress);
    progress->running = false;
    pthread_mutex_unlock(&progress->lock);
}

static void add_duration(char *text, size_t size, double seconds)
{
    long whole = seconds < 1e8 ? (long)(seconds + 0.5) : 100000000;

    if (whole < 60)
        snprintf(text, size, "%ld s", whole);
    else if (whole < 3600)
        snprintf(text, size, "%ld min %02ld s", whole / 60, whole % 60);
    else
        snprintf(text, size, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
}

/* "120/795 frames, 41.2 fps, ETA 16 s", without what is not known. */
static void describe(char *text, size_t size, const struct vanon_progress *now)
{
    char total[32] = "", rate[48] = "", left[48] = "";
    bool known = now->total && now->frames <= now->total;

    if (known)
        snprintf(total, sizeof total, "/%" PRIu64, now->total);
    if (now->frames_a_second > 0) {
        snprintf(rate, sizeof rate, ", %.1f fps", now->frames_a_second);
        if (known) {
            snprintf(left, sizeof left, ", ETA ");
            add_duration(left + strlen(left), sizeof left - strlen(left),
                         (double)(now->total - now->frames) / now->frames_a_second);
        }
    }
    snprintf(text, size, "%" PRIu64 "%s frames%s%s", now->frames, total, rate, left);
}

/* ", GPU 70 % 3.0 GiB decoder 12 %", without the video units that are idle. */
static size_t describe_gpu(char *text, size_t size, const struct vanon_progress *now)
{
    size_t used = 0;

    if (now->gpu_use < 0)
        return 0;
    used += (size_t)snprintf(text, size, ", GPU %.0f %% %.1f GiB", now->gpu_use * 100,
                             (double)now->gpu_memory / (1 << 30));
    if (now->gpu_decoder > 0)
        used +=
            (size_t)snprintf(text + used, size - used, " decoder %.0f %%", now->gpu_decoder * 100);
    if (now->gpu_encoder > 0)
        used +=
            (size_t)snprintf(text + used, size - used, " encoder %.0f %%", now->gpu_encoder * 100);
    return used;
}

/* ", CPU 1.9, network 98 %, waiting 7 detect 30 look_ahead": who works, who is waited for. */
static void describe_use(char *text, size_t size, const struct vanon_progress *now)
{
    const struct vanon_engine_stats *stats = now->stats;
    size_t used;

    if (!stats)
        return;
    used = (size_t)snprintf(text, size, ", CPU %.1f", now->cpu_use);
    used += describe_gpu(text + used, size - used, now);
    used +=
        (size_t)snprintf(text + used, size - used, ", %s %.0f %%", now->slowest, now->load * 100);
    for (size_t i = 0, told = 0; i < stats->queues && used < size; i++)
        if (stats->queue[i].now)
            used +=
                (size_t)snprintf(text + used, size - used, "%s %zu %s", told++ ? "" : ", waiting",
                                 stats->queue[i].now, stats->queue[i].name);
}

/* The whole line. */
static void describe_all(char *text, size_t size, const struct tool_progress *progress,
                         const struct vanon_progress *now)
{
    describe(text, size, now);
    if (progress->stats)
        describe_use(text + strlen(text), size - strlen(text), now);
}

static int columns(void)
{
    struct winsize window;

    return !ioctl(STDERR_FILENO, TIOCGWINSZ, &window) && window.ws_col ? window.ws_col : 80;
}

/* "[####------]  45 %  ", as wide as `room` allows; empty where it does not. */
static void draw_bar(char *bar, size_t size, const struct vanon_progress *now, int room)
{
    double part = (double)now->frames / (double)now->total;
    char percent[16];
    int width, full;

    snprintf(percent, sizeof percent, "%3d %%  ", (int)(part * 100));
    width = room - (int)strlen(percent) - 3; /* brackets and a space */
    if (width > WIDEST_BAR)
        width = WIDEST_BAR;
    full = (int)(part * width);
    if (width >= NARROWEST_BAR)
        snprintf(bar, size, "[%.*s%.*s] %s", full, "########################################",
                 width - full, "----------------------------------------", percent);
    else
        snprintf(bar, size, "%s", room >= (int)strlen(percent) ? percent : "");
}

/* Call with the lock held. */
static void draw(struct tool_progress *progress, const struct vanon_progress *now)
{
    char text[LONGEST_LINE], bar[LONGEST_LINE] = "";
    int room = columns() - 1; /* the last column would wrap */
    double clock = seconds_now();

    if (clock - progress->drawn_at < REDRAW_SECONDS)
        return;
    describe_all(text, sizeof text, progress, now);
    if (now->total && now->frames <= now->total)
        draw_bar(bar, sizeof bar, now, room - (int)strlen(text));
    room -= (int)strlen(bar);
    fprintf(stderr, ERASE_LINE "%s%.*s", bar, room > 0 ? room : 0, text);
    fflush(stderr);
    progress->drawn = true;
    progress->drawn_at = clock;
}

void tool_progress_update(void *opaque, const struct vanon_progress *now)
{
    struct tool_progress *progress = opaque;
    uint64_t every;
    char text[LONGEST_LINE];

    pthread_mutex_lock(&progress->lock);
    progress->latest = *now;
    progress->latest.stats = NULL;
    every = progress->log_every;
    if (progress->running && progress->terminal) {
        draw(progress, now);
    } else if (progress->running && every && now->frames / every > progress->logged / every) {
        describe_all(text, sizeof text, progress, now);
        fprintf(stderr, "%s\n", text);
        progress->logged = now->frames;
    }
    pthread_mutex_unlock(&progress->lock);
}

void tool_progress_log(void *opaque, enum vanon_log_level level, const char *message)
{
    static const char *const name[] = {"error: ", "warning: ", "", ""};
    struct tool_progress *progress = opaque;

    pthread_mutex_lock(&progress->lock);
    erase(progress);
    fprintf(stderr, "vanon: %s%s\n", name[level], message);
    pthread_mutex_unlock(&progress->lock);
}

void tool_message(const vanon_log *log, enum vanon_log_level level, const char *format, ...)
{
    char line[1024];
    va_list args;

    if (level > log->level)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    log->write(log->opaque, level, line);
}

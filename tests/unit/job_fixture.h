/* SPDX-License-Identifier: Apache-2.0 */
/* A folder with a clip, and jobs that read it; after unit.h. */
#ifndef VANON_TESTS_JOB_FIXTURE_H
#define VANON_TESTS_JOB_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include <vanon/job.h>

static char folder[] = "/tmp/vanon-job-XXXXXX";
static char clip[64], result[64]; /* what jobs read, and may write */

/* Makes the folder, and the clip as ffmpeg does of these arguments. */
static inline int make_clip(const char *arguments)
{
    char command[512];

    vanon_quiet_libraries();
    if (!mkdtemp(folder))
        return -1;
    snprintf(clip, sizeof clip, "%s/clip.mkv", folder);
    snprintf(result, sizeof result, "%s/out.mkv", folder);
    snprintf(command, sizeof command, "ffmpeg -nostdin -v error %s %s", arguments, clip);
    return system(command);
}

/* Fails where a run left more than a result. */
static int remove_clip(void **state)
{
    (void)state;
    unlink(clip);
    unlink(result);
    return rmdir(folder);
}

/* A job that anonymises the clip with these options, keys and values, NULL at the end; the other
 * two as in vanon_job_params. */
static inline vanon_job *make_job(const char *const (*pairs)[2],
                                  void (*progress)(void *opaque, const struct vanon_progress *now),
                                  void *opaque)
{
    vanon_options *options = NULL;
    struct vanon_job_params params = {
        .log = &unit_log, .mode = VANON_JOB_ANONYMIZE, .progress = progress, .opaque = opaque};
    vanon_job *job = NULL;

    assert_int_equal(vanon_options_create(&options, &unit_log), VANON_OK);
    assert_int_equal(vanon_options_set(options, "input", clip), VANON_OK);
    for (; (*pairs)[0]; pairs++)
        if (vanon_options_set(options, (*pairs)[0], (*pairs)[1]))
            fail_msg("%s", unit_message);
    params.options = options;
    if (vanon_job_create(&job, &params))
        fail_msg("no job: %s", unit_message);
    vanon_options_destroy(&options);
    return job;
}

#endif

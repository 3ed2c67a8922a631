/* SPDX-License-Identifier: Apache-2.0 */
/* Anonymises one file. usage: files INPUT OUTPUT */
#include <stdio.h>

#include <vanon/job.h>

int main(int argc, char **argv)
{
    vanon_options *options = NULL;
    vanon_job *job = NULL;
    int status;

    if (argc != 3) {
        fprintf(stderr, "usage: %s INPUT OUTPUT\n", argv[0]);
        return 2;
    }
    vanon_quiet_libraries(); /* the whole program is ours: no word of the encoder's own */
    status = vanon_options_create(&options, &vanon_log_to_stderr);
    if (!status)
        status = vanon_options_set(options, "input", argv[1]);
    if (!status)
        status = vanon_options_set(options, "output", argv[2]);
    if (!status)
        status = vanon_options_set(options, "style", "solid");
    if (!status) {
        struct vanon_job_params params = {.options = options, .log = &vanon_log_to_stderr};

        status = vanon_job_create(&job, &params);
    }
    if (!status)
        status = vanon_job_run(job);
    if (!status)
        puts(vanon_job_report(job));
    vanon_job_destroy(&job);
    vanon_options_destroy(&options);
    return status ? 1 : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Anonymises frames that the program has itself: here, grey ones of its own making. usage: frames
 */
#include <stdio.h>
#include <string.h>

#include <vanon/engine.h>

/* Takes out what is ready; `wait` for all of it. */
static int take(vanon_engine *engine, bool wait, unsigned *taken)
{
    vanon_output output;
    int status;

    while (!(status = vanon_engine_receive(engine, &output, wait ? -1 : 0))) {
        printf("frame %llu: %zu people\n", (unsigned long long)output.frame->number,
               output.objects->count);
        vanon_frame_unref(&output.frame);
        ++*taken;
    }
    return status == VANON_ERR_AGAIN || status == VANON_ERR_EOF ? VANON_OK : status;
}

int main(void)
{
    struct vanon_engine_params params = {.log = &vanon_log_to_stderr};
    vanon_engine *engine = NULL;
    unsigned taken = 0;
    int status = vanon_engine_create(&engine, &params);

    for (uint64_t number = 0; !status && number < 10; number++) {
        vanon_frame *frame = NULL;

        status = vanon_frame_alloc(&frame, VANON_PIXEL_GRAY8, 320, 240);
        if (status)
            break;
        memset(frame->plane[0], 114, (size_t)frame->stride[0] * 240);
        frame->number = number;
        status = vanon_engine_submit(engine, &frame, -1);
        vanon_frame_unref(&frame);
        if (!status)
            status = take(engine, false, &taken);
    }
    if (!status)
        status = vanon_engine_drain(engine);
    if (!status)
        status = take(engine, true, &taken);
    vanon_engine_destroy(&engine);
    return status || taken != 10;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes are a video or a picture: frames, packets and an end or an error. The first byte
 * chooses the options. libav* itself is not built with the sanitizers; what we make of it is. */
#include "fuzz.h"

#include "media/media.h"
#include "media/reader.h"

#define MOST_FRAMES 64

static void read_all(vanon_reader *reader)
{
    int status = VANON_OK;

    for (int i = 0; i < MOST_FRAMES && !status; i++) {
        vanon_frame *frame = NULL;
        struct AVPacket *packet = NULL;

        status = vanon_reader_read(reader, &frame, &packet);
        assert_true(status ? !frame && !packet : !frame != !packet);
        if (frame)
            assert_true(frame->width > 0 && frame->height > 0 && frame->time_base.den > 0);
        vanon_frame_unref(&frame);
        vanon_packet_free(&packet);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes bytes = {data, size};
    unsigned kind = fuzz_byte(&bytes);
    vanon_options *options;
    vanon_reader *reader;

    vanon_media_quiet();
    assert_int_equal(vanon_options_create(&options, &fuzz_log), VANON_OK);
    assert_int_equal(vanon_options_set(options, "input", fuzz_file(bytes.at, bytes.left)),
                     VANON_OK);
    if (kind & 1)
        vanon_options_set(options, "on_error", "hide");
    if (kind & 2)
        vanon_options_set(options, "start", "0.1");
    vanon_options_set(options, "cpu_threads", "1");
    if (!vanon_reader_create(&reader, options, &fuzz_log))
        read_all(reader);
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
    return 0;
}

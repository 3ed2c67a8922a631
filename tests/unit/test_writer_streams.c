/* SPDX-License-Identifier: Apache-2.0 */
/* Time, sound, subtitles, shape, colour, and what stays private. */
#include "writing.h"

/* Time */

static const int64_t irregular[] = {0, 33, 70, 71, 140, 500, 533, 3000, 3001, 3050};
#define IRREGULAR (sizeof irregular / sizeof *irregular)

static int write_irregular(const char *output, const char *const *pairs)
{
    struct session session;
    int status;

    unlink(path_of(output));
    status = begin(&session, "plain.mkv", output, pairs);
    for (size_t i = 0; i < IRREGULAR && !status; i++) {
        vanon_frame *frame = make_frame(VANON_PIXEL_YUV420P, 64, 48, (unsigned)i);

        frame->pts = irregular[i];
        frame->duration = i + 1 < IRREGULAR ? irregular[i + 1] - irregular[i] : 77;
        status = vanon_writer_frame(session.writer, &frame);
    }
    if (!status)
        status = vanon_writer_finish(session.writer);
    end(&session);
    return status;
}

static void irregular_times_are_kept(void **state)
{
    static const char *const outputs[] = {"vfr.mkv", "vfr.mp4", "vfr.mov", "vfr.nut"};

    (void)state;
    for (size_t k = 0; k < sizeof outputs / sizeof *outputs; k++) {
        vanon_options *options;
        vanon_reader *reader;

        if (write_irregular(outputs[k], NO_OPTIONS))
            fail_msg("%s: %s", outputs[k], unit_message);
        reader = open_reader(outputs[k], &options);
        for (size_t i = 0; i < IRREGULAR; i++) {
            vanon_frame *frame = next_frame(reader);

            assert_non_null(frame);
            /* exact: pts * num / den == irregular / 1000 */
            if (frame->pts * frame->time_base.num * 1000 != irregular[i] * frame->time_base.den)
                fail_msg("%s, frame %zu: %" PRId64 " of %d/%d s", outputs[k], i, frame->pts,
                         frame->time_base.num, frame->time_base.den);
            vanon_frame_unref(&frame);
        }
        assert_null(next_frame(reader));
        vanon_reader_destroy(&reader);
        vanon_options_destroy(&options);
    }
    /* the last one's duration counts: 3050 + 77 */
    assert_string_equal(probe("vfr.mp4", "-show_entries stream=duration"), "3.127000");
}

static void fixed_rates_refuse_collisions(void **state)
{
    (void)state;
    assert_int_equal(write_irregular("vfr.avi", NO_OPTIONS), VANON_ERR_UNSUPPORTED);
    assert_message("vfr.avi", "frame 3", ".mp4", ".mkv");
    assert_int_not_equal(access(path_of("vfr.avi"), F_OK), 0);
    assert_no_leftover();
}

static void times_must_increase(void **state)
{
    static const int64_t second[] = {40, 39};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct session session;
        vanon_frame *frame = make_timed(VANON_PIXEL_YUV420P, 64, 48, 1);

        assert_int_equal(begin(&session, "plain.mkv", "t.mp4", NO_OPTIONS), VANON_OK);
        assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_OK);
        frame = make_timed(VANON_PIXEL_YUV420P, 64, 48, 2);
        frame->pts = second[i];
        assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_ERR_UNSUPPORTED);
        assert_message("frame 1", "0.040000 s");
        end(&session);
    }
}

static void frames_without_times_follow_each_other(void **state)
{
    struct session session;

    (void)state;
    unlink(path_of("t.mkv"));
    assert_int_equal(begin(&session, "plain.mkv", "t.mkv", NO_OPTIONS), VANON_OK);
    for (int i = 0; i < 3; i++) {
        vanon_frame *frame = make_timed(VANON_PIXEL_YUV420P, 64, 48, i);
        frame->pts = VANON_NO_PTS;
        frame->duration = i ? 0 : 100;
        assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_OK);
    }
    finish(&session);
    end(&session);
    assert_string_equal(probe("t.mkv", "-show_entries packet=pts"), "0\n100\n140");
}

static void fine_ticks_survive(void **state)
{
    struct session session;

    (void)state;
    for (int k = 0; k < 2; k++) { /* MPEG-4 itself counts to 65535 at most */
        unlink(path_of("t.mp4"));
        assert_int_equal(
            begin(&session, "plain.mkv", "t.mp4", OPTIONS("codec", k ? "mpeg4" : "h264")),
            VANON_OK);
        for (int i = 0; i < 4; i++) {
            vanon_frame *frame = make_timed(VANON_PIXEL_YUV420P, 64, 48, i);
            frame->time_base = (vanon_rational){1, 90000};
            frame->pts = 3001 * i + (i > 2);
            frame->duration = 3001;
            assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_OK);
        }
        finish(&session);
        end(&session);
        assert_string_equal(probe("t.mp4", "-show_entries frame=pts:stream=time_base"),
                            "0\n3001\n6002\n9004\n1/90000");
    }
}

/* Sound, subtitles, chapters */

static const char *stream_hash(const char *name, const char *streams)
{
    return output_of("ffmpeg -v error -i %s -map 0:%s -c copy -f streamhash -", path_of(name),
                     streams);
}

static int compare_doubles(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;

    return (one > other) - (one < other);
}

/* All presentation times of a stream in seconds. Returns how many. */
static size_t times_of(const char *name, const char *stream, double times[256])
{
    char what[96], *text, *next;
    size_t count = 0;

    snprintf(what, sizeof what, "-select_streams %s -show_entries packet=pts_time", stream);
    text = strdup(probe(name, what));
    for (char *line = strtok_r(text, "\n|", &next); line && count < 256;
         line = strtok_r(NULL, "\n|", &next))
        times[count++] = strtod(line, NULL);
    free(text);
    return count;
}

/* Every packet has its time, but for what a transport stream adds to all of them. */
static void assert_times_kept(const char *input, const char *output)
{
    double in[256], out[256], shift = 0;

    for (int k = 0; k < 2; k++) {
        const char *stream = k ? "a:0" : "v:0";
        size_t count = times_of(input, stream, in);

        assert_true(count > 10);
        assert_int_equal(times_of(output, stream, out), count);
        qsort(in, count, sizeof *in, compare_doubles);
        qsort(out, count, sizeof *out, compare_doubles);
        if (!k && strstr(output, ".ts") && !strstr(input, ".ts"))
            shift = out[0] - in[0];
        for (size_t i = 0; i < count; i++)
            if (fabs(out[i] - in[i] - shift) > 0.0011)
                fail_msg("%s to %s, %s, packet %zu: %f, then %f", input, output, stream, i, in[i],
                         out[i]);
    }
}

static void sound_is_copied(void **state)
{
    static const char *const pairs[][2] = {
        {"av.mp4", "o.mp4"},    {"av.mp4", "o.mkv"},   {"av.mkv", "o.mp4"},
        {"av.mkv", "o.mkv"},    {"av.ts", "o.mp4"},    {"av.ts", "o.mkv"},
        {"av.ts", "o.ts"},      {"av.mp4", "o.ts"},    {"late.mp4", "o.mp4"},
        {"late.mp4", "o.mkv"},  {"late.mkv", "o.mov"}, {"early.mkv", "o.mp4"},
        {"early.mkv", "o.mkv"}, {"opus.mp4", "o.mkv"}, {"av.mkv", "o.webm"},
    };

    (void)state;
    run("ffmpeg -v error -f lavfi -i testsrc2=s=64x48:r=25:d=1 -f lavfi -i sine=d=1 "
        "-c:v libx264 -c:a libopus %s",
        path_of("av.mkv"));
    run("ffmpeg -v error -i %s -map 0:v -map 0:a -c copy %s", path_of("av.mp4"), path_of("av.ts"));
    run("ffmpeg -v error -i %s -itsoffset 0.3 -i %s -map 0:v -map 1:a:0 -c copy %s",
        path_of("av.mp4"), path_of("av.mp4"), path_of("late.mp4"));
    run("ffmpeg -v error -i %s -itsoffset 0.3 -i %s -map 0:v -map 1:a:0 -c copy %s",
        path_of("av.mp4"), path_of("av.mp4"), path_of("late.mkv"));
    run("ffmpeg -v error -itsoffset 0.3 -i %s -i %s -map 0:v -map 1:a:0 -c copy %s",
        path_of("av.mp4"), path_of("av.mp4"), path_of("early.mkv"));
    run("ffmpeg -v error -i %s -c:v copy -c:a libopus %s", path_of("late.mp4"),
        path_of("opus.mp4"));
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        copy_through(pairs[i][0], pairs[i][1], NO_OPTIONS);
        if (strstr(pairs[i][0], ".ts") == NULL && strstr(pairs[i][1], ".ts") == NULL) {
            /* ADTS headers are the transport stream's own */
            assert_string_equal(stream_hash(pairs[i][0], "a"), stream_hash(pairs[i][1], "a"));
        }
        assert_times_kept(pairs[i][0], pairs[i][1]);
    }
    copy_through("av.ts", "o.ts", NO_OPTIONS);
    assert_string_equal(stream_hash("av.ts", "a"), stream_hash("o.ts", "a"));
    copy_through("av.mp4", "o.mp4", OPTIONS("audio", "drop"));
    assert_string_equal(probe("o.mp4", "-show_entries stream=codec_type"), "video");
}

static void a_transport_stream_keeps_its_times(void **state)
{
    (void)state;
    copy_through("av.ts", "o.ts", NO_OPTIONS);
    assert_string_equal(probe("o.ts", "-select_streams v -show_entries stream=start_pts"),
                        probe("av.ts", "-select_streams v -show_entries stream=start_pts"));
}

static void packets_may_come_before_frames(void **state)
{
    struct session session;
    vanon_frame *frames[64] = {NULL};
    size_t frame_count = 0;

    (void)state;
    unlink(path_of("o.mp4"));
    assert_int_equal(begin(&session, "av.mp4", "o.mp4", NO_OPTIONS), VANON_OK);
    for (;;) {
        vanon_frame *frame;
        AVPacket *packet;
        int status = vanon_reader_read(session.reader, &frame, &packet);

        if (status || frame_count == 64)
            break;
        if (frame)
            frames[frame_count++] = frame;
        else
            assert_int_equal(vanon_writer_packet(session.writer, &packet), VANON_OK);
        assert_null(packet);
    }
    for (size_t i = 0; i < frame_count; i++)
        assert_int_equal(vanon_writer_frame(session.writer, &frames[i]), VANON_OK);
    finish(&session);
    end(&session);
    assert_int_equal(frame_count, 25);
    assert_string_equal(stream_hash("av.mp4", "a"), stream_hash("o.mp4", "a"));
    assert_times_kept("av.mp4", "o.mp4");
}

struct packets {
    vanon_writer *writer;
    AVPacket *packet[256];
    size_t count;
    int status;
};

static void *write_all(void *argument)
{
    struct packets *packets = argument;

    for (size_t i = 0; i < packets->count; i++)
        packets->status |= vanon_writer_packet(packets->writer, &packets->packet[i]);
    return NULL;
}

static void frames_and_packets_from_two_threads(void **state)
{
    struct session session;
    struct packets packets = {0};
    vanon_frame *frame;
    AVPacket *packet;
    pthread_t thread;

    (void)state;
    unlink(path_of("o.mkv"));
    assert_int_equal(begin(&session, "av.mp4", "o.mkv", NO_OPTIONS), VANON_OK);
    packets.writer = session.writer;
    while (!vanon_reader_read(session.reader, &frame, &packet) && packets.count < 256) {
        vanon_frame_unref(&frame);
        if (packet)
            packets.packet[packets.count++] = packet;
    }
    assert_int_equal(pthread_create(&thread, NULL, write_all, &packets), 0);
    for (int i = 0; i < 25; i++) {
        frame = make_timed(VANON_PIXEL_YUV420P, 64, 48, i);
        assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_OK);
    }
    pthread_join(thread, NULL);
    assert_int_equal(packets.status, VANON_OK);
    finish(&session);
    end(&session);
    assert_string_equal(stream_hash("av.mp4", "a"), stream_hash("o.mkv", "a"));
    assert_times_kept("av.mp4", "o.mkv");
}

static void subtitles_and_chapters_are_copied(void **state)
{
    struct session session;

    (void)state;
    run("printf '1\\n00:00:00,100 --> 00:00:00,300\\nhello\\n' > %s", path_of("s.srt"));
    run("printf ';FFMETADATA1\\n[CHAPTER]\\nTIMEBASE=1/1000\\nSTART=0\\nEND=200\\ntitle=first\\n"
        "[CHAPTER]\\nTIMEBASE=1/1000\\nSTART=200\\nEND=400\\ntitle=second\\n' > %s",
        path_of("m.txt"));
    run("ffmpeg -v error -i %s -i %s -i %s -map 0 -map 1 -map_metadata 2 -c copy "
        "-metadata:s:s:0 language=deu -disposition:s:0 forced %s",
        path_of("plain.mkv"), path_of("s.srt"), path_of("m.txt"), path_of("sub.mkv"));
    run("ffmpeg -v error -i %s -map 0 -c:v libx264 -c:s mov_text %s", path_of("sub.mkv"),
        path_of("sub.mp4"));
    copy_through("sub.mkv", "o.mkv", NO_OPTIONS);
    assert_string_equal(stream_hash("sub.mkv", "s"), stream_hash("o.mkv", "s"));
    assert_string_equal(probe("o.mkv", "-select_streams s -show_entries "
                                       "stream_tags=language:stream_disposition=forced"),
                        "1|deu");
    assert_string_equal(probe("o.mkv", "-show_entries chapter=start_time,end_time:chapter_tags"),
                        "0.000000|0.200000|first\n0.200000|0.400000|second");
    /* MP4 has its chapters as a track, too: written anew, not copied */
    copy_through("sub.mp4", "o.mp4", NO_OPTIONS);
    assert_string_equal(stream_hash("sub.mp4", "s"), stream_hash("o.mp4", "s"));
    assert_string_equal(probe("o.mp4", "-show_entries chapter_tags=title"), "first\nsecond");
    assert_string_equal(probe("o.mp4", "-show_entries stream=codec_type"), "video\nsubtitle\ndata");
    assert_int_equal(begin(&session, "sub.mkv", "refused.mp4", NO_OPTIONS), VANON_ERR_UNSUPPORTED);
    assert_message("refused.mp4", "stream 1 (subtitle, subrip)", "mp4", ".mkv");
    end(&session);
    assert_int_equal(begin(&session, "sub.mp4", "refused.mkv", NO_OPTIONS), VANON_ERR_UNSUPPORTED);
    assert_message("mov_text", "matroska", ".mp4");
    end(&session);
    assert_int_equal(begin(&session, "sub.mp4", "o.mp4", OPTIONS("overwrite", "true")), VANON_OK);
    assert_string_equal(note_of(&session, 0)->fate, "anonymised");
    assert_string_equal(note_of(&session, 1)->fate, "copied");
    assert_string_equal(note_of(&session, 2)->fate, "dropped");
    assert_string_equal(note_of(&session, 2)->why, "chapters are copied as such");
    end(&session);
    assert_no_leftover();
}

static void sound_that_does_not_fit_is_refused(void **state)
{
    struct session session;

    (void)state;
    assert_int_equal(begin(&session, "av.mp4", "refused.webm", NO_OPTIONS), VANON_ERR_UNSUPPORTED);
    assert_message("refused.webm", "stream 1 (audio, aac", "webm", "--audio drop");
    end(&session);
    assert_int_equal(begin(&session, "av.mp4", "refused.gif", NO_OPTIONS), VANON_ERR_UNSUPPORTED);
    end(&session);
    assert_int_equal(begin(&session, "av.mkv", "refused.png", NO_OPTIONS), VANON_ERR_UNSUPPORTED);
    assert_message("audio, opus");
    end(&session);
    assert_int_equal(begin(&session, "av.mp4", "silent.webm", OPTIONS("audio", "drop")), VANON_OK);
    end(&session);
    assert_no_leftover();
}

/* Shape and colour */

static void rotation_is_kept_or_done(void **state)
{
    vanon_options *options;
    vanon_reader *reader;
    vanon_frame *turned, *upright;

    (void)state;
    run("ffmpeg -v error -i %s -c:v libx264 -crf 1 %s", path_of("plain.mkv"), path_of("p.mp4"));
    run("ffmpeg -v error -i %s -c copy -metadata:s:v:0 rotate=270 %s", path_of("p.mp4"),
        path_of("turned.mp4"));
    copy_through("turned.mp4", "o.mp4", NO_OPTIONS);
    assert_string_equal(
        probe("o.mp4", "-show_entries stream=width,height:stream_side_data=rotation"),
        probe("turned.mp4", "-show_entries stream=width,height:stream_side_data=rotation"));
    assert_non_null(strstr(probe("o.mp4", "-show_entries stream_side_data=rotation"), "90"));
    copy_through("turned.mp4", "o.mkv", OPTIONS("codec", "ffv1"));
    assert_string_equal(
        probe("o.mkv", "-show_entries stream=width,height:stream_side_data=rotation"), "48|64");
    /* what a player shows is the same */
    run("ffmpeg -v error -i %s -pix_fmt yuv420p -f rawvideo %s", path_of("turned.mp4"),
        path_of("a.yuv"));
    run("ffmpeg -v error -i %s -pix_fmt yuv420p -f rawvideo %s", path_of("o.mkv"),
        path_of("b.yuv"));
    run("cmp %s %s", path_of("a.yuv"), path_of("b.yuv"));
    reader = open_reader("turned.mp4", &options);
    turned = next_frame(reader);
    assert_int_not_equal(turned->rotation, 0);
    vanon_frame_unref(&turned);
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
    reader = open_reader("o.mkv", &options);
    upright = next_frame(reader);
    assert_int_equal(upright->rotation, 0);
    vanon_frame_unref(&upright);
    vanon_reader_destroy(&reader);
    vanon_options_destroy(&options);
}

/* A frame may be turned though its stream says nothing (a picture's own tag). */
static void a_frame_s_own_rotation(void **state)
{
    for (int turn = 0; turn < 8; turn++) {
        struct session session;
        vanon_frame *frame = make_timed(VANON_PIXEL_YUV420P, 64, 48, 0), *read;
        vanon_options *options;
        vanon_reader *reader;

        (void)state;
        frame->rotation = turn / 2 * 90;
        frame->mirrored = turn % 2;
        unlink(path_of("r.mp4"));
        assert_int_equal(begin(&session, "plain.mkv", "r.mp4", NO_OPTIONS), VANON_OK);
        assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_OK);
        finish(&session);
        end(&session);
        reader = open_reader("r.mp4", &options);
        read = next_frame(reader);
        assert_int_equal(read->rotation, turn / 2 * 90);
        assert_int_equal(read->mirrored, turn % 2);
        vanon_frame_unref(&read);
        vanon_reader_destroy(&reader);
        vanon_options_destroy(&options);
    }
}

static void what_can_not_be_turned_is_refused(void **state)
{
    struct session session;
    vanon_frame *frame = make_timed(VANON_PIXEL_YUV411P, 64, 48, 0);

    (void)state;
    frame->rotation = 90;
    assert_int_equal(begin(&session, "plain.mkv", "r.mkv", OPTIONS("codec", "ffv1")), VANON_OK);
    assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_ERR_UNSUPPORTED);
    assert_message("r.mkv", "yuv411p", "90 degrees", ".mp4");
    end(&session);
}

static void shape_and_colour_are_kept(void **state)
{
    static const char what[] = "-show_entries stream=sample_aspect_ratio,pix_fmt,color_range,"
                               "color_space,color_transfer,color_primaries,chroma_location,"
                               "field_order";

    (void)state;
    run("ffmpeg -v error -i %s -vf setsar=4/3 -c:v libx264 -color_primaries bt709 -color_trc "
        "bt709 -colorspace bt709 -color_range tv -chroma_sample_location left %s",
        path_of("plain.mkv"), path_of("c1.mp4"));
    run("ffmpeg -v error -i %s -vf scale=out_range=pc,format=yuv420p10le -c:v libx265 -x265-params "
        "log-level=none -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc "
        "-color_range pc %s",
        path_of("plain.mkv"), path_of("c2.mkv"));
    run("ffmpeg -v error -i %s -vf setfield=tff -c:v libx264 -flags +ilme+ildct %s",
        path_of("plain.mkv"), path_of("c3.mp4"));
    copy_through("c1.mp4", "o.mp4", NO_OPTIONS);
    assert_string_equal(probe("o.mp4", what), probe("c1.mp4", what));
    assert_non_null(strstr(probe("o.mp4", what), "4:3|yuv420p|tv|bt709|bt709|bt709|left"));
    copy_through("c2.mkv", "o.mkv", OPTIONS("codec", "hevc"));
    assert_string_equal(probe("o.mkv", what), probe("c2.mkv", what));
    copy_through("c2.mkv", "o.mkv", OPTIONS("codec", "ffv1"));
    assert_non_null(strstr(probe("o.mkv", what), "yuv420p10le|pc|bt2020nc|smpte2084|bt2020"));
    copy_through("c3.mp4", "o.mp4", NO_OPTIONS);
    assert_non_null(strstr(probe("c3.mp4", what), "tt"));
    assert_string_equal(probe("o.mp4", what), probe("c3.mp4", what));
    copy_through("c3.mp4", "o.mkv", OPTIONS("codec", "hevc"));
    assert_null(strstr(unit_message, "interlaced"));
    assert_non_null(strstr(probe("o.mkv", what), "tt"));
    copy_through("c3.mp4", "o.mp4", OPTIONS("codec", "hevc"));
    assert_message("o.mp4", "interlaced", "hevc");
}

static void hdr_metadata_are_kept(void **state)
{
    static const char what[] = "-read_intervals %+#1 -show_entries "
                               "frame_side_data=side_data_type,red_x,green_y,blue_x,white_point_x,"
                               "max_luminance,min_luminance,max_content,max_average";
    static const char *const outputs[] = {"hdr.mkv", "hdr.mp4"};

    (void)state;
    run("ffmpeg -v error -i %s -pix_fmt yuv420p10le -c:v libx265 -x265-params "
        "'log-level=none:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)"
        "L(10000000,50):max-cll=1000,400' %s",
        path_of("plain.mkv"), path_of("hdr-in.mkv"));
    for (size_t i = 0; i < 2; i++) {
        copy_through("hdr-in.mkv", outputs[i], OPTIONS("codec", "hevc"));
        assert_string_equal(probe(outputs[i], what),
                            "Mastering display metadata|34000/50000|34500/50000|7500/50000|"
                            "15635/50000|50/10000|10000000/10000\n"
                            "Content light level metadata|1000|400\n");
    }
}

static void a_change_of_shape_is_refused(void **state)
{
    struct session session;
    vanon_frame *frame = make_timed(VANON_PIXEL_YUV420P, 64, 48, 0);

    (void)state;
    assert_int_equal(begin(&session, "plain.mkv", "s.mp4", NO_OPTIONS), VANON_OK);
    assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_OK);
    frame = make_timed(VANON_PIXEL_YUV420P, 32, 48, 1);
    assert_int_equal(vanon_writer_frame(session.writer, &frame), VANON_ERR_UNSUPPORTED);
    assert_message("frame 1", "32x48", "64x48");
    /* and what was written before does not appear as if it were all */
    assert_int_equal(vanon_writer_finish(session.writer), VANON_ERR_UNSUPPORTED);
    end(&session);
    assert_int_not_equal(access(path_of("s.mp4"), F_OK), 0);
    assert_no_leftover();
}

/* Privacy */

static void private_things_are_dropped(void **state)
{
    struct session session;
    const char *tags;

    (void)state;
    run("ffmpeg -v error -i %s -frames:v 1 %s", path_of("plain.mkv"), path_of("cover.png"));
    run("ffmpeg -v error -i %s -i %s -map 0 -map 1 -c copy -disposition:v:1 attached_pic "
        "-metadata title=secret -metadata comment=secret -metadata location=+48.1+11.5/ "
        "-metadata creation_time=2024-05-06T07:08:09Z -metadata artist=secret "
        "-metadata:s:a:0 language=fra -metadata:s:a:0 handler_name=secret %s",
        path_of("av.mp4"), path_of("cover.png"), path_of("private.mp4"));
    unlink(path_of("o.mp4"));
    assert_int_equal(begin(&session, "private.mp4", "o.mp4", NO_OPTIONS), VANON_OK);
    assert_int_equal(pump(&session), VANON_OK);
    finish(&session);
    assert_int_equal(tag_kept(&session, -1, "title"), 0);
    assert_int_equal(tag_kept(&session, -1, "location"), 0);
    assert_int_equal(tag_kept(&session, -1, "creation_time"), 0);
    assert_int_equal(tag_kept(&session, 1, "language"), 1);
    assert_int_equal(tag_kept(&session, 1, "handler_name"), 0);
    assert_int_equal(tag_kept(&session, -1, "no such"), -1);
    assert_string_equal(note_of(&session, 3)->fate, "dropped");
    assert_string_equal(note_of(&session, 3)->why, "cover art or thumbnail");
    assert_string_equal(note_of(&session, 3)->codec, "png");
    end(&session);
    assert_false(file_contains("o.mp4", "secret"));
    assert_false(file_contains("o.mp4", "+48.1"));
    tags = probe("o.mp4", "-show_entries format_tags:stream_tags");
    assert_null(strstr(tags, "2024"));
    assert_non_null(strstr(tags, "fra"));
    assert_string_equal(probe("o.mp4", "-show_entries stream=codec_type"), "video\naudio\naudio");

    copy_through("private.mp4", "o.mkv", OPTIONS("keep", "tags"));
    tags = probe("o.mkv", "-show_entries format_tags=title,artist");
    assert_non_null(strstr(tags, "secret|secret"));
    copy_through("private.mp4", "o.mp4", OPTIONS("keep", "tags,cover"));
    assert_non_null(strstr(probe("o.mp4", "-show_entries format_tags=location"), "+48.1"));
    assert_non_null(
        strstr(probe("o.mp4", "-show_entries stream=codec_name:stream_disposition=attached_pic"),
               "png|1"));
}

static void other_videos_are_dropped(void **state)
{
    struct session session;

    (void)state;
    run("ffmpeg -v error -i %s -i %s -map 0:v -map 1:v -c copy %s", path_of("av.mp4"),
        path_of("p.mp4"), path_of("two.mkv"));
    assert_int_equal(begin(&session, "two.mkv", "o2.mkv", NO_OPTIONS), VANON_OK);
    assert_int_equal(pump(&session), VANON_OK);
    finish(&session);
    end(&session);
    assert_string_equal(probe("o2.mkv", "-show_entries stream=codec_type"), "video");
    assert_int_equal(begin(&session, "two.mkv", "o3.mkv", OPTIONS("keep", "video")), VANON_OK);
    assert_message("not anonymised");
    assert_int_equal(pump(&session), VANON_OK);
    finish(&session);
    end(&session);
    assert_string_equal(probe("o3.mkv", "-show_entries stream=codec_type"), "video\nvideo");
}

static void data_and_attachments(void **state)
{
    struct session session;

    (void)state;
    run("ffmpeg -v error -i %s -c copy -timecode 01:00:00:00 %s", path_of("p.mp4"),
        path_of("tc.mov"));
    run("ffmpeg -v error -i %s -attach %s -metadata:s:t mimetype=font/ttf -c copy %s",
        path_of("plain.mkv"), path_of("s.srt"), path_of("font.mkv"));
    copy_through("tc.mov", "o.mov", NO_OPTIONS);
    assert_string_equal(probe("o.mov", "-show_entries stream=codec_type"), "video");
    assert_null(strstr(probe("o.mov", "-show_entries stream_tags"), "01:00:00"));
    /* the muxer makes the track anew, from the tag */
    copy_through("tc.mov", "o.mov", OPTIONS("keep", "data"));
    assert_string_equal(probe("o.mov", "-show_entries stream=codec_type"), "video\ndata");
    assert_non_null(strstr(probe("o.mov", "-show_entries stream_tags"), "01:00:00:00"));
    copy_through("font.mkv", "o.mkv", NO_OPTIONS);
    assert_string_equal(probe("o.mkv", "-show_entries stream=codec_type"), "video");
    copy_through("font.mkv", "o.mkv", OPTIONS("keep", "attachments"));
    assert_string_equal(probe("o.mkv", "-show_entries stream=codec_type"), "video\nattachment");
    assert_int_equal(begin(&session, "font.mkv", "o4.mp4", OPTIONS("keep", "attachments")),
                     VANON_OK);
    assert_string_equal(note_of(&session, 1)->fate, "dropped");
    assert_string_equal(note_of(&session, 1)->why, "the container can't hold it");
    assert_int_equal(note_of(&session, 1)->type, VANON_STREAM_ATTACHMENT);
    end(&session);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(irregular_times_are_kept, tidy),
        cmocka_unit_test_teardown(fixed_rates_refuse_collisions, tidy),
        cmocka_unit_test_teardown(times_must_increase, tidy),
        cmocka_unit_test_teardown(frames_without_times_follow_each_other, tidy),
        cmocka_unit_test_teardown(fine_ticks_survive, tidy),
        cmocka_unit_test_teardown(sound_is_copied, tidy),
        cmocka_unit_test_teardown(a_transport_stream_keeps_its_times, tidy),
        cmocka_unit_test_teardown(packets_may_come_before_frames, tidy),
        cmocka_unit_test_teardown(frames_and_packets_from_two_threads, tidy),
        cmocka_unit_test_teardown(subtitles_and_chapters_are_copied, tidy),
        cmocka_unit_test_teardown(sound_that_does_not_fit_is_refused, tidy),
        cmocka_unit_test_teardown(rotation_is_kept_or_done, tidy),
        cmocka_unit_test_teardown(a_frame_s_own_rotation, tidy),
        cmocka_unit_test_teardown(what_can_not_be_turned_is_refused, tidy),
        cmocka_unit_test_teardown(shape_and_colour_are_kept, tidy),
        cmocka_unit_test_teardown(hdr_metadata_are_kept, tidy),
        cmocka_unit_test_teardown(a_change_of_shape_is_refused, tidy),
        cmocka_unit_test_teardown(private_things_are_dropped, tidy),
        cmocka_unit_test_teardown(other_videos_are_dropped, tidy),
        cmocka_unit_test_teardown(data_and_attachments, tidy),
    };

    return cmocka_run_group_tests_name("writer_streams", tests, make_inputs, remove_inputs);
}

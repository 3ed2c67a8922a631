# SPDX-License-Identifier: Apache-2.0
"""Standard input and output as input and output, and parts of an input: --start and --duration."""
import json
import os
import signal
import subprocess
import time
import unittest

from support import VANON, Case, ffmpeg, ffprobe, packets, pts, raw, video

QUICK = ('--detector', 'null', '--quiet')
OPTION, INPUT, OUTPUT = 2, 3, 4


def frame_digests(path, *arguments):
    """A digest of each frame's samples."""
    said = subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-i', path, '-map', '0:v:0', '-fps_mode', 'passthrough', *arguments,
                           '-f', 'framemd5', '-'], check=True, capture_output=True, text=True).stdout
    return [line.split(',')[-1].strip() for line in said.splitlines() if not line.startswith('#')]


class Piped(Case):
    """Clips of 50 frames at 25 frames a second, with sound."""

    def setUp(self):
        super().setUp()
        self.source = self.path('in.mkv')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=2', '-f', 'lavfi', '-i', 'sine=duration=2', '-c:v', 'libx264',
               '-bf', 2, '-c:a', 'aac', self.source)

    def remux(self, name, *arguments):
        ffmpeg('-i', self.source, '-c', 'copy', *arguments, self.path(name))
        return self.path(name)

    def pipe(self, source, *arguments, bytes_of=None, **more):
        """Runs the program on what a pipe gives; the result's stdout is bytes."""
        with open(source, 'rb') as file:
            data = file.read(-1 if bytes_of is None else bytes_of)
        return subprocess.run([VANON, *map(str, arguments), *QUICK], input=data, capture_output=True, timeout=120, **more)

    def expect(self, result, code, *words):
        self.assertEqual(result.returncode, code, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr.decode())


class Inputs(Piped):
    def test_containers(self):
        for name, options in (('in.mkv', ()), ('in.ts', ()), ('in.nut', ()), ('front.mp4', ('-movflags', '+faststart')),
                              ('frag.mp4', ('-movflags', '+frag_keyframe+empty_moov')), ('in.flv', ()), ('in.avi', ('-c:v', 'mpeg4')), ('in.264', ('-an',))):
            with self.subTest(name):
                source = self.source if name == 'in.mkv' else self.remux(name, *options)
                output = self.path('out.mkv')
                self.expect(self.pipe(source, '-', '-o', output, '--overwrite'), 0)
                self.assertEqual(len(pts(output)), 50)
                if name == 'in.mkv':
                    self.assertEqual(packets(output, 'a:0'), packets(source, 'a:0'))
                    self.assertEqual(pts(output), pts(source))

    def test_a_file_as_standard_input_can_be_read_back_and_forth(self):
        source = self.remux('back.mp4')
        with open(source, 'rb') as file:
            file.seek(1000)
            result = subprocess.run([VANON, '-', '-o', self.path('out.mp4'), *QUICK], stdin=file, capture_output=True, timeout=60)
        self.expect(result, 0)
        self.assertEqual(pts(self.path('out.mp4')), pts(source))

    def test_an_index_at_the_end_cannot_be_read_from_a_pipe(self):
        source = self.path('back.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=2', '-c:v', 'libx264', '-crf', 10, source)
        self.assertGreater(os.path.getsize(source), 200000)
        result = self.pipe(source, '-', '-o', self.path('out.mp4'))
        self.expect(result, INPUT, 'input -', 'its index stands first (faststart)')
        self.assertFalse(os.path.exists(self.path('out.mp4')))

    def test_named_container(self):
        raw_video = self.path('in.264')
        ffmpeg('-i', self.source, '-c', 'copy', '-an', raw_video)
        for options in ('--format', 'h264'), ('--input-format', 'h264'), ('--input-format', 'h264', '--format', 'matroska'):
            self.expect(self.pipe(raw_video, '-', '-o', self.path('out.mkv'), '--overwrite', *options), 0)
            self.assertEqual(len(pts(self.path('out.mkv'))), 50)
        self.expect(self.pipe(raw_video, '-', '-o', self.path('no.mkv'), '--format', 'nosuch'), OPTION, 'format nosuch', 'no such container')
        self.expect(self.pipe(raw_video, '-', '-o', self.path('no.mkv'), '--format', 'matroska'), INPUT, 'input -')
        self.expect(self.pipe(raw_video, '-', '-o', self.path('no.mkv'), '--format', 'concat'), INPUT, 'a list of others')
        self.expect(self.pipe(raw_video, '-', '-o', self.path('no.mkv'), '--format', 'image2'), INPUT, 'a list of others')
        self.assertFalse(os.path.exists(self.path('no.mkv')))

    def test_a_named_container_of_a_file(self):
        odd = self.path('odd.bin')
        os.rename(self.remux('in.264', '-an'), odd)
        self.succeed(odd, '-o', self.path('out.bin'), '--input-format', 'h264', '--format', 'nut', *QUICK)
        self.assertEqual(len(pts(self.path('out.bin'))), 50)
        self.assertEqual(ffprobe(self.path('out.bin'), '-show_format')['format']['format_name'], 'nut')

    def test_cut_off(self):
        for name, options in ('front.mp4', ('-movflags', '+faststart')), ('in.avi', ('-c:v', 'mpeg4')), ('cut.mkv', ()):
            with self.subTest(name):
                source = self.remux(name, *options)
                result = self.pipe(source, '-', '-o', self.path('out.mkv'), bytes_of=os.path.getsize(source) * 6 // 10)
                self.assertIn(result.returncode, (INPUT, 6), result.stderr)
                self.assertFalse(os.path.exists(self.path('out.mkv')))

    def test_nothing_or_no_video(self):
        empty, text = self.path('empty'), self.path('text')
        open(empty, 'w').close()
        with open(text, 'w') as file:
            file.write('no video\n' * 1000)
        for source in empty, text:
            self.expect(self.pipe(source, '-', '-o', self.path('out.mkv')), INPUT, 'input -: is not a media file')
        result = subprocess.run([VANON, '-', '-o', self.path('out.mkv'), *QUICK], capture_output=True, stdin=os.open(self.folder, os.O_RDONLY))
        self.expect(result, INPUT, 'input -: is a folder')

    def test_closed(self):
        result = subprocess.run([VANON, '-', '-o', self.path('out.mkv'), *QUICK], capture_output=True, preexec_fn=lambda: os.close(0))
        self.expect(result, INPUT, 'input -: Bad file descriptor')

    def test_an_output_has_to_be_named(self):
        self.expect(self.pipe(self.source, '-'), OPTION, 'an output has to be named')

    def test_a_silent_pipe_can_be_interrupted(self):
        process = subprocess.Popen([VANON, '-', '-o', self.path('out.mkv'), *QUICK], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        with open(self.source, 'rb') as file:
            process.stdin.write(file.read(20000))
        process.stdin.flush()
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        deadline = time.time() + 20
        while process.poll() is None and time.time() < deadline:
            time.sleep(.05)
        self.assertEqual(process.returncode, 130)
        process.stdin.close()
        process.stderr.close()
        self.assertEqual(os.listdir(self.folder), ['in.mkv'])

    def test_detect(self):
        result = self.pipe(self.source, 'detect', '-', '-o', '-')
        self.expect(result, 0)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual((len(lines), lines[-1]), (52, {'end': True, 'frames': 50}))
        self.assertNotIn('source', lines[0])
        self.assertNotIn('sha256', lines[0])
        sidecar = self.path('people.jsonl')
        with open(sidecar, 'wb') as file:
            file.write(result.stdout)
        self.succeed(self.source, '-o', self.path('out.mkv'), '--detector', 'replay', '--sidecar', sidecar, '--quiet')


class Outputs(Piped):
    def written(self, *arguments, source=None, name='out.bin'):
        result = self.pipe(self.source, source or self.source, '-o', '-', *arguments)
        self.expect(result, 0)
        self.assertEqual(result.stderr, b'')
        with open(self.path(name), 'wb') as file:
            file.write(result.stdout)
        return self.path(name)

    def test_containers(self):
        for container, codec in (('matroska', 'h264'), ('mpegts', 'h264'), ('nut', 'h264'), ('mp4', 'h264'), ('mov', 'h264'),
                                 ('matroska', 'ffv1'), ('flv', 'h264')):
            with self.subTest(container):
                output = self.written('--format', container, '--codec', codec)
                self.assertEqual(len(pts(output)), 50)
                self.assertEqual(video(output)['codec_name'], codec)
                if container in ('matroska', 'nut', 'mp4', 'mov'):
                    self.assertEqual(pts(output), pts(self.source))
                    self.assertEqual([digest for _, digest in packets(output, 'a:0')], [digest for _, digest in packets(self.source, 'a:0')])
        self.assertEqual(raw(self.written('--format', 'nut', '--codec', 'ffv1'), 'yuv420p'), raw(self.source, 'yuv420p'))

    def test_mp4_is_fragmented(self):
        with open(self.written('--format', 'mp4'), 'rb') as file:
            data = file.read()
        self.assertLess(data.index(b'moov'), data.index(b'moof'))
        self.assertLess(data.index(b'moof'), data.index(b'mdat'))

    def test_streams_without_sound(self):
        for container, codec in ('h264', 'h264'), ('mpeg2video', 'mpeg2video'), ('yuv4mpegpipe', 'rawvideo'), ('mjpeg', 'mjpeg'), ('gif', 'gif'):
            with self.subTest(container):
                output = self.written('--format', container, '--audio', 'drop')
                self.assertEqual(video(output)['codec_name'], codec)
                self.assertEqual(len(frame_digests(output)), 50)

    def test_raw_samples(self):
        with open(self.written('--format', 'rawvideo', '--audio', 'drop', '--codec', 'rawvideo'), 'rb') as file:
            self.assertEqual(file.read(), raw(self.source, 'yuv420p'))

    def test_both_ends(self):
        output = self.written('--format', 'nut', source='-')
        self.assertEqual(pts(output), pts(self.source))

    def test_refused(self):
        for options, words in (((), ('output -', '--format has to name a container')),
                               (('--format', 'avi'), ('avi has to go back in its file',)),
                               (('--format', 'nosuch'), ('format nosuch: no such container',)),
                               (('--format', 'wav'), ('wav holds no video',)),
                               (('--format', 'nut', '--json'), ('json: the output goes to standard output',))):
            result = self.pipe(self.source, self.source, '-o', '-', *options)
            self.expect(result, OPTION, *words)
            self.assertEqual(result.stdout, b'')
        self.expect(self.pipe(self.source, self.source, '-o', '-', '--format', 'h264'), 1, 'stream 1', '--audio drop')

    def test_a_report_goes_to_a_file(self):
        report = self.path('report.json')
        self.written('--format', 'nut', '--report', report)
        with open(report) as file:
            self.assertEqual(json.load(file)['frames']['out'], 50)

    def test_messages_go_to_standard_error(self):
        result = subprocess.run([VANON, self.source, '-o', '-', '--format', 'nut', '--detector', 'null'], capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 0)
        self.assertIn(b'nobody was found', result.stderr)
        self.assertTrue(result.stdout.startswith(b'nut/multimedia container'))

    def test_a_reader_that_goes_away(self):
        long = self.path('long.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=10', '-c:v', 'libx264', '-preset', 'ultrafast', long)
        process = subprocess.Popen([VANON, long, '-o', '-', '--format', 'nut', '--codec', 'ffv1', *QUICK], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.assertEqual(len(process.stdout.read(1000)), 1000)
        process.stdout.close()
        said = process.stderr.read().decode()
        process.stderr.close()
        self.assertEqual(process.wait(timeout=60), OUTPUT)
        self.assertEqual(said, 'vanon: error: output -: Broken pipe\n')

    def test_a_reader_that_waits_can_be_left(self):
        long = self.path('long.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25:duration=10', '-c:v', 'libx264', '-preset', 'ultrafast', long)
        process = subprocess.Popen([VANON, long, '-o', '-', '--format', 'nut', '--codec', 'ffv1', *QUICK], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=20), 130)
        process.stdout.close()

    def test_a_full_disk(self):
        with open('/dev/full', 'wb') as full:
            result = subprocess.run([VANON, self.source, '-o', '-', '--format', 'nut', *QUICK], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.expect(result, OUTPUT, 'output -: No space left on device')

    def test_the_input_itself(self):
        with open(self.source, 'rb') as file:
            before = file.read()
        with open(self.source, 'ab') as file:
            result = subprocess.run([VANON, self.source, '-o', '-', '--format', 'nut', *QUICK], stdout=file, stderr=subprocess.PIPE, timeout=60)
            self.expect(result, OUTPUT, 'is the input itself')
            with open(self.source, 'rb') as again:
                result = subprocess.run([VANON, '-', '-o', '-', '--format', 'nut', *QUICK], stdin=again, stdout=file, stderr=subprocess.PIPE, timeout=60)
            self.expect(result, OUTPUT, 'is the input itself')
        with open(self.source, 'rb') as file:
            result = subprocess.run([VANON, '-', '-o', self.source, '--overwrite', *QUICK], stdin=file, capture_output=True, timeout=60)
            self.expect(result, OUTPUT, 'is the input itself')
        with open(self.source, 'rb') as file:
            self.assertEqual(file.read(), before)

    def test_a_terminal(self):
        terminal, other = os.openpty()
        try:
            result = subprocess.run([VANON, self.source, '-o', '-', '--format', 'nut', *QUICK], stdout=other, stderr=subprocess.PIPE, timeout=60)
        finally:
            os.close(other)
            os.close(terminal)
        self.expect(result, OUTPUT, 'standard output is a terminal')

    def test_a_named_pipe_is_no_output(self):
        os.mkfifo(self.path('out.mkv'))
        self.fail_with(OUTPUT, ['out.mkv', 'is no regular file; only standard output'], self.source, '-o', self.path('out.mkv'), '--overwrite', *QUICK)


class Parts(Case):
    """10 seconds of 25 frames each, a key frame every 2 seconds, with sound."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = Case()
        cls.case.setUp()
        cls.addClassCleanup(cls.case.doCleanups)
        cls.source = cls.case.path('in.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=10', '-f', 'lavfi', '-i', 'sine=duration=10:sample_rate=48000',
               '-c:v', 'libx264', '-g', 50, '-keyint_min', 50, '-bf', 3, '-c:a', 'aac', cls.source)
        cls.digests = frame_digests(cls.source)

    def cut(self, *arguments, source=None, name='out.mkv'):
        output = self.path(name)
        self.succeed(source or self.source, '-o', output, '--overwrite', *QUICK, *arguments)
        return output

    def frames(self, first, count, *arguments, **more):
        """The output has exactly these frames, the first at 0."""
        output = self.cut('--codec', 'ffv1', *arguments, **more)
        self.assertEqual(frame_digests(output), self.digests[first:first + count])
        self.assertEqual([round(float(time), 3) for time in pts(output)], [round(i * .04, 3) for i in range(count)])
        return output

    def test_frames(self):
        self.frames(0, 25, '--duration', 1)
        self.frames(25, 225, '--start', 1)
        self.frames(50, 50, '--start', 2, '--duration', 2)
        self.frames(126, 1, '--start', '5.04', '--duration', '0.04')
        self.frames(126, 2, '--start', '5.04', '--duration', '0.040001')
        self.frames(101, 25, '--start', '00:00:04.04', '--duration', '0:01')
        self.frames(240, 10, '--start', '9.6', '--duration', 100)
        self.frames(249, 1, '--start', '9.96')
        self.frames(0, 250, '--duration', 10)

    def test_a_start_between_two_frames(self):
        output = self.cut('--codec', 'ffv1', '--start', '5.01', '--duration', '0.1')
        self.assertEqual(frame_digests(output), self.digests[126:128])
        self.assertEqual([round(float(time), 3) for time in pts(output)], [.03, .07])

    def test_containers(self):
        for name, options in (('in.mkv', ()), ('in.ts', ()), ('in.nut', ()), ('in.flv', ('-ar', 44100)), ('in.avi', ('-an', '-c:v', 'mpeg4')),
                              ('mj.avi', ('-an', '-c:v', 'mjpeg')), ('in.264', ('-an',))):
            with self.subTest(name):
                source = self.path(name)
                ffmpeg('-i', self.source, '-c:v', 'copy', *options, source)
                output = self.cut('--codec', 'ffv1', '--start', '7.04', '--duration', '1.2', '--audio', 'drop', source=source)
                self.assertEqual(frame_digests(output), frame_digests(source)[176:206])
                self.assertEqual([round(float(time), 3) for time in pts(output)], [round(i * .04, 3) for i in range(30)])

    def test_key_frames_that_cannot_be_trusted(self):
        """Open groups of pictures; a file that calls every frame a key; one that has a single key."""
        source, lying = self.path('open.mp4'), self.path('lying.mp4')
        for options in ('open-gop=1:keyint=40',), ('keyint=infinite:scenecut=0',), ('intra-refresh=1:keyint=40',):
            ffmpeg('-i', self.source, '-c:v', 'libx264', '-x264-params', *options, '-bf', 3, '-c:a', 'copy', source)
            with open(source, 'rb') as file:
                data = file.read()
            with open(lying, 'wb') as file:
                file.write(data.replace(b'stss', b'skip'))
            ffmpeg('-i', source, '-c', 'copy', self.path('open.ts'))
            digests = frame_digests(source)
            for path in source, lying, self.path('open.ts'):
                with self.subTest((options, path)):
                    output = self.cut('--codec', 'ffv1', '--start', '8.2', '--duration', 1, source=path)
                    self.assertEqual(frame_digests(output), digests[205:230])

    def test_a_pipe(self):
        with open(self.path('out.mkv'), 'wb') as file:
            front = self.path('front.mp4')
            ffmpeg('-i', self.source, '-c', 'copy', '-movflags', '+faststart', front)
            with open(front, 'rb') as source:
                sender = subprocess.Popen(['cat'], stdin=source, stdout=subprocess.PIPE)
                result = subprocess.run([VANON, '-', '-o', '-', '--format', 'matroska', '--codec', 'ffv1', '--start', '3', '--duration', '1', *QUICK],
                                        stdin=sender.stdout, stdout=file, stderr=subprocess.PIPE, timeout=60)
                sender.stdout.close()
                sender.wait()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(frame_digests(self.path('out.mkv')), self.digests[75:100])

    def test_a_start_of_the_file_that_is_not_0(self):
        source = self.path('later.mkv')
        ffmpeg('-i', self.source, '-c', 'copy', '-output_ts_offset', 5, source)
        self.assertEqual(float(pts(source)[0]), 5.0)
        self.frames(75, 25, '--start', 3, '--duration', 1, source=source)

    def test_sound(self):
        """Packets that begin in the part, bit for bit, as far from the picture as they were."""
        source = self.path('in.mkv')
        ffmpeg('-i', self.source, '-c', 'copy', '-c:a', 'pcm_s16le', source)
        self.assertEqual(float(pts(source)[0]), 0)
        for start, duration in (0, 3), (2, 3), (4.5, 1.5), (7, 100):
            output = self.cut('--start', start, '--duration', duration, source=source)
            wanted = [(round(float(time) - start, 3), digest) for time, digest in packets(source, 'a:0')
                      if start <= float(time) < start + duration]
            self.assertGreater(len(wanted), 60)
            self.assertEqual([(round(float(time), 3), digest) for time, digest in packets(output, 'a:0')], wanted)

    def test_what_sound_has_before_the_picture_is_kept_without_a_start(self):
        """AAC begins with a packet that only sets the decoder up."""
        output = self.cut('--duration', 1, name='out.mp4')
        self.assertEqual(float(packets(self.source, 'a:0')[0][0]), -.021333)
        self.assertEqual(packets(output, 'a:0'), packets(self.source, 'a:0')[:48])
        self.assertEqual(pts(output), pts(self.source)[:25])

    def test_times_in_mp4(self):
        output = self.cut('--start', 2, '--duration', 1, name='out.mp4')
        self.assertEqual([round(float(time), 3) for time in pts(output)], [round(i * .04, 3) for i in range(25)])
        about = ffprobe(output, '-show_format')['format']
        self.assertEqual(float(about['start_time']), 0)
        self.assertAlmostEqual(float(about['duration']), 1, delta=.03)

    def test_subtitles_and_chapters(self):
        source = self.path('in.mkv')
        with open(self.path('s.srt'), 'w') as file:
            for i, (start, end) in enumerate(((1, 2), (3, 4), (4.5, 9), (7, 8))):
                file.write(f'{i + 1}\n00:00:{start:06.3f} --> 00:00:{end:06.3f}\nline {i}\n\n'.replace('.', ','))
        with open(self.path('chapters'), 'w') as file:
            file.write(';FFMETADATA1\n')
            for start, end, title in (0, 2500, 'one'), (2500, 6000, 'two'), (6000, 10000, 'three'):
                file.write(f'[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n')
        ffmpeg('-i', self.source, '-i', self.path('s.srt'), '-i', self.path('chapters'), '-map', '0:v', '-map', '1', '-map_metadata', '2', '-c', 'copy',
               source)
        output = self.cut('--start', 2, '--duration', 3, source=source)
        found = ffprobe(output, '-select_streams', 's:0', '-show_packets')['packets']
        self.assertEqual([(float(packet['pts_time']), float(packet['duration_time'])) for packet in found], [(1, 1), (2.5, .5)])
        chapters = ffprobe(output, '-show_chapters')['chapters']
        self.assertEqual([(float(chapter['start_time']), float(chapter['end_time']), chapter['tags']['title']) for chapter in chapters],
                         [(0, .5, 'one'), (.5, 3, 'two')])

    def test_nothing_there(self):
        for options, words in ((('--start', 10), ('has no frame in that span, from 10.000 s on',)),
                               (('--start', '1:00:00', '--duration', 5), ('from 3600.000 s and before 3605.000 s on',)),
                               (('--start', '5.001', '--duration', '0.01'), ('has no frame in that span',))):
            self.fail_with(INPUT, ('in.mp4', *words), self.source, '-o', self.path('out.mkv'), *QUICK, *options)

    def test_wrong_values(self):
        for option, value in (('--start', '-1'), ('--start', 'soon'), ('--start', '1:75'), ('--duration', '0'), ('--duration', '-2'), ('--duration', '')):
            self.fail_with(OPTION, (option, 'time'), self.source, '-o', self.path('out.mkv'), *QUICK, option, value)

    def test_a_picture(self):
        source = self.path('in.png')
        ffmpeg('-i', self.source, '-frames:v', 1, source)
        self.cut('--duration', 1, source=source, name='out.png')
        self.fail_with(INPUT, ('in.png', 'no frame in that span'), source, '-o', self.path('no.png'), *QUICK, '--start', 1)

    def test_people_of_the_same_part_only(self):
        whole, part = self.path('whole.jsonl'), self.path('part.jsonl')
        self.succeed('detect', self.source, '-o', whole, *QUICK)
        self.succeed('detect', self.source, '-o', part, *QUICK, '--start', 4, '--duration', 1)
        with open(part) as file:
            self.assertEqual(json.loads(list(file)[-1]), {'end': True, 'frames': 25})
        replay = '--detector', 'replay', '--quiet', '--start', 4, '--duration', 1
        self.succeed(self.source, '-o', self.path('out.mkv'), *replay, '--sidecar', part)
        self.fail_with(INPUT, ('whole.jsonl', 'not the same video'), self.source, '-o', self.path('no.mkv'), *replay, '--sidecar', whole)

    def test_progress_knows_the_part(self):
        report = json.loads(self.succeed(self.source, '-o', self.path('out.mkv'), *QUICK, '--json', '--start', 4, '--duration', 1).stdout)
        self.assertEqual(report['frames']['in'], 25)
        self.assertEqual(report['frames']['packets_without_frame'], 0)


if __name__ == '__main__':
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""What is not the picture: time stamps, sound, subtitles, chapters, tags, colour, through the whole command."""
import glob
import json
import os
import unittest

from support import PICTURE, SHARED, VTEST, Case, ffmpeg, ffprobe, packets, pts, raw, video

QUICK = ('--detector', 'null', '--quiet')


class Streams(Case):
    def make_rich(self, name, *codecs):
        """A clip with two sound tracks, subtitles, chapters and tags."""
        chapters, subtitles, path = self.path('chapters.txt'), self.path('subtitles.srt'), self.path(name)
        with open(chapters, 'w') as file:
            file.write(';FFMETADATA1\ntitle=My house\nlocation=+48.1+11.5/\ncomment=private\n'
                       '[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=one\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=two\n')
        with open(subtitles, 'w') as file:
            file.write('1\n00:00:00,200 --> 00:00:01,000\nhello\n\n2\n00:00:01,100 --> 00:00:01,900\nthere\n')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=2', '-f', 'lavfi', '-i', 'sine=440:duration=2',
               '-f', 'lavfi', '-i', 'sine=880:duration=2', '-i', subtitles, '-i', chapters, '-map', 0, '-map', 1, '-map', 2, '-map', 3,
               '-map_metadata', 4, '-map_chapters', 4, '-metadata:s:a:1', 'language=deu', '-c:v', 'libx264', '-c:a', 'aac', '-flags:a', '+bitexact', *codecs, path)
        return path

    def check_rich(self, source, output):
        for stream in 'a:0', 'a:1', 's:0':
            before, after = packets(source, stream), packets(output, stream)
            self.assertGreater(len(before), 1)
            self.assertEqual(after, before, stream)
        self.assertEqual(pts(output), pts(source))
        streams = ffprobe(output, '-show_streams')['streams']
        self.assertEqual([stream['codec_type'] for stream in streams if stream['codec_type'] != 'data'],
                         ['video', 'audio', 'audio', 'subtitle'])
        self.assertEqual(streams[2]['tags']['language'], 'deu')
        chapters = ffprobe(output, '-show_chapters')['chapters']
        self.assertEqual([(chapter['start_time'], chapter['tags']['title']) for chapter in chapters],
                         [('0.000000', 'one'), ('1.000000', 'two')])
        tags = ffprobe(output, '-show_format')['format'].get('tags', {})
        for private in 'title', 'location', 'comment':
            self.assertNotIn(private, tags)
        with open(output, 'rb') as file:
            data = file.read()
        for private in b'My house', b'private', b'+48.1', b'x264', b'Lavc':
            self.assertFalse(private in data, private)

    def test_matroska_keeps_everything(self):
        source = self.make_rich('in.mkv', '-c:s', 'srt')
        self.succeed(source, '-o', self.path('out.mkv'), *QUICK)
        self.check_rich(source, self.path('out.mkv'))

    def test_mp4_keeps_everything(self):
        source = self.make_rich('in.mp4', '-c:s', 'mov_text')
        report = json.loads(self.succeed(source, '-o', self.path('out.mp4'), '--json', *QUICK).stdout)
        self.check_rich(source, self.path('out.mp4'))
        fates = {(note['type'], note['fate']) for note in report['streams']}
        self.assertIn(('video', 'anonymised'), fates)
        self.assertIn(('audio', 'copied'), fates)
        dropped = {tag['key'] for tag in report['tags'] if not tag['kept']}
        self.assertIn('title', dropped)

    def test_sound_can_be_dropped(self):
        source = self.make_rich('in.mkv', '-c:s', 'srt')
        self.succeed(source, '-o', self.path('out.mkv'), '--audio', 'drop', *QUICK)
        kinds = [stream['codec_type'] for stream in ffprobe(self.path('out.mkv'), '-show_streams')['streams']]
        self.assertEqual(kinds, ['video', 'subtitle'])

    def test_offset_of_sound_and_picture(self):
        for extension in 'mkv', 'mp4':
            source, output = self.path(f'in.{extension}'), self.path(f'out.{extension}')
            ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=1', '-itsoffset', '0.48', '-f', 'lavfi', '-i',
                   'sine=440:duration=1', '-c:v', 'libx264', '-c:a', 'aac', source)
            self.succeed(source, '-o', output, *QUICK)
            self.assertEqual(packets(output, 'a:0'), packets(source, 'a:0'))
            self.assertEqual(pts(output), pts(source))

    def test_variable_frame_rate(self):
        source = self.path('vfr.mkv')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=25:duration=2', '-vf', "settb=1/1000,setpts='N*40+mod(N*N,29)'", '-fps_mode',
               'passthrough', '-enc_time_base', '1:1000', '-c:v', 'libx264', source)
        self.assertGreater(len({round(float(b) - float(a), 3) for a, b in zip(pts(source), pts(source)[1:])}), 5)
        for output in self.path('out.mkv'), self.path('out.mp4'):
            self.succeed(source, '-o', output, *QUICK)
            self.assertEqual([round(float(time), 3) for time in pts(output)], [round(float(time), 3) for time in pts(source)])

    def test_real_clips_of_variable_rate(self):
        clips = glob.glob(os.path.join(SHARED, 'media', 'asl-*.mkv'))
        if not clips:
            self.skipTest('../shared is absent')
        for clip in clips:
            output = self.path('out.mkv')
            self.succeed(clip, '-o', output, '--overwrite', *QUICK)
            self.assertEqual(pts(output), pts(clip))

    def test_every_real_clip_keeps_its_frames_times_and_sound(self):
        clips = glob.glob(os.path.join(SHARED, 'media', '*.mp4')) + [VTEST]
        if len(clips) == 1:
            print('../shared is absent: only the packaged clip is tried')
        for clip in clips:
            output = self.path(os.path.basename(clip) + '.out.mkv')
            self.succeed(clip, '-o', output, '--preset', 'ultrafast', *QUICK)
            after, before = pts(output), pts(clip)
            self.assertEqual(len(after), len(before), clip)
            for one, other in zip(after, before):
                self.assertLessEqual(abs(float(one) - float(other)), .0005001, clip)  # Matroska's ticks are milliseconds
            if ffprobe(clip, '-select_streams', 'a:0', '-show_streams')['streams']:
                self.assertEqual([digest for _, digest in packets(output, 'a:0')], [digest for _, digest in packets(clip, 'a:0')])

    def test_colour_tags(self):
        source, output = self.path('in.mkv'), self.path('out.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=160x120:duration=0.2', '-vf', 'format=yuv420p', '-c:v', 'libx264', '-color_primaries',
               'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc', '-color_range', 'tv', source)
        self.succeed(source, '-o', output, *QUICK)
        before, after = video(source), video(output)
        for key in 'color_primaries', 'color_transfer', 'color_space', 'color_range':
            self.assertEqual(after[key], before[key])

    def test_nobody_means_untouched(self):
        source, output = self.path('in.mkv'), self.path('out.mkv')
        ffmpeg('-f', 'lavfi', '-i', 'mandelbrot=size=160x120', '-frames:v', 5, '-pix_fmt', 'yuv420p', '-c:v', 'ffv1', source)
        result = self.succeed(source, '-o', output, '--codec', 'ffv1')
        self.assertIn('nobody was found', result.stderr)
        self.assertEqual(raw(output, 'yuv420p'), raw(source, 'yuv420p'))

    def test_frame_count_of_a_real_clip(self):
        source, output = self.path('vtest.mkv'), self.path('out.mp4')
        ffmpeg('-i', VTEST, '-frames:v', 40, '-c', 'copy', source)
        report = json.loads(self.succeed(source, '-o', output, '--json', '--imgsz', 1280, '--precision', 'f32', '--quiet').stdout)
        self.assertEqual(len(pts(output)), 40)
        self.assertEqual(pts(output), pts(source))
        self.assertEqual((report['frames']['in'], report['frames']['out'], report['frames']['seen']), (40, 40, 40))
        self.assertGreater(report['objects'], 40)
        self.assertEqual(report['detector']['precision'], 'f32')
        self.assertEqual(report['detector']['model_sha256'], 'bf620f50c9f4523909f62778a313eb6d22d0b1b4248bb1d496606c3aa46383aa')

    def test_md5_sink_repeats(self):
        source = self.path('in.png')
        ffmpeg('-i', PICTURE, source)
        digests = set()
        for pipeline in 'cpu-gpu', 'multithread', 'batch', 'ultra':
            report = json.loads(self.succeed(source, '--codec', 'md5', '--json', '--precision', 'f32', '--quiet', '--pipeline', pipeline).stdout)
            digests.add(report['md5'])
        self.assertEqual(len(digests), 1)
        self.assertEqual(len(digests.pop()), 32)
        self.assertEqual(os.listdir(self.folder), ['in.png'])

    def test_default_output_name(self):
        source = self.path('clip.mkv')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x64:duration=0.2', '-c:v', 'ffv1', source)
        self.succeed(source, *QUICK)
        self.assertEqual(sorted(os.listdir(self.folder)), ['clip.anonymized.mkv', 'clip.mkv'])

    def test_detect_writes_a_sidecar_that_replays(self):
        source, sidecar = self.path('in.png'), self.path('people.jsonl')
        ffmpeg('-i', PICTURE, source)
        self.succeed('detect', source, '-o', sidecar, '--precision', 'f32')
        with open(sidecar) as lines:
            header, frame, end = map(json.loads, lines)
        self.assertEqual((header['vanon'], header['source'], header['width'], header['height']), (1, 'in.png', 548, 342))
        self.assertEqual(end, {'end': True, 'frames': 1})
        self.assertGreaterEqual(frame['objects'][0]['score'], 0.5)
        self.assertEqual(len(frame['objects'][0]['keypoints']), 17)
        options = '--codec', 'md5', '--json', '--quiet'
        seen = json.loads(self.succeed(source, '--precision', 'f32', *options).stdout)
        replayed = json.loads(self.succeed(source, '--detector', 'replay', '--sidecar', sidecar, *options).stdout)
        self.assertEqual(replayed['regions'], seen['regions'])
        self.assertEqual(replayed['detector']['name'], 'replay')

    def test_checksum(self):
        """It is printed, and no file is written, named or not."""
        sums = set()
        for options in (), ('--quiet',), ('-o', self.path('out.mkv')):
            result = self.succeed(PICTURE, '--codec', 'md5', '--detector', 'null', *options)
            self.assertRegex(result.stdout, rf'\A[0-9a-f]{{32}}  {PICTURE}\n\Z')
            self.assertNotIn('wrote', result.stderr)
            self.assertEqual('out.mkv is left as it is' in result.stderr, '-o' in options)
            sums.add(result.stdout)
        self.assertEqual((len(sums), os.listdir(self.folder)), (1, []))


if __name__ == '__main__':
    unittest.main()

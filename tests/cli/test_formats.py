# SPDX-License-Identifier: Apache-2.0
"""Each pixel format, size, rotation and aspect ratio through the whole command: what is outside the shapes is as it was, sample by sample; what is inside is not."""
import json
import math
import unittest

from support import PICTURE, Case, ffmpeg, raw, split_planes, video

FRAMES = 2
SEEING = '--imgsz', 640, '--precision', 'f32'  # how closely is no matter of formats
FEATHER = 3 + 1.5  # display pixels around a shape that may change, half a pixel's diagonal and more included


def regions_of(path):
    with open(path) as lines:
        parsed = [json.loads(line) for line in lines]
    return [line['regions'] for line in parsed if 'frame' in line]


def display_point(x, y, width, height, rotation, sar):
    """The display position of a point of the coded picture."""
    x, y, w, h = x * sar, y, width * sar, height
    return {0: (x, y), 90: (h - y, x), 180: (w - x, h - y), 270: (y, w - x)}[rotation]


def distance(region, x, y):
    """How far a point is from an ellipse, roughly, never less than it is; negative inside."""
    c, s = math.cos(region['angle']), math.sin(region['angle'])
    dx, dy = x - region['cx'], y - region['cy']
    u, v = (c * dx + s * dy) / region['rx'], (c * dy - s * dx) / region['ry']
    return (math.hypot(u, v) - 1) * min(region['rx'], region['ry'])


class Formats(Case):
    def check_plane(self, before, after, plane, regions, place):
        """Samples outside every region and feather are equal; returns how many inside differ."""
        xs, ys, group, line, _ = plane
        changed = 0
        for y in range(len(before) // line):
            old, new = before[y * line:(y + 1) * line], after[y * line:(y + 1) * line]
            if old == new:
                continue
            for x in range(line // group):
                if old[x * group:(x + 1) * group] == new[x * group:(x + 1) * group]:
                    continue
                # the sample stands for xs x ys luma pixels: the nearest of them counts
                points = [place(x * xs + i + .5, y * ys + j + .5) for i in range(xs) for j in range(ys)]
                nearest = min(distance(region, *point) for region in regions for point in points)
                self.assertLessEqual(nearest, FEATHER, f'sample {x},{y} was changed and is outside')
                changed += 1
        return changed

    def check(self, source, output, pixel_format, rotation=0, sar=1.0, options=()):
        sidecar = self.path('objects.jsonl')
        self.succeed('detect', source, '-o', sidecar, '--with-regions', *SEEING, '--overwrite')
        self.succeed(source, '-o', output, *SEEING, '--quiet', *options)
        before, after = video(source), video(output)
        width, height = int(before['width']), int(before['height'])
        self.assertEqual((int(after['width']), int(after['height'])), (width, height))
        self.assertEqual(after['pix_fmt'].replace('yuvj', 'yuv'), before['pix_fmt'].replace('yuvj', 'yuv'))
        old, new, regions = raw(source, pixel_format), raw(output, pixel_format), regions_of(sidecar)
        self.assertEqual(len(old), len(new))
        size = len(old) // len(regions)
        for number, of_frame in enumerate(regions):
            self.assertGreaterEqual(len(of_frame), 3, 'the footballer has eyes and elbows')
            frames = [split_planes(data[number * size:(number + 1) * size], pixel_format, width, height)
                      for data in (old, new)]
            for plane, other in zip(*frames):
                changed = self.check_plane(plane[4], other[4], plane, of_frame,
                                           lambda x, y: display_point(x, y, width, height, rotation, sar))
                self.assertGreater(changed, 50, 'a plane in which nothing is hidden')

    def make(self, name, pixel_format, *arguments, size='548:342', filters=''):
        path = self.path(name)
        ffmpeg('-loop', 1, '-i', PICTURE, '-frames:v', FRAMES, '-vf', f'crop={size}:0:0:exact=1{filters},format={pixel_format}',
               *arguments, path)
        return path

    def test_planar_formats(self):
        for pixel_format in 'yuv420p', 'yuv422p', 'yuv444p', 'gray', 'yuv420p10le', 'bgr0':
            with self.subTest(pixel_format):
                source = self.make(f'{pixel_format}.mkv', pixel_format, '-c:v', 'ffv1')
                self.check(source, self.path(f'{pixel_format}.out.mkv'), pixel_format, options=('--codec', 'ffv1'))

    def test_raw_formats(self):
        for pixel_format in 'nv12', 'rgb24', 'yuv420p':
            with self.subTest(pixel_format):
                source = self.make(f'{pixel_format}.nut', pixel_format, '-c:v', 'rawvideo')
                self.check(source, self.path(f'{pixel_format}.out.nut'), pixel_format, options=('--codec', 'rawvideo'))

    def test_odd_sizes(self):
        for pixel_format, size in ('yuv420p', '547:341'), ('yuv422p', '547:342'), ('yuv420p10le', '548:341'), ('bgr0', '547:341'):
            with self.subTest(pixel_format):
                source = self.make(f'{pixel_format}.mkv', pixel_format, '-c:v', 'ffv1', size=size)
                self.check(source, self.path(f'{pixel_format}.out.mkv'), pixel_format, options=('--codec', 'ffv1'))

    def test_full_range(self):
        source = self.make('full.mkv', 'yuv420p', '-c:v', 'ffv1', '-color_range', 'pc')
        self.check(source, self.path('full.out.mkv'), 'yuv420p', options=('--codec', 'ffv1'))
        self.assertEqual(video(self.path('full.out.mkv'))['color_range'], 'pc')

    def test_lossless_h264_keeps_the_format(self):
        for pixel_format in 'yuv420p', 'yuv422p', 'yuv444p':
            with self.subTest(pixel_format):
                source = self.make(f'{pixel_format}.mkv', pixel_format, '-c:v', 'ffv1')
                self.check(source, self.path(f'{pixel_format}.mp4'), pixel_format, options=('--crf', '0'))

    def test_h264_keeps_ten_bits_and_interleaved_chroma(self):
        for pixel_format, codec, kept in ('yuv420p10le', 'ffv1', 'yuv420p10le'), ('nv12', 'rawvideo', 'yuv420p'):
            source, output = self.make(f'{pixel_format}.nut', pixel_format, '-c:v', codec), self.path(f'{pixel_format}.mp4')
            report = json.loads(self.succeed(source, '-o', output, '--json', '--quiet').stdout)
            self.assertEqual(report['conversion'], '')
            self.assertEqual(video(output)['pix_fmt'], kept)

    def test_rotation(self):
        turn = {90: 'transpose=2', 180: 'transpose=1,transpose=1', 270: 'transpose=1'}
        for rotation, filters in turn.items():
            with self.subTest(rotation):
                flat = self.make(f'flat{rotation}.mp4', 'yuv420p', '-c:v', 'libx264', '-qp', 0, filters=',' + filters)
                source, output = self.path(f'{rotation}.mp4'), self.path(f'{rotation}.out.mp4')
                ffmpeg('-i', flat, '-c', 'copy', '-metadata:s:v', f'rotate={360 - rotation}', source)
                angle = video(source)['side_data_list'][0]['rotation']
                self.check(source, output, 'yuv420p', rotation=-angle % 360, options=('--crf', '0'))
                self.assertEqual(video(output)['side_data_list'][0]['rotation'], angle)

    def test_aspect_ratio(self):
        source = self.make('wide.mkv', 'yuv420p', '-c:v', 'ffv1', filters=',scale=274:342,setsar=2/1')
        output = self.path('wide.out.mkv')
        self.check(source, output, 'yuv420p', sar=2.0, options=('--codec', 'ffv1'))
        self.assertEqual(video(output)['sample_aspect_ratio'], '2:1')

    def test_pictures(self):
        source, output = self.path('in.png'), self.path('out.png')
        ffmpeg('-i', PICTURE, '-pix_fmt', 'rgb24', source)
        self.check(source, output, 'rgb24')
        self.assertEqual(video(output)['codec_name'], 'png')

    def test_jpeg(self):
        output = self.path('out.jpg')
        self.succeed(PICTURE, '-o', output, '--precision', 'f32')
        before, after = video(PICTURE), video(output)
        for key in 'codec_name', 'width', 'height', 'pix_fmt':
            self.assertEqual(after[key], before[key])


if __name__ == '__main__':
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Every container, codec, depth, chroma and rotation that libav* here can make, through the whole command. A hand-made sidecar puts one
circle into each frame, so that something is hidden and all else can be compared: frame count, time stamps, colour tags, sound packets,
samples. What can't be is refused with a message. Clips are of four frames; each row takes a fraction of a second."""
import array
import collections
import concurrent.futures
import contextlib
import functools
import json
import math
import operator
import os
import re
import subprocess
import unittest

from support import PLANES, Case, ffmpeg, ffprobe, split_planes, vanon

WIDTH, HEIGHT, FRAMES = 96, 64, 4
CENTRE, RADIUS = (30, 26), 12  # of the circle, in display pixels
FEATHER = 3 + 1.5              # beyond it; half a pixel's diagonal and more included
COLOUR = {'color_primaries': 'bt2020', 'color_transfer': 'arib-std-b67', 'color_space': 'bt2020nc', 'color_range': 'tv'}
HIDE = ('--detector', 'apply', '--parts', 'elbows', '--style', 'solid', '--safety-margin', '0', '--quiet', '--json')


@functools.lru_cache(None)
def formats_of(encoder):
    """The pixel formats that an encoder of libav* takes, without the old names for full range; () where it is not there."""
    told = subprocess.run(['ffmpeg', '-v', 'error', '-h', f'encoder={encoder}'], capture_output=True, text=True).stdout
    found = re.search(r'Supported pixel formats: (.*)', told)
    return tuple(name for name in found.group(1).split() if not name.startswith('yuvj')) if found else ()


def known(encoder):
    return [name for name in formats_of(encoder) if name in PLANES and name != 'nv16']  # which swscale can't make


def display_point(x, y, width, height, rotation):
    """The display position of a point of the coded picture."""
    return {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[rotation]


@functools.lru_cache(None)
def spans(xs, ys, width, height, rotation, slack):
    """Of each line of a plane: which samples may change, from and to, and which lie wholly inside the circle."""
    def reach(x, y):
        points = [display_point(min(x * xs + i, width - 1) + .5, min(y * ys + j, height - 1) + .5, width, height, rotation)
                  for i in range(xs) for j in range(ys)]
        return [choose(math.dist(point, CENTRE) for point in points) for choose in (min, max)]

    def extent(found):
        return (found[0], found[-1] + 1) if found else (0, 0)

    lines = []
    for y in range(-(-height // ys)):
        line = [reach(x, y) for x in range(-(-width // xs))]
        lines.append(extent([x for x, (nearest, _) in enumerate(line) if nearest <= RADIUS + FEATHER + slack]) +
                     extent([x for x, (_, farthest) in enumerate(line) if farthest <= RADIUS]))
    return lines


def upright(data, pixel_format, width, height, rotation):
    """The planes of a frame, turned as a player does."""
    turned = b''
    for _, _, group, line, plane in split_planes(data, pixel_format, width, height):
        rows = [[plane[at:at + group] for at in range(start, start + line, group)] for start in range(0, len(plane), line)]
        rows = {90: lambda: zip(*rows[::-1]), 180: lambda: (row[::-1] for row in rows[::-1]), 270: lambda: list(zip(*rows))[::-1]}[rotation]()
        turned += b''.join(b''.join(row) for row in rows)
    return turned


def decode(path, pixel_format=None):
    """All samples of a video, by default in its own format, not turned."""
    wanted = ('-pix_fmt', pixel_format) if pixel_format else ()
    return subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-noautorotate', '-i', path, '-map', '0:v:0',
                           '-fps_mode', 'passthrough', '-f', 'rawvideo', *wanted, '-'], check=True, capture_output=True).stdout


def sound_of(path):
    return subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-i', path, '-map', '0:a', '-f', 's16le', '-'], check=True, capture_output=True).stdout


class Media:
    """A file's streams, frames and packets, from one look at it."""

    def __init__(self, path):
        told = ffprobe(path, '-show_streams', '-show_frames', '-show_packets', '-show_data_hash', 'md5')
        self.path, self.streams = path, told['streams']
        self.video = next((stream for stream in self.streams if stream['codec_type'] == 'video'), {'index': None})
        of = self.video['index']
        entries = told.get('packets_and_frames') or told['packets'] + told['frames']
        frames = [entry for entry in entries if entry.get('media_type') == 'video' and entry['stream_index'] == of]
        self.pts = [frame.get('best_effort_timestamp_time') for frame in frames]
        self.frames = frames
        self.sound = [(entry['stream_index'], entry.get('pts_time'), entry['data_hash']) for entry in entries
                      if entry.get('codec_type') == 'audio' and 'data_hash' in entry]
        self.width, self.height = (int(self.video.get(key, 0)) for key in ('width', 'height'))
        self.format = self.video.get('pix_fmt', '').replace('yuvj', 'yuv')
        matrix = [data['rotation'] for data in self.video.get('side_data_list', []) if 'rotation' in data]
        self.rotation = -matrix[0] % 360 if matrix else 0


class CanNotBe(Exception):
    """A combination that is none: FFmpeg's tools can't make it here, or the command refuses it."""


class Matrix(Case):
    passed = collections.Counter()          # of each test
    none = collections.defaultdict(list)    # of each test: what can't be, and why

    @contextlib.contextmanager
    def case(self, **row):
        """A combination, which counts."""
        test = self.id().split('.', 1)[1]
        with self.subTest(**row):
            try:
                yield
                self.passed[test] += 1
            except CanNotBe as why:
                self.none[test].append(f'{" ".join(map(str, row.values()))}: {why}')

    def each(self, rows, check):
        """Runs check(*row) for every row, as many at once as there are processors."""
        self.assertTrue(rows)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            runs = [(row, pool.submit(check, *row)) for row in rows]
        for row, run in runs:
            with self.case(row=' '.join(map(str, row))):
                run.result()

    def make(self, name, *arguments, size=(WIDTH, HEIGHT), pixel_format=None, sound=None, rate=25, filters=''):
        """A clip of a moving test picture, with a tone where `sound` names its codec."""
        path = self.path(name)
        seconds = FRAMES / rate
        picture = ['-f', 'lavfi', '-i', f'testsrc2=size={size[0]}x{size[1]}:rate={rate}:duration={seconds}']
        tone = ['-f', 'lavfi', '-i', f'sine=440:duration={seconds}', '-c:a', *sound.split()] if sound else []
        convert = ['-vf', ','.join(filter(None, [filters, f'format={pixel_format}' if pixel_format else '']))]
        quiet = ('-x265-params', 'log-level=none') if 'libx265' in arguments else ()
        try:
            ffmpeg(*picture, *tone, *(convert if convert[1] else ()), '-fflags', '+bitexact', *arguments, *quiet, path)
        except subprocess.CalledProcessError as failure:
            words = failure.stderr.decode(errors='replace').strip().splitlines() or ['']
            raise CanNotBe('ffmpeg: ' + re.sub(r'^\[.*?\] ', '', words[0])) from failure
        return path

    def sidecar(self, media):
        """A circle of RADIUS in every frame."""
        path = media.path + '.jsonl'
        circle = {'part': 'elbows', 'object': 0, 'shape': 'circle', 'cx': CENTRE[0], 'cy': CENTRE[1], 'rx': RADIUS, 'ry': RADIUS, 'angle': 0}
        sar = [int(number) for number in media.video.get('sample_aspect_ratio', '0:1').split(':')]
        with open(path, 'w') as file:
            print(json.dumps({'vanon': 1, 'width': media.width, 'height': media.height, 'time_base': [1, 1], 'rotation': media.rotation,
                              'sar': sar, 'options': {}}), file=file)
            for number in range(len(media.frames)):
                print(json.dumps({'frame': number, 'pts': None, 'objects': [], 'regions': [circle]}), file=file)
            print(json.dumps({'end': True, 'frames': len(media.frames)}), file=file)
        return path

    def hide(self, source, name, *options):
        """Runs the command on a clip; what it was, what came of it, and the report."""
        before = Media(source)
        output = self.path(name)
        result = vanon(source, '-o', output, *HIDE, '--sidecar', self.sidecar(before), *options)
        if result.returncode and re.search("can't hold codec|no such codec or encoder", result.stderr):
            raise CanNotBe(result.stderr.strip().splitlines()[-1].split(f'{name}: ')[-1])
        if result.returncode:
            self.fail(f'{os.path.basename(source)} to {name}: {result.stderr.strip()}')
        return before, Media(output), json.loads(result.stdout)

    def check_times(self, before, after, tick=.0006):
        self.assertEqual(len(after.frames), len(before.frames))
        for media in before, after:
            if not any(media.pts):  # an elementary stream has none
                media.pts = [number / 25 for number in range(FRAMES)]
        times = [(float(old), float(new)) for old, new in zip(before.pts, after.pts) if old and new]
        self.assertTrue(times)
        shift = times[0][1] - times[0][0] if after.path.endswith(SHIFTED) else 0
        for old, new in times:
            self.assertAlmostEqual(old + shift, new, delta=tick)

    def check_colour(self, before, after):
        for key in COLOUR:
            was, now = (media.video.get(key) or media.frames[0].get(key) for media in (before, after))
            self.assertEqual(now, was, key)

    def check_sound(self, before, after):
        self.assertGreater(len(before.sound), 0)
        if after.path.endswith('.mxf'):  # whose packets of sound are as long as a frame
            self.assertEqual(sound_of(after.path), sound_of(before.path))
            return
        self.assertEqual([digest for *_, digest in after.sound], [digest for *_, digest in before.sound])
        for (_, old, _), (_, new, _) in zip(before.sound, after.sound):
            self.assertAlmostEqual(float(old), float(new), delta=.0011)

    def frames(self, old, new, pixel_format, width, height, rotation, slack=0):
        """Line by line of each frame and plane: the plane's number, the bytes of a sample, the lines, and the line's spans."""
        self.assertEqual(len(new), len(old))
        size = sum(-(-width // xs) * group * -(-height // ys) for xs, ys, group in PLANES[pixel_format])
        for at in range(0, len(old), size):
            planes = [split_planes(data[at:at + size], pixel_format, width, height) for data in (old, new)]
            for number, ((xs, ys, group, line, was), other) in enumerate(zip(*planes)):
                for y, span in enumerate(spans(xs, ys, width, height, rotation, slack)):
                    yield (at, number), group, was[y * line:(y + 1) * line], other[4][y * line:(y + 1) * line], y, span

    def check_exact(self, old, new, pixel_format, width, height, rotation=0, slack=0):
        """Outside the circle and its feather every sample is as it was; inside all of a plane are the same."""
        inside = {}
        for plane, group, was, now, y, (first, last, left, right) in self.frames(old, new, pixel_format, width, height, rotation, slack):
            same = was[:first * group] == now[:first * group] and was[last * group:] == now[last * group:]
            self.assertTrue(same, f'plane {plane[1]}: samples of line {y} are outside and were changed')
            inside.setdefault(plane, set()).update(now[x * group:(x + 1) * group] for x in range(left, right))
        for plane, values in inside.items():
            self.assertEqual(len(values), 1, f'plane {plane[1]}: the circle is not of one colour')

    def check_close(self, old, new, pixel_format, width, height, most):
        """As check_exact, for codecs that lose a little: `most` is the mean difference of 8-bit samples outside."""
        wide = DEPTH.search(pixel_format)
        unit, kind, size = (1 << int(wide.group(1)) - 8, 'H', 2) if wide else (1, 'B', 1)
        outside, inside = {}, {}
        for plane, group, was, now, _, (first, last, left, right) in self.frames(old, new, pixel_format, width, height, 0):
            far = [array.array(kind, line[:first * group] + line[last * group:]) for line in (was, now)]
            outside.setdefault(plane[1], []).extend(map(abs, map(operator.sub, *far)))
            if group == size:
                inside.setdefault(plane, []).extend(array.array(kind, now[(left + 3) * group:max(left + 3, right - 3) * group]))
        for number, differences in outside.items():
            self.assertLessEqual(sum(differences) / len(differences) / unit, most, f'plane {number}')
        for plane, values in inside.items():
            self.assertLessEqual(max(values) - min(values), 40 * unit, f'plane {plane[1]}: the circle shows something')


PADDED = 'rgb0', 'bgr0', '0rgb', '0bgr'   # with a byte that means nothing
SHIFTED = '.ts', '.mpg', '.flv', '.ogv'  # containers that may move all times by the same
DEPTH = re.compile(r'(10|12|16)le$')
TAGS = ('-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc', '-color_range', 'tv')

# What the reader gets: ending, encoder of the clip and its arguments, sound; in every pixel format that the encoder takes.
READ = [
    ('mkv', 'ffv1', '-strict -2', 'aac'), ('nut', 'rawvideo', '', 'pcm_s16le'), ('avi', 'magicyuv', '', 'pcm_s16le'),
    ('mp4', 'libx264', '-qp 0', 'aac'), ('mp4', 'libx264rgb', '-qp 0', 'aac'), ('mp4', 'libx265', '', 'aac'),
    ('webm', 'libvpx', '-auto-alt-ref 0', 'libopus'), ('webm', 'libvpx-vp9', '-cpu-used 8 -deadline realtime', 'libopus'),
    ('mkv', 'libaom-av1', '-cpu-used 8 -usage realtime', 'libopus'), ('mov', 'prores_ks', '', 'pcm_s16le'),
    ('mov', 'qtrle', '', 'pcm_s16le'), ('mov', 'png', '', 'pcm_s16le'), ('mkv', 'utvideo', '', 'flac'),
    ('avi', 'mjpeg', '-strict -1', 'mp3'), ('avi', 'mpeg4', '', 'mp3'), ('mpg', 'mpeg2video', '', 'mp2'), ('avi', 'huffyuv', '', 'pcm_s16le'),
    ('ogv', 'libtheora', '', 'libvorbis'), ('flv', 'flv', '', None), ('asf', 'wmv2', '', 'libmp3lame'), ('mkv', 'cfhd', '', 'aac'),
    ('mkv', 'v210', '', 'aac'), ('avi', 'msmpeg4', '', 'mp3'), ('mpg', 'mpeg1video', '', 'mp2'),
    ('avi', 'zmbv', '', 'pcm_s16le'),
]
RAW = ['nv12', 'nv21', 'yuyv422', 'uyvy422', 'rgb24', 'argb', 'abgr', '0rgb', 'bgr24', 'gray12le', 'gbrap', 'yuv410p', 'yuva422p12le']
# More containers, each with a codec that it usually holds, in that encoder's first format.
CONTAINERS = [
    ('mkv', 'libx264', 'aac'), ('mov', 'libx264', 'aac'), ('m4v', 'libx264', 'aac'), ('ts', 'libx264', 'aac'), ('avi', 'libx264', 'mp3'),
    ('flv', 'libx264', 'aac'), ('3gp', 'libx264', 'aac'), ('nut', 'libx264', 'aac'), ('h264', 'libx264', None), ('mkv', 'libx265', 'ac3'),
    ('ts', 'libx265', 'mp2'), ('hevc', 'libx265', None), ('mkv', 'libvpx-vp9', 'libopus'), ('mp4', 'libvpx-vp9', 'aac'),
    ('ivf', 'libvpx-vp9', None), ('mp4', 'libaom-av1', 'aac'), ('webm', 'libaom-av1', 'libopus'), ('mp4', 'mpeg4', 'aac'),
    ('ts', 'mpeg2video', 'mp2'), ('mxf', 'mpeg2video', None), ('y4m', 'wrapped_avframe', None), ('mjpeg', 'mjpeg', None),
    ('gif', 'gif', None), ('apng', 'apng', None), ('mkv', 'mjpeg', 'flac'), ('mkv', 'mpeg4', 'ac3'), ('mkv', 'prores_ks', 'aac'),
]
# Every container, with sound that it holds, is tried with every codec.
HOLDERS = [
    ('mkv', 'aac'), ('mp4', 'aac'), ('mov', 'pcm_s16le'), ('m4v', 'aac'), ('webm', 'libopus'), ('avi', 'pcm_s16le'), ('ts', 'mp2'), ('mpg', 'mp2'),
    ('nut', 'pcm_s16le'), ('flv', 'aac'), ('3gp', 'aac'), ('ogv', 'libvorbis'), ('asf', 'libmp3lame'), ('mxf', 'pcm_s16le -ar 48000'), ('ivf', None),
]


def firsts(encoder):
    """An encoder's first format, and one of ten bits."""
    formats = known(encoder) or formats_of(encoder) or RAW
    return list(formats[:1]) + [name for name in ('yuv422p10le',) if name in formats[1:]]


class Inputs(Matrix):
    """Whatever is read comes out of FFV1 as it was."""

    def read(self, extension, encoder, arguments, sound, pixel_format):
        name = f'{encoder}.{pixel_format}.{extension}'
        source = self.make(name, '-c:v', encoder, *arguments.split(), sound=sound, pixel_format=pixel_format)
        before, after, report = self.hide(source, name + '.mkv', '--codec', 'ffv1')
        self.check_times(before, after)
        if sound and not before.path.endswith('.ts'):  # where AAC has headers of its own
            self.check_sound(before, after)
        self.check_colour(before, after)
        self.assertEqual(report['frames']['changed'], FRAMES)
        self.check_samples(before, after)

    def check_samples(self, before, after):
        pixel_format = before.format if before.format in PLANES else after.format
        if pixel_format in PADDED:  # which FFV1 does not keep
            pixel_format = 'rgb24'
        old, new = (decode(media.path, None if media.format == pixel_format else pixel_format) for media in (before, after))
        self.check_exact(old, new, pixel_format, before.width, before.height)

    def test_every_format(self):
        self.each([(*row, pixel_format) for row in READ for pixel_format in known(row[1]) or formats_of(row[1]) or RAW], self.read)

    def pair(self, extension, encoder, arguments, sound, pixel_format):
        arguments = f'{arguments} -strict -2 {"-bf 0" if extension == "avi" else ""}'
        clip = self.make(f'try.{encoder}.{pixel_format}.{extension}', '-c:v', encoder, *arguments.split(), sound=sound, pixel_format=pixel_format)
        try:
            found = Media(clip)
        except subprocess.CalledProcessError as failure:
            raise CanNotBe('ffmpeg: does not come back') from failure
        if len(found.frames) != FRAMES or 'pix_fmt' not in found.video or (sound and not found.sound):
            raise CanNotBe('ffmpeg: does not come back')
        self.read(extension, encoder, arguments, sound, pixel_format)

    def test_every_container_with_every_codec(self):
        """Whatever FFmpeg's own tools can put into a container and find in it again."""
        self.each([(extension, encoder, arguments, sound, pixel_format) for extension, sound in HOLDERS for _, encoder, arguments, _ in READ
                   for pixel_format in firsts(encoder)], self.pair)

    def test_every_container(self):
        self.each([(extension, encoder, '-bf 0' if extension == 'avi' else '-strict -1', sound, (formats_of(encoder) or ('yuv420p',))[0])
                   for extension, encoder, sound in CONTAINERS], self.read)


# What is written: ending, codec and options, the encoder that does it, sound; in every pixel format that it takes. Then how far samples
# may be from the source's (0: not at all), and whether the stream tells its colour.
WRITTEN = [
    ('mp4', 'h264', '--crf 0', 'libx264', 'aac', 0, True), ('mkv', 'hevc', '--crf 0 --preset ultrafast', 'libx265', 'ac3', 0, True),
    ('webm', 'vp9', '--crf 0 --preset 8', 'libvpx-vp9', 'libopus', 0, True),
    ('mkv', 'av1', '--crf 0 --preset 8', 'libaom-av1', 'aac', 0, True), ('mov', 'prores', '', 'prores_ks', 'pcm_s16le', 3, True),
    ('mkv', 'ffv1', '', 'ffv1', 'flac', 0, True), ('avi', 'mjpeg', '', 'mjpeg', 'pcm_s16le', 3, False), ('avi', 'mpeg4', '', 'mpeg4', 'pcm_s16le', 3, False),
    ('mpg', 'mpeg2video', '', 'mpeg2video', 'mp2', 3, False), ('mkv', 'vp8', '--preset 8', 'libvpx', 'libvorbis', 6, False),
    ('mov', 'png', '', 'png', 'aac', 0, False), ('avi', 'utvideo', '', 'utvideo', None, 0, False),
]
# More containers for an encoder's first format.
PACKED = [
    ('mov', 'h264', '--crf 0', 'libx264', 'aac', 0, True), ('ts', 'h264', '--crf 0', 'libx264', 'aac', 0, True), ('mkv', 'h264', '--crf 0', 'libx264', 'aac', 0, True),
    ('flv', 'h264', '--crf 0', 'libx264', 'aac', 0, False), ('avi', 'h264', '--crf 0', 'libx264', 'pcm_s16le', 0, False), ('3gp', 'h264', '--crf 0', 'libx264', 'aac', 0, True),
    ('nut', 'h264', '--crf 0', 'libx264', 'aac', 0, True), ('h264', 'h264', '--crf 0', 'libx264', None, 0, True), ('ts', 'hevc', '--crf 0', 'libx265', 'mp2', 0, True), ('mp4', 'hevc', '--preset ultrafast', 'libx265', 'aac', 6, True),
    ('mp4', 'av1', '--crf 0', 'libaom-av1', 'aac', 0, True), ('webm', 'av1', '--crf 0', 'libaom-av1', 'libopus', 0, True), ('mp4', 'vp9', '--crf 0', 'libvpx-vp9', 'aac', 0, True),
    ('mkv', 'mjpeg', '', 'mjpeg', 'aac', 3, False), ('mp4', 'mpeg4', '', 'mpeg4', 'aac', 3, False), ('ts', 'mpeg2video', '', 'mpeg2video', 'mp2', 3, False),
    ('ogv', 'auto', '', 'libtheora', 'libvorbis', 6, False), ('mpg', 'auto', '--crf 1', 'mpeg1video', 'mp2', 6, False), ('webm', 'auto', '--crf 0', 'libvpx-vp9', 'libopus', 0, True),
]
# What an encoder does not take: the nearest that it does, and the report says so.
CONVERTED = [
    ('mp4', 'h264', 'yuv420p12le', 'yuv420p10le'), ('mp4', 'h264', 'yuv422p12le', 'yuv422p10le'), ('mp4', 'h264', 'yuv444p12le', 'yuv444p10le'),
    ('mp4', 'h264', 'yuva420p', 'yuv420p'), ('mp4', 'h264', 'yuv440p', 'yuv444p'), ('mp4', 'h264', 'yuv411p', 'yuv422p'),
    ('mp4', 'hevc', 'yuv420p16le', 'yuv420p12le'), ('mov', 'prores', 'yuv420p', 'yuv422p10le'), ('mov', 'prores', 'yuv420p10le', 'yuv422p10le'),
    ('avi', 'mpeg4', 'yuv444p', 'yuv420p'), ('mpg', 'mpeg2video', 'yuv420p10le', 'yuv420p'), ('webm', 'vp8', 'yuv422p', 'yuv420p'),
]
# What can't be: arguments, and words of the message.
REFUSED = [
    ('mp4', 'yuv420p', ('--codec', 'ffv1'), ['mp4', 'ffv1', '.mkv can']), ('webm', 'yuv420p', ('--codec', 'h264'), ['webm', 'h264']),
    ('avi', 'yuv420p10le', ('--codec', 'rawvideo'), ['rawvideo', 'yuv420p10le', '.nut']), ('webm', 'yuv420p', ('--codec', 'prores'), ['webm', 'prores']),
    ('mp4', 'yuv420p', ('--codec', 'h264', '--pixel-format', 'yuv420p12le'), ['libx264', 'yuv420p12le']),
    ('mkv', 'yuv420p', ('--codec', 'prores', '--crf', '20'), ['prores_ks', 'crf']), ('mkv', 'yuv420p', ('--codec', 'av1', '--preset', '9'), ['libaom-av1', '0,1,2']),
    ('mkv', 'yuv420p', ('--codec', 'h264', '--crf', '52'), ['libx264', '0 to 51']), ('mkv', 'yuv420p', ('--codec', 'mpeg4', '--crf', '0'), ['mpeg4', '1 to 31']),
    ('png', 'yuv420p', (), ['png', 'one picture']), ('mov', 'yuv420p', ('--codec', 'av1'), ['mov', 'av1', '.mp4']), ('flv', 'yuv420p', ('--codec', 'mpeg4'), ['flv', 'mpeg4']),
]


class Outputs(Matrix):
    """What the usual encoders write is what was there."""

    def source(self, extension, encoder, sound, pixel_format, tagged, **more):
        name, tags = f'{extension}.{encoder}.{pixel_format}', TAGS if tagged and 'yuv' in pixel_format else ()
        if pixel_format in formats_of('ffv1'):
            return self.make(name + '.in.mkv', '-c:v', 'ffv1', '-strict', -2, *tags, sound=sound, pixel_format=pixel_format, **more)
        return self.make(name + '.in.nut', '-c:v', 'rawvideo', *tags, sound=sound, pixel_format=pixel_format, **more)

    def write(self, extension, codec, options, encoder, sound, most, tagged, pixel_format):
        source = self.source(extension, encoder, sound, pixel_format, tagged)
        before, after, report = self.hide(source, f'{encoder}.{pixel_format}.{extension}', '--codec', codec, *options.split())
        self.assertEqual(report['encoder'].replace('libx264rgb', 'libx264'), encoder)
        self.assertIn(report['conversion'], ('', f'{before.format} to full range'))
        self.check_times(before, after)
        if sound and not after.path.endswith(SHIFTED):
            self.check_sound(before, after)
        if tagged and before.format.startswith('yuv'):
            self.check_colour(before, after)
        pixel_format = 'rgb24' if before.format in PADDED else before.format
        old = decode(source, pixel_format)
        new = decode(after.path, None if after.format == pixel_format else pixel_format)
        if most and not report['conversion']:
            self.check_close(old, new, pixel_format, before.width, before.height, most)
        elif not most:
            self.check_exact(old, new, pixel_format, before.width, before.height)

    def test_every_format(self):
        self.each([(*row, pixel_format) for row in WRITTEN for pixel_format in known(row[3])], self.write)

    def test_every_container(self):
        self.each([(*row, formats_of(row[3])[0]) for row in PACKED], self.write)

    def pair(self, extension, codec, options, encoder, sound, most, tagged, pixel_format):
        if codec == 'mpeg2video' and extension in ('asf', 'avi'):
            raise CanNotBe('ffmpeg: reads other times than it wrote')
        in_stream = codec in ('h264', 'hevc', 'av1')  # tells its colour itself
        tagged = tagged and (in_stream or extension in ('mkv', 'webm', 'mp4', 'mov'))
        self.write(extension, codec, options, encoder, sound, most, tagged, pixel_format)

    def test_every_container_with_every_codec(self):
        self.each([(extension, *row[1:4], sound, *row[5:], pixel_format) for extension, sound in HOLDERS for row in WRITTEN
                   for pixel_format in firsts(row[3])], self.pair)

    def convert(self, extension, codec, pixel_format, expected):
        source = self.source(extension, codec, None, pixel_format, False)
        before, after, report = self.hide(source, f'{codec}.{pixel_format}.{extension}', '--codec', codec)
        self.assertEqual(report['conversion'], f'{pixel_format} to {expected}')
        self.assertEqual(after.format, expected)
        self.check_times(before, after)

    def test_conversions_are_told(self):
        self.each(CONVERTED, self.convert)

    def test_what_can_not_be_is_refused(self):
        for number, (extension, pixel_format, options, words) in enumerate(REFUSED):
            with self.case(options=options, extension=extension):
                source = self.source(extension, f'refused{number}', None, pixel_format, False)
                output = self.path(f'refused{number}.out.{extension}')
                result = vanon(source, '-o', output, '--detector', 'null', '--quiet', *options)
                self.assertIn(result.returncode, (1, 2), result.stderr)
                for word in words:
                    self.assertIn(word, result.stderr)
                self.assertFalse(os.path.exists(output))

    def odd(self, extension, codec, options, pixel_format):
        source = self.source(extension, codec, None, pixel_format, False, filters='crop=95:63:0:0:exact=1')
        before, after, report = self.hide(source, f'odd.{codec}.{pixel_format}.{extension}', '--codec', codec, *options.split())
        self.assertEqual((report['conversion'], after.width, after.height), ('', 95, 63))
        self.check_exact(decode(source), decode(after.path), pixel_format, 95, 63)

    def test_odd_sizes(self):
        self.each([('mkv', 'ffv1', '', 'yuv420p'), ('mkv', 'ffv1', '', 'yuv410p'), ('mkv', 'ffv1', '', 'yuv422p10le'), ('mp4', 'h264', '--crf 0', 'yuv444p'),
                   ('mkv', 'hevc', '--crf 0', 'yuv444p12le'), ('webm', 'vp9', '--crf 0', 'yuv420p'), ('mkv', 'av1', '--crf 0', 'yuv420p'),
                   ('nut', 'rawvideo', '', 'nv12')], self.odd)


class Shape(Matrix):
    """Rotation is kept where the container tells it, else carried out."""

    def turn(self, extension, encoder, pixel_format, degrees):
        name = f'{encoder}.{pixel_format}.{degrees}.{extension}'
        quality = ('-qp', 0) if encoder == 'libx264' else ()
        flat = self.make('flat.' + name, '-c:v', encoder, *quality, pixel_format=pixel_format, sound='aac')
        source = self.path(name)
        ffmpeg('-i', flat, '-c', 'copy', '-metadata:s:v', f'rotate={degrees}', source)
        before, after, report = self.hide(source, 'kept.' + name, '--codec', 'h264', '--crf', '0')
        self.assertNotEqual(before.rotation, 0)
        self.assertEqual((after.rotation, report['conversion']), (before.rotation, ''))
        self.check_times(before, after)
        self.check_sound(before, after)
        self.check_exact(decode(source), decode(after.path), before.format, WIDTH, HEIGHT, before.rotation)
        before, after, report = self.hide(source, f'turned.{name}.mkv', '--codec', 'ffv1')
        self.assertIn('turned upright', report['conversion'])
        self.assertEqual((after.rotation, after.width), (0, HEIGHT if degrees % 180 else WIDTH))
        self.check_times(before, after)
        flat = decode(source)
        size = len(flat) // FRAMES
        flat = b''.join(upright(flat[at:at + size], before.format, WIDTH, HEIGHT, before.rotation) for at in range(0, len(flat), size))
        self.check_exact(flat, decode(after.path), after.format, after.width, after.height)

    def test_rotations(self):
        """Only the MP4 family tells it: what FFmpeg 5.1 writes into others is not read again."""
        kinds = [(extension, 'libx264', pixel_format) for extension in ('mp4', 'mov')
                 for pixel_format in ('yuv420p', 'yuv422p', 'yuv444p', 'gray', 'yuv420p10le', 'yuv422p10le')]
        kinds += [('m4v', 'libx264', 'yuv420p'), ('3gp', 'libx264', 'yuv420p'), ('mp4', 'libx265', 'yuv420p10le'), ('mp4', 'libx265', 'yuv444p'),
                  ('mp4', 'mpeg4', 'yuv420p'), ('mov', 'mjpeg', 'yuvj422p'), ('mov', 'prores_ks', 'yuv422p10le'), ('mp4', 'libvpx-vp9', 'yuv420p')]
        self.each([(*kind, degrees) for kind in kinds for degrees in (90, 180, 270)], self.turn)

    def test_fields(self):
        """Interlaced pictures stay so, in stream and container, and their samples stay."""
        for extension, encoder, options, order in (('mkv', 'libx264', '-x264-params tff=1', 'tff'), ('ts', 'mpeg2video', '', 'tff'), ('mov', 'libx264', '-x264-params bff=1', 'bff')):
            with self.case(encoder=encoder, extension=extension):
                source = self.make(f'{order}.{extension}', '-c:v', encoder, *options.split(), '-flags', '+ilme+ildct', '-top', int(order == 'tff'), pixel_format='yuv420p',
                                   filters=f'setfield={order}')
                for output, codec in ('mp4', 'h264'), ('mkv', 'ffv1'), ('mkv', 'h264'):
                    before, after, _ = self.hide(source, f'{extension}.{codec}.{output}', '--codec', codec, '--overwrite', *(('--crf', '0') if codec == 'h264' else ()))
                    self.check_times(before, after, .0011)
                    # chroma stands for lines of its own field, which reach further
                    self.check_exact(decode(source), decode(after.path), 'yuv420p', WIDTH, HEIGHT, slack=2)
                    self.assertEqual([(frame['interlaced_frame'], frame['top_field_first']) for frame in before.frames], [(1, int(order == 'tff'))] * FRAMES)
                    if codec == 'h264':
                        self.assertEqual([(frame['interlaced_frame'], frame['top_field_first']) for frame in after.frames], [(1, int(order == 'tff'))] * FRAMES)
                    self.assertIn(after.video['field_order'], ('tt', 'tb') if order == 'tff' else ('bb', 'bt'))

    def test_high_dynamic_range(self):
        """HDR10 with what the grading display could show, and HLG, through HEVC and AV1."""
        display = 'G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)'
        source = self.path('hdr10.mkv')
        ffmpeg('-f', 'lavfi', '-i', f'testsrc2=size={WIDTH}x{HEIGHT}:rate=25:duration=0.16', '-vf', 'format=yuv420p10le', '-c:v', 'libx265', '-x265-params',
               f'log-level=none:hdr10=1:master-display={display}:max-cll=1000,400', *TAGS[:2], '-color_trc', 'smpte2084', *TAGS[4:], source)
        for name, codec in ('hdr.mp4', 'hevc'), ('hdr.mkv', 'hevc'), ('av1.mkv', 'av1'):
            with self.case(name=name):
                before, after, _ = self.hide(source, name, '--codec', codec, '--crf', '0', '--overwrite', *(('--preset', '8') if codec == 'av1' else ()))
                self.check_colour(before, after)
                self.assertEqual(after.video['color_transfer'], 'smpte2084')
                self.check_exact(decode(source), decode(after.path), 'yuv420p10le', WIDTH, HEIGHT)
                told = [{key: value for data in media.video.get('side_data_list', []) + media.frames[0].get('side_data_list', []) for key, value in data.items()
                         if key.startswith(('red', 'green', 'blue', 'white', 'max', 'min'))} for media in (before, after)]
                self.assertEqual(len(told[0]), 12)
                for key, value in told[0].items():
                    old, new = (float(text[0]) / float(text[-1]) if '/' in str(value) else float(value) for text in (str(entry[key]).split('/') for entry in told))
                    self.assertAlmostEqual(old, new, delta=old / 1000, msg=key)

    def test_timecode(self):
        source = self.make('timecode.mov', '-c:v', 'libx264', '-timecode', '01:02:03:04', pixel_format='yuv420p')
        for options, expected in ((), set()), (('--keep', 'data'), {'01:02:03:04'}), (('--keep', 'tags'), {'01:02:03:04'}):
            with self.case(options=options):
                _, after, _ = self.hide(source, 'timecode.out.mov', '--overwrite', *options)
                self.assertEqual({stream['tags']['timecode'] for stream in after.streams if 'timecode' in stream.get('tags', {})}, expected)


class Sound(Matrix):
    """Tracks that are converted, muted or left out; several of them."""

    def test_tracks(self):
        source = self.path('two.mkv')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=96x64:rate=25:duration=0.16', '-f', 'lavfi', '-i', 'sine=440:duration=0.16', '-f', 'lavfi', '-i', 'sine=880:duration=0.16',
               '-map', 0, '-map', 1, '-map', 2, '-c:v', 'ffv1', '-c:a:0', 'flac', '-c:a:1', 'libopus', '-metadata:s:a:1', 'language=deu', source)
        for name, audio, codecs in (('o.mkv', 'copy', ['flac', 'opus']), ('o.mp4', 'aac', ['aac', 'aac']), ('o.mp4', 'mute', ['aac', 'aac']), ('o.webm', 'mute', ['opus', 'opus']),
                                    ('o.avi', 'mute', ['pcm_s16le', 'pcm_s16le']), ('o.webm', 'drop', [])):
            with self.case(name=name, audio=audio):
                before, after, report = self.hide(source, name, '--audio', audio, '--overwrite')
                sound = [stream for stream in after.streams if stream['codec_type'] == 'audio']
                self.assertEqual([stream['codec_name'] for stream in sound], codecs)
                self.check_times(before, after, .02 if name.endswith('.avi') else .0006)
                fates = [note['fate'] for note in report['streams'] if note['type'] == 'audio']
                self.assertEqual(fates, [{'copy': 'copied', 'aac': 'converted', 'mute': 'muted', 'drop': 'dropped'}[audio]] * 2)
                if audio != 'drop' and not name.endswith('.avi'):
                    self.assertEqual(sound[1]['tags']['language'], 'deu')
                if audio == 'copy':
                    self.check_sound(before, after)


# ending: how ffmpeg makes one
PICTURES = {'png': '-pix_fmt rgb24', 'tif': '-pix_fmt rgb24', 'bmp': '-pix_fmt bgr24', 'webp': '-pix_fmt bgra -lossless 1', 'ppm': '-pix_fmt rgb24',
            'jpg': '-pix_fmt yuvj444p'}


class Pictures(Matrix):
    """Stills in each format to each other, and those that move."""

    def still(self, kind, target):
        path = self.path(f'{kind}.{target}.{kind}')
        ffmpeg('-f', 'lavfi', '-i', f'testsrc2=size={WIDTH}x{HEIGHT}', '-frames:v', 1, *PICTURES[kind].split(), path)
        before, after, _ = self.hide(path, f'{kind}.out.{target}')
        self.assertEqual((len(after.frames), after.width, after.height), (1, WIDTH, HEIGHT))
        old, new = decode(path, 'rgb24'), decode(after.path, 'rgb24')
        if 'jpg' in (kind, target):
            self.check_close(old, new, 'rgb24', WIDTH, HEIGHT, 9 if target == 'webp' else 6)
        else:
            self.check_exact(old, new, 'rgb24', WIDTH, HEIGHT)

    def test_stills(self):
        self.each([(kind, target) for kind in PICTURES for target in PICTURES], self.still)

    def moving(self, kind, target):
        source = self.make(f'{kind}.{target}.{kind}', '-f', kind)
        before, after, _ = self.hide(source, f'{kind}.moved.{target}')
        self.check_times(before, after)
        self.check_exact(decode(source, 'rgba'), decode(after.path, 'rgba'), 'rgba', WIDTH, HEIGHT)

    def test_animations(self):
        self.each([('gif', 'gif'), ('gif', 'apng'), ('apng', 'apng')], self.moving)

    def test_a_webp_that_moves(self):
        """Can be written, not read: FFmpeg has no decoder for it."""
        source = self.make('moves.apng', '-f', 'apng')
        output = self.path('moves.webp')
        self.assertEqual(vanon(source, '-o', output, '--detector', 'null', '--quiet').returncode, 0)
        with open(output, 'rb') as file:
            self.assertEqual(file.read().count(b'ANMF'), FRAMES)
        self.fail_with(1, ['moves.webp', 'animated WebP'], output, '-o', self.path('x.gif'), '--detector', 'null', '--quiet')


def tearDownModule():
    """The tally: what passed, and what can't be here, by its reason."""
    for test, rows in sorted(Matrix.none.items()):
        print(f'{test}: {len(rows)} that can not be:', *sorted(rows), sep='\n    ')
    for test, count in sorted(Matrix.passed.items()):
        print(f'{count:5} passed, {len(Matrix.none[test]):3} can not be: {test}')
    print(f'{sum(Matrix.passed.values())} combinations passed, {sum(map(len, Matrix.none.values()))} can not be')


if __name__ == '__main__':
    unittest.main()

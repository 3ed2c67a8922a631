# SPDX-License-Identifier: Apache-2.0
"""What the command's tests share: the program, ffmpeg's tools, clips made on the spot, raw samples."""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

# Whoever runs the tests in the background may ignore interrupts, and programs inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VANON = os.environ.get('VANON', os.path.join(ROOT, 'build', 'vanon'))
DATA = '/usr/share/doc/opencv-doc/examples/data/'  # of Debian's opencv-doc
PICTURE = DATA + 'messi5.jpg'
VTEST = DATA + 'vtest.avi'
SHARED = os.path.join(os.path.dirname(ROOT), 'shared')
# A GPU in this machine must not change what the tests measure: no plugin is found unless a test names one.
os.environ['VANON_PLUGINS'] = os.path.join(ROOT, 'tests', 'cli', 'no-plugins')

CHROMA = {'420': (2, 2), '422': (2, 1), '444': (1, 1), '440': (1, 2), '411': (4, 1), '410': (4, 4)}
DEPTHS = {'': 1, '10le': 2, '12le': 2, '16le': 2}


def _planes():
    """Of each pixel format its planes: (horizontal, vertical subsampling, bytes of a sample group)."""
    planes = {'nv12': [(1, 1, 1), (2, 2, 2)], 'nv21': [(1, 1, 1), (2, 2, 2)], 'nv16': [(1, 1, 1), (2, 1, 2)],
              'yuyv422': [(2, 1, 4)], 'uyvy422': [(2, 1, 4)], 'ya8': [(1, 1, 2)], 'ya16le': [(1, 1, 4)],
              'rgb48le': [(1, 1, 6)], 'rgba64le': [(1, 1, 8)]}
    for depth, size in DEPTHS.items():
        planes['gray' + depth] = [(1, 1, size)]
        planes['gbrp' + depth] = [(1, 1, size)] * 3
        planes['gbrap' + depth] = [(1, 1, size)] * 4
        for name, (xs, ys) in CHROMA.items():
            middle = 'p' + depth
            planes[f'yuv{name}{middle}'] = [(1, 1, size), (xs, ys, size), (xs, ys, size)]
            planes[f'yuva{name}{middle}'] = planes[f'yuv{name}{middle}'] + [(1, 1, size)]
    for name in 'rgb24', 'bgr24':
        planes[name] = [(1, 1, 3)]
    for name in 'rgba', 'bgra', 'argb', 'abgr', 'rgb0', 'bgr0', '0rgb', '0bgr':
        planes[name] = [(1, 1, 4)]
    return planes


PLANES = _planes()


def vanon(*arguments, **more):
    """Runs the program; the result has returncode, stdout and stderr as text."""
    return subprocess.run([VANON, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=300, **more)


def opened(process, folder):
    """The files below a folder that it has open, those without a name, too: paths and sizes."""
    files = []
    for link in os.scandir(f'/proc/{process.pid}/fd/'):
        try:
            files.append((os.readlink(link.path), os.stat(link.path).st_size))
        except FileNotFoundError:  # one was just closed
            pass
    return [(path, size) for path, size in files if path.startswith(folder)]


def without_privileges():
    """For preexec_fn: what root may do beyond a file's mode bits (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) is given up."""
    for capability in 1, 2:
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def ffmpeg(*arguments):
    """What it says stands in the exception, too, where it fails."""
    result = subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-y', *map(str, arguments)], capture_output=True)
    if result.returncode:
        raise subprocess.CalledProcessError(result.returncode, result.args, result.stdout, result.stderr)


def ffprobe(path, *arguments):
    return json.loads(subprocess.run(['ffprobe', '-v', 'error', '-of', 'json', *arguments, path], check=True,
                                     capture_output=True, text=True).stdout)


def raw(path, pixel_format, *arguments):
    """All samples of a video in its own format, without conversion or rotation."""
    return subprocess.run(['ffmpeg', '-nostdin', '-v', 'error', '-noautorotate', *arguments, '-i', path, '-map', '0:v:0',
                           '-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', pixel_format, '-'],
                          check=True, capture_output=True).stdout


def pts(path):
    """Times of the video frames in seconds, as text."""
    frames = ffprobe(path, '-select_streams', 'v:0', '-show_entries', 'frame=pts_time')['frames']
    return [frame['pts_time'] for frame in frames]


def packets(path, stream):
    """Time and digest of each packet of a stream such as a:0."""
    found = ffprobe(path, '-select_streams', stream, '-show_packets', '-show_data_hash', 'md5')['packets']
    return [(packet['pts_time'], packet['data_hash']) for packet in found]


def video(path):
    """What ffprobe says of the first video stream."""
    return ffprobe(path, '-select_streams', 'v:0', '-show_streams')['streams'][0]


def split_planes(frame, pixel_format, width, height):
    """A frame's bytes as [(xs, ys, group, line bytes, bytes)]."""
    planes, at = [], 0
    for xs, ys, group in PLANES[pixel_format]:
        line, lines = -(-width // xs) * group, -(-height // ys)
        planes.append((xs, ys, group, line, frame[at:at + line * lines]))
        at += line * lines
    assert at == len(frame), (at, len(frame))
    return planes


class Case(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='vanon-test-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def succeed(self, *arguments, **more):
        result = vanon(*arguments, **more)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def fail_with(self, code, words, *arguments, output=None, **more):
        """The program ends with `code`, its message has all words, and nothing is under the output's name."""
        before = sorted(os.listdir(self.folder))
        result = vanon(*arguments, **more)
        self.assertEqual(result.returncode, code, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), before, 'something was left behind')
        if output:
            self.assertFalse(os.path.exists(output))
        return result

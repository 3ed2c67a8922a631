# SPDX-License-Identifier: Apache-2.0
"""Bad input: a clear error that names file, place and rule, the documented exit code, and no file under the output's name."""
import json
import os
import resource
import shutil
import signal
import subprocess
import time
import unittest.mock
from pathlib import Path

from support import PICTURE, ROOT, VANON, VTEST, Case, ffmpeg, ffprobe, opened, pts, raw, vanon, without_privileges

QUICK = ('--detector', 'null', '--quiet')
USAGE, INPUT, OUTPUT, MODEL, DAMAGED, NOBODY = 2, 3, 4, 5, 6, 7


class Inputs(Case):
    def setUp(self):
        super().setUp()
        self.out = self.path('out.mp4')

    def refuse(self, code, words, source, *options):
        return self.fail_with(code, words, source, '-o', self.out, *QUICK, *options)

    def clip(self, name, *codec, seconds=2, size='160x120'):
        path = self.path(name)
        ffmpeg('-f', 'lavfi', '-i', f'testsrc2=size={size}:rate=25:duration={seconds}', *(codec or ('-c:v', 'libx264', '-g', 10)), path)
        return path

    def test_missing(self):
        self.refuse(INPUT, ['no-such.mp4', 'No such file'], self.path('no-such.mp4'))

    def test_empty(self):
        open(self.path('empty.mp4'), 'w').close()
        self.refuse(INPUT, ['empty.mp4', 'empty'], self.path('empty.mp4'))

    def test_where_the_fault_is(self):
        """An input that can't be reached is no fault of the output, and the other way round, whatever the input is called."""
        self.refuse(INPUT, ['http://localhost:1/a.mp4'], 'http://localhost:1/a.mp4')
        self.refuse(INPUT, ['file:', 'No such file'], 'file:' + self.path('none.mp4'))
        source = 'file:' + self.clip('in.mp4')
        self.fail_with(OUTPUT, ['none/out.mp4'], source, '-o', self.path('none/out.mp4'), *QUICK)

    def test_folder(self):
        os.mkdir(self.path('folder.mp4'))
        self.refuse(INPUT, ['folder.mp4'], self.path('folder.mp4'))

    def test_unreadable(self):
        source = self.clip('secret.mp4')
        os.chmod(source, 0)
        self.fail_with(INPUT, ['secret.mp4', 'Permission denied'], source, '-o', self.out, *QUICK, preexec_fn=without_privileges)

    def test_text_named_mp4(self):
        with open(self.path('text.mp4'), 'w') as file:
            file.write('this is no video at all\n' * 100)
        self.refuse(INPUT, ['text.mp4'], self.path('text.mp4'))

    def test_list_of_other_files(self):
        secret = self.clip('secret.mp4')
        for name, text in ('list.ffconcat', f'ffconcat version 1.0\nfile {secret}\n'), ('list.m3u8', f'#EXTM3U\n#EXTINF:2,\n{secret}\n'):
            with open(self.path(name), 'w') as file:
                file.write(text)
            self.refuse(INPUT, [name], self.path(name))

    def test_no_video(self):
        ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', self.path('sound.mp4'))
        self.refuse(INPUT, ['sound.mp4', 'no video'], self.path('sound.mp4'))

    def test_no_frame(self):
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x64:duration=1', '-c:v', 'libx264', '-frames:v', 0, self.path('none.mkv'))
        self.refuse(INPUT, ['none.mkv'], self.path('none.mkv'))

    def cut(self, path, share):
        with open(path, 'r+b') as file:
            file.truncate(int(os.path.getsize(path) * share))
        return path

    def test_truncated(self):
        for name, codec in (('moov-last.mp4', ()), ('moov-first.mp4', ('-c:v', 'libx264', '-movflags', '+faststart')), ('cut.mkv', ()), ('cut.avi', ('-c:v', 'mpeg4'))):
            with self.subTest(name):
                result = self.refuse_input_or_damage(self.cut(self.clip(name, *codec), .6))
                self.assertEqual('lacks its index' in result.stderr, name == 'moov-last.mp4', result.stderr)

    def refuse_input_or_damage(self, path):
        result = vanon(path, '-o', self.out, *QUICK)
        self.assertIn(result.returncode, (INPUT, DAMAGED), result.stderr)
        self.assertIn(os.path.basename(path), result.stderr)
        self.assertFalse(os.path.exists(self.out))
        return result

    def damage(self, path):
        """Overwrites a packet in the middle."""
        packets = ffprobe(path, '-select_streams', 'v:0', '-show_packets')['packets']
        packet = packets[len(packets) // 2]
        with open(path, 'r+b') as file:
            file.seek(int(packet['pos']) + int(packet['size']) // 3)
            file.write(bytes(byte * 37 % 251 for byte in range(int(packet['size']) // 2)))
        return path

    def test_damaged_frames_stop_the_run(self):
        source = self.damage(self.clip('damaged.mp4', '-c:v', 'libx264', '-g', 10, size='320x240'))
        self.refuse(DAMAGED, ['damaged.mp4', '--on-error hide'], source)

    def test_damaged_frames_are_hidden_whole(self):
        whole = self.clip('whole.mp4', '-c:v', 'libx264', '-g', 10, size='320x240')
        source = self.damage(shutil.copy(whole, self.path('damaged.mp4')))
        result = self.succeed(source, '-o', self.path('out.mkv'), '--codec', 'ffv1', '--on-error', 'hide', '--json', *QUICK)
        report = json.loads(result.stdout)
        hidden = report['frames']['hidden_whole']
        self.assertGreaterEqual(hidden, 1)
        self.assertEqual(report['frames']['in'], report['frames']['out'])
        size = 320 * 240 * 3 // 2
        clean, shown = raw(whole, 'yuv420p'), raw(self.path('out.mkv'), 'yuv420p')
        black = bytes([16]) * (320 * 240) + bytes([128]) * (320 * 240 // 2)
        clean = {clean[at:at + size] for at in range(0, len(clean), size)}
        frames = [shown[at:at + size] for at in range(0, len(shown), size)]
        self.assertEqual(len(frames), report['frames']['out'])
        self.assertEqual(sum(frame == black for frame in frames), hidden)
        for frame in frames:
            self.assertTrue(frame == black or frame in clean, 'a damaged frame was shown')

    def test_size_changes_in_the_middle(self):
        a, b = self.clip('a.h264', seconds=1), self.clip('b.h264', seconds=1, size='320x240')
        both = self.path('both.h264')
        with open(both, 'wb') as file:
            for part in a, b:
                with open(part, 'rb') as data:
                    file.write(data.read())
        result = vanon(both, '-o', self.path('out.mkv'), *QUICK)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('320x240', result.stderr)
        self.assertFalse(os.path.exists(self.path('out.mkv')))

    def test_nobody(self):
        source = self.clip('nobody.mp4')
        self.refuse(NOBODY, ['nobody.mp4', 'nobody was found'], source, '--expect-people')


class Outputs(Case):
    def setUp(self):
        super().setUp()
        self.source = self.path('in.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=320x240:rate=25:duration=2', '-f', 'lavfi', '-i', 'sine=duration=2', '-c:v', 'libx264', self.source)

    def refuse(self, words, output, *options, code=OUTPUT, **more):
        return self.fail_with(code, words, self.source, '-o', output, *QUICK, *options, **more)

    def test_folder(self):
        os.mkdir(self.path('folder'))
        self.refuse(['folder', 'is a folder'], self.path('folder'))

    def test_input(self):
        with open(self.source, 'rb') as file:
            before = file.read()
        os.symlink(self.source, self.path('link.mp4'))
        os.link(self.source, self.path('same.mp4'))
        for output in self.source, self.path('link.mp4'), self.path('same.mp4'), self.path('./in.mp4'):
            self.refuse([os.path.basename(output), 'input'], output, '--overwrite')
        with open(self.source, 'rb') as file:
            self.assertEqual(file.read(), before)

    def test_no_output_is_written_over_a_file_of_the_run(self):
        os.symlink(self.source, self.path('link.mp4'))
        with open(self.source, 'rb') as file:
            before = file.read()
        overwrite = '--overwrite', *QUICK
        for source, output in ('in.mp4', './in.mp4'), ('link.mp4', 'in.mp4'), ('in.mp4', 'link.mp4'):
            self.fail_with(OUTPUT, ['is the input itself'], 'detect', source, '-o', output, *overwrite, cwd=self.folder)
        self.fail_with(USAGE, ['report and input'], 'in.mp4', '-o', 'out.mp4', '--report', './in.mp4', *overwrite, cwd=self.folder)
        self.fail_with(USAGE, ['report and output'], 'in.mp4', '-o', 'out.mp4', '--report', './out.mp4', *overwrite, cwd=self.folder)
        with open(self.source, 'rb') as file:
            self.assertEqual(file.read(), before)

    def test_sidecar_of_another_video(self):
        sidecar, other = self.path('people.jsonl'), self.path('other.mp4')
        ffmpeg('-i', self.source, '-vf', 'hflip', other)
        self.succeed('detect', self.source, '-o', sidecar, *QUICK)
        replay = '--detector', 'replay', '--sidecar', sidecar, '--quiet'
        self.fail_with(INPUT, ['another file', 'SHA-256'], other, '-o', self.path('out.mp4'), *replay)
        self.succeed(self.source, '-o', self.path('out.mp4'), *replay)

    def test_existing(self):
        output = self.path('out.mp4')
        with open(output, 'w') as file:
            file.write('precious')
        self.refuse(['out.mp4', '--overwrite'], output)
        with open(output) as file:
            self.assertEqual(file.read(), 'precious')
        self.succeed(self.source, '-o', output, '--overwrite', *QUICK)
        self.assertEqual(len(pts(output)), 50)

    def test_no_such_folder(self):
        self.refuse(['no/out.mp4', 'No such file'], self.path('no/out.mp4'))

    def test_no_permission(self):
        os.mkdir(self.path('closed'), 0o555)
        self.refuse(['closed/out.mp4', 'Permission denied'], self.path('closed/out.mp4'), preexec_fn=without_privileges)

    def test_full_disk(self):
        """A limit on the file's size fails as a full disk does: in the middle of writing."""
        result = self.refuse(['out.mp4'], self.path('out.mp4'), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertIn('File too large', result.stderr)

    def test_unknown_container(self):
        self.refuse(['out.xyz'], self.path('out.xyz'), code=USAGE)

    def test_what_the_container_cannot_hold(self):
        self.refuse(['aac', '--audio drop'], self.path('out.webm'), code=1)
        self.refuse(['mov', 'av1', '.mp4'], self.path('out.mov'), '--codec', 'av1', '--audio', 'drop', code=1)
        self.refuse(['mxf', '44100 Hz', '--audio drop'], self.path('out.mxf'), code=1)

    def test_names_as_ffmpeg_has_them(self):
        """A leading file: is no part of a name; other addresses are refused."""
        self.succeed(self.source, '-o', 'file:' + self.path('a:b.mp4'), '--report', 'file:' + self.path('report.json'), *QUICK)
        self.assertEqual(len(pts(self.path('a:b.mp4'))), 50)
        for name in 'a:b.mp4', 'report.json':
            os.unlink(self.path(name))
        for options in (), ('--format', 'mpegts'):
            self.refuse(['udp://127.0.0.1:9: is no file; results go to files'], 'udp://127.0.0.1:9', *options)

    def test_codec_and_preset(self):
        self.refuse(['nosuch'], self.path('out.mp4'), '--codec', 'nosuch', code=USAGE)
        self.refuse(['nosuch'], self.path('out.mp4'), '--preset', 'nosuch', code=USAGE)
        self.refuse(['nosuch'], self.path('out.mp4'), '--pixel-format', 'nosuch', code=USAGE)

    def make_long(self):
        """A clip that takes its time, and folders for what is made of it."""
        self.long = self.path('long.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=60', '-c:v', 'libx264', '-preset', 'ultrafast', self.long)
        for folder in 'out', 'tmp':
            os.mkdir(self.path(folder))

    def meet(self, what, *options):
        """Starts a run, does something to it once it has written something, and returns its exit code and messages."""
        process = subprocess.Popen([VANON, self.long, '-o', self.path('out/out.mp4'), *map(str, options)], stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        deadline = time.time() + 30
        while not any(size for name in ('out', 'tmp') for _, size in opened(process, self.path(name))) and time.time() < deadline:
            time.sleep(.02)
        what(process)
        _, said = process.communicate(timeout=60)
        return process.returncode, said.decode()

    def test_stopped_runs_leave_nothing(self):
        """Interrupted or killed, in one pass or in the first of two: 60 frames of 1280x720 are more than 16 MiB."""
        self.make_long()
        self.enterContext(unittest.mock.patch.dict(os.environ, TMPDIR=self.path('tmp')))
        twice = '--max-frame-memory', 16, '--look-ahead-frames', 60, '--imgsz', 64
        signals = [('SIGINT', 130), ('SIGTERM', 143)]
        try:
            os.close(os.open(self.path('out'), os.O_WRONLY | os.O_TMPFILE))
            signals.append(('SIGKILL', -signal.SIGKILL))
        except OSError as error:
            print(f'SIGKILL left out: {self.folder} can\'t have files without a name ({error})')
        for name, code in signals:
            for options in QUICK, twice:
                with self.subTest(signal=name, options=options):
                    self.assertEqual(self.meet(lambda process: process.send_signal(getattr(signal, name)), *options)[0], code)
                    self.assertEqual(os.listdir(self.path('out')) + os.listdir(self.path('tmp')), [])

    def test_the_files_change_meanwhile(self):
        """The output's folder is moved, something else takes the output's name, the input is cut."""
        self.make_long()
        code, said = self.meet(lambda process: os.rename(self.path('out'), self.path('moved')), *QUICK)
        self.assertEqual((code, os.listdir(self.path('moved'))), (OUTPUT, []), said)
        self.assertIn('out.mp4: No such file', said)
        os.rename(self.path('moved'), self.path('out'))
        code, said = self.meet(lambda process: Path(self.path('out/out.mp4')).write_text('precious'), *QUICK)
        self.assertEqual((code, Path(self.path('out/out.mp4')).read_text()), (OUTPUT, 'precious'), said)
        self.assertIn('out.mp4: File exists', said)
        os.unlink(self.path('out/out.mp4'))
        code, said = self.meet(lambda process: os.truncate(self.long, os.path.getsize(self.long) // 2), *QUICK)
        self.assertEqual((code, os.listdir(self.path('out'))), (DAMAGED, []), said)


class Models(Case):
    def refuse(self, code, words, *options, **more):
        return self.fail_with(code, words, PICTURE, '-o', self.path('out.png'), '--quiet', *options, **more)

    def test_missing(self):
        self.refuse(MODEL, ['no-such.onnx'], '--pose-model', self.path('no-such.onnx'))

    def test_checkpoints(self):
        """What the replaced program leaves where it runs does no harm, and one that is named elsewhere says what to do."""
        with open(self.path('yolov8n-pose.pt'), 'wb') as file:
            file.write(b'PK')
        for options, warned in ((), False), (('--pose-model', 'yolov8n-pose.pt'), True):
            result = vanon(PICTURE, '-o', self.path('out.png'), '--overwrite', '--imgsz', 320, *options, cwd=self.folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual('yolov8n-pose.pt here' in result.stderr, warned, result.stderr)
        self.refuse(MODEL, ['none/yolov8n-pose.pt: No such file', 'without a folder stands for the shipped model'],
                    '--pose-model', 'none/yolov8n-pose.pt', '--overwrite')
        self.refuse(MODEL, ["a PyTorch checkpoint can't be read; export it"], '--pose-model', self.path('yolov8n-pose.pt'), '--overwrite')

    def test_truncated(self):
        path = self.path('cut.onnx')
        with open(os.path.join(ROOT, 'models', 'yolov8n-pose.onnx'), 'rb') as file, open(path, 'wb') as cut:
            cut.write(file.read(1000000))
        self.refuse(MODEL, ['cut.onnx'], '--pose-model', path)

    def test_not_a_model(self):
        path = self.path('text.onnx')
        with open(path, 'w') as file:
            file.write('no model\n')
        self.refuse(MODEL, ['text.onnx'], '--pose-model', path)

    def test_shipped_one_altered(self):
        folder = self.path('models')
        os.mkdir(folder)
        with open(os.path.join(ROOT, 'models', 'yolov8n-pose.onnx'), 'rb') as file:
            data = bytearray(file.read())
        data[len(data) // 2] ^= 1
        with open(os.path.join(folder, 'yolov8n-pose.onnx'), 'wb') as file:
            file.write(data)
        self.refuse(MODEL, ['yolov8n-pose.onnx', 'SHA-256'], env={**os.environ, 'VANON_MODELS': folder})

    def test_devices(self):
        self.refuse(1, ['cuda'], '--device', 'cuda:0')


if __name__ == '__main__':
    unittest.main()

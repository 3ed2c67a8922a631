# SPDX-License-Identifier: Apache-2.0
"""Several inputs in one call, and folders: what becomes of which, where it goes, and what one failure means for the others."""
import json
import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from support import VANON, Case, ffmpeg, opened, pts, vanon, without_privileges

QUICK = ('--detector', 'null', '--quiet')
OPTION, INPUT, OUTPUT, DAMAGED, NOBODY = 2, 3, 4, 6, 7


class Folder(Case):
    """A clip of 5 frames, to be copied to many names."""

    def setUp(self):
        super().setUp()
        self.clip = self.path('clip.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=25:duration=0.2', '-c:v', 'libx264', self.clip)
        self.work = self.path('work')
        os.mkdir(self.work)

    def put(self, *names):
        """Copies of the clip below the work folder; what is no video by its name has a line of text."""
        for name in names:
            path = os.path.join(self.work, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if name.endswith(('.txt', '.bad.mp4')):
                with open(path, 'w') as file:
                    file.write('no video\n' * 100)
            else:
                shutil.copy(self.clip, path)

    def tree(self, folder=''):
        top = os.path.join(self.work, folder)
        return sorted(os.path.relpath(os.path.join(where, name), top) for where, _, names in os.walk(top) for name in names)

    def contents(self):
        return {name: Path(self.work, name).read_bytes() for name in self.tree()}

    def run_in(self, code, *arguments, **more):
        result = vanon(*arguments, '--detector', 'null', cwd=self.work, **more)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def last_line(self, result):
        return result.stderr.splitlines()[-1]


class Several(Folder):
    def test_into_a_folder(self):
        self.put('a.mp4', 'b.mkv', 'c.xyz', 'd')
        result = self.run_in(0, 'a.mp4', 'b.mkv', 'c.xyz', 'd', '-o', 'made/of/it')
        self.assertEqual(self.tree('made/of/it'), ['a.mp4', 'b.mkv', 'c.mp4', 'd.mp4'])
        for name in self.tree('made/of/it'):
            self.assertEqual(len(pts(os.path.join(self.work, 'made/of/it', name))), 5)
        self.assertEqual(self.last_line(result), '4 done, 0 failed')
        self.assertIn('[2/4] b.mkv\n', result.stderr)

    def test_beside_each(self):
        self.put('x/a.mp4', 'y/a.mp4')
        self.run_in(0, 'x/a.mp4', 'y/a.mp4')
        self.assertEqual(self.tree(), ['x/a.anonymized.mp4', 'x/a.mp4', 'y/a.anonymized.mp4', 'y/a.mp4'])

    def test_one_failure_stops_no_other(self):
        self.put('a.mp4', 'b.bad.mp4', 'd.mp4')
        result = self.run_in(INPUT, 'a.mp4', 'b.bad.mp4', 'none.mp4', 'd.mp4', '-o', 'out')
        self.assertEqual(self.tree('out'), ['a.mp4', 'd.mp4'])
        self.assertEqual(self.last_line(result), '2 done, 2 failed')
        self.assertIn('b.bad.mp4', result.stderr)
        self.assertIn('none.mp4: No such file', result.stderr)

    def test_the_first_failure_decides_the_exit_code(self):
        self.put('a.mp4', 'b.bad.mp4', 'out/a.mp4')
        self.run_in(OUTPUT, 'a.mp4', 'b.bad.mp4', '-o', 'out')
        self.run_in(INPUT, 'b.bad.mp4', 'a.mp4', '-o', 'out')
        self.run_in(NOBODY, 'a.mp4', 'b.bad.mp4', '-o', 'other', '--expect-people')
        self.run_in(INPUT, 'b.bad.mp4', 'a.mp4', '-o', 'other', '--expect-people')
        self.assertEqual(self.tree('other'), [])

    def test_two_results_under_one_name_are_refused_before_anything_starts(self):
        self.put('x/a.mp4', 'y/a.mp4', 'z/a.xyz', 'b.mp4')
        for inputs in ('b.mp4', 'x/a.mp4', 'y/a.mp4'), ('b.mp4', 'x/a.mp4', 'z/a.xyz'), ('b.mp4', 'x/a.mp4', 'x/a.mp4'), ('b.mp4', 'x', 'y'):
            result = self.run_in(OUTPUT, *inputs, '-o', 'out')
            self.assertIn('a.mp4', result.stderr)
            self.assertIn('would both be written to', result.stderr)
        result = self.run_in(OUTPUT, 'b.mp4', './x/../b.mp4')
        self.assertIn('would both be written to', result.stderr)
        self.assertEqual(self.tree(), ['b.mp4', 'x/a.mp4', 'y/a.mp4', 'z/a.xyz'])

    def test_an_input_is_never_written_over(self):
        self.put('a.mp4', 'b.mp4', 'a.anonymized.mp4')
        os.symlink('.', os.path.join(self.work, 'here'))
        before = self.contents()
        for arguments in ('a.mp4', 'b.mp4', '-o', '.'), ('a.mp4', 'b.mp4', '-o', 'here/'), ('a.mp4', 'a.anonymized.mp4'), ('.', '-o', '.'):
            result = self.run_in(OUTPUT, *arguments, '--overwrite')
            self.assertIn('is an input itself', result.stderr)
        self.assertEqual(self.contents(), before)

    def test_what_is_no_folder(self):
        self.put('a.mp4', 'b.mp4', 'c.txt')
        self.assertIn('output c.txt: is no folder', self.run_in(OUTPUT, 'a.mp4', 'b.mp4', '-o', 'c.txt', '--overwrite').stderr)
        self.assertIn('report c.txt: is no folder', self.run_in(OUTPUT, 'a.mp4', 'b.mp4', '--report', 'c.txt', '--overwrite').stderr)
        self.assertIn("can't make the folder c.txt", self.run_in(OUTPUT, 'a.mp4', 'b.mp4', '-o', 'c.txt/x').stderr)
        self.assertEqual(self.tree(), ['a.mp4', 'b.mp4', 'c.txt'])

    def test_a_folder_is_not_named_like_a_file(self):
        self.put('a.mp4', 'b.mp4')
        for option, name in ('-o', 'out.mp4'), ('-o', 'x/out.MKV'), ('--report', 'report.json'):
            result = self.run_in(OPTION, 'a.mp4', 'b.mp4', option, name)
            self.assertIn(f'{name}: is named like a file; several inputs, or a folder, need a folder', result.stderr)
        self.assertEqual(self.tree(), ['a.mp4', 'b.mp4'])
        self.run_in(0, 'a.mp4', 'b.mp4', '-o', 'out.mp4/')
        self.assertEqual(self.tree('out.mp4'), ['a.mp4', 'b.mp4'])
        self.run_in(0, 'a.mp4', 'b.mp4', '-o', 'out.mp4', '--overwrite')

    def test_pipes_stand_alone(self):
        self.put('a.mp4', 'b.mp4')
        self.assertIn('standard input has no name', self.run_in(OPTION, '-', 'a.mp4', '-o', 'out').stderr)
        self.assertIn("standard output takes one input's result", self.run_in(OPTION, 'a.mp4', 'b.mp4', '-o', '-', '--format', 'nut').stderr)
        self.assertIn('one file of people fits one input', self.run_in(OPTION, 'a.mp4', 'b.mp4', '--sidecar', 'p.jsonl').stderr)
        self.assertEqual(self.tree(), ['a.mp4', 'b.mp4'])

    def test_a_named_container(self):
        self.put('a.mp4', 'b.mkv')
        self.run_in(0, 'a.mp4', 'b.mkv', '-o', 'out', '--format', 'nut')
        self.assertEqual(self.tree('out'), ['a.nut', 'b.nut'])

    def test_checksums_write_no_file(self):
        self.put('a.mp4', 'b.mp4')
        result = self.run_in(0, 'a.mp4', 'b.mp4', '--codec', 'md5', '--json')
        first, second = (json.loads(line) for line in result.stdout.splitlines())
        self.assertEqual(first['md5'], second['md5'])
        self.assertEqual(self.tree(), ['a.mp4', 'b.mp4'])


class Reports(Folder):
    def test_a_line_for_each_input(self):
        self.put('a.mp4', 'b "\\ü.bad.mp4', 'c.mp4')
        result = self.run_in(INPUT, 'a.mp4', 'b "\\ü.bad.mp4', 'none.mp4', 'c.mp4', '-o', 'out', '--json', '--quiet')
        reports = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([report['input'] for report in reports], ['a.mp4', 'b "\\ü.bad.mp4', 'none.mp4', 'c.mp4'])
        self.assertEqual([report['output'] for report in reports], ['out/a.mp4', 'out/b "\\ü.bad.mp4', 'out/none.mp4', 'out/c.mp4'])
        self.assertEqual([report['status'] == 'done' for report in reports], [True, False, False, True])
        self.assertIn('is not a media file', reports[1]['error'])
        self.assertIn('No such file', reports[2]['error'])
        self.assertEqual(reports[3]['frames']['out'], 5)
        self.assertEqual(len(result.stderr.splitlines()), 2)

    def test_a_name_that_is_no_text(self):
        name = os.fsdecode(b'a\xff\n.bad.mp4')
        self.put(name, 'b.mp4')
        result = self.run_in(INPUT, 'b.mp4', name, '-o', 'out', '--json', '--quiet', errors='replace')
        self.assertEqual(json.loads(result.stdout.splitlines()[1])['input'], 'a\ufffd\n.bad.mp4')

    def test_a_file_for_each_input(self):
        self.put('in/a.mp4', 'in/sub/a.mkv', 'in/sub/a.mp4')
        self.run_in(0, 'in', '-o', 'out', '--report', 'said', '--quiet')
        self.assertEqual(self.tree('said'), ['a.mp4.json', 'sub/a.mkv.json', 'sub/a.mp4.json'])
        with open(os.path.join(self.work, 'said/sub/a.mkv.json')) as file:
            self.assertEqual(json.load(file)['output'], 'out/sub/a.mkv')

    def test_one_input_has_one_object(self):
        self.put('a.mp4')
        result = self.run_in(0, 'a.mp4', '-o', 'b.mp4', '--json', '--quiet')
        self.assertGreater(len(result.stdout.splitlines()), 10)
        self.assertEqual(json.loads(result.stdout)['output'], 'b.mp4')


class Trees(Folder):
    def test_the_tree_is_kept(self):
        self.put('in/b.mp4', 'in/a.MKV', 'in/sub/deep/c.mov', 'in/sub/note.txt', 'in/d.json', 'in/.hidden.mp4', 'in/.git/e.mp4',
                 'in/f.anonymized.mp4', 'in/.f.mp4.vanon-abcdef')
        os.symlink('..', os.path.join(self.work, 'in/sub/loop'))
        os.symlink('../b.mp4', os.path.join(self.work, 'in/sub/link.mp4'))
        os.symlink('nowhere.mp4', os.path.join(self.work, 'in/dangling.mp4'))
        os.mkfifo(os.path.join(self.work, 'in/pipe.mp4'))
        result = self.run_in(0, 'in/', '-o', 'out')
        self.assertEqual(self.tree('out'), ['a.MKV', 'b.mp4', 'sub/deep/c.mov', 'sub/link.mp4'])
        self.assertEqual(self.last_line(result), '4 done, 0 failed, 4 skipped: 3 no media by name, 1 anonymised already')
        started = [line for line in result.stderr.splitlines() if line.startswith('[')]
        self.assertEqual(started, ['[1/4] in/a.MKV', '[2/4] in/b.mp4', '[3/4] in/sub/deep/c.mov', '[4/4] in/sub/link.mp4'])

    def test_one_that_does_not_begin(self):
        """It has a report, too; a wrong option is none of an input."""
        result = self.run_in(INPUT, 'none.mp4', '-o', 'b.mp4', '--json', '--quiet')
        self.assertEqual({key: value for key, value in json.loads(result.stdout).items() if key in ('input', 'output')},
                         {'input': 'none.mp4', 'output': 'b.mp4'})
        self.assertIn('No such file', json.loads(result.stdout)['error'])

    def test_no_empty_folders_are_left(self):
        """Of an input that failed; what was there, or is of others, stays."""
        self.put('in/a.mp4', 'in/sub/deep/b.bad.mp4', 'in/both/c.mp4', 'in/both/deep/d.bad.mp4')
        os.makedirs(os.path.join(self.work, 'out/own'))
        self.run_in(INPUT, 'in', 'in/sub/deep/none.mp4', '-o', 'out', '--quiet')
        folders = sorted(os.path.relpath(path, self.work) for path, _, _ in os.walk(os.path.join(self.work, 'out')))
        self.assertEqual(folders, ['out', 'out/both', 'out/own'])

    def test_beside_each_twice(self):
        self.put('in/a.mp4', 'in/sub/b.mkv')
        self.run_in(0, 'in')
        self.assertEqual(self.tree('in'), ['a.anonymized.mp4', 'a.mp4', 'sub/b.anonymized.mkv', 'sub/b.mkv'])
        result = self.run_in(0, 'in', '--overwrite')
        self.assertEqual(self.tree('in'), ['a.anonymized.mp4', 'a.mp4', 'sub/b.anonymized.mkv', 'sub/b.mkv'])
        self.assertEqual(self.last_line(result), '2 done, 0 failed, 2 skipped: 2 anonymised already')

    def test_results_below_the_input(self):
        self.put('a.mp4', 'sub/b.mp4')
        for _ in range(2):
            self.run_in(0, '.', '-o', 'sub/out', '--overwrite')
            self.assertEqual(self.tree(), ['a.mp4', 'sub/b.mp4', 'sub/out/a.mp4', 'sub/out/sub/b.mp4'])

    def test_folders_and_files_together(self):
        self.put('a.mp4', 'one/b.mp4', 'two/c.mp4')
        self.run_in(0, 'two', 'a.mp4', 'one', '-o', 'out')
        self.assertEqual(self.tree('out'), ['a.mp4', 'b.mp4', 'c.mp4'])

    def test_nothing_to_do(self):
        self.put('in/note.txt')
        os.mkdir(os.path.join(self.work, 'empty'))
        for folder in 'in', 'empty':
            self.assertIn(f'{folder}: no media file by name in it', self.run_in(INPUT, folder, '-o', 'out').stderr)
        self.assertEqual(self.tree(), ['in/note.txt'])
        self.assertFalse(os.path.exists(os.path.join(self.work, 'out')))

    def test_a_folder_that_cannot_be_read(self):
        self.put('in/a.mp4', 'in/closed/b.mp4', 'in/d.mp4')
        os.chmod(os.path.join(self.work, 'in/closed'), 0)
        self.addCleanup(os.chmod, os.path.join(self.work, 'in/closed'), 0o755)
        os.chmod(self.folder, 0o755)
        os.chmod(self.work, 0o777)
        result = self.run_in(INPUT, 'in', '-o', 'out', preexec_fn=without_privileges)
        self.assertIn("input in/closed: can't be read: Permission denied", result.stderr)
        self.assertEqual(self.tree('out'), ['a.mp4', 'd.mp4'])
        self.assertEqual(self.last_line(result), '2 done, 1 failed')

    def test_detect(self):
        self.put('in/a.mp4', 'in/sub/b.mkv')
        result = vanon('detect', 'in', '-o', 'people', *QUICK, cwd=self.work)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.tree('people'), ['a.people.jsonl', 'sub/b.people.jsonl'])
        with open(os.path.join(self.work, 'people/sub/b.people.jsonl')) as lines:
            self.assertEqual(json.loads(list(lines)[-1]), {'end': True, 'frames': 5})

    def test_of_a_configuration(self):
        self.put('in/a.mp4')
        with open(self.path('c.yaml'), 'w') as file:
            file.write('input: in\noutput: out\ndetector: "null"\n')
        result = vanon('--config', self.path('c.yaml'), cwd=self.work)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.tree('out'), ['a.mp4'])

    def test_an_interrupt_ends_them_all(self):
        long = os.path.join(self.work, 'b.mp4')
        self.put('a.mp4', 'c.mp4')
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=60', '-c:v', 'libx264', '-preset', 'ultrafast', long)
        process = subprocess.Popen([VANON, '.', '-o', 'out', '--detector', 'null'], cwd=self.work, stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        deadline = time.time() + 30
        # Between two jobs there is nothing to end in order.
        while not (opened(process, long) and any(size for _, size in opened(process, os.path.join(self.work, 'out')))) \
                and time.time() < deadline:
            time.sleep(.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.tree('out'), ['a.mp4'])
        self.assertIn('1 done, 0 failed, 1 not begun', said)


if __name__ == '__main__':
    unittest.main()

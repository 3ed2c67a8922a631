# SPDX-License-Identifier: Apache-2.0
"""Detect, edit, apply: the same pixels as a direct run, what an edit changes and what it leaves, who and what is hidden by option, and files that are refused."""
import json
import os
import shutil
import tempfile
import unittest

from support import PICTURE, VTEST, Case, ffmpeg, raw, vanon

SETTINGS = ('--precision', 'f32', '--imgsz', '640', '--confidence', '0.3', '--quiet')
SIZE = (768, 576)
FRAMES = 10


class Apply(Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp(prefix='vanon-test-')
        cls.addClassCleanup(shutil.rmtree, cls.shared)
        cls.clip, cls.people = os.path.join(cls.shared, 'walk.mkv'), os.path.join(cls.shared, 'people.jsonl')
        ffmpeg('-ss', 3, '-i', VTEST, '-frames:v', FRAMES, '-c:v', 'ffv1', '-pix_fmt', 'yuv420p', cls.clip)
        assert vanon('detect', cls.clip, '-o', cls.people, *SETTINGS).returncode == 0

    def md5(self, *arguments):
        return json.loads(self.succeed(*arguments, '--codec', 'md5', '--json', *SETTINGS).stdout)

    def lines(self, path=None):
        with open(path or self.people, encoding='utf-8') as file:
            return [json.loads(line) for line in file]

    def write(self, lines, name='edited.jsonl'):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.writelines(json.dumps(line) + '\n' for line in lines)
        return self.path(name)

    def luma(self, *arguments):
        """The luma of each frame of what the program makes."""
        output = self.path('out.mkv')
        self.succeed(*arguments, '-o', output, '--codec', 'ffv1', '--overwrite', *SETTINGS)
        samples, size = raw(output, 'yuv420p'), SIZE[0] * SIZE[1] * 3 // 2
        return [samples[i:i + SIZE[0] * SIZE[1]] for i in range(0, len(samples), size)]

    def changed(self, one, other):
        """Where two pictures differ, as (x, y)."""
        return {(i % SIZE[0], i // SIZE[0]) for i, (a, b) in enumerate(zip(one, other)) if a != b}

    def test_equal_to_the_direct_run(self):
        with_regions = self.path('regions.jsonl')
        for more in ('--parts', 'head,hands', '--style', 'head=solid'), \
                ('--keep-person', '1', '--hide-span', '0.2-', '--region', '5,5,90,60@0.3-1', '--region', '600,10,50,50', '--zone-leave', '0,0,300,576'), \
                ('--zone-hide', '500,0,268,576', '--parts', 'body'):
            with self.subTest(more):
                self.succeed('detect', self.clip, '-o', with_regions, '--with-regions', '--overwrite', *SETTINGS, *more)
                direct, plain = self.md5(self.clip, *more), self.md5('apply', self.clip, self.people, *more)
                again = self.md5('apply', self.clip, with_regions, *more)
                self.assertGreater(direct['regions'], 0)
                for report in plain, again:
                    self.assertEqual(report['md5'], direct['md5'])
                    self.assertEqual(report['frames']['seen'], 0)
                    self.assertEqual(report['detector']['name'], 'apply')
                    self.assertEqual(report['detector']['model'], '')

    def test_no_model_is_needed(self):
        environment = {**os.environ, 'VANON_MODELS': self.folder}
        self.assertEqual(json.loads(self.succeed('apply', self.clip, self.people, '--codec', 'md5', '--json', '--quiet',
                                                 '--pose-model', self.path('none.onnx'), env=environment).stdout)['status'], 'done')

    def test_spelling(self):
        first = self.md5('apply', self.clip, self.people)['md5']
        self.assertEqual(self.md5('apply', self.clip, '--sidecar', self.people)['md5'], first)
        self.assertEqual(self.md5('--detector', 'apply', '--sidecar', self.people, self.clip)['md5'], first)
        with open(self.path('run.yaml'), 'w', encoding='utf-8') as file:
            file.write('detector: apply\nsidecar: %s\n' % self.people)
        self.assertEqual(self.md5('--config', self.path('run.yaml'), self.clip)['md5'], first)

    def test_edits(self):
        """Somebody taken out, somebody moved, a place added, regions that replace: nothing but that changes."""
        before = self.luma('apply', self.clip, self.people, '--parts', 'body', '--style', 'solid')
        lines = self.lines()
        gone = lines[4]['objects'].pop(0)
        lines[6]['add'] = [{'part': 'region', 'object': 0, 'shape': 'box', 'cx': 50, 'cy': 20, 'rx': 30, 'ry': 10, 'angle': 0}]
        lines[8]['regions'] = [{'part': 'body', 'object': 0, 'shape': 'circle', 'cx': 100.5, 'cy': 100.5, 'rx': 20, 'ry': 20, 'angle': 0}]
        after = self.luma('apply', self.clip, self.write(lines), '--parts', 'body', '--style', 'solid')
        nothing = self.luma(self.clip, '--detector', 'null')
        for number, (one, other) in enumerate(zip(before, after)):
            where = self.changed(one, other)
            if number == 3:
                self.assertTrue(where)
                box = gone['box']
                for x, y in where:
                    self.assertTrue(box[0] - 60 < x < box[2] + 60 and box[1] - 60 < y < box[3] + 60)
            elif number == 5:
                self.assertTrue({(x, y) for x in range(20, 80) for y in range(10, 30) if one[y * SIZE[0] + x] != 16} <= where)
                self.assertTrue(all(16 <= x < 84 and 6 <= y < 34 for x, y in where))
            elif number == 7:
                hidden = self.changed(nothing[7], other)
                self.assertTrue(hidden)
                self.assertTrue(all(76 < x < 125 and 76 < y < 125 for x, y in hidden))
            else:
                self.assertFalse(where, number)

    def test_keep_and_only(self):
        ids = sorted({person['id'] for line in self.lines()[1:-1] for person in line['objects']})
        self.assertGreater(len(ids), 1)
        whole = self.luma(self.clip, '--parts', 'body', '--style', 'solid')
        nothing = self.luma(self.clip, '--detector', 'null')
        only = self.luma(self.clip, '--parts', 'body', '--style', 'solid', '--only-person', ids[0])
        kept = self.luma(self.clip, '--parts', 'body', '--style', 'solid', '--keep-person', ids[0])
        for number in range(FRAMES):
            one, rest = self.changed(nothing[number], only[number]), self.changed(nothing[number], kept[number])
            self.assertEqual(one | rest, self.changed(nothing[number], whole[number]))
        self.assertTrue(self.changed(nothing[0], only[0]))

    def test_regions(self):
        nothing = self.luma(self.clip, '--detector', 'null')
        seen = self.luma(self.clip, '--detector', 'null', '--style', 'region=solid', '--region', '100,50,40,20@0.5-0.8')
        marked = [bool(self.changed(a, b)) for a, b in zip(nothing, seen)]
        self.assertEqual(marked, [False] * 5 + [True] * 3 + [False] * 2)  # 10 frames a second; the frame at 0.8 s begins when it ends
        self.assertTrue(all(seen[5][y * SIZE[0] + x] == 16 for x in range(100, 140) for y in range(50, 70)))
        self.assertTrue(all(96 <= x < 144 and 46 <= y < 74 for x, y in self.changed(nothing[5], seen[5])))

    def test_what_never_comes_up(self):
        """A slip in an option that chooses leaves somebody in sight: it is told, whatever does come up is not."""
        for words, *options in (
                (['only_person: nobody in', 'has the id 999'], '--only-person', '1,999'),
                (['keep_person: nobody in', 'has the id 998'], '--keep-person', '1,998'),
                (['region: number 2, 3 of the list is never inside the picture'],
                 '--region', f'1,1,20,20;{SIZE[0]},0,10,10;1,1,20,20@50-60'),
                (['zone_hide: number 1 of the list is never'], '--zone-hide', '-20,0,20,10'),
                (['zone_leave: number 1 of the list is never'], '--zone-leave', f'0,{SIZE[1]},20,10'),
                (['hide_span: number 2 of the list meets no frame'], '--hide-span', '0-1;100-200')):
            with self.subTest(options):
                said = self.succeed('apply', self.clip, self.people, '--codec', 'md5', *options).stderr
                for word in words:
                    self.assertIn(word, said)
                self.assertEqual(said.count('warning'), 1, said)

    def test_refused(self):
        out = self.path('no.mkv')
        lines = self.lines()
        other = self.path('other.mkv')
        ffmpeg('-i', self.clip, '-c:v', 'ffv1', '-pix_fmt', 'yuv420p', '-vf', 'negate', other)
        bad = dict(lines[0], sha256='0' * 64)
        short = lines[:-2] + [{'end': True, 'frames': FRAMES - 1}]
        unsigned = {key: value for key, value in lines[0].items() if key != 'sha256'}
        longer = [unsigned] + lines[1:-1] + [dict(lines[-2], frame=FRAMES, pts=None), {'end': True, 'frames': FRAMES + 1}]
        cases = (
            ([bad] + lines[1:], ['SHA-256']),
            (lines[:-1], ['edited.jsonl:12: ', '"end"', 'not complete']),
            (lines[:3] + lines[4:], ['edited.jsonl:4: ', '"frame" is 3 where 2 should follow', 'is missing']),
            (short, ['edited.jsonl: has 9 frames; frame 9 is not among them']),
            (longer, ['edited.jsonl: has 11 frames', 'has 10']),
            (lines[:2] + [dict(lines[2], colour=1)] + lines[3:], ['edited.jsonl:3: ', 'unknown key "colour"', 'add']),
            ([dict(lines[0], width=640)] + lines[1:], ['edited.jsonl: ', '640x576']),
        )
        for edited, words in cases:
            with self.subTest(words):
                self.fail_with(3, words, 'apply', self.clip, self.write(edited), '-o', out, '--quiet', output=out)
        self.fail_with(3, ['people.jsonl', 'SHA-256', 'other.mkv'], 'apply', other, self.people, '-o', out, '--quiet', output=out)
        self.fail_with(3, ['no-such.jsonl', 'No such file'], 'apply', self.clip, self.path('no-such.jsonl'), '-o', out, '--quiet')
        self.fail_with(2, ['sidecar'], 'apply', self.clip, '-o', out, '--quiet')
        self.fail_with(2, ['third: too much', 'usage: vanon apply'], 'apply', self.clip, self.people, 'third', '-o', out, '--quiet')

    def test_unsigned(self):
        """Without a digest, or from a pipe, nothing can tell: it says so and goes by the frames."""
        lines = self.lines()
        del lines[0]['sha256']
        result = self.succeed('apply', self.clip, self.write(lines), '--codec', 'md5')
        self.assertIn('nothing tells whether it was made from this input', result.stderr)

    def test_pictures(self):
        people = self.path('picture.jsonl')
        self.succeed('detect', PICTURE, '-o', people, *SETTINGS)
        self.assertEqual(self.md5('apply', PICTURE, people)['md5'], self.md5(PICTURE)['md5'])

    def test_options_are_checked(self):
        for option, value in ('--region', '1,2,3'), ('--region', '1,2,0,4'), ('--hide-span', '5'), ('--keep-person', '0'), ('--zone-leave', '1,2,3,4@9-8'):
            self.fail_with(2, [option + ': ', repr(value), 'is not allowed'], self.clip, option, value)


if __name__ == '__main__':
    unittest.main()

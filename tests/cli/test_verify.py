# SPDX-License-Identifier: Apache-2.0
"""vanon verify, --strict and vanon explain: what still shows is found, worst first, drawn and counted; what is hidden passes; a strict run publishes nothing
else; why a region is there is told."""
import json
import os
import shutil
import tempfile
import unittest

from support import PICTURE, VTEST, Case, ffmpeg, raw, vanon, video

FRAMES, SHOWS = 6, 8
SETTINGS = ('--precision', 'f32', '--imgsz', '1280', '--quiet')


class Checks(Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp(prefix='vanon-test-')
        cls.addClassCleanup(shutil.rmtree, cls.shared)
        cls.clip, cls.people = os.path.join(cls.shared, 'walk.mkv'), os.path.join(cls.shared, 'people.jsonl')
        cls.hidden = os.path.join(cls.shared, 'hidden.mkv')
        ffmpeg('-ss', 3, '-i', VTEST, '-frames:v', FRAMES, '-c:v', 'ffv1', '-pix_fmt', 'yuv420p', cls.clip)
        assert vanon('detect', cls.clip, '-o', cls.people, *SETTINGS).returncode == 0
        assert vanon('apply', cls.clip, cls.people, '-o', cls.hidden, '--style', 'solid', '--quiet').returncode == 0
        cls.known = ('--detector', 'replay', '--sidecar', cls.people)

    def lines(self):
        with open(self.people, encoding='utf-8') as file:
            return [json.loads(line) for line in file]

    def edited(self, change):
        """A sidecar that `change` was done to."""
        lines = self.lines()
        change(lines)
        with open(self.path('edited.jsonl'), 'w', encoding='utf-8') as file:
            file.writelines(json.dumps(line) + '\n' for line in lines)
        return self.path('edited.jsonl')

    def verify(self, code, output, *options):
        result = vanon('verify', self.clip, output, '--json', '--quiet', *self.known, *options)
        self.assertEqual(result.returncode, code, result.stderr)
        return json.loads(result.stdout)

    def test_hidden(self):
        report = self.verify(0, self.hidden, '--sheet', self.path('sheet.png'))
        self.assertEqual(report['status'], 'done')
        self.assertGreater(report['verify']['judged'], 3 * FRAMES)
        self.assertEqual((report['verify']['showing'], report['verify']['worst'], report['verify']['frames']), (0, [], FRAMES))
        self.assertFalse(os.path.exists(self.path('sheet.png')))

    def test_nothing_hidden(self):
        plain = self.path('plain.mp4')
        self.succeed(self.clip, '-o', plain, '--detector', 'null', '--quiet')
        report = self.verify(SHOWS, plain, '--sheet', self.path('sheet.png'))
        found = report['verify']
        self.assertGreater(found['showing'], 0.9 * (found['judged'] - found['only_in_output']))
        self.assertEqual((found['frames_showing'], found['longest_run_frames']), (FRAMES, FRAMES))
        severity = [row['explained'] * row['radius'] for row in found['worst']]
        self.assertEqual(severity, sorted(severity, reverse=True))
        self.assertEqual({row['joint'] for row in found['worst']} - {'left_eye', 'right_eye', 'left_elbow', 'right_elbow'}, set())
        sheet = video(self.path('sheet.png'))
        self.assertEqual((sheet['codec_name'], sheet['width']), ('png', 6 * 196 + 4))
        text = vanon('verify', self.clip, plain, '--quiet', *self.known)
        self.assertIn('still show', text.stdout)
        self.assertIn('plain.mp4: ', text.stderr)
        self.verify(0, plain, '--parts', 'eyes', '--hide-span', '100-')

    def one_in_sight(self):
        """An output with everybody in sight in one frame, and who that is."""
        gone = []

        def leave(lines):
            gone.extend(lines[3]['objects'])
            lines[3]['objects'] = []
        people = self.edited(leave)
        output = self.path('gap.mkv')
        self.succeed('apply', self.clip, people, '-o', output, '--style', 'solid', '--quiet', '--codec', 'ffv1')
        return output, people, gone

    def test_one_frame(self):
        output, _, gone = self.one_in_sight()
        found = self.verify(SHOWS, output)['verify']
        self.assertEqual((found['frames_showing'], found['longest_run_frames']), (1, 1))
        for row in found['worst']:
            self.assertEqual(row['frame'], 2)
            self.assertTrue(any(box[0] < row['at'][0] < box[2] and box[1] < row['at'][1] < box[3] for box in (person['box'] for person in gone)))
        # Who is left on purpose is no finding.
        ids = ','.join({str(person['id']) for person in gone})  # as applied; replayed they would be followed anew
        self.verify(0, output, '--keep-person', ids, '--detector', 'apply', '--precision', 'f32', '--confidence', '0.6')
        self.verify(0, output, '--zone-leave', '-500,-500,2000,2000')
        self.verify(SHOWS, output, '--zone-leave', '0,0,100,100')

    def test_regions(self):
        found = self.verify(SHOWS, self.hidden, '--region', '300,20,120,80')['verify']
        self.assertEqual({row['joint'] for row in found['worst']}, {'region'})
        output = self.path('region.mkv')
        self.succeed('apply', self.clip, self.people, '-o', output, '--region', '300,20,120,80', '--style', 'solid', '--quiet')
        self.verify(0, output, '--region', '300,20,120,80')

    def test_strict(self):
        output, people, _ = self.one_in_sight()
        out = self.path('strict.mkv')
        strict = ('apply', self.clip, people, '-o', out, '--style', 'solid', '--strict', '--json', '--precision', 'f32', '--quiet')
        result = vanon(*strict)
        self.assertEqual(result.returncode, SHOWS, result.stderr)
        self.assertIn(2, {row['frame'] for row in json.loads(result.stdout)['verify']['worst']})
        self.assertEqual(sorted(os.listdir(self.folder)), ['edited.jsonl', 'gap.mkv'])
        result = vanon(self.clip, '-o', out, '--style', 'solid', '--strict', '--json', '--quiet', *self.known)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(result.stdout)['verify']['showing'], 0)
        self.assertTrue(os.path.exists(out))
        for more in ('-o', '-', '--format', 'matroska'), ('--codec', 'md5'):
            self.fail_with(2, ['strict: '], self.clip, '--strict', *more)

    def test_still(self):
        out = self.path('still.png')
        people = self.path('still.jsonl')
        self.succeed('detect', PICTURE, '-o', people, '--confidence', '0.8', *SETTINGS, '--imgsz', '640')
        known = ('--detector', 'replay', '--sidecar', people, '--quiet')
        said = self.succeed(PICTURE, '-o', out, '--style', 'solid', '--strict', *known)
        self.assertEqual((said.stdout, said.stderr), ('', ''))  # --quiet
        self.assertEqual(vanon('verify', PICTURE, out, '--parts', 'hands', *known).returncode, SHOWS)

    def test_not_the_same(self):
        for name, arguments, words in (
                ('short.mkv', ('-frames:v', FRAMES - 2), ['short.mkv: ends after 4 frames', 'goes on']),
                ('small.mkv', ('-vf', 'scale=640:480'), ['small.mkv: frame 0 is 640x480', '768x576']),
                ('late.mkv', ('-vf', 'setpts=PTS*1.1'), ['late.mkv: frame ', 'after the first one'])):
            with self.subTest(name):
                output = self.path(name)
                ffmpeg('-i', self.hidden, *arguments, '-c:v', 'ffv1', '-fps_mode', 'passthrough', output)
                self.fail_with(3, words, 'verify', self.clip, output, '--quiet', *self.known)
        self.fail_with(3, ['nothing.mkv', 'No such file'], 'verify', self.clip, self.path('nothing.mkv'), '--quiet', *self.known)
        self.fail_with(2, ['which file is to be verified'], 'verify', self.clip, '--quiet', *self.known)
        self.fail_with(4, ['is the input itself'], 'verify', self.clip, self.clip, '--quiet', *self.known)

    def explain(self, *options):
        picture = self.path('why.png')
        text = self.succeed('explain', self.clip, '-o', picture, '--overwrite', '--quiet', *options).stdout
        report = json.loads(self.succeed('explain', self.clip, '-o', picture, '--overwrite', '--quiet', '--json', *options).stdout)
        return text, report['explain'], picture

    def test_explain(self):
        apply = ('--detector', 'apply', '--sidecar', self.people)
        objects = self.lines()[3]['objects']
        text, told, picture = self.explain('--frame', 2, '--keep-person', objects[0]['id'], '--region', '10,20,30,40', *apply)
        self.assertEqual([row['id'] for row in told['people']], [row['id'] for row in objects])
        kept = [row for row in told['people'] if not row['hidden']]
        self.assertEqual({row['id'] for row in kept}, {objects[0]['id']})
        self.assertTrue(all('keep_person' in row['why'] for row in kept))
        self.assertNotIn(objects[0]['id'], {row['object'] for row in told['regions']})
        self.assertEqual((told['regions'][-1]['part'], told['regions'][-1]['centre']), ('region', [25, 40]))
        self.assertTrue(any(row.get('joint') == 'left_elbow' and row['part'] == 'elbows' and 'seen in this frame' in row['why'] for row in told['regions']))
        for words in 'frame 2 of ', 'left in sight: keep_person', 'left_elbow of visibility', 'region: box at 25,40':
            self.assertIn(words, text)
        size = video(picture)
        self.assertEqual((size['width'], size['height']), (1600, 1200))
        samples = raw(picture, 'rgb24')
        at = [(round(x * 1600 / 768), round(y * 1200 / 576)) for x, y in ((10, 35), (40, 35), (25, 20), (25, 60))]
        for x, y in at:  # the outline of the place is drawn
            near = [samples[3 * ((y + j) * 1600 + x + i):][:3] for i in range(-2, 3) for j in range(-2, 3)]
            self.assertIn(bytes((255, 60, 40)), near)

    def test_explain_what_is_carried_over(self):
        def hold(lines):
            lines[2]['objects'] = []
        people = self.edited(hold)
        told = self.explain('--frame', 1, '--detector', 'replay', '--sidecar', people)[1]
        self.assertTrue(told['people'])
        self.assertTrue(all(not row['seen'] and row['origin'] in ('between', 'before', 'after') for row in told['people']))
        self.assertIn('filled in between two sights', {row['why'] for row in told['regions']})

    def test_explain_refuses(self):
        apply = ('--detector', 'apply', '--sidecar', self.people, '--quiet')
        self.fail_with(2, ['frame: 6 is not there', 'has 6 frames'], 'explain', self.clip, '--frame', '6', '-o', self.path('why.png'), *apply)
        self.fail_with(2, ['frame: which one'], 'explain', self.clip, *apply)
        self.fail_with(2, ['why.jpg', '.png'], 'explain', self.clip, '--frame', '1', '-o', self.path('why.jpg'), *apply)
        self.fail_with(2, ['worst.txt', '.png'], 'verify', self.clip, self.hidden, '--sheet', self.path('worst.txt'), '--quiet', *self.known)
        self.fail_with(2, ['--frame: ', 'whole number'], 'explain', self.clip, '--frame', 'x', *apply)
        open(self.path('there.png'), 'w').close()
        self.fail_with(4, ['there.png', 'exists already'], 'explain', self.clip, '--frame', '1', '-o', self.path('there.png'), *apply)
        self.fail_with(3, ['gone.mkv'], 'explain', self.path('gone.mkv'), '--frame', '1', '--quiet')

    def test_told(self):
        for command in 'apply', 'verify', 'explain':
            self.assertIn(command, vanon('--help', 'commands').stdout)
            self.assertIn(f'vanon {command} ', vanon('--help').stdout)
            self.assertIn(command, vanon('--man').stdout)
            for shell in 'bash', 'zsh', 'fish':
                self.assertIn(command, vanon('--completion', shell).stdout)
        self.assertIn('  8  something still shows', vanon('--help', 'exit-codes').stdout)


if __name__ == '__main__':
    unittest.main()

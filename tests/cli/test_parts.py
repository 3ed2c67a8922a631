# SPDX-License-Identifier: Apache-2.0
"""Every part and every style through the command: each hides something of the footballer, all of them hide all, and the gallery shows each."""
import json
import os
import re
import unittest

from support import PICTURE, ROOT, Case, ffmpeg, raw, vanon


def names(option):
    """What the program says an option allows."""
    words = re.search(r'(?:a list|one) of ([\w, ]+)', vanon('--dump-config', option, 'nothing').stderr).group(1)
    return words.strip().split(', ')


PARTS = [part for part in names('--parts') if part != 'all']
STYLES = names('--style')


class Parts(Case):
    def setUp(self):
        super().setUp()
        self.sidecar = self.path('people.jsonl')
        self.succeed('detect', PICTURE, '-o', self.sidecar, '--confidence', '0.8', '--precision', 'f32', '--quiet')
        self.before = self.hide('before', '--detector', 'null', sidecar=())

    def hide(self, name, *options, sidecar=None):
        """The picture's pixels with something hidden."""
        output = self.path(f'{name}.png')
        replay = ('--detector', 'replay', '--sidecar', self.sidecar) if sidecar is None else sidecar
        self.result = self.succeed(PICTURE, '-o', output, '--quiet', *replay, *options)
        pixels = raw(output, 'rgb24')
        return [pixels[i:i + 3] for i in range(0, len(pixels), 3)]

    def changed(self, after):
        return {i for i, (old, new) in enumerate(zip(self.before, after)) if old != new}

    def assert_inside(self, inner, outer):
        """But for pixels that were black before they were hidden."""
        self.assertLess(len(inner - outer), 0.02 * len(inner))

    def test_names(self):
        self.assertEqual(PARTS, 'eyes elbows face head shoulders hands hips knees feet arms legs body'.split())
        self.assertEqual(STYLES, 'mosaic pixelate gaussian boxblur solid'.split())

    def test_parts(self):
        every = self.changed(self.hide('all', '--parts', 'all', '--style', 'solid'))
        shown = len(self.before) - len(every)
        self.assertGreater(shown, 0.3 * len(self.before), 'hides more than a person')
        found = {}
        for part in PARTS:
            with self.subTest(part):
                found[part] = self.changed(self.hide(part, '--parts', part, '--style', 'solid'))
                self.assertGreater(len(found[part]), 500)
                self.assert_inside(found[part], every)
        for inner, outer in ('eyes', 'head'), ('face', 'body'), ('head', 'body'), ('hands', 'arms'), ('feet', 'legs'), ('arms', 'body'), \
                ('legs', 'body'), ('shoulders', 'body'), ('hips', 'body'):
            with self.subTest(inner=inner, outer=outer):
                self.assert_inside(found[inner], found[outer])

    def test_styles(self):
        seen = {}
        for style in STYLES:
            with self.subTest(style):
                seen[style] = self.hide(style, '--parts', 'head', '--style', style)
                self.assertGreater(len(self.changed(seen[style])), 2000)
        self.assertTrue(seen['mosaic'] == seen['pixelate'])
        for one, other in ('mosaic', 'gaussian'), ('gaussian', 'boxblur'), ('boxblur', 'solid'):
            self.assertFalse(seen[one] == seen[other], (one, other))

    def test_styles_of_parts(self):
        mixed = self.hide('mixed', '--parts', 'head,feet', '--style', 'head=solid,feet=boxblur')
        head = self.hide('head', '--parts', 'head', '--style', 'solid')
        feet = self.hide('feet', '--parts', 'feet', '--style', 'boxblur')
        self.assertTrue(all(mixed[i] == head[i] for i in self.changed(head)))
        self.assertTrue(all(mixed[i] == feet[i] for i in self.changed(feet)))
        self.assertTrue(self.changed(mixed) == self.changed(head) | self.changed(feet))

    def test_margins_of_parts(self):
        sizes = [len(self.changed(self.hide('margin', '--parts', 'knees', '--style', 'solid', '--safety', margin, '--overwrite')))
                 for margin in ('0', '12', '40', 'knees=40,body=3', 'body=3')]
        self.assertLess(sizes[0], sizes[1])
        self.assertLess(sizes[1], sizes[2])
        self.assertEqual(sizes[2], sizes[3])
        self.assertEqual(sizes[1], sizes[4])

    def test_kernels(self):
        kernel = [self.hide('kernel', '--parts', 'head', '--style', 'gaussian', '--overwrite', *options)
                  for options in ((), ('--blur-kernel', '25'), ('--blur-kernel', '151'), ('--exact-styles',),
                                  ('--exact-styles', '--blur-kernel', '25'))]
        self.assertFalse(kernel[0] == kernel[2])
        self.assertFalse(kernel[1] == kernel[3])
        self.assertTrue(kernel[3] == kernel[4])

    def test_exact_styles_warn(self):
        result = self.succeed(PICTURE, '-o', self.path('exact.png'), '--detector', 'null', '--exact-styles')
        self.assertEqual(result.stderr.count('exact_styles: '), 1)

    def test_gallery(self):
        gallery = os.path.join(ROOT, 'docs', 'gallery')
        with open(os.path.join(gallery, 'README.md'), encoding='utf-8') as file:
            text = file.read()
        for picture in [f'{part}.jpg' for part in PARTS] + [f'style-{style}.jpg' for style in STYLES]:
            self.assertIn(f'({picture})', text)
            self.assertTrue(os.path.isfile(os.path.join(gallery, picture)), picture)


class Held(Case):
    """What is shown of somebody was taken from their first frame."""

    def test_later_frames_are_not_shown(self):
        source, sidecar, output = (self.path(name) for name in ('in.mkv', 'people.jsonl', 'out.mkv'))
        ffmpeg('-f', 'lavfi', '-i', 'color=white:size=96x64:rate=25:duration=0.04', '-f', 'lavfi', '-i', 'color=black:size=96x64:rate=25:duration=0.12',
               '-filter_complex', 'concat,format=gray', '-c:v', 'ffv1', source)
        joints = [[0, 0, 0]] * 17
        joints[7], joints[9] = [30, 26, 1], [34, 26, 1]
        person = {'id': 1, 'class': 'person', 'score': .9, 'seen': True, 'box': [0, 0, 60, 60], 'keypoints': joints}
        with open(sidecar, 'w', encoding='utf-8') as file:
            print(json.dumps({'vanon': 1, 'width': 96, 'height': 64, 'time_base': [1, 1000], 'rotation': 0, 'sar': [1, 1], 'options': {}}), file=file)
            for number in range(4):
                print(json.dumps({'frame': number, 'pts': None, 'objects': [person]}), file=file)
            print(json.dumps({'end': True, 'frames': 4}), file=file)
        for options, white in ((), True), (('--style', 'gaussian'), True), (('--style', 'boxblur'), True), (('--exact-styles',), False), (('--style', 'solid'), False):
            with self.subTest(options=options):
                self.succeed(source, '-o', output, '--codec', 'ffv1', '--detector', 'replay', '--sidecar', sidecar, '--parts', 'elbows', '--quiet', '--overwrite', *options)
                pixels = raw(output, 'gray')
                for number in range(1, 4):
                    frame = pixels[number * 96 * 64:(number + 1) * 96 * 64]
                    self.assertEqual(frame[26 * 96 + 30] > 200, white)
                    self.assertLess(frame[26 * 96 + 90], 30)


if __name__ == '__main__':
    unittest.main()

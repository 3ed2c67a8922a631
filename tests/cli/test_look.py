# SPDX-License-Identifier: Apache-2.0
"""How closely, how often and where the network looks, on real people: opencv-doc's pedestrians are 70 pixels high."""
import json
import unittest

from support import VTEST, Case, ffmpeg

FRAMES = 10
SCHEDULES = ('cpu-gpu', 2, 1, 4), ('batch', 1, 5, 1), ('multithread', 3, 2, 32), ('ultra', 2, 8, 2)


class Look(Case):
    def clip(self, name, filters, frames=FRAMES, skip=0):
        path = self.path(name)
        ffmpeg('-ss', skip, '-i', VTEST, '-vf', filters, '-frames:v', frames, '-c:v', 'ffv1', path)
        return path

    def people(self, clip, *arguments):
        """Of each frame the people that were seen in it."""
        sidecar = self.path('people.jsonl')
        self.succeed('detect', clip, '-o', sidecar, '--overwrite', '--quiet', *arguments)
        with open(sidecar, encoding='utf-8') as file:
            lines = [json.loads(line) for line in file][1:-1]
        return [[o for o in line['objects'] if o['seen'] and o['score'] >= .3] for line in lines]

    def report(self, clip, *arguments):
        return json.loads(self.succeed(clip, '--codec', 'md5', '--json', '--quiet', *arguments).stdout)

    def test_automatic_size_finds_what_640_misses(self):
        clip = self.clip('small.mkv', 'null', 3, 1)
        found = self.people(clip, '--imgsz', 640)
        closely = self.people(clip)
        for frame in range(3):
            self.assertGreaterEqual(len(closely[frame]), len(found[frame]) + 2)

    def test_large_picture_is_looked_at_in_parts(self):
        clip = self.clip('large.mkv', 'crop=384:288:120:120,pad=3840:2160:2300:1300:color=0x707070', 1, 1)
        self.assertEqual(self.people(clip, '--imgsz', 640), [[]])
        found = self.people(clip)[0]
        self.assertGreaterEqual(len(found), 2)
        for person in found:
            x0, y0, x1, y1 = person['box']
            self.assertTrue(2290 <= x0 < x1 <= 2694 and 1290 <= y0 < y1 <= 1598, person['box'])
            self.assertTrue(40 <= y1 - y0 <= 120, person['box'])
        for i, a in enumerate(found):  # nobody twice, though parts overlap
            for b in found[i + 1:]:
                middles = [(o['box'][0] + o['box'][2]) / 2 for o in (a, b)], [(o['box'][1] + o['box'][3]) / 2 for o in (a, b)]
                self.assertGreater(max(abs(x - y) for x, y in middles), 6)

    def test_schedule_changes_nothing(self):
        clip = self.clip('clip.mkv', 'crop=320:240:200:100')
        for every in 'auto', '3':
            expected = None
            for pipeline, threads, batch, queue in SCHEDULES:
                with self.subTest(every=every, pipeline=pipeline):
                    report = self.report(clip, '--detect-every', every, '--pipeline', pipeline, '--cpu-threads', threads, '--batch-size', batch,
                                         '--frame-queue-size', queue, '--result-queue-size', queue)
                    seen = report['frames']['seen']
                    self.assertEqual(report['frames']['out'], FRAMES)
                    self.assertGreater(report['frames']['changed'], 0)
                    expected = expected or (report['md5'], report['regions'], seen)
                    self.assertEqual((report['md5'], report['regions'], seen), expected)

    def test_still_scene_is_looked_at_now_and_then(self):
        clip = self.path('still.mkv')
        ffmpeg('-f', 'lavfi', '-i', 'color=0x607080:320x240:r=25:d=1.6', '-c:v', 'ffv1', clip)
        for every, seen in ('1', 40), ('4', 11), ('auto', 6):
            report = self.report(clip, '--detect-every', every, '--imgsz', 320)
            self.assertEqual((report['frames']['out'], report['frames']['seen']), (40, seen))
        ultra = self.report(clip, '--pipeline', 'ultra', '--imgsz', 320)
        self.assertEqual(ultra['frames']['seen'], 6)
        ultra = self.report(clip, '--pipeline', 'speed', '--detect-every', 1, '--imgsz', 320)
        self.assertEqual(ultra['frames']['seen'], 40)

    def test_cut_between_looks(self):
        clip = self.path('cut.mkv')
        ffmpeg('-f', 'lavfi', '-i', 'color=0x203040:320x240:r=25:d=0.44', '-f', 'lavfi', '-i', 'color=0xd0d0a0:320x240:r=25:d=0.6',
               '-filter_complex', '[0][1]concat', '-c:v', 'ffv1', clip)
        report = self.report(clip, '--detect-every', 'auto', '--imgsz', 320)
        # 0, 8, the last one before the cut; the first one after it, eight later, the last
        self.assertEqual(report['frames']['seen'], 6)


if __name__ == '__main__':
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Scheduling changes no pixel: every pipeline, 1 to 8 threads, batches of 1 to 8 frames, queues of 1 to 32."""
import json
import os
import unittest

from support import VANON, VTEST, Case, ffmpeg, vanon

FRAMES = 20
PIPELINES = 'cpu-gpu', 'batch', 'ultra', 'multithread'
DEPTHS = 1, 2, 3, 8, 17, 32
# Each thread count and each batch size once, each pipeline twice, each queue size before and behind the network.
SCHEDULES = [(PIPELINES[(i + i // 4) % 4], i + 1, 3 * i % 8 + 1, DEPTHS[i % 6], DEPTHS[(i * 5 + 2) % 6]) for i in range(8)]


class Schedules(Case):
    def setUp(self):
        super().setUp()
        self.clip = self.path('clip.mkv')
        ffmpeg('-i', VTEST, '-vf', 'crop=384:288:200:100', '-frames:v', FRAMES, '-c:v', 'ffv1', self.clip)

    def run_clip(self, *arguments):
        said = self.succeed(self.clip, '--codec', 'md5', '--imgsz', 320, '--detect-every', 1, '--json', '--quiet', *arguments)
        return json.loads(said.stdout)

    def check_all(self, precision):
        expected = None
        for pipeline, threads, batch, before, after in SCHEDULES:
            with self.subTest(pipeline=pipeline, threads=threads, batch=batch, queues=(before, after)):
                report = self.run_clip('--precision', precision, '--pipeline', pipeline, '--cpu-threads', threads, '--batch-size', batch,
                                       '--frame-queue-size', before, '--result-queue-size', after)
                self.assertEqual(report['detector']['precision'], precision)
                self.assertEqual(report['engine']['batch'], batch)
                for key in 'in', 'seen', 'out':
                    self.assertEqual(report['frames'][key], FRAMES)
                self.assertGreater(report['frames']['changed'], FRAMES // 2)  # there is something that could differ
                expected = expected or (report['md5'], report['regions'])
                self.assertEqual((report['md5'], report['regions']), expected)

    def test_values_are_covered(self):
        self.assertEqual({s[0] for s in SCHEDULES}, set(PIPELINES))
        self.assertEqual({s[1] for s in SCHEDULES}, set(range(1, 9)))
        self.assertEqual({s[2] for s in SCHEDULES}, set(range(1, 9)))
        self.assertEqual({s[3] for s in SCHEDULES}, set(DEPTHS))
        self.assertEqual({s[4] for s in SCHEDULES}, set(DEPTHS))

    def test_what_is_reported(self):
        """Stages, queues, threads; a GPU, where NVIDIA's library (here the unit tests' stub) knows one."""
        stub = os.path.join(os.path.dirname(os.path.abspath(VANON)), 'tests', 'unit')
        said = self.succeed(self.clip, '--codec', 'md5', '--imgsz', 320, '--detect-every', 1, '--json', '--stats', '--log-every', 5,
                            env=dict(os.environ, LD_LIBRARY_PATH=stub))
        report = json.loads(said.stdout)
        stages = {stage['name']: stage for stage in report['stages']}
        self.assertEqual(list(stages), ['read', 'prepare', 'network', 'decode', 'track', 'regions', 'render', 'write'])
        for stage in stages.values():
            self.assertEqual(stage['frames'], FRAMES)
            self.assertGreaterEqual(stage['seconds'], 0)
        self.assertIn(report['slowest']['stage'], stages)
        self.assertTrue(0 < report['slowest']['load'] <= 1)
        names = {thread['name'] for thread in report['threads']}
        self.assertLessEqual({'vanon', 'vanon-network', 'vanon-worker'}, names)
        used = sum(thread['cpu_seconds'] for thread in report['threads'])
        self.assertLessEqual(used, report['cpu_seconds'] + 0.02 * sum(thread['threads'] for thread in report['threads']))
        for queue in report['queues']:
            self.assertLessEqual(queue['mean'], queue['most'])
            self.assertLess(len(queue['course']), 64)
        self.assertTrue(0 < report['first_seen_seconds'] < report['wall_seconds'] + 60)
        self.assertGreater(report['compile_seconds'], 0)
        gpu = report['gpu']
        self.assertEqual((gpu['name'], gpu['memory_bytes'], gpu['memory_total_bytes']), ('Stub 1000', 3 << 30, 8 << 30))
        for unit, load in ('use', 0.37), ('decoder', 0.21), ('encoder', 0.09):
            self.assertAlmostEqual(gpu[unit], load, places=6)
        alone = self.run_clip('--device', 'cpu')
        self.assertNotIn('gpu', alone)

    def test_progress(self):
        said = self.succeed(self.clip, '--codec', 'md5', '--imgsz', 320, '--stats', '--log-every', 5)
        lines = [line for line in said.stderr.splitlines() if ' frames, ' in line and 'ETA' in line]
        self.assertEqual(len(lines), FRAMES // 5)
        # Statistics are taken twice a second: short clips may end before the first.
        for line in lines:
            self.assertRegex(line, r'fps, ETA \d+ s(, CPU \d+\.\d, \w+ \d+ %(, waiting( \d+ \w+)+)?)?$')

    def test_the_choice_of_frames_is_the_same(self):
        """Which frames the network looks at, and how closely, does not hang on the schedule either."""
        expected = None
        for pipeline, threads, batch, before, after in SCHEDULES[::3]:
            report = self.run_clip('--detect-every', 'auto', '--imgsz', 'auto', '--precision', 'f32', '--pipeline', pipeline, '--cpu-threads', threads,
                                   '--batch-size', batch, '--frame-queue-size', before, '--result-queue-size', after)
            self.assertEqual(report['frames']['out'], FRAMES)
            expected = expected or (report['md5'], report['frames']['seen'])
            self.assertEqual((report['md5'], report['frames']['seen']), expected)

    def test_f32(self):
        self.check_all('f32')

    def test_bf16(self):
        """Where the processor lacks it, the program must say so."""
        with open('/proc/cpuinfo', encoding='ascii') as file:
            able = 'bf16' in file.read()
        if able:
            self.check_all('bf16')
        else:
            said = vanon(self.clip, '--codec', 'md5', '--quiet', '--precision', 'bf16')
            self.assertNotEqual(said.returncode, 0)
            self.assertIn('bf16', said.stderr)


if __name__ == '__main__':
    unittest.main()

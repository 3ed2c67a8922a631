# SPDX-License-Identifier: Apache-2.0
"""The command with a GPU plugin: the one of the unit tests, whose GPU is a reference executor on the CPU."""
import json
import os
import unittest

from support import PICTURE, VANON, VTEST, Case

REFERENCE = os.path.join(os.path.dirname(VANON), 'tests', 'unit', 'plugins', 'reference')
STUB = os.path.join(os.path.dirname(VANON), 'tests', 'unit')  # stands in for NVIDIA's library
SMALL = ('--precision', 'f32', '--imgsz', '320', '--overwrite')


def plugin(**more):
    return {**os.environ, 'VANON_PLUGINS': REFERENCE, **more}


@unittest.skipUnless(os.path.exists(os.path.join(REFERENCE, 'vanon_cuda.so')), 'the build has no plugin for tests')
class Gpu(Case):
    def people(self, *arguments, **more):
        """Of each frame its people's boxes and joints."""
        path, report = self.path('people.jsonl'), self.path('report.json')
        self.succeed('detect', *arguments, '-o', path, '--report', report, *SMALL, **more)
        with open(report, encoding='utf-8') as file:
            self.device = json.load(file)['detector']['device']
        with open(path, encoding='utf-8') as file:
            lines = [json.loads(line) for line in file]
        return [[(person['box'], person['keypoints']) for person in line['objects']]
                for line in lines if 'objects' in line]

    def same(self, found, wanted):
        self.assertEqual([len(frame) for frame in found], [len(frame) for frame in wanted])
        self.assertTrue(any(wanted))
        for frame, other in zip(found, wanted):
            for (box, joints), (other_box, other_joints) in zip(frame, other):
                for a, b in zip(box, other_box):
                    self.assertAlmostEqual(a, b, delta=0.5)
                for (x, y, seen), (other_x, other_y, other_seen) in zip(joints, other_joints):
                    self.assertAlmostEqual(seen, other_seen, delta=0.01)
                    if seen >= 0.5:
                        self.assertAlmostEqual(x, other_x, delta=0.5)
                        self.assertAlmostEqual(y, other_y, delta=0.5)

    def test_finds_what_the_cpu_finds(self):
        wanted = self.people(PICTURE, '--device', 'cpu')
        self.assertEqual(self.device, 'CPU')
        for device in 'cuda:0', 'auto':
            self.same(self.people(PICTURE, '--device', device, env=plugin()), wanted)
            self.assertEqual(self.device, 'cuda:0')

    def test_batches(self):
        clip = (VTEST, '--start', '1', '--duration', '0.7')
        wanted = self.people(*clip, '--device', 'cpu')
        self.assertGreaterEqual(len(wanted), 7)
        self.same(self.people(*clip, '--pipeline', 'batch', '--batch-size', '3', env=plugin()), wanted)
        self.assertEqual(self.device, 'cuda:0')
        self.same(self.people(*clip, '--batch-size', '4', env=plugin(VANON_REFERENCE_BYTES='20000000')), wanted)
        self.assertEqual(self.device, 'cuda:0, 1 at a time')

    def test_a_device_that_fails_ends_the_run(self):
        output = self.path('out.mkv')
        self.fail_with(5, ["the reference device's fault"], VTEST, '-o', output, '--duration', '1', '--device', 'cuda:0',
                       *SMALL, output=output, env=plugin(VANON_REFERENCE_FAULT='3'))

    def test_too_little_memory(self):
        poor = plugin(VANON_REFERENCE_BYTES='1000')
        output = self.path('people.jsonl')
        result = self.succeed('detect', PICTURE, '-o', output, '--device', '0', *SMALL, env=poor)
        self.assertIn('the CPU is used', result.stderr)
        self.fail_with(1, ['device cuda:0', 'memory'], 'detect', PICTURE, '-o', output, '--device', 'cuda:0', *SMALL,
                       env=poor)

    def test_memory_that_ends_in_the_middle(self):
        clip, output, report = (VTEST, '--duration', '1', '--device', 'cuda:0'), self.path('out.mkv'), self.path('r.json')
        result = self.succeed(*clip, '-o', output, '--report', report, *SMALL,
                              env=plugin(VANON_REFERENCE_SHORT='6-7'))
        self.assertIn('not enough memory; batches are done', result.stderr)
        with open(report, encoding='utf-8') as file:
            self.assertRegex(json.load(file)['detector']['device'], r'cuda:0, \d at a time')
        self.fail_with(1, ['device cuda:0: not enough memory'], *clip, '-o', output, *SMALL,
                       env=plugin(VANON_REFERENCE_SHORT='6-99999'))

    def test_missing(self):
        output = self.path('people.jsonl')
        self.fail_with(1, ['device cuda:0', 'vanon_cuda.so'], 'detect', PICTURE, '-o', output, '--device', 'cuda:0',
                       output=output)
        self.fail_with(1, ['there are 1 GPUs'], 'detect', PICTURE, '-o', output, '--device', 'cuda:1', output=output,
                       env=plugin())

    @unittest.skipUnless(os.path.exists(os.path.join(STUB, 'libnvidia-ml.so.1')), 'the build has no NVML for tests')
    def test_what_the_gpu_says_of_itself(self):
        output, report = self.path('out.mkv'), self.path('report.json')
        libraries = os.pathsep.join(filter(None, [STUB, os.environ.get('LD_LIBRARY_PATH')]))
        wanted = {'name': 'Stub 1000', 'use': 0.37, 'decoder': 0.21, 'encoder': 0.09,
                  'memory_bytes': 3 << 30, 'memory_total_bytes': 8 << 30}
        # Statistics are taken twice a second: the reference device needs well over a second for these twenty frames.
        run = (VTEST, '-o', output, '--duration', '2', '--report', report, '--stats', '--log-every', '1', *SMALL)
        for missing in (), ('encoder',):
            # NVML has another GPU first.
            more = {f'NVML_STUB_NO_{name.upper()}': '1' for name in missing} | {'NVML_STUB_SECOND': '1'}
            result = self.succeed(*run, '--device', 'cuda:0', env=plugin(LD_LIBRARY_PATH=libraries, **more))
            self.assertIn('GPU 37 % 3.0 GiB decoder 21 %', result.stderr)
            self.assertEqual('encoder 9 %' in result.stderr, not missing)
            with open(report, encoding='utf-8') as file:
                gpu = json.load(file)['gpu']
            self.assertEqual(gpu.keys(), wanted.keys() - set(missing))
            for name, value in gpu.items():
                if name == 'name':
                    self.assertEqual(value, wanted[name])
                else:
                    self.assertAlmostEqual(value, wanted[name], places=6)
        self.succeed(*run, '--device', 'cpu', env=plugin(LD_LIBRARY_PATH=libraries))
        with open(report, encoding='utf-8') as file:
            self.assertNotIn('gpu', json.load(file))

    def test_info(self):
        result = self.succeed('info', '--json', env=plugin())
        found = {section: {row['name']: row for row in rows} for section, rows in json.loads(result.stdout).items()}
        self.assertTrue(found['plugins']['cuda']['there'])
        self.assertIn('reference executor', found['devices']['cuda:0']['value'])
        self.assertTrue(found['devices']['CPU']['there'])
        result = self.succeed('info', '--json', env=plugin(VANON_REFERENCE_DEVICES='0'))
        self.assertIn('switched off', result.stdout)


if __name__ == '__main__':
    unittest.main()

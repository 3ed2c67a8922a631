# SPDX-License-Identifier: Apache-2.0
"""A detector that misses people: detections are dropped from a sidecar, and what comes out is looked at pixel by pixel. Nothing may show in
gaps up to the look-ahead. The people are made up, so that their places are known in every frame, and no model is needed."""
import json
import math
import os
import random
import subprocess
import unittest
import unittest.mock

from support import VANON, Case, ffmpeg, raw

WIDTH, HEIGHT, FRAMES, FPS = 640, 360, 120, 25
LOOK_AHEAD = 30
EYES, ELBOWS = (1, 2), (7, 8)
DISC = 8  # pixels around a joint that must be hidden

# COCO's 17 joints of somebody who stands, in shares of the height: from the middle of the feet's line, and up.
STANCE = [(0, .93), (.02, .95), (-.02, .95), (.04, .94), (-.04, .94), (.1, .82), (-.1, .82), (.14, .64), (-.14, .64), (.15, .49), (-.15, .49),
          (.07, .53), (-.07, .53), (.07, .29), (-.07, .29), (.07, .04), (-.07, .04)]

# Where the feet are in frame 0, height, pixels a frame: two who cross each other, one who stands, who comes in, who walks out.
PEOPLE = [(80, 330, 200, 3.2, 0), (540, 340, 220, -3.2, 0), (320, 200, 120, 0, 0), (-120, 300, 180, 2.5, 0), (500, 210, 130, 3, 0)]


# Of those who move: arms and legs swing once a second by these shares of the height, and nobody walks evenly.
SWING = {7: .03, 8: -.03, 9: .07, 10: -.07, 13: -.04, 14: .04, 15: -.09, 16: .09}


def joints_of(person, frame):
    x, y, height, dx, dy = person
    swing = height * math.sin(2 * math.pi * frame / FPS) if dx else 0
    gone = frame + 5 * math.sin(frame / 12 + height)
    return [(x + dx * gone + a * height + SWING.get(k, 0) * swing, y + dy * gone - up * height) for k, (a, up) in enumerate(STANCE)]


def inside(x, y, margin=0):
    return margin <= x < WIDTH - margin and margin <= y < HEIGHT - margin


def detection(person, frame):
    """What a detector says of a person; None: too little of them is in the picture."""
    joints = joints_of(person, frame)
    seen = [inside(x, y) for x, y in joints]
    if sum(seen) < 6:
        return None
    there = [joint for joint, is_seen in zip(joints, seen) if is_seen]
    box = [min(x for x, _ in there) - 4, min(y for _, y in there) - 4, max(x for x, _ in there) + 4, max(y for _, y in there) + 4]
    return {'class': 'person', 'score': .8, 'seen': True, 'box': [round(v, 2) for v in box],
            'keypoints': [[round(x, 2), round(y, 2), .9 if is_seen else 0] for (x, y), is_seen in zip(joints, seen)]}


class Drops(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dropped_so_far = 0

    def setUp(self):
        super().setUp()
        self.clip = self.path('clip.mkv')
        ffmpeg('-f', 'lavfi', '-i', f'color=white:size={WIDTH}x{HEIGHT}:rate={FPS}', '-frames:v', FRAMES, '-pix_fmt', 'yuv420p', '-c:v', 'ffv1', self.clip)

    def write_sidecar(self, is_dropped):
        """A sidecar of all detections but those that are dropped. Nothing is known from after the end: the last ones are kept."""
        path, dropped = self.path('people.jsonl'), 0
        with open(path, 'w') as file:
            header = {'vanon': 1, 'source': 'clip.mkv', 'sha256': '', 'width': WIDTH, 'height': HEIGHT, 'time_base': [1, 1000], 'rotation': 0, 'sar': [1, 1],
                      'model': '', 'options': {}}
            file.write(json.dumps(header) + '\n')
            for frame in range(FRAMES):
                objects = []
                for number, person in enumerate(PEOPLE):
                    found = detection(person, frame)
                    if found and frame < FRAMES - 10 and is_dropped(frame, number):
                        dropped += 1
                    elif found:
                        objects.append({'id': 0, **found})
                file.write(json.dumps({'frame': frame, 'pts': round(frame * 1000 / FPS), 'objects': objects}) + '\n')
            file.write(json.dumps({'end': True, 'frames': FRAMES}) + '\n')
        return path, dropped

    def showing(self, sidecar, *options):
        """Joints of which something shows in the output, and how many there are."""
        output = self.path('out.mkv')
        self.succeed(self.clip, '-o', output, '--overwrite', '--quiet', '--detector', 'replay', '--sidecar', sidecar, '--codec', 'ffv1', '--style', 'solid',
                     '--look-ahead-frames', LOOK_AHEAD, *options)
        pixels, size = raw(output, 'yuv420p'), WIDTH * HEIGHT * 3 // 2
        self.assertEqual(len(pixels), size * FRAMES)
        open_joints, judged = [], 0
        for frame in range(FRAMES):
            for number, person in enumerate(PEOPLE):
                joints = joints_of(person, frame)
                for k in EYES + ELBOWS:
                    x, y = joints[k]
                    if not inside(x, y, DISC):
                        continue
                    judged += 1
                    if any(pixels[size * frame + WIDTH * row + column] > 60 for row in range(math.ceil(y - DISC), int(y + DISC))
                           for column in range(math.ceil(x - DISC), int(x + DISC)) if math.hypot(column + .5 - x, row + .5 - y) < DISC):
                        open_joints.append((frame, number, k))
        self.assertGreater(judged, 1200)
        return open_joints, judged

    def assert_hidden(self, name, is_dropped, least):
        with self.subTest(name):
            sidecar, dropped = self.write_sidecar(is_dropped)
            self.assertGreater(dropped, least)
            shown, _ = self.showing(sidecar)
            self.assertEqual(shown, [], 'frame, person, joint')

    def test_nothing_shows_in_gaps(self):
        chance = random.Random(7)
        self.assert_hidden('none', lambda frame, number: False, -1)
        self.assert_hidden('a tenth', lambda frame, number: chance.random() < .1, 30)
        self.assert_hidden('a third', lambda frame, number: chance.random() < .3, 100)
        self.assert_hidden('bursts of ten, of everybody', lambda frame, number: frame % 30 >= 20, 100)
        self.assert_hidden('bursts of ten, one after the other', lambda frame, number: (frame + 7 * number) % 25 < 10, 100)
        self.assert_hidden('as long as the look-ahead', lambda frame, number: frame % 60 >= 60 - LOOK_AHEAD + 1, 100)

    def test_the_test_sees_what_shows(self):
        sidecar, _ = self.write_sidecar(lambda frame, number: frame % 30 >= 20)
        shown, judged = self.showing(sidecar, '--look-ahead-frames', 0, '--ttl-frames', 0)
        self.assertGreater(len(shown), judged / 5)

    def test_what_does_not_fit_into_memory_takes_two_passes(self):
        """A gap of 45 frames, of which 16 MiB hold 24: a file is read twice, a pipe can't be."""
        sidecar, dropped = self.write_sidecar(lambda frame, number: 30 <= frame < 75)
        self.assertGreater(dropped, 100)
        memory, report = ('--look-ahead-frames', 60, '--max-frame-memory', 16), self.path('report.json')
        os.mkdir(self.path('tmp'))
        self.enterContext(unittest.mock.patch.dict(os.environ, TMPDIR=self.path('tmp')))
        once, _ = self.showing(sidecar, '--look-ahead-frames', 60, '--report', report)
        with open(report) as file:
            first = json.load(file)
        twice, _ = self.showing(sidecar, *memory, '--report', report)
        with open(report) as file:
            second = json.load(file)
        self.assertEqual((once, twice), ([], []))
        self.assertEqual((first['passes'], second['passes']), (1, 2))
        for key in 'frames', 'objects', 'regions':
            self.assertEqual(first[key], second[key])
        self.assertEqual(second['detector']['name'], 'replay')
        self.assertEqual(os.listdir(self.path('tmp')), [], 'something was left behind')
        with open(self.clip, 'rb') as file:
            piped = subprocess.run([VANON, '-', '-o', self.path('piped.mkv'), '--detector', 'replay', '--sidecar', sidecar, '--codec', 'ffv1', '--json',
                                    *map(str, memory)], stdin=file, capture_output=True, text=True, timeout=60)
        self.assertEqual(piped.returncode, 0, piped.stderr)
        self.assertEqual(json.loads(piped.stdout)['passes'], 1)
        self.assertIn('looked ahead by 24, not 60', piped.stderr)

    def test_what_was_filled_in_replays_as_it_is(self):
        """Of what a run gives out, another run makes the same: nobody is held twice, and no guess is taken for a sight."""
        sidecar, _ = self.write_sidecar(lambda frame, number: frame % 30 >= 20 or frame == 5)
        made = []
        for name in 'first.jsonl', 'second.jsonl':
            self.succeed('detect', self.clip, '-o', self.path(name), '--with-regions', '--quiet', '--detector', 'replay', '--sidecar', sidecar)
            sidecar = self.path(name)
            with open(sidecar) as file:
                made.append([line for line in map(json.loads, file) if 'objects' in line])
        unseen = 0
        for first, second in zip(*made):
            def key(thing):
                return json.dumps(thing, sort_keys=True)
            self.assertEqual(sorted(first['objects'], key=key), sorted(second['objects'], key=key), first['frame'])
            self.assertEqual(len(first['regions']), len(second['regions']), first['frame'])
            unseen += sum(not found['seen'] for found in first['objects'])
        self.assertGreater(unseen, 100)


if __name__ == '__main__':
    unittest.main()

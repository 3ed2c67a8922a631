#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures vanon: kernels, stages, and whole runs beside the floor of this machine and beside deface.

usage: bench.py BUILD_FOLDER [--clip FILE[:IMGSZ]]... [--runs N] [--no-kernels] [--no-deface]

Without --clip: opencv-doc's vtest.avi scaled to 1280x720 (people), the same as it is at imgsz 1280, and a
generated clip without people. Results go to BUILD_FOLDER/bench/bench.json and bench.md.

The floor of a run is what no program can go below that decodes, examines and encodes every frame: ffmpeg's
processor seconds for decoding and encoding it with the same x264 settings, spread evenly over all cores, plus
the network's own time for as many pictures as the run looked at (bench_network: OpenVINO's throughput mode,
input ready, model compiled). It is measured before and after the runs; where the two are more than 5 % apart
something else was using the machine, and the table says so.
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

VTEST = Path('/usr/share/doc/opencv-doc/examples/data/vtest.avi')
FRAMES = 300
DEFACE = 'deface==1.5.0'
DEFACE_SCALE = '640x360'  # what it examines; a quarter of 720p's pixels


class CommandFailed(Exception):
    pass


def command_output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def timed(command):
    """Runs it; wall seconds, processor seconds, peak of resident memory in MiB."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    errors = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailed(f'{" ".join(map(str, command))} failed:\n{errors}')
    return {'wall_s': wall, 'cpu_s': used.ru_utime + used.ru_stime, 'memory_mib': used.ru_maxrss / 1024}


def best_of(runs, command, before=lambda: None):
    results = []
    for _ in range(runs):
        before()
        results.append(timed(command))
    return {key: min(result[key] for result in results) for key in results[0]}


def make_clip(path, arguments):
    if not path.exists():
        subprocess.run(['ffmpeg', '-v', 'error', '-y', *arguments, str(path)], check=True,
                       stdin=subprocess.DEVNULL)
    return path


def usual_clips(folder):
    clips = []
    if VTEST.exists():
        clips.append((make_clip(folder / 'vtest720.mp4', [
            '-i', VTEST, '-vf', 'scale=1280:720:flags=bicubic', '-frames:v', str(FRAMES), '-c:v',
            'libx264', '-preset', 'medium', '-crf', '18']), 640))
        clips.append((VTEST, 1280))
    else:
        print(f'no {VTEST} (Debian: opencv-doc): its clips are left out', file=sys.stderr)
    clips.append((make_clip(folder / 'generated720.mp4', [
        '-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30', '-frames:v', str(FRAMES), '-c:v',
        'libx264', '-preset', 'medium', '-crf', '18']), 640))
    return clips


def named_clip(text):
    name, colon, size = text.rpartition(':')
    return (Path(name), int(size)) if colon and size.isdigit() else (Path(text), 640)


def transcode_cpu(clip, runs):
    # The settings of vanon's own defaults for H.264.
    return best_of(runs, ['ffmpeg', '-y', '-v', 'error', '-i', clip, '-map', '0:v:0', '-fps_mode',
                          'passthrough', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-f',
                          'mp4', '/dev/null'])['cpu_s']


def network_ms(build, detector):
    return float(command_output(build / 'bench/bench_network', 'models/yolov8n-pose.onnx',
                                str(detector['network'][0]), str(detector['network'][1]),
                                detector['precision']))


def floor(build, clip, report, runs):
    cores = len(os.sched_getaffinity(0))
    cpu = transcode_cpu(clip, runs)
    per_picture = network_ms(build, report['detector'])
    return {'transcode_cpu_s': cpu, 'network_ms': per_picture,
            'wall_s': cpu / cores + per_picture / 1000 * report['frames']['seen']}


def stages_ms(report, key):
    """Milliseconds a frame; without the stages whose figure the report doesn't have."""
    return {stage['name']: stage[key] / max(stage['frames'], 1) * 1000
            for stage in report['stages'] if stage.get(key)}


def measure_clip(build, clip, imgsz, runs):
    output, report_file = build / 'bench/output.mp4', build / 'bench/report.json'
    command = [build / 'vanon', clip, '-o', output, '--overwrite', '--codec', 'libx264', '--imgsz',
               str(imgsz), '--report', report_file, '--quiet']
    timed(command)  # warms the file cache, and tells what the floor needs
    report = json.loads(report_file.read_text())
    floor_runs = 3 if report['frames']['out'] < 1000 else 1
    floors = [floor(build, clip, report, floor_runs)]
    best = best_of(runs, command)
    report = json.loads(report_file.read_text())
    floors.append(floor(build, clip, report, floor_runs))
    mean = sum(one['wall_s'] for one in floors) / 2
    frames = report['frames']['out']
    return {
        'clip': clip.name, 'size': report['size'], 'frames': frames, 'seen': report['frames']['seen'],
        'imgsz': imgsz, 'precision': report['detector']['precision'], **best,
        'fps': frames / best['wall_s'], 'floors': floors, 'floor_s': mean,
        'times_the_floor': best['wall_s'] / mean,
        'quiet': abs(floors[0]['wall_s'] - floors[1]['wall_s']) <= 0.05 * mean,
        'output_size': output.stat().st_size / clip.stat().st_size,
        'stages_ms': stages_ms(report, 'seconds'), 'stages_cpu_ms': stages_ms(report, 'cpu_seconds'),
    }


def start_up(build):
    """Seconds from the start of the process to the end of a run over one frame."""
    clip = make_clip(build / 'bench/one.mp4', ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720',
                                               '-frames:v', '1', '-c:v', 'libx264'])
    return best_of(5, [build / 'vanon', clip, '-o', build / 'bench/one.md5', '--overwrite', '--codec',
                       'md5', '--quiet'])['wall_s']


def install_deface(build):
    """The program's path; None, with a word, where it can't be had."""
    folder = build / 'bench/deface'
    program = folder / 'bin/deface'
    if program.exists():
        return program
    try:
        subprocess.run([sys.executable, '-m', 'venv', folder], check=True, capture_output=True)
        subprocess.run([folder / 'bin/python', '-m', 'pip', '--disable-pip-version-check', 'install',
                        '--quiet', DEFACE, 'onnx', 'onnxruntime'], check=True, capture_output=True,
                       text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        lines = (getattr(error, 'stderr', None) or str(error)).strip().splitlines()
        print(f'deface can\'t be installed and is left out: {lines[-1] if lines else error}',
              file=sys.stderr)
        return None
    return program


def measure_deface(program, build, clip, runs):
    output = build / 'bench/deface.mp4'
    return best_of(runs, [program, clip, '--output', output, '--scale', DEFACE_SCALE, '--ffmpeg-config',
                          json.dumps({'codec': 'libx264', 'quality': None, 'output_params':
                                      ['-preset', 'veryfast', '-crf', '20']})],
                   before=lambda: output.unlink(missing_ok=True))


def machine():
    model = next((line.split(':', 1)[1].strip() for line in open('/proc/cpuinfo', encoding='utf-8')
                  if line.startswith('model name')), platform.machine())
    return {'processor': model, 'cores': len(os.sched_getaffinity(0)),
            'memory_gib': round(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30),
            'load': os.getloadavg()[0], 'date': datetime.date.today().isoformat(),
            'system': platform.release()}


def table(header, rows):
    lines = ['| ' + ' | '.join(header) + ' |', '|' + ' --- |' * len(header)]
    return '\n'.join(lines + ['| ' + ' | '.join(map(str, row)) + ' |' for row in rows])


def kernels_table(kernels):
    levels = [name for name in ('c', 'avx2', 'avx512', 'neon')
              if any(name in kernel['milliseconds'] for kernel in kernels)]
    return table(['kernel, milliseconds a run', *levels],
                 [[kernel['name'], *(f'{kernel["milliseconds"].get(level, 0):.3f}' for level in levels)]
                  for kernel in kernels])


def runs_table(runs):
    rows = []
    for run in runs:
        deface = run.get('deface')
        rows.append([f'{run["clip"]}, {run["frames"]} frames, imgsz {run["imgsz"]}, {run["precision"]}',
                     f'{run["wall_s"]:.2f}', f'{run["fps"]:.0f}', f'{run["floor_s"]:.2f}',
                     f'{run["times_the_floor"]:.2f}' + ('' if run['quiet'] else ' (not quiet)'),
                     f'{run["cpu_s"]:.2f}', f'{run["memory_mib"]:.0f}', f'{run["output_size"]:.2f}',
                     f'{deface["wall_s"]:.2f}' if deface else '-'])
    return table(['clip', 'seconds', 'fps', 'floor', 'times the floor', 'CPU seconds', 'MiB',
                  'output / input', f'deface, {DEFACE_SCALE}'], rows)


def stages_table(runs, key, title):
    names = list(dict.fromkeys(name for run in runs for name in run[key]))
    if not names:
        return 'The report has no ' + title + '.'
    return table([title, *names],
                 [[run['clip'], *(f'{run[key].get(name, 0):.2f}' for name in names)] for run in runs])


def report_text(results):
    about = results['machine']
    parts = [f'{about["date"]}, {about["processor"]}, {about["cores"]} cores, {about["memory_gib"]} GiB, '
             f'load {about["load"]:.2f} at the start']
    if 'kernels' in results:
        parts.append(kernels_table(results['kernels']))
    parts += [runs_table(results['runs']),
              stages_table(results['runs'], 'stages_ms', 'wall milliseconds a frame inside each stage'),
              stages_table(results['runs'], 'stages_cpu_ms', 'processor milliseconds a frame'),
              f'One frame, from the start of the process to its end: {results["start_s"]:.2f} s']
    return '\n\n'.join(parts) + '\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', type=Path)
    parser.add_argument('--clip', action='append', type=named_clip, default=[])
    parser.add_argument('--runs', type=int, default=3)
    parser.add_argument('--no-kernels', action='store_true')
    parser.add_argument('--no-deface', action='store_true')
    options = parser.parse_args()
    build = options.build.resolve()
    os.chdir(Path(__file__).resolve().parent.parent)
    results = {'machine': machine(), 'runs': []}
    if not options.no_kernels:
        subprocess.run([build / 'bench/bench_kernels', build / 'bench/kernels.json'], check=True)
        results['kernels'] = json.loads((build / 'bench/kernels.json').read_text())
    deface = None if options.no_deface else install_deface(build)
    for clip, imgsz in options.clip or usual_clips(build / 'bench'):
        run = measure_clip(build, clip, imgsz, options.runs)
        try:
            if deface:
                run['deface'] = measure_deface(deface, build, clip, 1)
        except CommandFailed as failure:
            print(f'deface is left out of {clip.name}: {failure}', file=sys.stderr)
        results['runs'].append(run)
        print(f'{clip.name}: {run["wall_s"]:.2f} s, {run["times_the_floor"]:.2f} times the floor', flush=True)
    results['start_s'] = start_up(build)
    (build / 'bench/bench.json').write_text(json.dumps(results, indent=1) + '\n')
    (build / 'bench/bench.md').write_text(report_text(results))
    print(report_text(results))
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except CommandFailed as failure:
        sys.exit(f'bench: {failure}')

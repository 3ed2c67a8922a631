# SPDX-License-Identifier: Apache-2.0
"""What the command tells of itself and of the machine: topics of the help, vanon info, the manual page, completion."""
import json
import os
import re
import shlex
import shutil
import subprocess
import unittest

from support import ROOT, Case, vanon

EXIT_CODES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143)
COMMANDS = ('detect', 'apply', 'explain', 'verify', 'info', 'help')


def keys():
    """The key of every option, from the library's table."""
    lines = vanon('--dump-config').stdout.splitlines()
    return [line.split(':')[0] for line in lines if line and not line.startswith('#')]


def taken(flag):
    """The words that an option takes, from the message of the library that lists them."""
    message = vanon('--dump-config', flag, '?').stderr
    return re.search(r'(?:list|one) of (.*)$', message.strip()).group(1).split(', ')


def flags():
    return sorted(set(re.findall(r'(?m)^ +(?:-\w, )?--([a-z-]+)', vanon('--help').stdout)))


def readme():
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        return file.read()


class Examples(Case):
    """Command lines that README and the help print."""

    def lines(self):
        for line in re.findall(r'(?m)^    (vanon .*)$', readme()):
            yield line.split(' #')[0].strip()
        yield from re.findall(r'(?m)^  (vanon .*)$', vanon('--help').stdout.split('\nExamples:\n')[1])
        for command in COMMANDS:
            yield from re.findall(r'(?m)^  Example: (vanon .*)$', vanon('help', command).stdout)

    def test_all_are_understood(self):
        """In a folder without any of their files: what is missing is told, and nothing is wrong with the words."""
        config = os.path.join(self.folder, 'configs')
        shutil.copytree(os.path.join(ROOT, 'configs'), config)
        shutil.copy(os.path.join(config, 'cpu_optimized.yaml'), self.path('cpu.yaml'))
        lines = set(self.lines())
        self.assertGreater(len(lines), 20)
        for line in sorted(lines):
            with self.subTest(line=line):
                result = vanon(*shlex.split(line)[1:], cwd=self.folder)
                self.assertIn(result.returncode, (0, 3), result.stderr)
                self.assertNotIn('no effect', result.stderr)
                if result.returncode:
                    self.assertRegex(result.stderr, r'(?m)^vanon: error: .*(No such file|is not a media file)')

    def test_exit_codes(self):
        """The table of README has those of the help, in other words where it says more."""
        codes = re.findall(r'(?m)^\| ([0-9, ]+) \| ', readme())
        self.assertEqual([int(code) for row in codes for code in row.split(', ')], list(EXIT_CODES))
        self.assertEqual([int(code) for code in re.findall(r'(?m)^ +(\d+)  ', vanon('--help=exit-codes').stdout)], list(EXIT_CODES))


class Help(Case):
    def topic(self, name):
        result = self.succeed(f'--help={name}')
        self.assertEqual(result.stderr, '')
        for line in result.stdout.splitlines():
            self.assertLessEqual(len(line), 80, (name, line))
        return result.stdout

    def test_every_option(self):
        found = keys()
        self.assertGreater(len(found), 40)
        for key in found:
            text = self.topic('--' + key)
            self.assertRegex(text, r'\A(-\w, )?--[a-z-]+')
            self.assertIn('\n  Default: ', text)
            self.assertIn(f'\n  In a configuration: {key}: ', text)
            self.assertIn('\n  Example: vanon ', text)

    def test_every_example_is_taken(self):
        for key in keys():
            text = self.topic('--' + key)
            line = re.search(r'\n  Example: vanon (.*)\n', text).group(1)
            with self.subTest(line=line):
                self.succeed('--dump-config', *shlex.split(line))
            config = self.path('config.yaml')
            with open(config, 'w', encoding='utf-8') as file:
                file.write(re.search(r'In a configuration: (.*)\n', text).group(1) + '\n')
            with self.subTest(config=key):
                self.succeed('--dump-config', '--config', config)

    def test_an_option_by_all_its_names(self):
        text = self.topic('safety_margin_px')
        for name in ('safety-margin-px', 'safety-margin', 'safety', '--safety', '--safety_margin_px'):
            self.assertEqual(self.topic(name), text)
        self.assertIn('Takes a number from 0 to 1000.', text)
        self.assertEqual(self.topic('-o'), self.topic('output'))

    def test_the_commands_own_options(self):
        for name in ('config', 'dump-config', 'help', 'version', 'man', 'completion'):
            text = self.topic(name)
            self.assertIn('\n  Example: vanon ', text)
            self.assertNotIn('In a configuration', text)

    def test_every_word_of_parts_styles_and_pipelines(self):
        for topic, flag, title in (('parts', '--parts', 'Part'), ('styles', '--style', 'Style'),
                                   ('pipelines', '--pipeline', 'Pipeline')):
            listed = self.topic(topic)
            words = taken(flag)
            self.assertGreater(len(words), 3)
            for word in words:
                self.assertRegex(listed, rf'(?m)^  {word}  ')
                text = self.topic(word)
                self.assertTrue(text.startswith(f'{title} {word}\n  '), text)
                self.assertIn(f' {flag} {word}\n', text)

    def test_no_word_that_an_option_refuses(self):
        for topic, flag in (('parts', '--parts'), ('styles', '--style'), ('pipelines', '--pipeline')):
            for word in re.findall(r'(?m)^  ([a-z-]+)  ', self.topic(topic)):
                self.succeed('--dump-config', flag, word)

    def test_size_and_strength_are_told(self):
        for part in set(taken('--parts')) - {'all'}:
            self.assertRegex(self.topic(part), r'circle|ellipse|[Cc]apsule|box', part)
        for style in ('mosaic', 'gaussian', 'boxblur', 'solid'):
            self.assertRegex(self.topic(style), r'safe|help who', style)

    def test_lists(self):
        for code in EXIT_CODES:
            self.assertRegex(self.topic('exit-codes'), rf'(?m)^ +{code}  \w')
        for command in COMMANDS:
            self.assertIn(f'\n  {command}  ', self.topic('commands'))
            self.assertTrue(self.topic(command).startswith(f'Command {command}\n'))

    def test_unknown_topics(self):
        for typed, nearest in (('elbow', 'elbows'), ('--confidance', 'confidence'), ('exitcodes', 'exit-codes'),
                               ('mosiac', 'mosaic'), ('stile', 'style'), ('detects', 'detect')):
            self.fail_with(2, [f"--help: no topic '{typed}'; did you mean '{nearest}'?"], f'--help={typed}')
        for typed in ('zebra', '--', '-', 'x' * 500, '--solid'):
            self.fail_with(2, ['--help: no topic '], f'--help={typed}')

    def test_the_next_word_is_the_topic(self):
        self.assertEqual(self.succeed('--help', 'solid').stdout, self.topic('solid'))
        self.assertEqual(self.succeed('-h', 'solid').stdout, self.topic('solid'))
        self.assertEqual(self.succeed('--help', '--json').stdout, vanon('--help').stdout)
        self.assertEqual(self.succeed('--help=').stdout, vanon('--help').stdout)


class Info(Case):
    def found(self, *arguments, **more):
        result = self.succeed('info', '--json', *arguments, **more)
        self.assertEqual(result.stderr, '')
        return {section: {row['name']: row for row in rows} for section, rows in json.loads(result.stdout).items()}

    def test_json(self):
        found = self.found()
        self.assertEqual(f"vanon {found['build']['version']['value']}\n", vanon('--version').stdout)
        for name in ('libavformat', 'libavcodec', 'openvino', 'libyaml', 'jansson'):
            self.assertRegex(found['libraries'][name]['value'], r'^\d+\.\d+')
        self.assertEqual(found['machine']['processors']['value'], len(os.sched_getaffinity(0)))
        self.assertGreater(found['machine']['memory_mib']['value'], 64)
        self.assertIn('FP32', found['devices']['CPU']['note'])
        self.assertTrue(found['devices']['CPU']['value'])
        self.assertFalse(found['plugins']['cuda']['there'])
        self.assertEqual(found['encoders']['h264']['value'], 'libx264')
        self.assertEqual(found['containers']['.mp4'],
                         {'name': '.mp4', 'value': 'mp4', 'note': 'libx264', 'there': True})
        self.assertIn('yuv420p', found['pixel_formats'])
        for section in found.values():
            for row in section.values():
                self.assertTrue(row['there'] or row['note'], row)

    def test_encoders_are_those_that_are_used(self):
        """A word that is listed is a codec; one that FFmpeg lacks isn't."""
        listed = subprocess.run(['ffmpeg', '-hide_banner', '-encoders'], check=True, capture_output=True, text=True)
        names = set(re.findall(r'(?m)^ V\S+ (\S+)', listed.stdout))
        for row in self.found()['encoders'].values():
            if row['there']:
                self.assertIn(row['value'], names)

    def test_model(self):
        found = self.found()['model']
        self.assertEqual(found['pose_model']['value'].split('/')[-1], 'yolov8n-pose.onnx')
        self.assertIn('unaltered', found['sha256']['note'])
        altered = self.path('yolov8n-pose.onnx')
        with open(altered, 'wb') as file:
            file.write(b'\x08altered')
        found = self.found(env={**os.environ, 'VANON_MODELS': self.folder})['model']
        self.assertFalse(found['pose_model']['there'])
        self.assertIn('altered or damaged', found['pose_model']['note'])
        found = self.found('--pose-model', altered)['model']
        self.assertEqual(found['sha256']['note'], 'not the shipped model')
        found = self.found('--pose-model', self.path('none.onnx'))['model']
        self.assertFalse(found['pose_model']['there'])

    def test_cascades(self):
        found = self.found('--eye-cascade', self.path('none.xml'))['cascades']
        self.assertFalse(found['eye_cascade']['there'])
        self.assertIn('opencv-data', found['eye_cascade']['note'])

    def test_text(self):
        result = self.succeed('info')
        sections = [line[:-1].lower().replace(' ', '_') for line in result.stdout.splitlines()
                    if line and not line.startswith(' ')]
        self.assertEqual(sections, list(self.found()))
        self.assertRegex(result.stdout, r'(?m)^  cuda +missing: ')
        self.assertRegex(result.stdout, r'(?m)^  h264 +libx264$')
        self.assertRegex(result.stdout, r'(?m)^  gray .* yuv420p ')

    def test_a_file_of_that_name(self):
        self.fail_with(3, ['info'], '--', 'info', cwd=self.folder)


class Manual(Case):
    def test_everything_is_in_it(self):
        page = self.succeed('--man').stdout
        self.assertTrue(page.startswith('.TH VANON 1 '))
        for flag in flags():
            self.assertIn('\\fB\\-\\-' + flag.replace('-', '\\-') + '\\fR', page)
        for word in taken('--parts') + taken('--style') + taken('--pipeline'):
            self.assertIn('\n\\fB' + word.replace('-', '\\-') + '\\fR\n', page)
        for section in ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'COMMANDS', 'PARTS', 'STYLES', 'EXIT STATUS',
                        'EXAMPLES'):
            self.assertIn(f'\n.SH {section}\n', page)
        for variable in 'VANON_MODELS', 'VANON_CASCADES', 'VANON_PLUGINS', 'TMPDIR', 'XDG_CACHE_HOME':
            self.assertIn(f'\n\\fB{variable}\\fR\n', page)
        for code in EXIT_CODES:
            self.assertIn(f'\n\\fB{code}\\fR\n', page)
        requests = set(re.findall(r"(?m)^(['.]\w*)", page))
        self.assertEqual(requests, {'.TH', '.SH', '.SS', '.TP', '.PP', '.nf', '.fi'})

    @unittest.skipUnless(shutil.which('groff'), 'there is no groff')
    def test_renders_without_a_warning(self):
        page = self.succeed('--man').stdout
        shown = subprocess.run(['groff', '-man', '-Tutf8', '-ww'], input=page, capture_output=True, text=True, timeout=60,
                               check=True)
        self.assertEqual(shown.stderr, '')
        self.assertIn('vanon', shown.stdout)


class Completion(Case):
    def script(self, shell):
        path = self.path('completion.' + shell)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(self.succeed('--completion', shell).stdout)
        return path

    def complete(self, *words):
        """What bash offers for the last of the words."""
        script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vanon; ' \
                 'for word in "${COMPREPLY[@]}"; do echo "$word"; done'
        shown = subprocess.run(['bash', '-c', script, 'bash', self.script('bash'), 'vanon', *words], cwd=self.folder,
                               capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(shown.stderr, '')
        return shown.stdout.splitlines()

    def test_bash_flags(self):
        self.assertEqual(self.complete('--conf'), ['--config', '--confidence'])
        self.assertEqual(self.complete('in.mp4', '--overw'), ['--overwrite'])
        self.assertEqual(sorted(set(word[2:] for word in self.complete('--') if word != '--')),
                         sorted(set(flags()) | {'safety', 'ttl'}))

    def test_bash_values(self):
        self.assertEqual(self.complete('--parts', ''), taken('--parts'))
        self.assertEqual(self.complete('--parts', 'eyes,he'), ['eyes,head'])
        self.assertEqual(self.complete('--style', 's'), ['solid'])
        self.assertEqual(self.complete('--style', '=', 's'), ['solid'])
        self.assertEqual(self.complete('--precision', '='), ['auto', 'f32', 'bf16', 'f16', 'int8'])
        self.assertEqual(self.complete('--ttl', ''), [])
        self.assertEqual(self.complete('--completion', ''), ['bash', 'zsh', 'fish'])
        self.assertIn('exit-codes', self.complete('--help', ''))

    def test_bash_files_and_commands(self):
        for name in ('in one.mp4', 'inner.mkv', 'out.mp4'):
            with open(self.path(name), 'w', encoding='utf-8'):
                pass
        self.assertEqual(sorted(self.complete('in')), ['in one.mp4', 'info', 'inner.mkv'])
        self.assertEqual(sorted(self.complete('x.mp4', 'in')), ['in one.mp4', 'inner.mkv'])
        self.assertEqual(self.complete('-o', 'o'), ['out.mp4'])
        self.assertEqual(self.complete('--report', 'o'), ['out.mp4'])
        self.assertEqual(self.complete('det'), ['detect'])

    def test_syntax(self):
        for shell, check in (('bash', '-n'), ('zsh', '-n'), ('fish', '--no-execute')):
            path = self.script(shell)
            if shutil.which(shell):
                result = subprocess.run([shell, check, path], capture_output=True, text=True, timeout=60)
                self.assertEqual((result.returncode, result.stderr), (0, ''), shell)

    def test_every_flag_is_in_each(self):
        with open(self.script('zsh'), encoding='utf-8') as file:
            zsh = file.read()
        with open(self.script('fish'), encoding='utf-8') as file:
            fish = file.read()
        self.assertTrue(zsh.startswith('#compdef vanon\n'))
        for flag in flags():
            self.assertRegex(zsh, rf"'--{flag}=?\[")
            self.assertRegex(fish, rf'(?m)^complete -c vanon -l {flag} ')
        for word in taken('--parts'):
            self.assertRegex(zsh, rf"--parts=.* {word}[ ']")

    def test_other_shells(self):
        self.fail_with(2, ["--completion: 'tcsh' is not allowed; one of bash, zsh, fish"], '--completion', 'tcsh')
        self.fail_with(2, ['--completion: needs a value'], '--completion')


if __name__ == '__main__':
    unittest.main()

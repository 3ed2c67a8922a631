# SPDX-License-Identifier: Apache-2.0
"""The command line and configuration files of vanon; no video is needed.

VANON names the program to test (default: build/vanon in the source tree)."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VANON = os.path.abspath(os.environ.get("VANON", ROOT / "build" / "vanon"))

KEYS = """input output format input_format hwdec start duration overwrite report with_regions quiet json
log_every stats detector sidecar pose_model confidence iou_threshold max_det imgsz precision
half_precision device look_budget detect_every expect_people eye_detector eye_cascade face_cascade parts
style mosaic_block blur_kernel exact_styles safety_margin_px ttl_frames on_error codec preset
crf pixel_format audio keep pipeline batch_size cpu_threads opencv_threads frame_queue_size
result_queue_size max_frame_memory stall_seconds look_ahead_frames subtitles
keep_person only_person region zone_leave zone_hide hide_span frame strict sheet""".split()


def run(*arguments, **options):
    return subprocess.run([VANON, *arguments], stdin=subprocess.DEVNULL, text=True, timeout=60,
                          stdout=options.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE,
                          **options)


def settings(*arguments):
    """What --dump-config prints, as a dictionary of text."""
    result = run("--dump-config", *arguments)
    assert result.returncode == 0, result.stderr
    lines = [line for line in result.stdout.splitlines() if line and not line.startswith("#")]
    return {key: value for key, value in (line.split(": ", 1) for line in lines)}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vanon-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def config(self, text, name="config.yaml"):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def assert_refused(self, arguments, *words):
        result = run(*arguments)
        self.assertEqual(result.returncode, 2, (arguments, result.stderr))
        self.assertEqual(result.stdout, "")
        self.assertRegex(result.stderr, r"\Avanon: error: [^\n]*\n\Z")
        for word in words:
            self.assertIn(word, result.stderr)

    def assert_config_refused(self, text, *words):
        self.assert_refused(["--dump-config", "--config", self.config(text)], "config.yaml", *words)


class Help(Case):
    def test_lists_every_option(self):
        result = run("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        flags = set(re.findall(r"--([a-z-]+)", result.stdout))
        for key in KEYS:
            flag = {"safety_margin_px": "safety-margin"}.get(key, key.replace("_", "-"))
            self.assertIn(flag, flags)
        self.assertLessEqual({"config", "help", "version", "dump-config", "ttl", "safety"}, flags)
        for group in ("Files", "Messages", "Detection", "Hiding", "Encoding", "Exit codes",
                      "Examples"):
            self.assertRegex(result.stdout, rf"(?m)^{group}:$")
        for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 130, 143):
            self.assertRegex(result.stdout, rf"(?m)^ +{code}  \w")

    def test_fits_a_terminal(self):
        for line in run("--help").stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_short_form_goes_before_the_rest(self):
        result = run("in.mp4", "-h", "--style", "blurr")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stdout, run("--help").stdout)

    def test_version(self):
        result = run("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"\Avanon \d+\.\d+\.\d+\n\Z")

    def test_no_arguments(self):
        result = run()
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertTrue(result.stderr.startswith("usage: vanon [options] INPUT -o OUTPUT\n"))

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_output_that_is_full(self):
        with open("/dev/full", "w") as full:
            result = run("--help", stdout=full)
        self.assertEqual(result.returncode, 4)
        self.assertIn("standard output: No space left", result.stderr)


class Flags(Case):
    def test_unknown(self):
        self.assert_refused(["--confidance", "1"],
                            "unknown option '--confidance'; did you mean '--confidence'?")
        self.assert_refused(["--batchsize=1"], "'--batchsize'", "'--batch-size'")
        self.assert_refused(["-parts", "eyes"], "'-parts'; did you mean '--parts'?")
        self.assert_refused(["--confg", "x"], "did you mean '--config'?")
        self.assert_refused(["--quite-another"], "'--quite-another'; vanon --help lists all")
        self.assert_refused(["-x"], "unknown option '-x'")
        self.assert_refused(["--no-parts"], "unknown option '--no-parts'")
        self.assert_refused(["--no-help"], "unknown option '--no-help'")
        self.assert_refused(["--no-json=true"], "unknown option '--no-json'")
        self.assert_refused(["--=1"], "unknown option '--'")

    def test_values_that_are_not_allowed(self):
        for flag, value, allowed in (
                ("--pipeline", "turbo", "cpu-gpu, batch, ultra, multithread"),
                ("--parts", "nose", "all, eyes, elbows, face, head"),
                ("--style", "blurr", "mosaic, pixelate, gaussian, boxblur, solid"),
                ("--blur-kernel", "24", "an odd number from 3 to 999"),
                ("--device", "tpu", "auto, cpu, gpu, npu"),
                ("--device", "cuda:x", "cuda: and its number"),
                ("--precision", "f64", "auto, f32, bf16, f16, int8"),
                ("--detector", "haar", "openvino, null, replay"),
                ("--on-error", "ignore", "stop, hide"),
                ("--audio", "loud", "copy, aac, drop, mute"),
                ("--keep", "everything", "tags, data, attachments, cover, video"),
                ("--detect-every", "9", "auto or a whole number from 1 to 8"),
                ("--confidence", "1.5", "a number from 0 to 1"),
                ("--confidence", "nan", "a number from 0 to 1"),
                ("--confidence", "0.5x", "a number from 0 to 1"),
                ("--confidence", "0,5", "a number from 0 to 1"),
                ("--iou-threshold", "-1", "a number from 0 to 1"),
                ("--safety-margin", "-1", "a number from 0 to 1000"),
                ("--safety", "inf", "a number from 0 to 1000"),
                ("--ttl", "-1", "a whole number from 0 to 10000"),
                ("--ttl-frames", "1e3", "a whole number from 0 to 10000"),
                ("--batch-size", "0", "auto or a whole number from 1 to 64"),
                ("--batch-size", "99999999999999999999", "auto or a whole number from 1 to 64"),
                ("--frame-queue-size", "33", "auto or a whole number from 1 to 32"),
                ("--imgsz", "5000", "auto or a whole number from 16 to 4096"),
                ("--max-frame-memory", "", "a whole number from 16 to 65536")):
            with self.subTest(flag=flag, value=value):
                message = f"vanon: error: {flag}: '{value}' is not allowed; "
                self.assert_refused([flag, value, "in.mp4"], message, allowed)
                self.assert_refused(["in.mp4", f"{flag}={value}"], message, allowed)

    def test_options_of_another_command(self):
        path = str(self.folder / "a.mp4")
        for arguments, expected in ((["--frame", "3", path], "--frame has no effect here; it is for vanon explain"),
                                    (["--with-regions", path], "it is for vanon detect"),
                                    (["--sheet", "s.png", path], "--sheet has no effect here; it is for vanon verify and --strict"),
                                    (["explain", "--frame", "3", path], None), (["verify", "--sheet", "s.png", path, "b.mp4"], None),
                                    (["--strict", "--sheet", "s.png", path], None)):
            with self.subTest(arguments=arguments):
                said = run(*arguments).stderr
                self.assertIn("a.mp4: No such file", said)
                self.assertEqual(said.count("has no effect here"), expected is not None)
                self.assertIn(expected or "", said)

    def test_values_that_contradict_each_other(self):
        self.assert_refused(["--keep-person", "1,2", "--only-person", "3,2", "in.mp4"], "keep_person and only_person both name 2;")

    def test_values_that_are_missing(self):
        self.assert_refused(["--parts"], "--parts: needs a value: PART,...")
        self.assert_refused(["--parts", "--json"], "--parts: needs a value")
        self.assert_refused(["in.mp4", "-o"], "-o: needs a value: FILE")
        self.assert_refused(["--help=yes"], "--help: no topic 'yes'")

    def test_inputs(self):
        self.assert_refused(["--dump-config", "a.mp4", "b.mp4"], "a configuration names one input, here are 2")
        self.assert_refused(["--dump-config", "--input", "a.mp4", "b.mp4"], "a configuration names one input")
        self.assert_refused(["--quiet"], "no input")
        self.assert_refused([""], "no input")
        self.assert_refused(["detect"], "no input; usage: vanon detect ")
        self.assertEqual(settings("a.mp4")["input"], "a.mp4")
        self.assertEqual(settings("--", "--a.mp4")["input"], '"--a.mp4"')
        self.assertEqual(settings("--", "detect")["input"], "detect")
        self.assertEqual(settings("detect", "a.mp4")["input"], "a.mp4")
        self.assertEqual(settings("--json", "detect", "a.mp4", "-q")["input"], "a.mp4")

    def test_words_of_commands(self):
        """Too many, too few, or one that a flag names, too: refused, with the command's own usage."""
        for command, words, reason in (
                ("info", ["x"], "x: too much"),
                ("help", ["parts", "y"], "y: too much"),
                ("verify", [], "no input"),
                ("verify", ["a.mp4"], "no output"),
                ("verify", ["a.mp4", "b.mp4", "c.mp4"], "c.mp4: too much"),
                ("verify", ["a.mp4", "b.mp4", "-o", "c.mp4"], "b.mp4: is named by a flag, too"),
                ("verify", ["--input", "a.mp4", "b.mp4", "c.mp4"], "b.mp4: is named by a flag, too"),
                ("apply", ["a.mp4"], "no sidecar"),
                ("apply", ["a.mp4", "b.jsonl", "c"], "c: too much"),
                ("explain", ["--frame", "1"], "no input")):
            with self.subTest(command=command, words=words):
                self.assert_refused([command, *words], reason, f"; usage: vanon {command} ")
        for arguments in (["verify", "a.mp4", "-o", "b.mp4"], ["verify", "--config", self.config("input: a.mp4\noutput: b.mp4\n")]):
            result = run(*arguments)  # is not refused for its words
            self.assertEqual(result.returncode, 3, result.stderr)
            self.assertIn("a.mp4: No such file", result.stderr)
        self.assertEqual(run("help", "parts").stdout, run("--help", "parts").stdout)
        self.assertEqual(run("help").stdout, run("--help").stdout)

    def test_help_of_a_command(self):
        text = run("help", "verify").stdout
        self.assertIn("Usage: vanon verify [options] ORIGINAL OUTPUT", text)
        self.assertIn("Example: vanon verify in.mp4 out.mp4 --sheet worst.png\n", text)
        self.assertEqual(run("verify", "--help").stdout, text)
        self.assertEqual(run("verify", "a.mp4", "-h").stdout, text)
        self.assertEqual(run("verify", "--help", "parts").stdout, run("help", "parts").stdout)

    def test_words_that_are_no_files(self):
        """A mistyped command, and a part behind a space, are told before anything is done to the other words."""
        (self.folder / "a.mp4").write_bytes(b"x")
        other = str(self.folder / "a.mp4")
        for words, reason in ((["dectect", other], "dectect: neither a file nor a command; did you mean 'detect'?"),
                              (["Verify", other, other], "did you mean 'verify'?"),
                              (["--parts", "eyes", "elbows", other], "elbows: is no file; several parts are joined by commas: --parts eyes,elbows"),
                              ([other, "--parts", "eyes", "elbows"], "--parts eyes,elbows")):
            with self.subTest(words=words):
                self.assert_refused([*words, "-o", str(self.folder / "out.mp4")], reason)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["a.mp4"])

    def test_a_file_named_like_a_part(self):
        (self.folder / "elbows").write_bytes(b"x")
        result = run("elbows", "-o", str(self.folder / "out.mp4"), cwd=self.folder)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("input elbows: is not a media file", result.stderr)

    def test_input_that_is_missing(self):
        result = run(str(self.folder / "none.mp4"), "-o", str(self.folder / "out.mp4"))
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("none.mp4", result.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_names_of_the_replaced_program(self):
        found = settings("--input", "a", "--output", "b", "--pipeline", "speed", "--batch-size",
                         "4", "--device", "cuda:1", "--confidence", "0.5", "--safety-margin", "3",
                         "--ttl", "7", "--parts", "elbows", "--style", "solid")
        for key, value in dict(input="a", output="b", pipeline="ultra", batch_size="4",
                               device='"cuda:1"', confidence="0.5", safety_margin_px="3",
                               ttl_frames="7", parts="elbows", style="solid").items():
            self.assertEqual(found[key], value)
        self.assertEqual(settings("--safety", "4")["safety_margin_px"], "4")
        self.assertEqual(settings("--safety-margin-px=5")["safety_margin_px"], "5")
        self.assertEqual(settings("-o", "b")["output"], "b")

    def test_every_key_is_a_flag(self):
        found = settings()
        self.assertEqual(sorted(found), sorted(KEYS))
        for key, value in found.items():
            flag = f"--{key.replace('_', '-')}={value.strip(chr(34))}"
            self.assertEqual(settings(flag), found)

    def test_switches(self):
        self.assertEqual(settings("--overwrite")["overwrite"], "true")
        self.assertEqual(settings("--overwrite", "--no-overwrite")["overwrite"], "false")
        self.assertEqual(settings("--overwrite=no")["overwrite"], "false")

    def test_the_last_one_counts(self):
        self.assertEqual(settings("--ttl", "1", "--ttl-frames", "2")["ttl_frames"], "2")

    def test_info_takes_no_input(self):
        result = run("info", "clip.mp4")
        self.assertEqual(result.returncode, 2)
        self.assertIn("clip.mp4: too much", result.stderr)

    def test_quiet_warnings(self):
        result = run("--dump-config", "--imgsz", "630")
        self.assertEqual(result.stderr,
                         "vanon: warning: --imgsz: 630 is rounded up to 640, a multiple of 32\n")
        result = run("--dump-config", "--imgsz", "630", "-q")
        self.assertEqual(result.stderr, "")


class Configuration(Case):
    def test_defaults(self):
        found = settings()
        for key, value in dict(
                input='""', parts="eyes,elbows", style="mosaic", mosaic_block="16",
                safety_margin_px="12", ttl_frames="5", confidence="0.3", iou_threshold="0.7",
                max_det="300", log_every="30", device="auto", batch_size="auto", imgsz="auto",
                precision="auto", pipeline="cpu-gpu", pose_model="yolov8n-pose.pt", keep="none",
                on_error="stop", audio="copy", codec="auto", max_frame_memory="256").items():
            self.assertEqual(found[key], value, key)

    def test_dump_loads_again(self):
        changed = ["--style", "eyes=solid,body=gaussian", "--parts", "elbows", "--detector", "null",
                   "--safety", "eyes=20,body=5.5", "--exact-styles", "--blur-kernel", "31",
                   "--keep", "tags,video", "--device", "cuda:0", "--crf", "18.5", "--overwrite",
                   "--confidence", "0.12345678901234567", "--preset", "null", "--report",
                   'a "b"\\c: #d\n\té', "--sidecar", "~", "--", "- in: put.mp4 "]
        dumped = run("--dump-config", *changed)
        self.assertEqual(dumped.returncode, 0, dumped.stderr)
        again = run("--dump-config", "--config", self.config(dumped.stdout))
        self.assertEqual((again.returncode, again.stderr), (0, ""))
        self.assertEqual(again.stdout, dumped.stdout)
        self.assertNotEqual(dumped.stdout, run("--dump-config").stdout)

    def test_dump_explains_each_key(self):
        lines = run("--dump-config").stdout.splitlines()
        for i, line in enumerate(lines):
            self.assertLessEqual(len(line), 80)
            if line and not line.startswith("#"):
                self.assertRegex(lines[i - 1], r"^# .*\.$")

    def test_precedence(self):
        config = self.config("ttl_frames: 9\nstyle: solid\noverwrite: true\n")
        for arguments in (["--config", config, "--ttl", "2", "--no-overwrite"],
                          ["--ttl", "2", "--no-overwrite", f"--config={config}"]):
            found = settings(*arguments)
            self.assertEqual((found["ttl_frames"], found["style"], found["overwrite"],
                              found["max_det"]), ("2", "solid", "false", "300"))
        other = self.config("ttl_frames: 8\n", "other.yaml")
        found = settings("--config", config, "--config", other)
        self.assertEqual((found["ttl_frames"], found["style"]), ("8", "solid"))

    def test_shipped_ones(self):
        for name, batch_size, device in (("gpu_optimized", "16", "auto"),
                                         ("cpu_optimized", "1", "cpu")):
            found = settings("--config", str(ROOT / "configs" / f"{name}.yaml"))
            self.assertEqual((found["batch_size"], found["device"], found["parts"]),
                             (batch_size, device, "eyes,elbows"))

    def test_unknown_keys_and_values(self):
        self.assert_config_refused("confidence: 0.5\n\nstyel: solid\n",
                                   ":3: unknown option 'styel'; did you mean 'style'?")
        self.assert_config_refused("confidence: 0.5\nstyle: blurr\n",
                                   ":2: style: 'blurr' is not allowed; one of mosaic, pixelate, gaussian, boxblur, solid")
        self.assert_config_refused("batch_size: 0.5\n", ":1: batch_size: '0.5' is not allowed")
        self.assert_config_refused("parts: [eyes, nose]\n", ":1: parts: 'nose' is not allowed")

    def test_broken_files(self):
        self.assert_config_refused("input: a\nttl_frames: 3\ninput: b\n",
                                   ":3: input: given twice; first in line 1")
        self.assert_config_refused("input: a\n  output: b\n", ":2: broken YAML")
        self.assert_config_refused("input:\n\toutput: b\n", ":2: broken YAML", "tab")
        self.assert_config_refused("- a\n- b\n", ":1: a configuration is a mapping")
        self.assert_config_refused("input: a\n---\noutput: b\n", ":2: a second document")
        self.assert_config_refused("confidence: {a: b}\n", ":1: confidence: a mapping")
        self.assert_config_refused("input: &a b\noutput: *a\n", ":1: input: anchors")
        self.assert_config_refused("#" * 2000000, "larger than 1 MiB")

    def test_files_that_are_none(self):
        self.assert_refused(["--config", str(self.folder), "in.mp4"], str(self.folder), "folder")
        self.assert_refused(["--config", str(self.folder / "none.yaml"), "in.mp4"], "none.yaml",
                            "No such file")
        self.assert_refused(["in.mp4", "--config", VANON], "larger than 1 MiB"
                            if os.path.getsize(VANON) > 1 << 20 else "broken YAML")

    def test_empty_one(self):
        self.assertEqual(settings("--config", self.config("")), settings())

    def test_options_that_need_each_other(self):
        video = self.folder / "in.mp4"
        video.write_bytes(b"not a video")
        output = str(self.folder / "out.mp4")
        self.assert_refused([str(video), "-o", output, "--detector", "replay"], "'replay'",
                            "sidecar")
        self.assert_refused([str(video), "-o", output, "--report", output], "report and output")
        self.assertEqual(list(self.folder.iterdir()), [video])


if __name__ == "__main__":
    unittest.main()

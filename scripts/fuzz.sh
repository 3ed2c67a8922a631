#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the harnesses of tests/fuzz with clang's libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and runs each for
# some seconds on seeds made here and on what earlier runs found interesting (BUILD_FOLDER/corpus).
# A finding stops the harness and lies in BUILD_FOLDER/findings. usage: fuzz.sh BUILD_FOLDER OPENVINO_FOLDER SECONDS [NAME...]
set -eu
build=$1 openvino=$2 seconds=$3
shift 3
cd "$(dirname "$0")/.."
command -v clang >/dev/null || { echo "fuzz: clang is missing (Debian: apt-get install clang libclang-rt-dev)" >&2; exit 1; }
# clang has warnings of its own, which the build with gcc does not promise to be free of.
[ -e "$build/build.ninja" ] || CC=clang meson setup "$build" -Dfuzz=true -Dwerror=false -Dopenvino_dir="$openvino" \
    -Db_sanitize=address,undefined -Db_lundef=false
targets=$(ninja -C "$build" -t targets all | sed -n 's/^\(tests\/fuzz\/[a-z_]*\): c_LINKER.*/\1/p')
# shellcheck disable=SC2086
ninja -C "$build" $targets
[ $# -gt 0 ] || set -- $(echo "$targets" | sed -n 's/^tests\/fuzz\/fuzz_//p')
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
LSAN_OPTIONS="suppressions=$(pwd)/tests/lsan.supp:print_suppressions=0"
export LSAN_OPTIONS

clip() { # NAME ENCODER...: a byte for the options, then some frames
    clip=$1
    shift
    ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=s=32x32:r=10:d=0.4 -f lavfi -i sine=duration=0.4 "$@" "$seeds/clip.$clip" &&
        { printf '\000'; cat "$seeds/clip.$clip"; } >"$seeds/$clip"
    rm -f "$seeds/clip.$clip"
}
make_seeds() {
    case $1 in
    onnx) "$build/tests/fuzz/make_seeds" "$seeds" ;;
    yaml) cp configs/*.yaml "$seeds" ;;
    sidecar | cascade | engines) cp tests/fuzz/seeds/"$1".* "$seeds" ;;
    metadata)
        tail -c 2000 models/yolov8n-pose.onnx >"$seeds/onnx"
        echo '<net><rt_info><framework><stride value="32"/><names value="{0: '"'person'"'}"/></framework></rt_info></net>' >"$seeds/xml"
        ;;
    media)
        clip mp4 -c:v libx264 -preset ultrafast
        clip mkv -c:v ffv1
        clip webm -c:v libvpx -c:a libvorbis
        clip gif
        clip avi -c:v mjpeg
        clip jpg -frames:v 1
        clip webp -frames:v 1
        clip png -frames:v 1
        ;;
    esac
}

failed=0
for name in "$@"; do
    seeds=$build/seeds/$name corpus=$build/corpus/$name
    mkdir -p "$seeds" "$corpus" "$build/findings"
    [ -n "$(ls "$seeds")" ] || make_seeds "$name"
    case $name in # bytes that are enough to say anything
    onnx) longest=262144 ;;
    media) longest=65536 ;;
    words) longest=256 ;;
    plan | operators) longest=512 ;;
    *) longest=16384 ;;
    esac
    echo "fuzz: $name"
    "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=3000 -max_len=$longest -print_final_stats=1 \
        -verbosity=0 -artifact_prefix="$build/findings/$name-" "$corpus" "$seeds" || { failed=$((failed + 1)); echo "FOUND SOMETHING: $name" >&2; }
done
[ $failed = 0 ] && echo "fuzz: $# harnesses, nothing found"
[ $failed = 0 ]

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the command under Valgrind on short clips: nothing read or written that is not ours, nothing used that was not set, nothing left behind.
# The last run has the real model, whose compiling takes some minutes there. usage: valgrind.sh BUILD_FOLDER PICTURE
set -eu
cd "$(dirname "$0")/.."
vanon=$(pwd)/$1/vanon picture=$2 suppressions=$(pwd)/tests/valgrind.supp
command -v valgrind >/dev/null || { echo "valgrind: is missing (Debian: apt-get install valgrind)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

clip() { # NAME FORMAT ENCODER...
    name=$1 format=$2
    shift 2
    ffmpeg -nostdin -v error -loop 1 -i "$picture" -f lavfi -i sine=duration=0.12 -frames:v 3 -vf "scale=320:-2,format=$format" -c:v "$@" "$name"
}
run() {
    echo "vanon $*"
    valgrind --quiet --error-exitcode=99 --suppressions="$suppressions" --leak-check=full --errors-for-leak-kinds=definite,possible \
        --show-leak-kinds=definite,possible "$vanon" "$@" --quiet
}

clip in.mp4 yuv420p libx264 -preset ultrafast
clip in.mkv yuv422p10le ffv1
clip in.gif rgb24 gif
for input in in.mp4 in.mkv in.gif; do
    "$vanon" detect $input -o $input.jsonl --quiet
done

run info >/dev/null
run --man >/dev/null
run in.mp4 -o null.mp4 --detector null --report report.json
for input in in.mp4 in.mkv in.gif; do
    for style in mosaic gaussian boxblur solid; do
        run "$input" -o "out-$style.${input#*.}" --detector replay --sidecar $input.jsonl --parts all --style $style
    done
done
run in.mp4 -o exact.mkv --codec ffv1 --detector replay --sidecar in.mp4.jsonl --style eyes=gaussian,elbows=boxblur --exact-styles --audio aac
run in.mp4 -o part.mkv --detector null --start 0.04 --duration 0.04 --audio mute
run in.mp4 -o in.mp4 --detector null --overwrite 2>/dev/null && exit 1 || [ $? = 4 ]
head -c 3000 in.mp4 >cut.mp4
run cut.mp4 -o cut.mkv --detector null 2>/dev/null && exit 1 || [ $? = 3 ]
run in.mp4 -o model.mp4 --imgsz 320 --precision f32 --eye-detector both
echo "valgrind: clean"

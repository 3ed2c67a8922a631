#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Anonymises a clip and puts a frame of before and after side by side. usage: demo.sh BUILD_FOLDER CLIP
set -eu
build=$1 clip=$2
out=$build/demo
mkdir -p "$out"
"$build/vanon" "$clip" -o "$out/vtest.anonymized.mp4" --imgsz 1280 --overwrite
ffmpeg -v error -y -ss 20 -i "$clip" -ss 20 -i "$out/vtest.anonymized.mp4" -filter_complex hstack -frames:v 1 "$out/before-after.png"
echo "result:  $out/vtest.anonymized.mp4"
echo "picture: $out/before-after.png"

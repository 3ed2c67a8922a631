#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes a picture of each part and of each style. usage: gallery.sh BUILD_FOLDER PICTURE
set -eu
cd "$(dirname "$0")/.."
build=$1 picture=$2 out=docs/gallery
mkdir -p "$out"

# Only the player in front is found this sure; f32 gives the same pictures on every machine.
hide() {
    name=$1
    shift
    "$build/vanon" "$picture" -o "$out/$name.jpg" --confidence 0.8 --precision f32 --overwrite --quiet "$@"
}

for part in eyes elbows face head shoulders hands hips knees feet arms legs body; do
    hide "$part" --parts "$part" --style solid
done
for style in mosaic pixelate gaussian boxblur solid; do
    hide "style-$style" --parts head,arms,legs --style "$style"
done
echo "pictures: $out"

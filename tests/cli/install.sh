#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs into a temporary folder and builds and runs a program against it as a user of the library would: through pkg-config. usage: install.sh BUILD_FOLDER
set -eu
build=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
meson install -C "$build" --no-rebuild --quiet --destdir "$root"
pc=$(find "$root" -name vanon.pc)
if grep -n "$(cd "$build" && pwd)" "$pc"; then
    echo "install: vanon.pc names the build folder" >&2
    exit 1
fi
PKG_CONFIG_PATH=$(dirname "$pc")
PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
# shellcheck disable=SC2046
gcc -std=c17 examples/frames.c -o "$root/frames" $(pkg-config --cflags --libs vanon)
libs=$(dirname "$(find "$root" -name 'libvanon.so.0')")
VANON_MODELS=$(dirname "$(find "$root" -name yolov8n-pose.onnx)") LD_LIBRARY_PATH=$libs "$root/frames"
for header in version status frame object options engine job info; do
    test -e "$(find "$root" -path "*/include/vanon/$header.h")"
done
for file in man/man1/vanon.1 bash-completion/completions/vanon zsh/site-functions/_vanon fish/vendor_completions.d/vanon.fish; do
    test -s "$(find "$root" -path "*/share/$file")"
done
echo "install: fine"

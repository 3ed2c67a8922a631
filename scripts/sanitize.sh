#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds with AddressSanitizer and UndefinedBehaviorSanitizer and runs every test. usage: sanitize.sh BUILD_FOLDER OPENVINO_FOLDER
set -eu
build=$1 openvino=$2
cd "$(dirname "$0")/.."
[ -e "$build/build.ninja" ] || meson setup "$build" -Dopenvino_dir="$openvino" -Db_sanitize=address,undefined -Db_lundef=false
ninja -C "$build"
export ASAN_OPTIONS=detect_leaks=1:halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
# Without it TBB loads its allocator in a way that the sanitizers refuse.
export TBB_ENABLE_SANITIZERS=1
export LSAN_OPTIONS="suppressions=$(pwd)/tests/lsan.supp:print_suppressions=0"
meson test -C "$build" --no-rebuild --print-errorlogs --timeout-multiplier 10
VANON=$(pwd)/$build/vanon
export VANON
for file in tests/cli/test_*.py; do
    python3 -B "$file"
done

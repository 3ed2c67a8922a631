#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds with sanitizers and runs tests. usage: sanitize.sh BUILD_FOLDER OPENVINO_FOLDER [thread]
# AddressSanitizer and UndefinedBehaviorSanitizer with every test, or ThreadSanitizer with the unit
# tests in which threads of ours meet (OpenVINO's and libav*'s are built without it).
set -eu
build=$1 openvino=$2 kind=${3:-address,undefined}
cd "$(dirname "$0")/.."
[ -e "$build/build.ninja" ] || meson setup "$build" -Dopenvino_dir="$openvino" -Db_sanitize="$kind" -Db_lundef=false
export ASAN_OPTIONS=detect_leaks=1:halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
# Without it TBB loads its allocator in a way that the sanitizers refuse.
export TBB_ENABLE_SANITIZERS=1
export LSAN_OPTIONS="suppressions=$(pwd)/tests/lsan.supp:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$(pwd)/tests/tsan.supp:halt_on_error=1"
if [ "$kind" = thread ]; then
    for name in base frame engine faults; do
        ninja -C "$build" "tests/unit/test_$name"
        "$build/tests/unit/test_$name"
    done
    exit
fi
ninja -C "$build"
meson test -C "$build" --no-rebuild --print-errorlogs --timeout-multiplier 10
VANON=$(pwd)/$build/vanon
export VANON
for file in tests/cli/test_*.py; do
    python3 -B "$file"
done

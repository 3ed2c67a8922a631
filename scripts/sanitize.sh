#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds with sanitizers, runs tests and counts them. usage: sanitize.sh BUILD_FOLDER OPENVINO_FOLDER KIND [NAME...]
# KIND address,undefined: AddressSanitizer and UndefinedBehaviorSanitizer with every test; thread: ThreadSanitizer with the unit
# tests in which threads of ours meet (OpenVINO's and libav*'s are built without it). NAMEs are unit tests (faults) and files of
# tests/cli (test_pipes), for a run in pieces.
set -eu
build=$1 openvino=$2 kind=$3
shift 3
cd "$(dirname "$0")/.."
[ -e "$build/build.ninja" ] || meson setup "$build" -Dopenvino_dir="$openvino" -Db_sanitize="$kind" -Db_lundef=false
export ASAN_OPTIONS=detect_leaks=1:halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
# Without it TBB loads its allocator in a way that the sanitizers refuse.
export TBB_ENABLE_SANITIZERS=1
export LSAN_OPTIONS="suppressions=$(pwd)/tests/lsan.supp:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$(pwd)/tests/tsan.supp:halt_on_error=1"
VANON=$(pwd)/$build/vanon
export VANON
passed=0 failed=0
count() {
    name=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $name" >&2; fi
}
unit() { meson test -C "$build" --no-rebuild --print-errorlogs --timeout-multiplier 10 "$@"; }

ninja -C "$build"
if [ $# -gt 0 ]; then
    for name in "$@"; do
        case $name in
        test_*) count "$name" python3 -B "tests/cli/$name.py" ;;
        *) count "$name" unit "$name" ;;
        esac
    done
elif [ "$kind" = thread ]; then
    count unit unit base frame engine faults engine_surfaces
else
    count unit unit
    for file in tests/cli/test_*.py; do
        count "$file" python3 -B "$file"
    done
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]

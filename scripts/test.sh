#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every test and counts them. usage: test.sh BUILD_FOLDER
set -u
build=$1
cd "$(dirname "$0")/.."
passed=0 failed=0
count() {
    name=$1
    shift
    if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $name" >&2; fi
}

[ -e ../shared ] || echo "note: ../shared is absent; what is measured against its references is left out"
count check scripts/check.sh
count unit meson test -C "$build" --no-rebuild --print-errorlogs
VANON=$(pwd)/$build/vanon
export VANON
for file in tests/cli/test_*.py; do
    count "$file" python3 -B "$file"
done
count install tests/cli/install.sh "$build"
echo "$passed passed, $failed failed"
[ $failed = 0 ]

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What can be seen without a build: formatting, the direction of dependencies, file lengths, the things that must not appear.
set -u
cd "$(dirname "$0")/.."
failed=0
fail() { echo "check: $*" >&2; failed=1; }

sources=$(git ls-files '*.c' '*.h' '*.cu' '*.cpp')
# shellcheck disable=SC2086
clang-format --dry-run -Werror $sources || fail "not formatted: make format"

for file in $sources; do
    head -n 1 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || fail "$file: its first line names no licence"
    lines=$(wc -l <"$file")
    [ "$lines" -le 800 ] || fail "$file: $lines lines; 800 are the most"
done

# Folders of a layer may include those of lower layers only, never each other.
layer() {
    case $1 in
    base) echo 0 ;;
    options) echo 1 ;;
    pixels | mask | sidecar) echo 2 ;;
    media | detect | track | regions | render) echo 3 ;;
    engine) echo 4 ;;
    job) echo 5 ;;
    *) echo none ;;
    esac
}
for file in $(git ls-files 'src/*.c' 'src/*.h'); do
    from=$(echo "$file" | cut -d/ -f2)
    for to in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
        [ "$to" = "$from" ] && continue
        [ "$(layer "$to")" = none ] && { fail "$file: includes the unknown folder $to"; continue; }
        [ "$(layer "$to")" -lt "$(layer "$from")" ] || fail "$file: $from must not include $to"
        [ "$from" = engine ] && [ "$to" = media ] && fail "$file: the engine must not include media"
    done
    case $from in
    media) ;;
    *) grep -q '#include <libav\|#include <libsw' "$file" && fail "$file: only src/media includes libav*" ;;
    esac
    case $file in
    src/detect/openvino*) ;;
    *) grep -q '#include <openvino' "$file" && fail "$file: only src/detect/openvino*.c includes OpenVINO" ;;
    esac
done
for file in $(git ls-files 'tools/*.[ch]' 'examples/*.c'); do
    grep '#include "' "$file" | grep -qv '#include "[a-z_]*\.h"' && fail "$file: the tools use the public headers only"
done

# Every public header compiles alone, as C17 and as C++.
for header in include/vanon/*.h; do
    name=vanon/$(basename "$header")
    echo "#include <$name>" | gcc -std=c17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -Iinclude -x c - ||
        fail "$header: does not compile alone"
    if command -v g++ >/dev/null 2>&1; then
        echo "#include <$name>" | g++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -Iinclude -x c++ - ||
            fail "$header: does not compile as C++"
    fi
done
[ $failed = 0 ] && echo "check: fine"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing: Debian packages (as root or by sudo; else prints the line to run and stops), and OpenVINO's wheel, version pinned and digest checked,
# unpacked into the build folder. Quick and silent where nothing is missing. usage: setup.sh BUILD_FOLDER
set -eu
build=${1:?usage: setup.sh BUILD_FOLDER}
here=$(dirname "$0")

say() { echo "setup: $*" >&2; }

missing_packages() {
    grep -v '^#' "$here/packages.txt" | while read -r package; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
        [ "$state" = installed ] || printf ' %s' "$package"
    done
}

install_packages() {
    missing=$1
    if [ "$(id -u)" = 0 ]; then as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root='sudo -n'
    else
        say "packages are missing; run this line as root, then try again:"
        echo "apt-get install -y --no-install-recommends$missing"
        exit 1
    fi
    say "installing$missing"
    $as_root apt-get update -q >&2
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2
}

# Any Python's pip can fetch the wheel: only its C libraries and headers are used.
fetch_openvino() {
    [ "$(uname -m)" = x86_64 ] || { say "OpenVINO's wheel is pinned for x86_64 only; set OPENVINO_DIR to your own"; exit 1; }
    say "fetching OpenVINO"
    rm -rf "$build/download" "$build/openvino.new"
    mkdir -p "$build/download"
    "$python" -m pip --disable-pip-version-check download --quiet --no-deps --only-binary=:all: --require-hashes \
        --python-version 3.11 --implementation cp --abi cp311 --platform manylinux_2_28_x86_64 \
        --dest "$build/download" -r "$here/openvino.txt"
    "$python" -m zipfile -e "$build"/download/openvino-*.whl "$build/openvino.new"
    rm -rf "$build/openvino"
    mv "$build/openvino.new/openvino" "$build/openvino"
    rm -rf "$build/download" "$build/openvino.new"
    cp "$here/openvino.txt" "$build/openvino/PINNED"
}

if command -v dpkg-query >/dev/null 2>&1; then
    missing=$(missing_packages)
    [ -z "$missing" ] || install_packages "$missing"
else
    say "not a Debian system: the packages of scripts/packages.txt are taken to be there"
fi
python=python3
"$python" -m pip --version >/dev/null 2>&1 || python=/usr/bin/python3
cmp -s "$here/openvino.txt" "$build/openvino/PINNED" || fetch_openvino

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All that needs a GPU, what matters most first, within some eight minutes: each step has a limit, and what fails or takes longer
# does not keep the others from running. What they say is kept in FOLDER/checks.txt. Nothing is built: make -C tests/gpu checks does.
# usage: checks.sh FOLDER [MODEL...]: models that the benchmark measures beside the shipped one
set -u
out=$1
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=$root/build-gpu model=$root/models/yolov8n-pose.onnx log=$out/checks.txt failed=0
cache=$(mktemp -d)
trap 'rm -rf "$cache"' EXIT
export XDG_CACHE_HOME="$cache" # engines are chosen anew
mkdir -p "$out"
nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader >"$log" 2>&1

step() { # NAME SECONDS COMMAND...
    name=$1 seconds=$2 begin=$(date +%s)
    shift 2
    echo "== $name: $*" >>"$log"
    timeout -k 5 "$seconds" "$@" >>"$log" 2>&1
    code=$?
    case $code in
    0) said="fine" ;;
    77) said="no GPU" ;;
    124 | 137) said="NOT DONE in $seconds s" ;;
    *) said="FAILED ($code)" ;;
    esac
    [ $code = 0 ] || failed=$((failed + 1))
    echo "checks: $name: $said, $(($(date +%s) - begin)) s" | tee -a "$log"
}

step tests 170 "$bin/test_gpu" "$model" "$root/tests/gpu/data"
[ $code != 77 ] || exit 77
step detector 160 "$bin/bench_cuda" --batch 1,4,8,16 --seconds 2 --json "$out/bench.json" "$model" "$@"
step surfaces 20 "$bin/bench_surfaces"
step memcheck 40 compute-sanitizer --error-exitcode 9 --report-api-errors no "$bin/test_gpu" only letterbox layers convolutions decode
step racecheck 40 compute-sanitizer --tool racecheck --error-exitcode 9 "$bin/test_gpu" only layers convolutions decode
step "memcheck of surfaces" 40 compute-sanitizer --error-exitcode 9 --report-api-errors no "$bin/test_gpu" only surfaces
echo "checks: $failed failed; $log"
[ $failed = 0 ]

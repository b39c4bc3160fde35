#!/usr/bin/env bash
# Checks and measures the CUDA engine on a machine with a GPU, in one call. It needs
# no Go and no network there: `make gpu-bench` builds what travels along.
#
#   bench/gpu/run.sh [OUT]
#
# OUT (default bench/results) gets <device>-<date>.json, a table beside it, and the
# raw outputs in raw/. What fails is written down, and the rest goes on; the exit
# status says whether everything passed. Fits in eight minutes on an H200.
#
#   PYTHON     an interpreter with numpy, jax and torch (default python3)
#   SECONDS_EACH  of a benchmark's repetition (default 1s)
set -uo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
out=${1:-$root/bench/results}
python=${PYTHON:-python3}
each=${SECONDS_EACH:-1s}
binaries=$root/bench/gpu/bin
raw=$out/raw
mkdir -p "$raw" || exit
failed=0

[[ -x $binaries/modspec && -x $binaries/cuda.test && -x $binaries/large.test && -x $binaries/programs.test ]] ||
  { echo "run.sh: $binaries has not all of modspec, cuda.test, large.test and programs.test: run 'make gpu-bench' where Go is" >&2; exit 2; }

step() { # name, seconds at most, command ...
  local name=$1 limit=$2 began=$SECONDS status
  shift 2
  printf '== %s\n' "$name"
  timeout "$limit" "$@" >"$raw/$name.txt" 2>&1
  status=$?
  printf '%s\t%d\t%d\n' "$name" "$status" $((SECONDS - began)) >>"$raw/steps.tsv"
  printf -- '-- %s, %d s\n' "$([[ $status == 0 ]] && echo passed || echo "FAILED ($status)")" $((SECONDS - began))
  ((status == 0)) || { failed=1; tail -n 5 "$raw/$name.txt"; }
}

: >"$raw/steps.tsv"
cd "$root/engine/train/cuda" || exit # where the tests find what they read

step device 30 nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,clocks.max.mem,memory.total,power.limit --format=csv,noheader
step capability 30 nvidia-smi --query-gpu=compute_cap --format=csv,noheader
step doctor 30 "$binaries/modspec" doctor --json
step limits 60 "$python" "$root/bench/gpu/limits.py"
step suite 120 "$binaries/cuda.test" -test.run '^TestSuite' -test.short
if command -v compute-sanitizer >/dev/null; then
  for tool in memcheck racecheck initcheck synccheck; do
    step "$tool" 60 compute-sanitizer --tool "$tool" --error-exitcode 9 --target-processes all \
      "$binaries/cuda.test" -test.run '^TestSuite/float32.*/one_step/(dense|shallow|split|two_hidden_layers|hebbian,_dense|batches_of_three)$' -test.short
  done
else
  printf 'compute-sanitizer is not installed\n' | tee "$raw/sanitizer-missing.txt"
fi
step copies 120 "$binaries/cuda.test" -test.run '^$' -test.bench '^BenchmarkCopies$' -test.benchtime "$each" -test.count 5
step bits 90 "$binaries/cuda.test" -test.run '^$' -test.bench '^BenchmarkBits$' -test.benchtime "$each" -test.count 5
step large 60 "$binaries/large.test" -test.run '^$' -test.bench '^BenchmarkSteps$' -test.benchtime 1x -test.count 5
cd "$root/engine/backend/cuda/programs" || exit
step programs-suite 90 "$binaries/programs.test" -test.short
step programs 90 "$binaries/programs.test" -test.run '^$' -test.bench '^BenchmarkMixture$' -test.benchtime "$each" -test.count 3
step images 90 "$binaries/programs.test" -test.run '^$' -test.bench '^BenchmarkImages$' -test.benchtime 1x -test.count 3
step peers-images 60 "$python" "$root/bench/peers/torch_cmnist.py" --device cuda --arch dense
step peers 150 "$python" "$root/bench/peers/dense.py" --device cuda --copies 1 100 10000 100000 1000000
step clocks 30 nvidia-smi --query-gpu=clocks.sm,clocks.mem,temperature.gpu,power.draw --format=csv,noheader

"$python" "$root/bench/gpu/collect.py" "$raw" "$out" || failed=1
exit $failed

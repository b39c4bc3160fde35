#!/usr/bin/env bash
# The steps of Dockerfile.cuda, which runs this very script, for a machine without
# a container engine:
#
#   kernels/by-hand.sh build    images compared, bin/modspec and the tests built, in bin/
#   kernels/by-hand.sh test     both run on this machine's GPU
#   kernels/by-hand.sh          build, then test
#
# Needs Go, gcc, make, Python and a CUDA 12 toolkit: CUDA_HOME, or /usr/local/cuda,
# or what `make toolchain` fetches where neither is one. The images are compared
# where the toolkit's compiler is the one that they are built by.
set -euo pipefail
cd "$(dirname "$0")/.."

say() {
  printf '\n== %s\n' "$*"
}

if [[ -z ${CUDA_HOME:-} ]] && grep -q '^#define CUDA_VERSION 12' /usr/local/cuda/include/cuda.h 2>/dev/null; then
  export CUDA_HOME=/usr/local/cuda
fi

build() {
  say "headers, compiler and loader from ${CUDA_HOME:-the pinned packages}"
  make toolchain
  local pinned version
  pinned=$(awk -F '==| ' '$1 == "nvidia-cuda-nvrtc-cu12" { print $2 }' kernels/requirements.txt)
  version=$(PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" kernels/build.py --compiler)
  if [[ $version == "$pinned" ]]; then
    say "device images are what their sources give"
    make kernels-check
  else
    say "device images are not compared: they are built by NVRTC $pinned, and this is $version"
  fi
  say "modspec and the tests of the CUDA engine"
  make gpu
  eval "$(make --silent gpu-env)"
  go vet -tags gpu ./kernels/... ./engine/cuda/... ./engine/backend/cuda/... ./engine/train/cuda/... ./cmd/modspec/...
  go test -tags gpu -c -o bin/ ./kernels ./engine/train/cuda
  go test -tags gpu -c -o bin/programs.test ./engine/backend/cuda/programs
  go build -o bin/driver ./kernels/testdata/loader/start
}

test_here() {
  say "the driver and its devices"
  bin/modspec doctor
  # Without a device the tests skip what they are run for, and pass.
  bin/driver | grep '^state 0,' || {
    echo "there is no device to test on" >&2
    exit 1
  }
  say "the tests of the CUDA engine"
  # Each test binary runs in the folder of its package, where its data is.
  (cd kernels && ../bin/kernels.test)
  (cd engine/train/cuda && ../../../bin/cuda.test)
  (cd engine/backend/cuda/programs && ../../../../bin/programs.test)
}

case ${1:-all} in
build) build ;;
test) test_here ;;
all) build && test_here ;;
*)
  echo "usage: by-hand.sh [build|test]" >&2
  exit 2
  ;;
esac

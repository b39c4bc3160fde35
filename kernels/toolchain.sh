#!/usr/bin/env bash
# Lays out in .toolchain what NVIDIA gives to a build for a GPU:
#
#   include/     cuda.h
#   nvrtc/       the compiler of the device images, libnvrtc.so.12
#   origin       where both are from
#
# From CUDA_HOME, where that is set, else from the packages that
# kernels/requirements.txt pins by version and hash. Nothing is done, and origin
# stays untouched, where .toolchain is that already.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

[[ $(uname -s) == Linux ]] || fail "building for a GPU needs Linux, and this is $(uname -s)"

if [[ -n ${CUDA_HOME:-} ]]; then
  header=$CUDA_HOME/include/cuda.h
  [[ -f $header ]] || fail "CUDA_HOME=$CUDA_HOME has no include/cuda.h: name a CUDA 12 toolkit, or unset it to fetch one"
  version=$(awk '$1 == "#define" && $2 == "CUDA_VERSION" { print $3 }' "$header")
  [[ $version =~ ^[0-9]+$ ]] || fail "$header has no CUDA_VERSION: name a CUDA 12 toolkit, or unset CUDA_HOME to fetch one"
  # CUDA 13 gave cuCtxCreate a fourth parameter, and gorgonia.org/cu passes three.
  ((version / 1000 == 12)) ||
    fail "CUDA_HOME=$CUDA_HOME is CUDA $((version / 1000)).$((version % 1000 / 10)), and modspec needs CUDA 12: name such a toolkit, or unset CUDA_HOME to fetch one"
  origin="CUDA_HOME $CUDA_HOME $version"
else
  origin="requirements $(sha256sum <kernels/requirements.txt | cut -d ' ' -f 1) $(uname -m)"
fi
[[ $(cat .toolchain/origin 2>/dev/null || true) != "$origin" ]] || exit 0

# Made beside and moved into place whole, so that a stop halfway leaves nothing
# that looks finished.
new=.toolchain.$$
trap 'rm -rf "$new"' EXIT
mkdir "$new"
if [[ -n ${CUDA_HOME:-} ]]; then
  ln -s "$CUDA_HOME/include" "$new/include"
  for folder in "$CUDA_HOME"/{lib64,lib,targets/*/lib,"lib/$(uname -m)-linux-gnu"}; do
    [[ -e $folder/libnvrtc.so.12 ]] || continue
    ln -s "$folder" "$new/nvrtc"
    break
  done
else
  echo "fetching cuda.h and NVRTC, as pinned in kernels/requirements.txt" >&2
  "${PYTHON:-python3}" -m venv "$new/venv"
  "$new/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary :all: \
    --target "$new/packages" -r kernels/requirements.txt
  mv "$new/packages/nvidia/cuda_runtime/include" "$new/include"
  mkdir "$new/nvrtc" "$new/licenses"
  mv "$new"/packages/nvidia/cuda_nvrtc/lib/libnvrtc{,-builtins}.so.12* "$new/nvrtc"
  for license in "$new"/packages/*.dist-info/licenses/License.txt; do
    package=${license%.dist-info/*}
    mv "$license" "$new/licenses/${package##*/}.txt"
  done
  rm -r "$new/venv" "$new/packages"
fi
echo "$origin" >"$new/origin"
rm -rf .toolchain
mv "$new" .toolchain

#!/usr/bin/env bash
# Makes what the peers of `modspec bench` run in, below bench/peers/.venv, which git
# ignores:
#
#   .venv/jax        NumPy, JAX, pandas, pyarrow, in the versions of requirements.txt
#   .venv/torch      PyTorch
#   .venv/gorgonia   the peer that is written in Go, built
#
# PyTorch on the package index of Python comes with several gigabytes of CUDA
# packages, and its 539 MB wheel (2.15.0) does not start without them:
# "libcublasLt.so.*[0-9] not found". So Debian's python3-torch is taken, which is
# built for CPUs, beside OpenBLAS, without which its products run in Netlib's
# reference BLAS. TORCH=index takes the other one, CUDA packages and all.
#
# A peer that cannot be had here is named, and is missing from the comparison.
#
#   PYTHON   the interpreter that makes the environments (default python3)
set -euo pipefail
cd "$(dirname "$0")"

python=${PYTHON:-python3}
mkdir -p .venv

"$python" -m venv .venv/jax
.venv/jax/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
.venv/jax/bin/python -c 'import jax, numpy; print("JAX", jax.__version__ + ", NumPy", numpy.__version__)'

debian() { # PyTorch of the system, which its own interpreter alone can load
  if ! /usr/bin/python3 -c 'import torch' 2>/dev/null || ! ldconfig -p | grep -q libopenblas; then
    command -v apt-get >/dev/null || return 1
    local root=()
    ((EUID == 0)) || root=(sudo -n)
    "${root[@]}" apt-get update -qq &&
      "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        python3-torch libopenblas0-pthread python3-venv >/dev/null || return 1
  fi
  /usr/bin/python3 -m venv --system-site-packages --without-pip .venv/torch
}

if [[ ${TORCH:-} == index ]]; then
  "$python" -m venv .venv/torch
  .venv/torch/bin/pip install --quiet --disable-pip-version-check torch==2.15.0 numpy==2.4.6
elif ! debian; then
  rm -rf .venv/torch
  echo "PyTorch is missing: this system has no python3-torch; TORCH=index $0 takes the one with CUDA packages" >&2
fi
[[ ! -e .venv/torch ]] ||
  .venv/torch/bin/python -c 'import torch; print("PyTorch", torch.__version__ + ",", "with CUDA" if torch.version.cuda else "for CPUs")'

if command -v go >/dev/null; then
  go build -o .venv/gorgonia ./gorgonia
  echo "gorgonia is built"
else
  echo "gorgonia is missing: it is built by Go, which is not in PATH" >&2
fi

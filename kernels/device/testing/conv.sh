#!/bin/sh
# Builds the tests of the kernels of convolutions on the SIMT layer, under .standin/device,
# and runs them. With "sanitized" they have address and undefined-behaviour sanitizers.
# CXX names the compiler.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/../../.." && pwd)
cd "$root"
compiler=${CXX:-g++}
fused=
if grep -qw fma /proc/cpuinfo 2>/dev/null; then fused=-mfma; fi
flags="-std=c++17 $fused -ffp-contract=off -fno-strict-aliasing -Wall -Wextra -Wno-unknown-pragmas
	-I kernels/device -I kernels/standin"
case ${1:-plain} in
plain) flags="$flags -O2 -g1" ;;
sanitized)
	flags="$flags -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
	export ASAN_OPTIONS=detect_leaks=0 # the layer keeps its threads' stacks for the next launch
	;;
*)
	echo "conv.sh: there is no build '$1': there are plain and sanitized" >&2
	exit 2
	;;
esac
folder=.standin/device/${1:-plain}
mkdir -p "$folder"
# shellcheck disable=SC2086 # flags are words
"$compiler" $flags -o "$folder/conv_test" kernels/device/testing/conv_test.cpp \
	kernels/standin/fault.cpp kernels/standin/fiber.cpp kernels/standin/launch.cpp kernels/standin/shared_memory.cpp -lpthread
"$folder/conv_test"

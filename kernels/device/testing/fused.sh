#!/bin/sh
# Builds the tests of the fused kernels on the SIMT layer, under .standin/fused, and
# runs them:
#
#   kernels/device/testing/fused.sh [plain|sanitized [TEST ...]]
#
# "sanitized" has address and undefined-behaviour sanitizers; further words choose
# tests by name. Only what changed since the last build is compiled. CXX names the
# compiler.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/../../.." && pwd)
cd "$root"
compiler=${CXX:-g++}
kind=${1:-plain}
[ $# -eq 0 ] || shift
fused=
if grep -qw fma /proc/cpuinfo 2>/dev/null; then fused=-mfma; fi
flags="-std=c++17 $fused -ffp-contract=off -fno-strict-aliasing -Wall -Wextra -Wno-unknown-pragmas
	-I kernels/device -I kernels/standin -I kernels/standin/testing"
case $kind in
plain) flags="$flags -O2 -g1" ;;
sanitized)
	flags="$flags -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all"
	export ASAN_OPTIONS=detect_leaks=0 # the layer keeps its threads' stacks for the next launch
	;;
*)
	echo "fused.sh: there is no build '$kind': there are plain and sanitized" >&2
	exit 2
	;;
esac
folder=.standin/fused/$kind
mkdir -p "$folder"

objects=
for source in kernels/device/init.cu kernels/device/finish.cu kernels/device/fused_*.cu \
	kernels/device/testing/fused_*.cpp kernels/standin/testing/check.cpp \
	kernels/standin/fault.cpp kernels/standin/fiber.cpp kernels/standin/launch.cpp kernels/standin/shared_memory.cpp; do
	object="$folder/$(basename -- "$source").o"
	objects="$objects $object"
	if [ "$object" -nt "$source" ] && [ "$object" -nt kernels/device/testing/fused.sh ] &&
		[ -z "$(find kernels/device kernels/standin \( -name '*.h' -o -name '*.cuh' \) -newer "$object" | head -n 1)" ]; then
		continue
	fi
	echo "$source"
	# shellcheck disable=SC2086 # flags are words
	"$compiler" $flags -x c++ -c "$source" -o "$object"
done
# shellcheck disable=SC2086
"$compiler" $flags $objects -lpthread -o "$folder/fused_test"
exec "$folder/fused_test" "$@"

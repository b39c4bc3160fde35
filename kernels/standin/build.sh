#!/usr/bin/env bash
# Builds the stand-in driver, libcuda.so.1, from the kernels in kernels/device.
# It is for tests: it computes on the CPU, and has no device unless the
# environment says MODSPEC_STANDIN=test.
#
#   kernels/standin/build.sh              plain and sanitized
#   kernels/standin/build.sh plain        .standin/plain, optimised
#   kernels/standin/build.sh sanitized    .standin/sanitized, address and
#                                         undefined-behaviour sanitizers
#   kernels/standin/build.sh races        .standin/races, which finds races in
#                                         shared memory, see races.h
#   kernels/standin/build.sh include      only say where cuda.h is
#
# A program that loads libcuda.so.1 runs on it with MODSPEC_STANDIN=test and the
# build's folder as LD_LIBRARY_PATH. On the sanitized build the sanitizer's
# library has to be there first, and takes what Go holds for leaks:
# LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0.
# driver/settings.h lists what else the environment can ask for.
#
# cuda.h comes from CUDA_HOME, or from what `make toolchain` fetched. CXX names
# the compiler, JOBS how many to run at once. Only what changed since the last
# build is compiled.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
compiler=${CXX:-g++}
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN)}

find_cuda_include() {
	for folder in "${CUDA_HOME:-/usr/local/cuda}/include" .toolchain; do
		header=$(find -L "$folder" -name cuda.h 2>/dev/null | head -n 1)
		if [ -n "$header" ]; then
			dirname -- "$header"
			return
		fi
	done
	echo "build.sh: there is no cuda.h: run 'make toolchain', or set CUDA_HOME to a CUDA 12.9 toolkit" >&2
	return 1
}

# The names of the kernels in a source, one a line. The source is seen as the
# device's compiler sees it, so kernels that macros make are found too.
kernel_names() {
	local text names kernels
	text=$("$compiler" -E -P -x c++ -std=c++17 -nostdinc -D__CUDACC_RTC__ -I kernels/device "$1" | tr '\n' ' ')
	names=$(printf '%s' "$text" | grep -oE 'extern "C" *__global__[^;{}]*' |
		sed -E 's/__launch_bounds__ *\(([^()]|\([^()]*\))*\)//g; s/^[^(]*[ *]([A-Za-z_][A-Za-z0-9_]*) *\(.*/\1/' || true)
	kernels=$(printf '%s' "$text" | grep -o '__global__' | wc -l)
	if [ "$(printf '%s' "$names" | grep -c .)" -ne "$kernels" ]; then
		echo "build.sh: $1: every __global__ function needs extern \"C\" right before it" >&2
		return 1
	fi
	printf '%s\n' "$names" | sort -u
}

# A unit that holds a source and registers its kernels.
write_unit() {
	local names kernel
	names=$(kernel_names "$1")
	echo '#include "registry.h"'
	echo "#include \"$1\""
	for kernel in $names; do
		echo "static const simt::Registration registration_of_$kernel(\"$kernel\", $kernel);"
	done
}

# Whether an object is newer than everything that its source may include.
is_fresh() {
	[ -e "$2" ] && [ "$2" -nt "$1" ] && [ "$2" -nt kernels/standin/build.sh ] &&
		[ -z "$(find kernels/device kernels/standin \( -name '*.h' -o -name '*.cuh' \) -newer "$2" | head -n 1)" ]
}

# build NAME FLAGS...: everything under .standin/NAME. The kernels' own code has
# kernel_flags besides.
build() {
	local name=$1 flags objects stale source base unit
	shift
	flags="-std=c++17 -fPIC -fvisibility=hidden -ffp-contract=off -fno-strict-aliasing \
		-Wall -Wextra -Wno-unknown-pragmas -I kernels/device -I kernels/standin -I . -isystem $include $*"
	mkdir -p ".standin/$name"
	objects=
	stale=
	for source in kernels/device/*.cu kernels/standin/*.cpp kernels/standin/driver/*.cpp; do
		[ -e "$source" ] || continue
		base=".standin/$name/$(basename -- "$source")"
		unit=$source
		case $source in *.cu)
			unit="$base.cpp"
			write_unit "$source" > "$unit.part"
			if cmp -s "$unit.part" "$unit"; then rm "$unit.part"; else mv "$unit.part" "$unit"; fi
			if [ "$source" -nt "$unit" ]; then touch "$unit"; fi
			;;
		esac
		objects="$objects $base.o"
		is_fresh "$unit" "$base.o" || stale="$stale $unit $base.o"
	done
	# shellcheck disable=SC2016 # the inner shell's variables
	printf '%s' "$stale" | xargs -r -n 2 -P "$jobs" sh -c '
		echo "$4"
		case $3 in *.cu.cpp) ;; *) set -- "$1" "" "$3" "$4" ;; esac
		$1 $2 -c "$3" -o "$4.part" && mv "$4.part" "$4" || exit 255' sh "$compiler $flags" "$kernel_flags"
	# shellcheck disable=SC2086 # flags and objects are words
	"$compiler" $flags -shared -Wl,-soname,libcuda.so.1 -Wl,-z,defs \
		-Wl,--version-script=kernels/standin/exports.map $objects -o ".standin/$name/libcuda.so.1.part" -lpthread
	mv ".standin/$name/libcuda.so.1.part" ".standin/$name/libcuda.so.1"
	ln -sf libcuda.so.1 ".standin/$name/libcuda.so"
}

# Fused multiply-add as an instruction where this machine has it; otherwise the
# mathematics library does the same more slowly.
fused=
if grep -qw fma /proc/cpuinfo 2>/dev/null; then fused=-mfma; fi

include=$(find_cuda_include)
if [ "${1:-all}" = include ]; then
	echo "$include"
	exit
fi

# One build at a time.
mkdir -p .standin
exec 9> .standin/lock
flock 9

kernel_flags=
case ${1:-all} in
plain | all) build plain -O2 -g1 $fused ;;
sanitized) ;;
races)
	kernel_flags="-fsanitize=thread --param tsan-instrument-func-entry-exit=0"
	build races -O2 -g1 $fused -DSIMT_RACES
	;;
*)
	echo "build.sh: there is no build '$1': there are plain, sanitized and races" >&2
	exit 2
	;;
esac
case ${1:-all} in
sanitized | all)
	build sanitized -O1 -g $fused -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
	;;
esac

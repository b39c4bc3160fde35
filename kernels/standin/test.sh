#!/usr/bin/env bash
# Builds and runs the stand-in's own tests: plain, with the system's way of
# switching fibers, and with sanitizers. Needs cuda.h, as build.sh does. An
# argument runs only the tests whose name holds it.
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
compiler=${CXX:-g++}
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
include=$(kernels/standin/build.sh include)

# run_tests NAME FLAGS...
run_tests() {
	local folder flags layer driver tests
	folder=.standin/testing/$1
	shift
	flags="-std=c++17 -ffp-contract=off -fno-strict-aliasing -Wall -Wextra -Wno-unknown-pragmas \
		-I kernels/device -I kernels/standin -I kernels/standin/driver -isystem $include $*"
	rm -rf "$folder"
	mkdir -p "$folder"
	# shellcheck disable=SC2016 # the inner shell's variables
	printf '%s\n' kernels/standin/*.cpp kernels/standin/driver/*.cpp kernels/standin/testing/*.cpp |
		grep -v /races_test | xargs -n 1 -P "$jobs" sh -c '$0 -c "$2" -o "$1/$(basename -- "$2" .cpp).o" || exit 255' \
			"$compiler $flags" "$folder"
	# The layer is tested without the driver, to see that it needs none of it.
	layer="fault fiber launch races registry shared_memory check"
	driver="$layer context device errors event graph guarded image kernel_launch memory memory_map module settings
		state stream stream_work"
	# shellcheck disable=SC2086 # objects are words
	link layer $layer layer_test shuffle_test arithmetic_test
	# shellcheck disable=SC2086
	link driver $driver driver_test
	# shellcheck disable=SC2086
	link stream_driver $driver stream_test
	for tests in layer driver stream_driver; do
		echo "$folder/$tests"
		# Processes that a test ends on purpose leave memory behind.
		ASAN_OPTIONS=detect_leaks=0 "$folder/$tests" "$filter"
	done
}

# link TARGET OBJECTS...
link() {
	local target=$1 objects object
	shift
	objects=
	for object in "$@"; do objects="$objects $folder/$object.o"; done
	# shellcheck disable=SC2086
	"$compiler" $flags $objects -o "$folder/$target" -lpthread
}

# The kernels of these tests alone call at every access.
run_races_tests() {
	local folder=.standin/testing/races flags
	flags="-std=c++17 -O2 -g -DSIMT_RACES -ffp-contract=off -fno-strict-aliasing -Wall -Wextra -Wno-unknown-pragmas \
		-I kernels/device -I kernels/standin"
	mkdir -p "$folder"
	# shellcheck disable=SC2086
	"$compiler" $flags -fsanitize=thread --param tsan-instrument-func-entry-exit=0 \
		-c kernels/standin/testing/races_test.cpp -o "$folder/races_test.o"
	# shellcheck disable=SC2086
	"$compiler" $flags kernels/standin/*.cpp kernels/standin/testing/check.cpp "$folder/races_test.o" \
		-o "$folder/races" -lpthread
	echo "$folder/races"
	"$folder/races" "$filter"
}

filter=${1:-}
run_tests plain -O2 -g
run_tests ucontext -O2 -g -DSIMT_UCONTEXT # as on machines without a switch of their own
run_tests sanitized -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
run_races_tests

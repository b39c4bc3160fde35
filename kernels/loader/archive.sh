#!/usr/bin/env bash
# Builds the loader, libcuda.a, for the machine that CC compiles for:
#
#   archive.sh folder-of-cuda.h libcuda.a
#
# loader.h says what it is, entries/ makes the list of functions.
set -euo pipefail
(($# == 2)) || { echo "usage: archive.sh folder-of-cuda.h libcuda.a" >&2; exit 2; }
include=$(cd "$1" && pwd)
mkdir -p "$(dirname "$2")"
archive=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$(dirname "$0")"

cc=${CC:-gcc}
target=$($cc -dumpmachine)
entry=entry_${target%%-*}.S
[[ -f $entry ]] || { echo "the loader has no entries for $target: write kernels/loader/$entry" >&2; exit 1; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The list is made by a program for this machine, whichever CC compiles for.
env -u GOOS -u GOARCH -u GOFLAGS go run ./entries -cc "$cc" -include "$include" >"$scratch/entries.h"
flags=(-O2 -fPIC -Wall -Wextra -I "$include" -I "$scratch")
$cc "${flags[@]}" -std=c11 -c loader.c -o "$scratch/loader.o"
$cc "${flags[@]}" -c "$entry" -o "$scratch/entry.o"
# Without the old archive, and without times: the same sources give the same bytes.
ar rcsD "$scratch/libcuda.a" "$scratch/loader.o" "$scratch/entry.o"
mv "$scratch/libcuda.a" "$archive"

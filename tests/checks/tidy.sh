#!/usr/bin/env bash
# clang-tidy (.clang-tidy) has nothing to say about the program.
# Wants a clang build, for its compile_commands.json: tidy.sh [BUILD]
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"
build=${1:-${DLIOFS_BUILD:-build/tidy}}
if [ ! -f "$build/compile_commands.json" ]; then
	echo "no compile_commands.json in $build: cmake --preset tidy" >&2
	exit 1
fi

find src fuse backends -name '*.c' -print0 |
	xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet -p "$build"

#!/usr/bin/env bash
# From a fresh checkout on Debian 12 to the first results: install what the
# build needs, build, run.
set -euo pipefail

cd "$(dirname "$0")/.."

scripts/deps.sh build
scripts/build-libfuse.sh
cmake --preset release -DBUILD_TESTING=OFF
cmake --build --preset release

build/release/dliofs --version

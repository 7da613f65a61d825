#!/usr/bin/env bash
# From a fresh checkout on Debian 12 to the first results: install what the
# build needs, build, and do the main job once: generate a small dataset, mount
# it, train on it, report.  Data and checkpoints are removed again; the results
# stay in build/quickstart.
set -euo pipefail

cd "$(dirname "$0")/.."

scripts/deps.sh build
scripts/build-libfuse.sh
cmake --preset release -DBUILD_TESTING=OFF
cmake --build --preset release

mkdir -p build/quickstart
cd build/quickstart
rm -rf results
../release/dliofs run -c ../../configs/quickstart.yaml -o results \
	++dataset.keep_files=False
rm -rf data checkpoints

echo
echo "Done.  The picture: build/quickstart/results/latency.svg"
echo "The program: build/release/dliofs"

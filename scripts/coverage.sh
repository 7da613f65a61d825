#!/usr/bin/env bash
# Which lines the tests reach: build and test with gcov, then print a table and
# leave a page in build/coverage/report.html.
set -euo pipefail

cd "$(dirname "$0")/.."

scripts/deps.sh coverage
scripts/build-libfuse.sh
find build/coverage -name '*.gcda' -delete 2>/dev/null || true
cmake --workflow --preset coverage
gcovr --root . --filter src/ --filter fuse/ --filter backends/ \
	--html-details build/coverage/report.html --print-summary \
	build/coverage

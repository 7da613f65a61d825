#!/usr/bin/env bash
# cppcheck has nothing to say about the program.
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"
cppcheck --quiet -j "$(nproc)" --std=c11 --language=c \
	--enable=warning,performance,portability --inline-suppr \
	--error-exitcode=1 -D_GNU_SOURCE -D__linux__ -DFUSE_USE_VERSION=318 \
	-I . -I src src fuse backends

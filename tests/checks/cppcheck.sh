#!/usr/bin/env bash
# cppcheck has nothing to say about the program.  It does not know that locals
# clean themselves (AUTO_FREE), so leaks are left to the sanitizers.
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"
cppcheck --quiet -j "$(nproc)" --std=c11 --language=c \
	--enable=warning,performance,portability --inline-suppr \
	--suppress=memleak --suppress=resourceLeak \
	--error-exitcode=1 -D_GNU_SOURCE -D__linux__ -DFUSE_USE_VERSION=318 \
	-I . -I src src fuse backends

#!/usr/bin/env bash
# Every source is as clang-format leaves it.  To mend: clang-format -i FILE.
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"
find src fuse backends tests -name '*.[ch]' -print0 |
	xargs -0 clang-format --dry-run -Werror

#!/usr/bin/env bash
# The linter of shell scripts has nothing to say about the scripts.
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"
{
	find scripts tests -name '*.sh' -print0
	printf '.ci/run\0'
} | xargs -0 shellcheck

#!/usr/bin/env bash
# The linter of shell scripts has nothing to say about the scripts, and none has
# a pipe whose end may stop reading: under pipefail, who writes into it fails then,
# but only now and then.
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"
{
	find scripts tests -name '*.sh' -print0
	printf '.ci/run\0'
} | xargs -0 shellcheck

if grep -rnE '\| *e?grep -[a-zA-Z]*q' scripts tests --include='*.sh'; then
	echo "of a pipe, say grep PATTERN >/dev/null" >&2
	exit 1
fi

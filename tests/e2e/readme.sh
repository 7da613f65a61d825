#!/usr/bin/env bash
# The README's reference of settings is what the program says.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

sed -n '/^<!-- settings:/,/^<!-- end of settings/p' "$DLIOFS_SRC/README.md" |
	sed '1d;$d' >"$tmp/readme"
dliofs help-config --markdown >"$tmp/program"
[ -s "$tmp/readme" ] || fail "no settings in the README"
diff -B "$tmp/readme" "$tmp/program" ||
	fail "copy the output of 'dliofs help-config --markdown' into README.md"

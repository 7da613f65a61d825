#!/usr/bin/env bash
# docs/dlio-traps.md has every row, and every test that it names exists.
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"
table=docs/dlio-traps.md
bad=0

complain() {
	echo "$table: $*" >&2
	bad=1
}

for n in $(seq 35); do
	[ "$(grep -c "^| T$n | " $table)" = 1 ] || complain "T$n is not there once"
done

named=0
while IFS= read -r test; do
	module=${test%%: *} name=${test#*: }
	named=$((named + 1))
	case $module in
	e2e/*) grep -qF "# $name\"" "tests/$module.sh" || complain "no '$name' in tests/$module.sh" ;;
	*) grep -rqF "Test($module, $name" tests/unit tests/contract || complain "no test $test" ;;
	esac
done < <(grep '^| T' $table | sed 's/.*| \([^|]*\) |$/\1/' | grep -oP '\x60[^\x60]+\x60' | tr -d '\140')
[ $named -ge 35 ] || complain "only $named tests are named"

# A row without a test says so.
while IFS= read -r row; do
	complain "names no test: ${row:0:40}"
done < <(grep '^| T' $table | grep -v '` |$' | grep -v '| none |$' || true)
exit $bad

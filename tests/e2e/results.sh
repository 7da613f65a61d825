#!/usr/bin/env bash
# Results that cannot be written: what was measured is still shown.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"
dliofs generate -q -c "$tmp/w.yaml"

echo "# a result that cannot be written"
mkdir -p "$tmp/results/summary.json"
expect_status 1 dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" >"$tmp/out" 2>"$tmp/log"
expect_text 'summary.json' "$tmp/log"
expect_text '^store +read ' "$tmp/out"
expect_text '^AU ' "$tmp/out"
expect_text 'results: .* \(not complete\)' "$tmp/out"

echo "# summary.json comes last, and not from an earlier run"
rm -r "$tmp/results"
dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" >"$tmp/out"
[ -e "$tmp/results/summary.json" ] || fail "no summary.json"
rm "$tmp/results/latency.svg"
mkdir "$tmp/results/latency.svg"
expect_status 1 dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" >"$tmp/out" 2>"$tmp/log"
expect_text 'latency.svg' "$tmp/log"
[ ! -e "$tmp/results/summary.json" ] || fail "summary.json, and no latency.svg"

echo "# no folder for results"
touch "$tmp/file"
expect_status 1 dliofs run -c "$tmp/w.yaml" -o "$tmp/file/r" 2>"$tmp/log"
[ "$(grep -c 'make the folder' "$tmp/log")" = 1 ] || fail "said once"

echo "# standard output that takes nothing"
expect_status 1 dliofs check -c "$tmp/w.yaml" >/dev/full 2>"$tmp/log"
expect_text 'standard output: No space left' "$tmp/log"

echo "# no standard input, output and error at all"
mkdir "$tmp/mnt"
mounts+=("$tmp/mnt")
timeout 60 "$DLIOFS" mount "$tmp/data" "$tmp/mnt" <&- >&- 2>&- || fail "mount: $?"
mountpoint -q "$tmp/mnt" || fail "not mounted"
dliofs umount "$tmp/mnt"
timeout 60 "$DLIOFS" run -c "$tmp/w.yaml" -o "$tmp/closed" <&- >&- 2>&- || fail "run: $?"
! grep -q '^AU ' "$tmp/closed/dlio.log" || fail "the table went to the log"

if [ "$(id -u)" = 0 ]; then
	echo "# no /dev/null to put in their place"
	expect_status 1 unshare -m sh -c "mount -t tmpfs none /dev && exec '$DLIOFS' --version" \
		>"$tmp/out" 2>"$tmp/log"
	expect_text 'open /dev/null: No such file' "$tmp/log"
fi

echo "# a limit on files is an error"
rm -rf "$tmp/data"
(
	ulimit -f 100
	expect_status 1 dliofs generate -q -c "$tmp/w.yaml" 2>"$tmp/log"
)
expect_text 'File too large' "$tmp/log"

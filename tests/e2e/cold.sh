#!/usr/bin/env bash
# With caches dropped before each epoch, every epoch's bytes come from the
# store, for root and for an ordinary user; without, the second one's do not.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"
dliofs generate -q -c "$tmp/w.yaml"

# delivered FOLDER: for each epoch, did the store deliver all that was consumed?
delivered() {
	python3 - "$1/summary.json" <<-'PYTHON'
	import json, sys
	epochs = json.load(open(sys.argv[1]))["dliofs"]["epochs"]
	print(*["all" if e["delivered_bytes"] >= e["consumed_bytes"] else "part"
	        for e in epochs])
	PYTHON
}

# expect_delivered WANT COMMAND...: of the results in $tmp/results.
expect_delivered() {
	local want=$1 got

	shift
	rm -rf "$tmp/results"
	"$@" train -q -c "$tmp/w.yaml" -o "$tmp/results" >/dev/null \
		"${settings[@]}" ++workflow.checkpoint=False
	got=$(delivered "$tmp/results")
	[ "$got" = "$want" ] || fail "delivered: $got, not $want: $*"
}

settings=()
expect_delivered "all part" "$DLIOFS"
settings=(++dliofs.train.drop_caches=True)
expect_delivered "all all" "$DLIOFS"
settings=(++dliofs.mount.cache=cold)
expect_delivered "all all" "$DLIOFS"
settings=(++dliofs.mount.cache=direct)
expect_delivered "all all" "$DLIOFS"

if [ "$(id -u)" = 0 ]; then
	[ "$(stat -c %a /dev/fuse)" = 666 ] || chmod 666 /dev/fuse
	chown -R 65534:65534 "$tmp"
	settings=(++dliofs.train.drop_caches=True)
	expect_delivered "all all" setpriv --reuid=65534 --regid=65534 \
		--clear-groups "$DLIOFS"
fi

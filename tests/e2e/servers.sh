#!/usr/bin/env bash
# The servers that other tests talk to: they run, over http and https, as another
# client sees them, and they do not outlive whom they were started for.
# servers: radosgw swift azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

client=$DLIOFS_SRC/tests/servers/client.py
for kind in radosgw swift azurite; do
	dir=$DLIOFS_SERVERS/$kind

	head -c 100000 /dev/urandom >"$tmp/put"
	"$client" "$dir/env" put "servers-$$/a b" <"$tmp/put"
	"$client" "$dir/env" get "servers-$$/a b" >"$tmp/got"
	cmp "$tmp/put" "$tmp/got"
	"$client" "$dir/env" list "servers-$$/" >"$tmp/list"
	[ "$(cat "$tmp/list")" = "servers-$$/a b 100000" ] ||
		fail "$kind lists: $(cat "$tmp/list")"
	[ -z "$("$client" "$dir/env" pending "servers-$$/")" ] ||
		fail "$kind: an upload is pending"
	"$client" "$dir/env" remove "servers-$$/a b"
	[ -z "$("$client" "$dir/env" list "servers-$$/")" ] ||
		fail "$kind: not removed"

	# shellcheck disable=SC1091 # made when the server starts
	. "$dir/env"
	curl -sS --noproxy '*' --cacert "$SERVER_CA" "$SERVER_TLS_URL" \
		>/dev/null || fail "$kind: no https"
done

sleep 600 &
started+=($!)
bash "$DLIOFS_SRC/tests/servers/azurite.sh" start "$tmp/azurite" "$!"
supervisor=$(cat "$tmp/azurite/pid")
servers=$(pgrep -P "$supervisor")
kill "${started[0]}"
wait "${started[0]}" || true
# None outlives whom it was started for.
for pid in $supervisor $servers; do await gone "$pid"; done

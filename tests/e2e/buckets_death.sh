#!/usr/bin/env bash
# Whoever dies, nobody is stuck, and nothing that was generated is lost.
# servers: radosgw azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

mnt=$tmp/mnt
exec 3>&2 # where within() complains

# within COMMAND...: the settings allow it a few seconds, and a busy machine some
# more.  Who waits for the silent server has a minute.
within() {
	local began=$SECONDS

	timeout 60 "$@" || true
	[ $((SECONDS - began)) -lt 40 ] || fail "took $((SECONDS - began)) s: $*" 2>&3
}

# kept N: the silent proxy has taken more than N things.
kept() {
	[ "$(grep -c kept "$tmp/proxy")" -gt "$1" ]
}

for kind in radosgw azurite; do
	use_server $kind
	echo "# $uri: generation that is killed goes on where it was"
	cat >"$tmp/w.yaml" <<-YAML
	dataset: {data_folder: $uri/data, format: npz, num_files_train: 240, record_length_bytes: 300000}
	YAML
	"$DLIOFS" generate -q -t 1 -c "$tmp/w.yaml" &
	generation=$!
	# It stands still while it is looked at, which may take seconds.
	until
		sleep 0.1
		kill -STOP $generation || fail "too fast to be killed"
		[ "$(client list data/train | wc -l)" -ge 8 ]
	do
		kill -CONT $generation
	done
	kill -KILL $generation
	wait $generation 2>/dev/null || true
	expect_status 2 dliofs verify -q -c "$tmp/w.yaml" 2>"$tmp/log"
	expect_text 'not finished' "$tmp/log"
	client list data/train | awk '{ print $2 }' | sort -u >"$tmp/sizes"
	[ "$(wc -l <"$tmp/sizes")" = 1 ] || fail "half a file: $(cat "$tmp/sizes")"
	dliofs generate -q -c "$tmp/w.yaml" 2>"$tmp/log"
	expect_text ' [1-9][0-9]* there already' "$tmp/log"
	dliofs verify -q -c "$tmp/w.yaml"
	[ "$(client list data | wc -l)" = 241 ] || fail "something else is there"

	echo "# one that is interrupted aborts its uploads"
	"$DLIOFS" generate -q -t 4 -c "$tmp/w.yaml" "++dataset.data_folder=$uri/large" \
		++dataset.record_length_bytes=40000000 2>"$tmp/log" &
	generation=$!
	until [ -n "$(client list large)" ]; do sleep 0.05; done
	kill -INT $generation
	await gone $generation # the server answers
	wait $generation && fail "it went on"
	expect_text 'interrupted; generate again' "$tmp/log"
	[ "$(wc -l <"$tmp/log")" = 1 ] || fail "it said more: $(cat "$tmp/log")"
	# Azure has no word for it: it forgets blocks that nobody commits.
	[ $kind = azurite ] || [ -z "$(client pending large)" ] ||
		fail "left: $(client pending large)"

	echo "# a server that goes silent"
	rm -f "$tmp/proxy"
	/usr/bin/python3 "$DLIOFS_SRC/tests/lib/silent_proxy.py" "${SERVER_URL#http://}" \
		>"$tmp/proxy" &
	proxy=$!
	started+=("$proxy")
	await test -s "$tmp/proxy"
	export AWS_ENDPOINT_URL AZURE_STORAGE_BLOB_ENDPOINT
	AWS_ENDPOINT_URL=$(head -n 1 "$tmp/proxy")
	AZURE_STORAGE_BLOB_ENDPOINT=$AWS_ENDPOINT_URL
	mount_at "$mnt" --writable "$uri/data" ++dliofs.backend.deadline=2 ++dliofs.backend.first_byte_timeout=1
	ls "$mnt/train" >/dev/null
	cat "$mnt/train/img_000_of_240.npz" >/dev/null
	kill -USR1 "$proxy"

	# The kernel asks twice, to read ahead and for the page itself; each takes
	# the deadline of two seconds.
	within cat "$mnt/train/img_030_of_240.npz" >"$tmp/got" 2>"$tmp/log"
	expect_text 'timed out|Input/output' "$tmp/log"
	within cp "$tmp/w.yaml" "$mnt/new" 2>"$tmp/log"
	expect_text 'timed out|Input/output' "$tmp/log"
	within ls "$mnt/valid" 2>"$tmp/log"
	ls "$mnt/train" >/dev/null || fail "what was listed before is gone"

	echo "# its readers can be killed, and it can be unmounted"
	cat "$mnt/train/img_060_of_240.npz" >/dev/null 2>&1 &
	reader=$!
	await asks_mount $reader
	kill -KILL $reader
	await gone $reader
	server=$(server_of "$mnt")
	within "$DLIOFS" umount "$mnt"
	await gone "$server" # as cat above
	if mountpoint -q "$mnt"; then fail "still mounted"; fi

	echo "# nor does what generates wait for it"
	before=$(grep -c kept "$tmp/proxy")
	"$DLIOFS" generate -q -c "$tmp/w.yaml" "++dataset.data_folder=$uri/silent" 2>"$tmp/log" &
	generation=$!
	await kept "$before"
	kill -INT $generation
	await gone $generation

	kill -USR2 "$proxy"
	mount_at "$mnt" "$uri/data" --listing lazy ++dliofs.backend.deadline=100
	cat "$mnt/train/img_090_of_240.npz" >/dev/null
	kill -USR1 "$proxy"
	cat "$mnt/train/img_120_of_240.npz" >/dev/null 2>&1 &
	reader=$!
	await asks_mount $reader
	server=$(server_of "$mnt")
	kill -TERM "$server"
	# Five seconds for those who use it, two for what is under way; not the
	# deadline.
	await gone "$server"
	if kill -0 "$server" 2>/dev/null; then fail "the server lives"; fi
	await gone $reader
	if mountpoint -q "$mnt"; then fail "still mounted"; fi
	kill "$proxy"

	echo "# the mount's own server dies: unmounted and mounted again, all is there"
	AWS_ENDPOINT_URL=$SERVER_URL
	AZURE_STORAGE_BLOB_ENDPOINT=$SERVER_URL
	mount_at "$mnt" "$uri/data"
	cat "$mnt/train/img_150_of_240.npz" >"$tmp/got"
	server=$(server_of "$mnt")
	kill -KILL "$server"
	await gone "$server"
	if cat "$mnt/train/img_151_of_240.npz" >/dev/null 2>&1; then fail "nobody serves it"; fi
	dliofs umount "$mnt"
	mount_at "$mnt" "$uri/data"
	cmp "$mnt/train/img_150_of_240.npz" "$tmp/got"
	dliofs umount "$mnt"
done

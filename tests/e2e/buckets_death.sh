#!/usr/bin/env bash
# Whoever dies, nobody is stuck, and nothing that was generated is lost.
# servers: radosgw azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

mnt=$tmp/mnt
exec 3>&2 # where within() complains

# Milliseconds.
now() {
	echo $(($(date +%s%N) / 1000000))
}

# within MS COMMAND...: what the settings allow it, and two seconds for a busy
# machine and tail, which looks once a second.
within() {
	local limit=$1 began

	shift
	began=$(now)
	timeout 60 "$@" || true
	[ $(($(now) - began)) -lt "$limit" ] || fail "took $(($(now) - began)) ms: $*" 2>&3
}

for kind in radosgw azurite; do
	use_server $kind
	echo "# $uri: generation that is killed goes on where it was"
	cat >"$tmp/w.yaml" <<-YAML
	dataset: {data_folder: $uri/data, format: npz, num_files_train: 600, record_length_bytes: 300000}
	YAML
	"$DLIOFS" generate -q -t 1 -c "$tmp/w.yaml" &
	generation=$!
	# It stands still while it is looked at, which may take seconds.
	until
		sleep 0.2
		kill -STOP $generation || fail "too fast to be killed"
		[ "$(client list data/train | wc -l)" -ge 20 ]
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
	[ "$(client list data | wc -l)" = 601 ] || fail "something else is there"

	echo "# one that is interrupted aborts its uploads"
	"$DLIOFS" generate -q -t 4 -c "$tmp/w.yaml" "++dataset.data_folder=$uri/large" \
		++dataset.record_length_bytes=40000000 2>"$tmp/log" &
	generation=$!
	until [ -n "$(client list large)" ]; do sleep 0.05; done
	kill -INT $generation
	within 4000 tail --pid=$generation -f /dev/null # the server answers
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
	until [ -s "$tmp/proxy" ]; do sleep 0.05; done
	export AWS_ENDPOINT_URL AZURE_STORAGE_BLOB_ENDPOINT
	AWS_ENDPOINT_URL=$(cat "$tmp/proxy")
	AZURE_STORAGE_BLOB_ENDPOINT=$AWS_ENDPOINT_URL
	mount_at "$mnt" --writable "$uri/data" ++dliofs.backend.deadline=2 ++dliofs.backend.first_byte_timeout=1
	ls "$mnt/train" >/dev/null
	cat "$mnt/train/img_000_of_600.npz" >/dev/null
	kill -USR1 "$proxy"

	# The kernel asks twice, to read ahead and for the page itself; each takes
	# the deadline of two seconds.
	within 6000 cat "$mnt/train/img_100_of_600.npz" >"$tmp/got" 2>"$tmp/log"
	expect_text 'timed out|Input/output' "$tmp/log"
	within 4000 cp "$tmp/w.yaml" "$mnt/new" 2>"$tmp/log"
	expect_text 'timed out|Input/output' "$tmp/log"
	within 4000 ls "$mnt/valid" 2>"$tmp/log"
	ls "$mnt/train" >/dev/null || fail "what was listed before is gone"

	echo "# its readers can be killed, and it can be unmounted"
	cat "$mnt/train/img_200_of_600.npz" >/dev/null 2>&1 &
	reader=$!
	sleep 0.3
	kill -KILL $reader
	within 4000 tail --pid=$reader -f /dev/null
	server=$(server_of "$mnt")
	within 4000 "$DLIOFS" umount "$mnt"
	within 6000 tail --pid="$server" -f /dev/null # as cat above
	if mountpoint -q "$mnt"; then fail "still mounted"; fi

	echo "# nor does what generates wait for it"
	"$DLIOFS" generate -q -c "$tmp/w.yaml" "++dataset.data_folder=$uri/silent" 2>"$tmp/log" &
	generation=$!
	sleep 0.5
	kill -INT $generation
	within 1500 tail --pid=$generation -f /dev/null

	kill -USR2 "$proxy"
	mount_at "$mnt" "$uri/data" --listing lazy ++dliofs.backend.deadline=100
	cat "$mnt/train/img_300_of_600.npz" >/dev/null
	kill -USR1 "$proxy"
	cat "$mnt/train/img_400_of_600.npz" >/dev/null 2>&1 &
	reader=$!
	sleep 0.3
	server=$(server_of "$mnt")
	kill -TERM "$server"
	# Five seconds for those who use it, two for what is under way.
	within 9000 tail --pid="$server" -f /dev/null
	if kill -0 "$server" 2>/dev/null; then fail "the server lives"; fi
	within 4000 tail --pid=$reader -f /dev/null
	if mountpoint -q "$mnt"; then fail "still mounted"; fi
	kill "$proxy"

	echo "# the mount's own server dies: unmounted and mounted again, all is there"
	AWS_ENDPOINT_URL=$SERVER_URL
	AZURE_STORAGE_BLOB_ENDPOINT=$SERVER_URL
	mount_at "$mnt" "$uri/data"
	cat "$mnt/train/img_500_of_600.npz" >"$tmp/got"
	server=$(server_of "$mnt")
	kill -KILL "$server"
	within 4000 tail --pid="$server" -f /dev/null
	if cat "$mnt/train/img_501_of_600.npz" >/dev/null 2>&1; then fail "nobody serves it"; fi
	dliofs umount "$mnt"
	mount_at "$mnt" "$uri/data"
	cmp "$mnt/train/img_500_of_600.npz" "$tmp/got"
	dliofs umount "$mnt"
done

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

# said WORD: how often the silent proxy has.
said() {
	grep -c "$1" "$tmp/proxy" || true
}

# has_said WORD N: more than N times.
has_said() {
	[ "$(said "$1")" -gt "$2" ]
}

# tell SIGNAL: and the silent proxy has heard it.
tell() {
	local before

	before=$(said heard)
	kill -"$1" "$proxy"
	await has_said heard "$before"
}

# there FOLDER N: as many objects or more are in it.
there() {
	[ "$(client list "$1" | wc -l)" -ge "$2" ]
}

# puts FOLDER N: the server has done so many, and nothing of them comes later.
puts() {
	[ "$(grep -c " PUT .*$1" "$tmp/requests")" -ge "$2" ]
}

straight() {
	AWS_ENDPOINT_URL=$SERVER_URL
	AZURE_STORAGE_BLOB_ENDPOINT=$SERVER_URL
}

for kind in radosgw azurite; do
	use_server $kind
	echo "# $uri: generation that is killed goes on where it was"
	cat >"$tmp/w.yaml" <<-YAML
	dataset: {data_folder: $uri/data, format: npz, num_files_train: 240, record_length_bytes: 300000}
	YAML
	# From the ninth on they are taken and nobody hears of it.
	through_proxy --fault stall --method PUT --target data/train --first 9 --ms 600000
	"$DLIOFS" generate -q -t 1 -c "$tmp/w.yaml" &
	generation=$!
	await there data/train 9
	kill -KILL $generation
	wait $generation 2>/dev/null || true
	straight
	expect_status 2 dliofs verify -q -c "$tmp/w.yaml" 2>"$tmp/log"
	expect_text 'not finished' "$tmp/log"
	client list data/train | awk '{ print $2 }' | sort -u >"$tmp/sizes"
	[ "$(wc -l <"$tmp/sizes")" = 1 ] || fail "half a file: $(cat "$tmp/sizes")"
	dliofs generate -q -c "$tmp/w.yaml" 2>"$tmp/log"
	expect_text ' [1-9][0-9]* there already' "$tmp/log"
	dliofs verify -q -c "$tmp/w.yaml"
	[ "$(client list data | wc -l)" = 241 ] || fail "something else is there"

	echo "# killed in the middle of an upload: the next one takes what is left away"
	large=("++dataset.data_folder=$uri/killed" ++dataset.num_files_train=2 ++dataset.record_length_bytes=9000000)
	for name in killed/train/mine killed/other/img_0_of_2.npz killed2/train/img_0_of_2.npz; do
		client begin "$name"
	done
	client pending killed | sort >"$tmp/others"
	through_proxy --fault stall --method PUT --target killed/train --first 2 --ms 600000
	"$DLIOFS" generate -q -t 1 -c "$tmp/w.yaml" "${large[@]}" &
	generation=$!
	await puts killed/train/img_0 2
	kill -KILL $generation
	wait $generation 2>/dev/null || true
	straight
	[ -n "$(client pending killed/train/img_0)" ] || fail "it left nothing"
	dliofs generate -c "$tmp/w.yaml" "${large[@]}" 2>"$tmp/log"
	[ $kind = azurite ] || expect_text 'what was left of 1 file ' "$tmp/log"
	client pending killed | sort | diff "$tmp/others" - || fail "other uploads than those of others"
	dliofs verify -q -c "$tmp/w.yaml" "${large[@]}"

	echo "# one that is interrupted aborts its uploads"
	"$DLIOFS" generate -q -t 4 -c "$tmp/w.yaml" "++dataset.data_folder=$uri/large" \
		++dataset.record_length_bytes=40000000 2>"$tmp/log" &
	generation=$!
	await there large 1
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
	AWS_ENDPOINT_URL=$(head -n 1 "$tmp/proxy")
	AZURE_STORAGE_BLOB_ENDPOINT=$AWS_ENDPOINT_URL
	# A busy machine's server may not be fast enough for that each time.
	mkdir -p "$mnt"
	await dliofs mount --writable "$uri/data" "$mnt" \
		++dliofs.backend.deadline=2 ++dliofs.backend.first_byte_timeout=1
	await ls "$mnt/train" >/dev/null
	await cat "$mnt/train/img_000_of_240.npz" >/dev/null
	tell USR1

	# The kernel asks twice, to read ahead and for the page itself; each takes
	# the deadline of two seconds.
	within cat "$mnt/train/img_030_of_240.npz" >"$tmp/got" 2>"$tmp/log"
	expect_text 'timed out|Input/output' "$tmp/log"
	within cp "$tmp/w.yaml" "$mnt/new" 2>"$tmp/log"
	expect_text 'timed out|Input/output' "$tmp/log"
	within ls "$mnt/valid" 2>"$tmp/log"
	ls "$mnt/train" >/dev/null || fail "what was listed before is gone"
	server=$(server_of "$mnt")
	within "$DLIOFS" umount "$mnt"
	await gone "$server"
	if mountpoint -q "$mnt"; then fail "still mounted"; fi

	echo "# nor does what generates wait for it"
	before=$(said kept)
	"$DLIOFS" generate -q -c "$tmp/w.yaml" "++dataset.data_folder=$uri/silent" 2>"$tmp/log" &
	generation=$!
	await has_said kept "$before"
	kill -INT $generation
	await gone $generation

	echo "# its readers can be killed, and those who wait for long do not hold it up"
	tell USR2
	mount_at "$mnt" "$uri/data" --listing lazy ++dliofs.backend.deadline=100
	cat "$mnt/train/img_090_of_240.npz" >/dev/null
	tell USR1
	cat "$mnt/train/img_060_of_240.npz" >/dev/null 2>&1 &
	reader=$!
	await asks_mount $reader "$mnt"
	kill -KILL $reader
	await gone $reader
	cat "$mnt/train/img_120_of_240.npz" >/dev/null 2>&1 &
	reader=$!
	await asks_mount $reader "$mnt"
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
	straight
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

#!/usr/bin/env bash
# A server that is gone for a while costs generation nothing but time; one that
# is gone for too long, nothing that was done.
# servers: radosgw azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

# What ends an upload in parts.
complete='POST .*uploadId=|comp=blocklist'
declare -A ends=([radosgw]="--method POST --target uploadId=" [azurite]="--target comp=blocklist")

# after PATTERN: wait until such a request was answered, or none will be.
after() {
	await answered_or_over "$1"
	grep -qE -- "$1" "$tmp/requests" || fail "it ended before: $(cat "$tmp/log")"
}

answered_or_over() {
	grep -qE -- "$1" "$tmp/requests" || gone "$generation"
}

small_workload >"$tmp/w.yaml"
parts=(++dataset.num_files_train=6 ++dataset.num_files_eval=0 ++dataset.record_length_bytes=10000000
	++dataset.record_length_bytes_stdev=0 ++dliofs.backend.part_size=5MiB)

for kind in radosgw azurite; do
	use_server $kind
	through_proxy --seed 1
	echo "# $uri: it comes back while parts are sent, and while they are put together"
	at=("${parts[@]}" "++dataset.data_folder=$uri/data")
	"$DLIOFS" generate -q -t 3 -c "$tmp/w.yaml" "${at[@]}" 2>"$tmp/log" &
	generation=$!
	for moment in 'partNumber=|comp=block&' "$complete"; do
		after "$moment"
		echo die >"$control"
		sleep 0.3
		echo recover >"$control"
	done
	wait $generation || { cat "$tmp/log"; fail "it gave up"; }
	expect_text ' 6 files written' "$tmp/log"
	dliofs verify -q -c "$tmp/w.yaml" "${at[@]}"
	# One that was begun while nobody heard the answer may be; it is empty.
	[ -z "$(client parts)" ] || fail "parts were left behind: $(client parts)"

	echo "# it comes back too late"
	at[-1]=++dataset.data_folder=$uri/late
	# It dies between the first file and the second, whose end it does not answer.
	read -ra end <<<"${ends[$kind]}"
	through_proxy --fault stall "${end[@]}" --first 2 --ms 600000
	"$DLIOFS" generate -q -t 1 -c "$tmp/w.yaml" "${at[@]}" ++dliofs.backend.attempts=2 2>"$tmp/log" &
	generation=$!
	after "$complete"
	echo die >"$control"
	wait $generation && fail "it is done without a server"
	echo calm >"$control"
	echo recover >"$control"
	client list late/train | awk '{ print $2 }' | sort -u >"$tmp/sizes"
	[ "$(wc -l <"$tmp/sizes")" = 1 ] || fail "half a file: $(cat "$tmp/sizes")"
	dliofs generate -q -c "$tmp/w.yaml" "${at[@]}" 2>"$tmp/log"
	expect_text ' [1-5] there already' "$tmp/log"
	dliofs verify -q -c "$tmp/w.yaml" "${at[@]}"
	client clear # the servers keep all in memory
done

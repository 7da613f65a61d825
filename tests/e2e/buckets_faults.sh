#!/usr/bin/env bash
# Generation, a mount and training go through a network that breaks one request
# in twenty, and every byte is right; in little memory, too.
# servers: radosgw azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

mnt=$tmp/mnt
kinds=500,503,reset,lose,reset-headers,reset-body,short,close
settings=(++reader.read_threads=4 ++dataset.num_files_train=120 ++dataset.num_files_eval=0
	++dataset.record_length_bytes=60000 ++dataset.record_length_bytes_stdev=20000)

sums() {
	(cd "$1" && find . -type f ! -name manifest.dliofs -exec sha256sum {} + | sort -k 2)
}

# broken [PATTERN]: how many requests like it were.
broken() {
	grep -v '^- ' "$tmp/requests" | grep -c -- "${1:-}" || true
}

small_workload >"$tmp/w.yaml"
large=(++dataset.num_files_train=6 ++dataset.num_files_eval=0 ++dataset.num_subfolders_train=0
	++dataset.record_length_bytes=20000000 ++dataset.record_length_bytes_stdev=0)
dliofs generate -q -c "$tmp/w.yaml" "${large[@]}"
sums "$tmp/data" >"$tmp/large.sums"
rm -r "$tmp/data"
dliofs generate -q -c "$tmp/w.yaml" "${settings[@]}"
sums "$tmp/data" >"$tmp/on_files.sums"
[ "$(wc -l <"$tmp/on_files.sums")" = 120 ] || fail "not every file is there"

for kind in radosgw azurite; do
	use_server $kind
	echo "# $uri: 16 readers in 32 MiB"
	dliofs generate -q -c "$tmp/w.yaml" "${large[@]}" "++dataset.data_folder=$uri/large"
	mount_at "$mnt" "$uri/large" ++dliofs.mount.memory=32MiB
	server=$(server_of "$mnt")
	/usr/bin/python3 - "$mnt" "$tmp/large.sums" <<-'PYTHON'
	import hashlib, sys, threading
	sums = [line.split() for line in open(sys.argv[2])]
	wrong = []
	def read(i): # two of the files
	    for want, name in (sums[i % len(sums)], sums[(i + 3) % len(sums)]):
	        got = hashlib.sha256()
	        with open(sys.argv[1] + "/" + name, "rb", buffering=0) as f:
	            while data := f.read(1 << 20):
	                got.update(data)
	        if got.hexdigest() != want:
	            wrong.append((i, name))
	readers = [threading.Thread(target=read, args=(i,)) for i in range(16)]
	for t in readers:
	    t.start()
	for t in readers:
	    t.join()
	assert len(sums) == 6 and not wrong, wrong
	PYTHON
	# The program and what its threads need come on top.
	peak=$(awk '/^VmHWM/ { print int($2 / 1024) }' "/proc/$server/status")
	echo "peak of $peak MiB"
	if ! ldd "$DLIOFS" | grep libasan >/dev/null && [ "$peak" -gt 80 ]; then
		fail "$peak MiB"
	fi
	dliofs umount "$mnt"

	echo "# one request in twenty breaks"
	through_proxy --fault $kinds --percent 5 --seed 7
	dliofs run -q -c "$tmp/w.yaml" -o "$tmp/on_$kind" "${settings[@]}" \
		"++dataset.data_folder=$uri/data" "++checkpoint.checkpoint_folder=$uri/ck" \
		++train.epochs=2 >"$tmp/log" 2>&1 || { cat "$tmp/log"; fail "run"; }
	for what in PUT GET; do
		[ "$(broken " $what .*/data/train")" -ge 2 ] || fail "too few $what broke: $(broken)"
	done
	echo "$(broken) of $(wc -l <"$tmp/requests") requests broke"
	python3 - "$tmp/on_$kind/latency.json" <<-'PYTHON'
	import json, sys
	latency = json.load(open(sys.argv[1]))
	levels = latency["levels"]
	reads = levels["app"]["read"]
	assert reads["errors"] == 0 and reads["count"] >= 240, reads
	PYTHON
	mount_at "$mnt" "$uri/data"
	sums "$mnt" | diff "$tmp/on_files.sums" - || fail "other bytes than on files"
	dliofs umount "$mnt"
	[ -z "$(client pending)" ] || fail "uploads were left behind"
	client clear # the servers keep all in memory
done

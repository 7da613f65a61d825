#!/usr/bin/env bash
# A workload gives the same on buckets as on files.
# servers: radosgw swift azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

small_workload >"$tmp/w.yaml"

# What a run came to, without what depends on time.
outcome() {
	python3 - "$1" <<-'PYTHON'
	import json, sys
	def read(name):
	    return json.load(open(sys.argv[1] + "/" + name))
	print({k: v for k, v in read("summary.json").items() if k.startswith("num_files")})
	epochs = read("0_per_epoch_stats.json")
	for e in sorted(epochs):
	    print(e, sorted(epochs[e]))
	for op, f in read("latency.json")["levels"]["app"].items():
	    print(op, f["count"], f["bytes"], f["errors"])
	PYTHON
}

sums() {
	(cd "$1" && find . -type f ! -name manifest.dliofs -exec sha256sum {} + | sort -k 2)
}

echo "# files"
dliofs run -q -c "$tmp/w.yaml" -o "$tmp/on_files" >"$tmp/log" 2>&1
outcome "$tmp/on_files" >"$tmp/on_files.txt"
sums "$tmp/data" >"$tmp/on_files.sums"
[ "$(wc -l <"$tmp/on_files.sums")" = 28 ] || fail "not every file is there"

for kind in radosgw swift azurite; do
	use_server $kind
	echo "# $uri"
	here=("++dataset.data_folder=$uri/data" "++checkpoint.checkpoint_folder=$uri/ck")

	dliofs generate -q -c "$tmp/w.yaml" "${here[@]}"
	dliofs verify -q -c "$tmp/w.yaml" "${here[@]}"
	dliofs run -q -c "$tmp/w.yaml" -o "$tmp/on_$kind" "${here[@]}" >"$tmp/log" 2>&1 ||
		{ cat "$tmp/log"; fail "run"; }
	outcome "$tmp/on_$kind" >"$tmp/on_$kind.txt"
	diff "$tmp/on_files.txt" "$tmp/on_$kind.txt" || fail "another outcome than on files"

	mount_at "$tmp/mnt" "$uri/data"
	sums "$tmp/mnt" | diff "$tmp/on_files.sums" - || fail "other bytes than on files"
	dliofs umount "$tmp/mnt"
	[ -z "$(client pending)" ] || fail "uploads were left behind"

	echo "# without a mount"
	dliofs train -q --no-mount -c "$tmp/w.yaml" -o "$tmp/native_$kind" "${here[@]}" >"$tmp/log" 2>&1 ||
		{ cat "$tmp/log"; fail "train"; }
	dliofs overhead -q -n 1 -c "$tmp/w.yaml" "${here[@]}" ++workflow.generate_data=False >"$tmp/log"
	expect_text '^native ' "$tmp/log"

	echo "# keep_files: False removes what was made, and nothing else"
	echo mine | client put data/train/mine
	dliofs run -q -c "$tmp/w.yaml" -o "$tmp/gone_$kind" "${here[@]}" ++dataset.keep_files=False \
		++train.epochs=1 ++workflow.checkpoint=False >"$tmp/log" 2>&1
	[ "$(names_there | grep -v ^ck/)" = data/train/mine ] || fail "left: $(names_there)"
done

echo "# DLIO's own way of saying where"
use_server radosgw
unset "${!AWS_@}"
export AWS_EC2_METADATA_DISABLED=true
cat >"$tmp/dlio.yaml" <<YAML
storage:
  storage_type: s3
  storage_root: $SERVER_BUCKET
  storage_options:
    access_key_id: $SERVER_USER
    secret_access_key: $SERVER_SECRET
    endpoint_url: $SERVER_URL
    region: us-east-1
    s3_force_path_style: "true"
    s3_max_attempts: 3
dataset: {data_folder: $prefix/data, format: npz, num_files_train: 4, record_length_bytes: 1000}
YAML
dliofs generate -q -c "$tmp/dlio.yaml"
[ "$(names_there | grep -c npz)" = 4 ] || fail "not there: $(names_there)"
dliofs verify -q -c "$tmp/dlio.yaml"
dliofs check -c "$tmp/dlio.yaml" >"$tmp/log"
if grep -q "$SERVER_SECRET" "$tmp/log"; then fail "a secret shows"; fi

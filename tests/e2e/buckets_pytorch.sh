#!/usr/bin/env bash
# The README's PyTorch job on a bucket works as it stands there, and DataLoader's
# workers see the bytes that were generated.
# servers: radosgw swift azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

small_workload >"$tmp/w.yaml"
sed -n '/^<!-- train.py -->/,/^<!-- end of train.py/s/^\t//p' "$DLIOFS_SRC/README.md" >"$tmp/train.py"
# The commands, with our names for theirs.
sed -n '/^### Mount a bucket/,/^where/s/^\t\(dliofs\|python3\) /\1 /p' "$DLIOFS_SRC/README.md" >"$tmp/commands"
[ "$(grep -c . "$tmp/commands")" = 6 ] || fail "the README has other commands"
dliofs generate -q -c "$tmp/w.yaml"
mkdir "$tmp/mnt_data" "$tmp/mnt_checkpoints"

python3() {
	/usr/bin/python3 "$@"
}

for kind in radosgw swift azurite; do
	use_server $kind
	echo "# $uri"
	dliofs generate -q -c "$tmp/w.yaml" "++dataset.data_folder=$uri/data"
	client remove data/manifest.dliofs # as if somebody else had made it
	sed "s|s3://bucket|$uri|; s|/mnt/|$tmp/mnt_|g; s|train.py|$tmp/train.py|" "$tmp/commands" >"$tmp/script"
	# shellcheck disable=SC1091
	. "$tmp/script" >"$tmp/log"
	expect_text '^28 samples, [12] checkpoints$' "$tmp/log"
	expect_text '^request +read ' "$tmp/log"
	names_there | grep -v ^data/ | diff - <(printf 'checkpoints/model-%d.pt\n' 0 1) ||
		fail "other checkpoints"

	mount_at "$tmp/mnt" "$uri/data"
	"$DLIOFS_SRC/tests/lib/read_by_dataloader.py" "$tmp/mnt/train" "$tmp/data/train"
	dliofs umount "$tmp/mnt"
done

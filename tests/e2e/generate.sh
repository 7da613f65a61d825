#!/usr/bin/env bash
# Generation: whole, resumed, on a full disk, where nobody may write; and
# verification, which finds one wrong byte.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"
dliofs generate -c "$tmp/w.yaml" 2>"$tmp/log"
expect_text '28 files written' "$tmp/log"
[ "$(find "$tmp/data/train" -name '*.npz' | wc -l)" = 24 ] || fail "not 24 files"
[ -e "$tmp/data/train/0/img_00_of_24.npz" ] || fail "no img_00_of_24.npz"
[ -e "$tmp/data/valid/img_3_of_4.npz" ] || fail "no img_3_of_4.npz"
dliofs verify -c "$tmp/w.yaml" 2>"$tmp/log"
expect_text '28 files are there and right, as the manifest says' "$tmp/log"

echo "# both folders are there, in the mount too: DLIO lists even an empty one"
none=(++dataset.num_files_eval=0 ++dataset.num_subfolders_train=0)
for uri in "file://$tmp/none" "direct://$tmp/none"; do
	rm -rf "$tmp/none"
	dliofs generate -c "$tmp/w.yaml" "${none[@]}" "++dataset.data_folder=$uri"
	[ -d "$tmp/none/valid" ] || fail "$uri: no folder valid"
	mount_at "$tmp/mnt" -c "$tmp/w.yaml" "${none[@]}" \
		"++dataset.data_folder=$uri"
	[ -d "$tmp/mnt/data/valid" ] || fail "$uri: no folder valid in the mount"
	dliofs umount "$tmp/mnt"
	mount_at "$tmp/mnt" "$uri"
	[ -d "$tmp/mnt/valid" ] || fail "$uri, by URI: no folder valid in the mount"
	dliofs umount "$tmp/mnt"
done

echo "# what is there is not written again"
dliofs generate -c "$tmp/w.yaml" 2>"$tmp/log"
expect_text ' 0 files written .* 28 there already' "$tmp/log"
rm "$tmp/data/train/1/img_01_of_24.npz"
dliofs generate -c "$tmp/w.yaml" 2>"$tmp/log"
expect_text ' 1 files written .* 27 there already' "$tmp/log"

echo "# another configuration replaces it"
dliofs generate -c "$tmp/w.yaml" ++dliofs.dataset.seed=7 2>"$tmp/log"
expect_text '28 files written' "$tmp/log"
expect_status 2 dliofs verify -c "$tmp/w.yaml"

echo "# a wrong byte, a missing file and a short one are found"
dliofs generate -c "$tmp/w.yaml"
victim=$tmp/data/train/2/img_05_of_24.npz
byte=$(od -An -tu1 -j100000 -N1 "$victim")
python3 -c 'import sys; sys.stdout.buffer.write(bytes([int(sys.argv[1]) ^ 1]))' "$byte" |
	dd of="$victim" bs=1 seek=100000 conv=notrunc status=none
expect_status 1 dliofs verify -c "$tmp/w.yaml" 2>"$tmp/log"
expect_text 'train/2/img_05_of_24.npz: differs at offset 100000' "$tmp/log"
rm "$tmp/data/valid/img_1_of_4.npz"
truncate -s -1 "$tmp/data/valid/img_2_of_4.npz"
expect_status 1 dliofs verify -c "$tmp/w.yaml" 2>"$tmp/log"
expect_text 'valid/img_1_of_4.npz: missing' "$tmp/log"
expect_text 'valid/img_2_of_4.npz: has [0-9]+ bytes and should have' "$tmp/log"
expect_text '25 files are right, 1 missing, 2 damaged' "$tmp/log"

echo "# killed half-way, it leaves only whole files and goes on later"
big=(++dataset.num_files_train=64 ++dataset.record_length_bytes=16000000
	++dataset.record_length_bytes_stdev=0 "++dataset.data_folder=$tmp/big")
# Who is to kill it goes first.
nice -n 19 "$DLIOFS" generate -t 1 -c "$tmp/w.yaml" "${big[@]}" 2>/dev/null &
pid=$!
two_are_there() {
	[ "$(find "$tmp/big" -name '*.npz' 2>/dev/null | wc -l)" -ge 2 ]
}
await two_are_there
kill -9 $pid
status=0
wait $pid || status=$?
[ "$status" = 137 ] || fail "it was not killed in time: status $status"
[ -z "$(find "$tmp/big" -type f ! -name '*.npz' ! -name manifest.dliofs)" ] ||
	fail "leftovers: $(find "$tmp/big" -type f ! -name '*.npz')"
[ -z "$(find "$tmp/big/train" -name '*.npz' -size -15000k)" ] ||
	fail "a half file is visible"
dliofs generate -c "$tmp/w.yaml" "${big[@]}" 2>"$tmp/log"
expect_text ' [1-9][0-9]* there already' "$tmp/log"
dliofs verify -c "$tmp/w.yaml" "${big[@]}"
rm -rf "$tmp/big"

echo "# two at once do no harm"
dliofs generate -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/two" &
pid=$!
dliofs generate -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/two"
wait $pid || fail "the first of the two"
dliofs verify -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/two"

if [ "$(id -u)" = 0 ]; then
	echo "# a full disk: said, no half file, and finished when there is room"
	mkdir "$tmp/full"
	mount -t tmpfs -o size=3m tmpfs "$tmp/full"
	expect_status 1 dliofs generate -c "$tmp/w.yaml" \
		"++dataset.data_folder=$tmp/full" 2>"$tmp/log"
	expect_text 'full: has [0-9.]+ MiB free, and the dataset takes [0-9.]+ MiB more' "$tmp/log"
	expect_text 'No space left on device' "$tmp/log"
	mount -o remount,size=64m "$tmp/full"
	dliofs generate -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/full" 2>"$tmp/log"
	! grep -q ' free, ' "$tmp/log" || fail "there is room: $(cat "$tmp/log")"
	dliofs verify -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/full"
	umount "$tmp/full"
fi

echo "# where nobody may write"
mkdir "$tmp/locked"
chmod 555 "$tmp/locked"
as_user=()
[ "$(id -u)" != 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
expect_status 1 "${as_user[@]}" "$DLIOFS" generate -c "$tmp/w.yaml" \
	"++dataset.data_folder=$tmp/locked/x" 2>"$tmp/log"
expect_text 'Permission denied' "$tmp/log"
expect_text "$tmp/locked" "$tmp/log"

if [ "$(id -u)" = 0 ]; then
	echo "# a complete dataset that nobody may change is fine as it is"
	rm -rf "$tmp/data"
	dliofs generate -c "$tmp/w.yaml"
	mkdir "$tmp/frozen"
	mount --bind "$tmp/data" "$tmp/frozen"
	mount -o remount,ro,bind "$tmp/frozen"
	frozen=(-c "$tmp/w.yaml" "++dataset.data_folder=$tmp/frozen")
	dliofs generate "${frozen[@]}" 2>"$tmp/log"
	expect_text ' 0 files written .* 28 there already' "$tmp/log"
	dliofs run -q "${frozen[@]}" -o "$tmp/results" >"$tmp/out"
	rm "$tmp/data/valid/img_1_of_4.npz"
	expect_status 1 dliofs generate "${frozen[@]}" 2>"$tmp/log"
	expect_text 'frozen/valid/img_1_of_4.npz: Read-only file system' "$tmp/log"
fi

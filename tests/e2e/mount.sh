#!/usr/bin/env bash
# The mount shows exactly what is on disk, to every way of reading.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"
dliofs generate -c "$tmp/w.yaml"
head -c 50000000 /dev/urandom >"$tmp/data/train/large.bin"
: >"$tmp/data/empty"

for cache in warm cold direct; do
	echo "# $cache: a folder, by listing"
	rm -f "$tmp/data/manifest.dliofs"
	mount_at "$tmp/mnt" --cache $cache "file://$tmp/data"
	diff -r "$tmp/data" "$tmp/mnt" || fail "the mount differs"
	[ "$(ls -A "$tmp/mnt")" = "$(ls -A "$tmp/data")" ] || fail "ls differs"
	[ ! -e "$tmp/mnt/train/none" ] || fail "a file that is not there is"
	grep -q levels "$tmp/mnt/.dliofs/stats" || fail "no statistics"
	"$DLIOFS_SRC/tests/lib/read_randomly.py" \
		"$tmp/data/train/large.bin" "$tmp/mnt/train/large.bin"
	if touch "$tmp/mnt/train/new" 2>/dev/null; then
		fail "a read-only mount was written to"
	fi
	dliofs stats "$tmp/mnt" >"$tmp/log"
	expect_text '^fuse +read ' "$tmp/log"
	expect_text '^store +read ' "$tmp/log"
	dliofs stats --json "$tmp/mnt" | python3 -m json.tool >/dev/null
	dliofs umount "$tmp/mnt"
	! mountpoint -q "$tmp/mnt" || fail "still mounted"
done

echo "# a workload, its names computed"
rm "$tmp/data/train/large.bin" "$tmp/data/empty"
mount_at "$tmp/mnt" -c "$tmp/w.yaml"
diff -r "$tmp/data" "$tmp/mnt/data" || fail "the mount differs"
[ "$(stat -f -c %T "$tmp/mnt")" = fuseblk ] || [ "$(stat -f -c %T "$tmp/mnt")" = fuse ] ||
	fail "statfs: $(stat -f -c %T "$tmp/mnt")"
[ "$(stat -c %o "$tmp/mnt/data/train/0/img_00_of_24.npz")" = 4096 ] ||
	fail "st_blksize is not what was configured"
dliofs umount "$tmp/mnt"

echo "# from the manifest"
dliofs generate -c "$tmp/w.yaml" 2>/dev/null
mount_at "$tmp/mnt" "$tmp/data"
diff -r --exclude=manifest.dliofs "$tmp/data" "$tmp/mnt" || fail "the mount differs"
dliofs umount "$tmp/mnt"

echo "# synth:// is what generate wrote, byte by byte"
mount_at "$tmp/mnt" -c "$tmp/w.yaml" ++dataset.data_folder=synth://
diff -r --exclude=manifest.dliofs "$tmp/data" "$tmp/mnt/data" || fail "synth differs"
dliofs umount "$tmp/mnt"

echo "# what cannot be mounted is refused, and says so"
expect_status 1 dliofs mount "file://$tmp/none" "$tmp/mnt" 2>"$tmp/log"
expect_text "$tmp/none" "$tmp/log"
expect_status 1 dliofs mount "file://$tmp/data" "$tmp/no-such-dir" 2>"$tmp/log"
expect_text 'no-such-dir' "$tmp/log"
expect_status 2 dliofs mount "gopher://x" "$tmp/mnt" 2>"$tmp/log"
expect_text 'no store has this scheme' "$tmp/log"
expect_status 2 dliofs umount "$tmp/mnt" 2>"$tmp/log"
expect_text 'nothing is mounted there' "$tmp/log"
for words in "" --foreground --writable; do
	# shellcheck disable=SC2086
	expect_status 2 dliofs mount $words synth:// "$tmp/mnt" 2>"$tmp/log"
	expect_text 'synth:// computes a dataset: mount -c FILE DIR' "$tmp/log"
done

echo "# the mount's own .dliofs hides a store's, and no listing shows either"
mkdir -p "$tmp/own/.dliofs"
echo theirs | tee "$tmp/own/.dliofs/stats" >"$tmp/own/file"
for how in "--listing all" "--listing lazy" --writable; do
	# shellcheck disable=SC2086
	mount_at "$tmp/mnt" $how "$tmp/own"
	[ "$(ls -A "$tmp/mnt")" = file ] || fail "$how shows: $(ls -A "$tmp/mnt")"
	[ "$(find "$tmp/mnt" -type f)" = "$tmp/mnt/file" ] || fail "$how: $(find "$tmp/mnt")"
	grep -q levels "$tmp/mnt/.dliofs/stats" || fail "$how: no statistics"
	dliofs umount "$tmp/mnt"
done

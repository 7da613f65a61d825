#!/usr/bin/env bash
# An ordinary user mounts, reads, trains and unmounts; what only root gets is
# named.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

# He may not be let in where the program was built: below /root, say.
cp "$DLIOFS" "$tmp/dliofs"
DLIOFS=$tmp/dliofs

user() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups \
			env HOME="$tmp/home" "$@"
	else
		"$@"
	fi
}

# Everybody may open it where udev is; a machine without udev is made so.
if [ "$(id -u)" = 0 ] && [ "$(stat -c %a /dev/fuse)" != 666 ]; then
	chmod 666 /dev/fuse
fi

mkdir "$tmp/home" "$tmp/mnt"
[ "$(id -u)" != 0 ] || chown 65534:65534 "$tmp/home" "$tmp/mnt"
tmp_of_test=$tmp
tmp=$tmp/home small_workload >"$tmp_of_test/w.yaml"
chmod 644 "$tmp/w.yaml"

user "$DLIOFS" generate -c "$tmp/w.yaml"
user "$DLIOFS" mount -c "$tmp/w.yaml" "$tmp/mnt" 2>"$tmp/log"
expect_text 'read_ahead_kb (is .* not|may not be) [0-9]+: ' "$tmp/log"
user diff -r --exclude=manifest.dliofs "$tmp/home/data" "$tmp/mnt/data"
echo hello | user tee "$tmp/mnt/checkpoints/x" >/dev/null
[ "$(user cat "$tmp/home/checkpoints/x")" = hello ] || fail "not written through"
user "$DLIOFS" stats "$tmp/mnt" >/dev/null
user "$(command -v env)" PATH=/nowhere "$DLIOFS" umount "$tmp/mnt"
! mountpoint -q "$tmp/mnt" || fail "without fusermount3 in PATH, still mounted"
user env TMPDIR="$tmp/home" "$DLIOFS" run -c "$tmp/w.yaml" -o "$tmp/home/results"
[ -s "$tmp/home/results/summary.json" ] || fail "no summary"

echo "# a folder that cannot be written to is not mounted as if it could"
mkdir -p "$tmp/theirs/sub" "$tmp/ours/theirs"
[ "$(id -u)" != 0 ] || chown 65534:65534 "$tmp/ours"
chmod 555 "$tmp/theirs" "$tmp/ours/theirs"
for scheme in "" direct://; do
	expect_status 1 user "$DLIOFS" mount --writable "$scheme$tmp/theirs" "$tmp/mnt" 2>"$tmp/log"
	expect_text 'theirs cannot be written to; mount it without --writable: Permission denied' "$tmp/log"
	! mountpoint -q "$tmp/mnt" || fail "mounted"
done
expect_status 1 user "$DLIOFS" mount -c "$tmp/w.yaml" "checkpoint.checkpoint_folder=$tmp/theirs" "$tmp/mnt" \
	2>"$tmp/log"
expect_text 'theirs cannot be written to; set another checkpoint.checkpoint_folder' "$tmp/log"
user "$DLIOFS" mount --writable "$tmp/ours" "$tmp/mnt" 2>"$tmp/log"
expect_status 1 user touch "$tmp/mnt/theirs/f" 2>"$tmp/log"
expect_text 'Permission denied' "$tmp/log"
user touch "$tmp/mnt/f"
user "$DLIOFS" umount "$tmp/mnt"
[ -e "$tmp/ours/f" ] || fail "not written"

if [ "$(id -u)" = 0 ]; then
	echo "# another user's mount"
	mkdir "$tmp/root"
	chmod 755 "$tmp/root"
	mount_at "$tmp/root" "$tmp/home/data"
	expect_status 1 user "$DLIOFS" umount "$tmp/root" 2>"$tmp/log"
	expect_text 'root: Operation not permitted' "$tmp/log"
fi

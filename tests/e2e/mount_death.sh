#!/usr/bin/env bash
# The server of a mount dies under load, or is told to end: readers get an
# error in seconds, nothing is stuck, and mounting again works.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

mkdir "$tmp/data"
head -c 30000000 /dev/urandom >"$tmp/data/file"

# read_until_error SIGN: read for ever, until an error; make a file once it was
# read.  A reader that is stuck outlives its timeout.
read_until_error() {
	timeout --signal=KILL 120 bash -c "while cat '$tmp/mnt/file' >/dev/null 2>&1; do : >'$1'; done"
}

for signal in KILL TERM; do
	echo "# SIG$signal under load"
	mount_at "$tmp/mnt" --cache direct --stats-file "$tmp/stats" "$tmp/data"
	readers=()
	for i in 1 2 3 4; do
		read_until_error "$tmp/reads-$signal-$i" &
		readers+=($!)
	done
	for i in 1 2 3 4; do await test -e "$tmp/reads-$signal-$i"; done
	server=$(server_of "$tmp/mnt")
	kill -$signal "$server"
	for r in "${readers[@]}"; do
		wait "$r" || fail "a reader was stuck"
	done
	await gone "$server"
	if [ $signal = KILL ]; then
		ls "$tmp/mnt" >/dev/null 2>&1 && fail "a dead mount answers"
	else
		python3 -m json.tool <"$tmp/stats" >/dev/null ||
			fail "the statistics were not flushed"
		! mountpoint -q "$tmp/mnt" || fail "SIGTERM left the mount"
	fi
	echo "# mounting again takes the place of the dead one"
	mount_at "$tmp/mnt" "$tmp/data"
	cmp "$tmp/data/file" "$tmp/mnt/file"
	dliofs umount "$tmp/mnt"
done

echo "# umount clears a dead mount"
mount_at "$tmp/mnt" "$tmp/data"
server=$(server_of "$tmp/mnt")
kill -KILL "$server"
await gone "$server"
dliofs umount "$tmp/mnt"
! mountpoint -q "$tmp/mnt" || fail "the dead mount is still there"
ls "$tmp/mnt" >/dev/null

echo "# SIGUSR1 dumps statistics"
mount_at "$tmp/mnt" --stats-file "$tmp/dumped" "$tmp/data"
cat "$tmp/mnt/file" >/dev/null
kill -USR1 "$(server_of "$tmp/mnt")"
await test -s "$tmp/dumped"
python3 -m json.tool <"$tmp/dumped" >/dev/null

echo "# where they cannot be written, the earlier ones stay"
ln -s /dev/full "$tmp/.dumped.new"
kill -USR1 "$(server_of "$tmp/mnt")"
await test ! -L "$tmp/.dumped.new"
python3 -m json.tool <"$tmp/dumped" >/dev/null
dliofs umount "$tmp/mnt"

echo "# a mount in use: busy, unless forced"
mount_at "$tmp/mnt" "$tmp/data"
exec 9<"$tmp/mnt/file"
expect_status 1 dliofs umount "$tmp/mnt" 2>"$tmp/log"
expect_text 'use --force' "$tmp/log"
dliofs umount --force "$tmp/mnt"
! mountpoint -q "$tmp/mnt" || fail "--force left the mount"
exec 9<&-

echo "# a server that is stuck holds nobody up"
mount_at "$tmp/mnt" --cache direct "$tmp/data"
server=$(server_of "$tmp/mnt")
started+=("$server")
kill -STOP "$server"
cat "$tmp/mnt/file" >/dev/null 2>&1 &
reader=$!
await asks_mount "$reader" "$tmp/mnt"
expect_status 1 timeout 60 "$DLIOFS" umount "$tmp/mnt" 2>"$tmp/log"
expect_text 'use --force' "$tmp/log"
expect_status 1 timeout 60 "$DLIOFS" mount "$tmp/data" "$tmp/mnt" 2>"$tmp/log"
timeout 60 "$DLIOFS" umount --force "$tmp/mnt" || fail "--force waits"
! mountpoint -q "$tmp/mnt" || fail "--force left the mount"
kill -KILL "$reader"
# If the server had taken the reader's request just before it was stopped, the
# kernel keeps the reader until the server goes on.
kill -CONT "$server"
wait "$reader" 2>/dev/null || true

echo "# in the foreground, it ends with its mount"
mkdir -p "$tmp/fore"
"$DLIOFS" mount --foreground "$tmp/data" "$tmp/fore" 2>"$tmp/log" &
await mountpoint -q "$tmp/fore"
cmp "$tmp/data/file" "$tmp/fore/file"
dliofs umount "$tmp/fore"
wait $! || fail "the server's status is $?"

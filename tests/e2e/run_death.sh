#!/usr/bin/env bash
# A run, or the server of its mount, ends before its time: no mount, no process
# and no folder stays behind.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

export TMPDIR=$tmp
small_workload >"$tmp/w.yaml"
dliofs generate -q -c "$tmp/w.yaml"

private_folders() {
	find "$tmp" -maxdepth 1 -name 'dliofs-[0-9]*'
}

nothing_left() {
	[ -z "$(private_mounts)" ] && [ -z "$(private_folders)" ] &&
		! pgrep -f -- "--private .*$tmp/" >/dev/null
}

reading() {
	grep -sq 'Starting block 1' "$tmp/out" && [ -n "$(private_mounts)" ]
}

# start: a run that would take minutes, until it trains; sets run and server.
start() {
	rm -f "$tmp/out" # which says that the last one trains
	setsid "$DLIOFS" run -c "$tmp/w.yaml" -o "$tmp/results" \
		train.epochs=1000 train.computation_time=0.05 \
		workflow.generate_data=False >"$tmp/out" 2>&1 &
	run=$!
	started+=("$run")
	await reading
	server=$(pgrep -f -- "--private .*$tmp/")
}

for signal in KILL TERM INT HUP; do
	echo "# SIG$signal for the run"
	start
	kill -$signal "$run"
	# What a shell in the background starts may ignore SIGINT.
	status=0
	wait "$run" 2>/dev/null || status=$?
	[ $status != 0 ] || fail "SIG$signal passes for success"
	[ $signal = KILL ] || [ $status = 1 ] || fail "status $status, not 1"
	[ $signal = KILL ] || expect_text 'error: .* was interrupted: there are' "$tmp/out"
	await nothing_left
done

echo "# the server is killed"
start
kill -KILL "$server"
expect_status 1 wait "$run"
expect_text 'killed by signal 9' "$tmp/out"
nothing_left || fail "the dead mount stays"

echo "# both are killed: the next run clears what stays"
start
kill -STOP "$run"
kill -KILL "$server"
kill -KILL "$run"
wait "$run" 2>/dev/null || true
await gone "$server"
[ -n "$(private_mounts)" ] || fail "this test tests nothing"
dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" workflow.generate_data=False >"$tmp/out" 2>&1
expect_text 'cleared .*/dliofs-' "$tmp/out"
nothing_left || fail "the dead mount stays"

echo "# a mount in the background keeps nobody's pipe open"
mkdir "$tmp/mnt"
timeout --foreground 60 bash -c "'$DLIOFS' mount '$tmp/data' '$tmp/mnt' 2>&1 | cat" >"$tmp/log" ||
	fail "the pipe stays open"
mountpoint -q "$tmp/mnt" || fail "not mounted"
dliofs umount "$tmp/mnt"

echo "# a log that cannot be written: no mount"
expect_status 1 dliofs mount --log-file "$tmp/no/log" "$tmp/data" "$tmp/mnt" 2>"$tmp/log"
expect_text 'log to .*/no/log: No such file' "$tmp/log"
! mountpoint -q "$tmp/mnt" || fail "mounted all the same"

echo "# a server in the foreground ends with its terminal"
"$DLIOFS" mount --foreground "$tmp/data" "$tmp/mnt" 2>"$tmp/log" &
await mountpoint -q "$tmp/mnt"
kill -HUP $!
wait $! || fail "SIGHUP: status $?"
! mountpoint -q "$tmp/mnt" || fail "SIGHUP left the mount"

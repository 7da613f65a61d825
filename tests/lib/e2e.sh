# shellcheck shell=bash
# For the tests in e2e/: a folder of their own, and words that fail loudly.
# Sourced; expects $DLIOFS (the program) and $DLIOFS_SRC (the sources).
set -euo pipefail

: "${DLIOFS:?}" "${DLIOFS_SRC:?}"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dliofs-e2e.XXXXXX")
chmod 755 "$tmp"
export TMPDIR=$tmp # also of private mounts
started=() # processes to kill at the end

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

# The latest first; there are no blanks in them.
mounts_below() {
	awk -v top="$tmp/" 'index($2, top) == 1 { print $2 }' /proc/self/mounts | tac
}

# Whatever happens, leave no mount and no file.  What does not work here, because
# somebody who is about to end makes a file, say, is no failure of the test.
clean_up() {
	local status=$?

	set +e
	for p in "${started[@]}"; do
		kill -KILL "$p" 2>/dev/null
	done
	for m in $(mounts_below); do
		fusermount3 -uzq "$m" 2>/dev/null || umount -l "$m"
	done
	[ ${#started[@]} -eq 0 ] || wait "${started[@]}" 2>/dev/null
	rm -rf "$tmp"
	exit "$status"
}
trap clean_up EXIT

# await COMMAND...: look until it succeeds; that it takes a minute is a failure.
# What must happen is waited for with this, not with sleep: on a machine with
# other work nobody knows how long it takes.
await() {
	local end=$((SECONDS + 60))

	until "$@"; do
		[ $SECONDS -lt $end ] || fail "not within a minute: $*"
		sleep 0.02
	done
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

not_mounted() {
	! mountpoint -q "$1"
}

# asks_mount PID DIR: it waits for the answer of the mount there, and not for a
# disk that has the program it is about to run: of pages, a file must be open.
asks_mount() {
	local why

	why=$(cat "/proc/$1/wchan") || return
	case $why in
	*fuse* | *request_wait*) ;;
	*folio_wait* | *wait_on_page*) readlink "/proc/$1/fd/"* | grep -F "$2/" >/dev/null ;;
	*) false ;;
	esac
}

# In the background, and where its pid matters, call "$DLIOFS" itself.
dliofs() {
	"$DLIOFS" "$@"
}

# mount_at DIR WORD...: mount in the background.
mount_at() {
	local dir=$1

	shift
	mkdir -p "$dir"
	dliofs mount "$@" "$dir"
	mountpoint -q "$dir" || fail "nothing is mounted on $dir"
}

# expect_status N COMMAND...: it must end with that status.
expect_status() {
	local want=$1 got=0

	shift
	"$@" || got=$?
	[ "$got" = "$want" ] || fail "status $got, not $want: $*"
}

# expect_text PATTERN FILE: a line of the file must match.
expect_text() {
	grep -qE -- "$1" "$2" || {
		cat "$2" >&2
		fail "no line like '$1'"
	}
}

# Mounts that a run made for itself.
private_mounts() {
	mount | grep " on $tmp/dliofs-" || true
}

# The pid of the server of a mount, by its command line.  That of an earlier mount
# there may still be about to end.
server_of() {
	await one_server "$1"
	pgrep -f -- "mount --foreground .*$1\$"
}

one_server() {
	[ "$(pgrep -fc -- "mount --foreground .*$1\$")" = 1 ]
}

# A small workload, as YAML on standard output; data and checkpoints in $tmp.
small_workload() {
	cat <<-YAML
	model: {name: small, model_size_bytes: 1000000}
	framework: pytorch
	workflow: {generate_data: True, train: True, checkpoint: True}
	dataset:
	  data_folder: $tmp/data
	  format: npz
	  num_files_train: 24
	  num_files_eval: 4
	  num_samples_per_file: 1
	  record_length_bytes: 300000
	  record_length_bytes_stdev: 60000
	  num_subfolders_train: 3
	reader: {data_loader: pytorch, batch_size: 4, read_threads: 2}
	train: {epochs: 2, computation_time: 0.002}
	checkpoint: {checkpoint_folder: $tmp/checkpoints}
	YAML
}

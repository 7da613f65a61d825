# shellcheck shell=bash
# For tests with several ranks, after e2e.sh.

: "${DLIOFS_SRC:?}" "${tmp:?}"

command -v mpirun >/dev/null || fail "there is no mpirun (openmpi-bin)"

# Open MPI leaks, also in plugins that it has unloaded by the time that leaks are
# looked for: only whole stacks tell that it was called.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:fast_unwind_on_malloc=0
cat "$DLIOFS_SRC/tests/lsan.supp" "$DLIOFS_SRC/tests/openmpi.supp" >"$tmp/lsan.supp"
export LSAN_OPTIONS=${LSAN_OPTIONS:-}:suppressions=$tmp/lsan.supp:print_suppressions=0
mkdir -p "$tmp/sessions" # its folders are ours to remove
mpirun=(timeout --kill-after=5 200 mpirun --allow-run-as-root --oversubscribe
	--mca orte_tmpdir_base "$tmp/sessions"
	--mca btl 'self,vader,tcp' --mca btl_vader_single_copy_mechanism none)

# ranks N COMMAND...: on this host.
ranks() {
	local n=$1

	shift
	"${mpirun[@]}" --mca oob_tcp_if_include lo --mca btl_tcp_if_include lo \
		-np "$n" "$@"
}

# errors FILE: how many there are of ours.
errors() {
	grep -c '^dliofs: .*error: ' "$1" || true
}

nothing_left() {
	[ -z "$(private_mounts)" ] && ! pgrep -f -- "--private .*$tmp/" >/dev/null &&
		[ -z "$(find "$tmp" -maxdepth 1 -name 'dliofs-[0-9]*')" ]
}

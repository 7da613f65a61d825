# What the benchmarks have in common.  Sourced; needs $disk, a folder for scraps.
# shellcheck shell=bash disable=SC2154,SC2034 # disk, bin

# build_release: into $bin.
build_release() {
	scripts/build-libfuse.sh
	cmake --preset release >/dev/null
	cmake --build --preset release >/dev/null
	bin=$PWD/build/release
}

# median: of the numbers on standard input, a line each.
median() {
	sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# quietly COMMAND...: what it says matters only if it fails.
quietly() {
	"$@" >"$disk/said" 2>&1 || {
		cat "$disk/said" >&2
		echo "bench: failed: $*" >&2
		return 1
	}
}

# ranks N COMMAND...: on this machine.  A rank and its workers may run on any CPU:
# Open MPI would bind a rank and all its workers to one.
ranks() {
	mpirun --allow-run-as-root --oversubscribe --bind-to none \
		--mca oob_tcp_if_include lo --mca btl 'self,vader' \
		--mca btl_vader_single_copy_mechanism none -np "$@"
}

# seconds COMMAND...: how long it took.
seconds() {
	local start=$EPOCHREALTIME

	quietly "$@"
	echo "$start $EPOCHREALTIME" | awk '{ printf "%.6f\n", $2 - $1 }'
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f\n", a / b }'
}

row() {
	printf '%-58s %8s   %-8s %s\n' "$@"
}

# measure NAME TARGET FUNCTION: the median of the ratios that it prints.
measure() {
	local median

	median=$("$3" | median)
	row "$1" "$median" "$2" ""
}

# samples_per_second RESULTS BATCH_SIZE: from the start of an epoch's block to
# its end; the median of all epochs but the first, in which workers start.  (Not
# the summary's figure: DLIO leaves two steps out of its own.)
samples_per_second() {
	python3 - "$@" <<-'PYTHON' | median
	import datetime, json, sys
	folder, batch = sys.argv[1], int(sys.argv[2])
	epochs = json.load(open(folder + "/0_per_epoch_stats.json"))
	steps = json.load(open(folder + "/0_output.json"))
	when = datetime.datetime.fromisoformat
	for epoch in sorted(epochs, key=int)[1:]:
	    block = epochs[epoch]["block1"]
	    time = when(block["end"]) - when(block["start"])
	    n = len(steps[epoch]["load"]["block1"])
	    assert n * batch == 64, n
	    print(n * batch / time.total_seconds())
	PYTHON
}

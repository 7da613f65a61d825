#!/usr/bin/env bash
# What dliofs costs, as ratios measured in one run on this machine: each pair is
# run in turn, A B A B …, and the median of the ratios is printed.
#
#	scripts/bench.sh [REPEATS]
#
# Comparisons with DLIO itself need a script that runs it: DLIO_HOME names a
# folder with an executable `dlio` that takes DLIO's own command line.  Without
# it those rows say so.
set -euo pipefail

cd "$(dirname "$0")/.."
repeats=${1:-5}

scripts/deps.sh build
scripts/build-libfuse.sh
cmake --preset release >/dev/null
cmake --build --preset release >/dev/null

bin=$PWD/build/release
bench=$bin/tests
tmpfs=$(mktemp -d /dev/shm/dliofs-bench.XXXXXX)
disk=$(mktemp -d "${TMPDIR:-/tmp}/dliofs-bench.XXXXXX")
clean_up() {
	for m in "$tmpfs"/mnt*; do
		fusermount3 -uzq "$m" 2>/dev/null || true
	done
	rm -rf "$tmpfs" "$disk"
}
trap clean_up EXIT

# median: of the numbers on standard input, a line each.
median() {
	sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# seconds COMMAND...: how long it took.
seconds() {
	local start=$EPOCHREALTIME

	"$@" >/dev/null 2>&1
	echo "$start $EPOCHREALTIME" | awk '{ printf "%.6f\n", $2 - $1 }'
}

# row NAME RATIO TARGET NOTE
row() {
	printf '%-58s %8s   %-8s %s\n' "$1" "$2" "$3" "${4:-}"
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.4f\n", a / b }'
}

# ---- Generation against plain writes of the same files and bytes ----

generate_against_writes() {
	local files=64 record=16777216 size
	local words=(-q -c configs/smoke.yaml ++dataset.format=npz
		"++dataset.num_files_train=$files" ++dataset.num_files_eval=0
		++dataset.num_subfolders_train=0
		"++dataset.record_length_bytes=$record"
		++dataset.record_length_bytes_stdev=0
		"++dataset.data_folder=$tmpfs/data")

	mkdir -p "$tmpfs/plain"
	"$bin/dliofs" generate "${words[@]}" 2>/dev/null
	size=$(stat -c %s "$(find "$tmpfs/data/train" -name '*.npz' | head -n 1)")
	for _ in $(seq "$repeats"); do
		rm -rf "$tmpfs/data"
		ours=$(seconds "$bin/dliofs" generate "${words[@]}")
		rm -rf "$tmpfs/data"
		plain=$("$bench/bench_write" "$tmpfs/plain" $files "$size" "$(nproc)")
		ratio "$plain" "$ours"
	done | median
	rm -rf "$tmpfs/data" "$tmpfs/plain"
}

# ---- Recorder on against off: 4 KiB reads through the mount ----

recorder_cost() {
	local on off

	mkdir -p "$tmpfs/files" "$tmpfs/mnt-on" "$tmpfs/mnt-off"
	head -c 67108864 /dev/urandom >"$tmpfs/files/file"
	"$bin/dliofs" mount "$tmpfs/files" "$tmpfs/mnt-on" 2>/dev/null
	"$bin/dliofs" mount --no-record "$tmpfs/files" "$tmpfs/mnt-off" 2>/dev/null
	for _ in $(seq $((repeats * 4))); do
		on=$("$bench/bench_read" "$tmpfs/mnt-on/file" 4096 50000)
		off=$("$bench/bench_read" "$tmpfs/mnt-off/file" 4096 50000)
		ratio "$on" "$off"
	done | median
	"$bin/dliofs" umount "$tmpfs/mnt-on"
	"$bin/dliofs" umount "$tmpfs/mnt-off"
	rm -rf "$tmpfs/files"
}

# ---- Against DLIO ----

dlio_words=(workload=unet3d_a100 ++workload.workflow.checkpoint=False
	++workload.dataset.num_files_train=64
	++workload.dataset.record_length_bytes=4194304
	++workload.dataset.record_length_bytes_stdev=0)

generate_against_dlio() {
	local words=("${dlio_words[@]}" ++workload.workflow.generate_data=True
		++workload.workflow.train=False)

	for _ in $(seq "$repeats"); do
		rm -rf "$disk/dlio" "$disk/ours"
		dlio=$(seconds "$DLIO_HOME/dlio" "${words[@]}" \
			"++workload.dataset.data_folder=$disk/dlio" \
			"++workload.output.folder=$disk/out" \
			"hydra.run.dir=$disk/hydra")
		ours=$(seconds "$bin/dliofs" generate -q \
			-c configs/workload/unet3d_a100.yaml "${words[@]:1}" \
			"++workload.dataset.data_folder=$disk/ours")
		ratio "$dlio" "$ours"
	done | median
}

# Samples per second of the last epoch in a folder of results.
throughput() {
	python3 - "$1/summary.json" <<-'PYTHON'
	import json, sys
	metric = json.load(open(sys.argv[1]))["metric"]
	print(metric["train_throughput_samples_per_second"][-1])
	PYTHON
}

train_against_dlio() {
	local words=("${dlio_words[@]}" ++workload.workflow.generate_data=False
		++workload.workflow.train=True ++workload.reader.read_threads=2
		++workload.reader.batch_size=4 ++workload.train.epochs=3
		++workload.train.computation_time=0
		"++workload.dataset.data_folder=$disk/ours")

	mkdir -p "$disk/ours/valid"
	for _ in $(seq "$repeats"); do
		rm -rf "$disk/out-dlio" "$disk/out-ours"
		"$DLIO_HOME/dlio" "${words[@]}" \
			"++workload.output.folder=$disk/out-dlio" \
			"hydra.run.dir=$disk/hydra" >/dev/null 2>&1
		"$bin/dliofs" train --no-mount -q \
			-c configs/workload/unet3d_a100.yaml "${words[@]:1}" \
			-o "$disk/out-ours" >/dev/null 2>&1
		ratio "$(throughput "$disk/out-ours")" \
			"$(throughput "$disk/out-dlio")"
	done | median
}

row "measure (median of $repeats pairs)" ratio target
row "generate NPZ on tmpfs / plain buffered writes" \
	"$(generate_against_writes)" ">= 0.7"
row "4 KiB read through the mount, recorder on / off" \
	"$(recorder_cost)" "<= 1.02"
if [ -x "${DLIO_HOME:-}/dlio" ]; then
	row "generate / DLIO, 64 x 4 MiB NPZ, same disk (speed)" \
		"$(generate_against_dlio)" ">= 5"
	row "train, no compute, page cache hot / DLIO (samples/s)" \
		"$(train_against_dlio)" ">= 3"
else
	row "generation and training against DLIO" - ">= 5, 3" \
		"not measured: DLIO_HOME has no executable dlio"
fi
"$bench/bench_recorder"

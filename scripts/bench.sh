#!/usr/bin/env bash
# What dliofs costs, as ratios measured in one run on this machine: each pair is
# run in turn, A B A B …, and the median of the ratios is printed.
#
#	scripts/bench.sh [REPEATS]
#
# It goes on with what a checkpoint takes, bench_ranks.sh, bench_stores.sh and,
# if there is a DLIO, bench_formats.sh: an hour, on a machine that is idle.
#
# Comparisons with DLIO itself need a script that runs it: DLIO_HOME names a
# folder with an executable `dlio` that takes DLIO's own command line.  Without
# it those rows say so.
set -euo pipefail
shopt -s inherit_errexit

cd "$(dirname "$0")/.."
repeats=${1:-5}

scripts/deps.sh build
tmpfs=$(mktemp -d /dev/shm/dliofs-bench.XXXXXX)
disk=$(mktemp -d "${TMPDIR:-/tmp}/dliofs-bench.XXXXXX")
clean_up() {
	for m in "$tmpfs"/mnt*; do
		fusermount3 -uzq "$m" 2>/dev/null || true
	done
	rm -rf "$tmpfs" "$disk"
}
trap clean_up EXIT

# shellcheck source=scripts/bench_lib.sh
. scripts/bench_lib.sh
build_release
bench=$bin/tests

# ---- Generation against plain writes of the same files and bytes ----

generate_against_writes() {
	local files=64 record=16777216 size ours plain
	local words=(-q -c configs/smoke.yaml ++dataset.format=npz
		"++dataset.num_files_train=$files" ++dataset.num_files_eval=0
		"++dataset.record_length_bytes=$record"
		"++dataset.data_folder=$tmpfs/data")

	mkdir -p "$tmpfs/plain"
	quietly "$bin/dliofs" generate "${words[@]}"
	size=$(stat -c %s "$tmpfs/data/train/img_00_of_$files.npz")
	for _ in $(seq "$repeats"); do
		rm -rf "$tmpfs/data"
		ours=$(seconds "$bin/dliofs" generate "${words[@]}")
		rm -rf "$tmpfs/data"
		plain=$("$bench/bench_write" "$tmpfs/plain" $files "$size" "$(nproc)")
		ratio "$plain" "$ours"
	done
	rm -rf "$tmpfs/plain"
}

# ---- Recorder on against off: 4 KiB reads through the mount ----

# Both servers and the reader on one CPU: there a read costs least, so that the
# recorder's share is largest, and no reader waits for an idle CPU to wake,
# which takes several times as long as the read and varies.
recorder_cost() {
	local cpu=(taskset -c "$(($(nproc) - 1))") files=$tmpfs/files
	local on=$tmpfs/mnt-on off=$tmpfs/mnt-off figures

	mkdir -p "$files" "$on" "$off"
	head -c 67108864 /dev/urandom >"$files/file"
	quietly "${cpu[@]}" "$bin/dliofs" mount "$files" "$on"
	quietly "${cpu[@]}" "$bin/dliofs" mount --no-record "$files" "$off"
	for _ in $(seq "$repeats"); do
		mapfile -t figures < <("${cpu[@]}" "$bench/bench_read" 4096 300 \
			"$on/file" "$off/file")
		ratio "${figures[@]}"
	done
	"$bin/dliofs" umount "$on"
	"$bin/dliofs" umount "$off"
	rm -rf "$files"
}

# ---- Against DLIO ----

dlio_words=(workload=unet3d_a100 ++workload.workflow.checkpoint=False
	++workload.dataset.num_files_train=64
	++workload.dataset.record_length_bytes=4194304
	++workload.dataset.record_length_bytes_stdev=0)

# between FROM TO FILE: seconds between the first lines of DLIO's log with these
# texts.
between() {
	local stamps

	mapfile -t stamps < <(grep -h -e "$1" -e "$2" "$3" | cut -d' ' -f2)
	echo "$(date -d "${stamps[0]}" +%s.%N) $(date -d "${stamps[1]}" +%s.%N)" |
		awk '{ printf "%.6f\n", $2 - $1 }'
}

# All that our command takes against DLIO's generation alone, without the time
# in which Python imports.
generate_against_dlio() {
	local words=("${dlio_words[@]}" ++workload.workflow.generate_data=True
		++workload.workflow.train=False) ours dlio

	for _ in $(seq "$repeats"); do
		rm -rf "$disk/dlio" "$disk/ours"
		sync "$disk"
		quietly "$DLIO_HOME/dlio" "${words[@]}" \
			"++workload.dataset.data_folder=$disk/dlio" \
			"++workload.output.folder=$disk/out" \
			"hydra.run.dir=$disk/hydra"
		dlio=$(between "Starting data generation" "Generation done" \
			"$disk/out/dlio.log")
		rm -rf "$disk/dlio"
		sync "$disk"
		ours=$(seconds "$bin/dliofs" generate -q \
			-c configs/workload/unet3d_a100.yaml "${words[@]:1}" \
			"++workload.dataset.data_folder=$disk/ours")
		ratio "$dlio" "$ours"
	done
}

# Both read the files of ours; every byte of them is in the page cache.
train_against_dlio() {
	local words=("${dlio_words[@]}" ++workload.workflow.generate_data=False
		++workload.workflow.train=True ++workload.reader.read_threads=2
		++workload.reader.batch_size=4 ++workload.train.epochs=5
		++workload.train.computation_time=0
		"++workload.dataset.data_folder=$disk/ours")

	mkdir -p "$disk/ours/valid" # DLIO lists it, even if it is to be empty
	cat "$disk"/ours/train/* >/dev/null
	for _ in $(seq "$repeats"); do
		rm -rf "$disk/out-dlio" "$disk/out-ours"
		quietly "$DLIO_HOME/dlio" "${words[@]}" \
			"++workload.output.folder=$disk/out-dlio" \
			"hydra.run.dir=$disk/hydra"
		quietly "$bin/dliofs" train --no-mount -q \
			-c configs/workload/unet3d_a100.yaml "${words[@]:1}" \
			-o "$disk/out-ours"
		ratio "$(samples_per_second "$disk/out-ours" 4)" \
			"$(samples_per_second "$disk/out-dlio" 4)"
	done
}

row "measure (median of $repeats pairs)" ratio target ""
measure "generate NPZ on tmpfs / plain buffered writes" ">= 0.7" \
	generate_against_writes
measure "4 KiB read through the mount, recorder on / off" "<= 1.02" \
	recorder_cost
if [ -x "${DLIO_HOME:-}/dlio" ]; then
	measure "generate / DLIO, 64 x 4 MiB NPZ, same disk (speed)" ">= 5" \
		generate_against_dlio
	measure "train, no compute, page cache hot / DLIO (samples/s)" ">= 3" \
		train_against_dlio
else
	row "generation and training against DLIO" - ">= 5, 3" \
		"not measured: DLIO_HOME has no executable dlio"
fi
"$bench/bench_recorder"
echo "all of llama_8b_zero3's checkpoint, made and counted, kept nowhere:"
"$bench/bench_checkpoint" configs/workload/llama_8b_zero3.yaml 0 1
scripts/bench_ranks.sh "$repeats"
if [ -x "${DLIO_HOME:-}/dlio" ]; then
	scripts/bench_formats.sh "$repeats"
fi
scripts/bench_stores.sh "$repeats"

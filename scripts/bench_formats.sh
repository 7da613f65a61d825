#!/usr/bin/env bash
# dliofs against DLIO itself, as dlio_benchmark, format by format: how fast the
# same dataset is generated, and how many samples a CPU second reads.  Each pair
# is run in turn, and the median of the ratios is printed.
#
#	DLIO_HOME=DIR scripts/bench_formats.sh [REPEATS]
#
# DLIO_HOME: see bench.sh.  TFRecord is missing, for which DLIO needs TensorFlow,
# and Parquet, which it does not know.
set -euo pipefail
shopt -s inherit_errexit

cd "$(dirname "$0")/.."
repeats=${1:-3}

if ! [ -x "${DLIO_HOME:-}/dlio" ]; then
	echo "bench: DLIO_HOME has no executable dlio" >&2
	exit 1
fi
scripts/deps.sh build
disk=$(mktemp -d "${TMPDIR:-/tmp}/dliofs-bench.XXXXXX")
trap 'rm -rf "$disk"' EXIT
# Have ext4 spread the folders in it over the disk.  Without a journal, to make a
# file near where many were removed in the last minutes takes ten times as long.
chattr +T "$disk" 2>/dev/null || true

# shellcheck source=scripts/bench_lib.sh
. scripts/bench_lib.sh
build_release

# FORMAT FILES RECORD_BYTES LEAST: the last is the target of generation.
rows="npz 64 4194304 5
npy 64 4194304 5
hdf5 64 4194304 3
csv 4 1000000 3
jpeg 64 1000000 3
png 64 1000000 3
indexed_binary 16 1000000 5
mmap_indexed_binary 16 1000000 5
synthetic 20000 1000000 5"

words_of() {
	words=(workload=default "++workload.dataset.format=$1"
		++workload.dataset.num_subfolders_train=0
		++workload.dataset.num_subfolders_eval=0
		"++workload.dataset.num_files_train=$2"
		++workload.dataset.num_files_eval=0
		"++workload.dataset.record_length_bytes=$3"
		++workload.workflow.evaluation=False
		++workload.workflow.profiling=False)
}

# tool WHO WORD...: in a fresh folder of results.
tool() {
	local who=$1

	shift
	rm -rf "$disk/out" "$disk/hydra"
	case $who in
	dlio) set -- "$DLIO_HOME/dlio" "$@" ;;
	ours) set -- "$bin/dlio_benchmark" "$@" ;;
	esac
	quietly "$@" "++workload.output.folder=$disk/out" \
		"hydra.run.dir=$disk/hydra"
}

# generate WHO: seconds, from the first line about it in the log to the last.
# Into a new folder, $disk/WHO, while nothing else is left to be written.
generate() {
	local data

	data=$(mktemp -d "$disk/data.XXXXXX")
	ln -sfn "$data" "$disk/$1"
	sync -f "$disk"
	tool "$1" "${words[@]}" ++workload.workflow.generate_data=True \
		++workload.workflow.train=False \
		"++workload.dataset.data_folder=$data"
	python3 - "$disk/out/dlio.log" <<-'PYTHON'
	import datetime, sys
	when = {}
	for line in open(sys.argv[1]):
	    for text in "Starting data generation", "Generation done":
	        if text in line:
	            when[text] = datetime.datetime.fromisoformat(line.split()[1])
	first, last = when.values()
	print((last - first).total_seconds())
	PYTHON
}

# CPU seconds of a training with so many epochs.
train_cpu() {
	local TIMEFORMAT='%3U %3S'

	{
		time tool "$1" "${words[@]}" \
			++workload.workflow.generate_data=False \
			++workload.workflow.train=True \
			++workload.reader.batch_size=1 \
			++workload.reader.read_threads=0 \
			++workload.train.computation_time=0 \
			"++workload.train.epochs=$2" \
			"++workload.dataset.data_folder=$disk/dlio"
	} 2>"$disk/cpu"
	awk 'END { print $1 + $2 }' "$disk/cpu"
}

# CPU seconds of one epoch, from a training with so many more than one that they
# take a second, and twice what the one takes with the start and the end of the
# program, which is never the same.
epoch_cpu() {
	local one all more

	one=$(train_cpu "$1" 1)
	for more in 3 10 30 100 300 1000 3000 10000 30000 100000; do
		all=$(train_cpu "$1" $((1 + more)))
		awk -v one="$one" -v all="$all" -v more="$more" 'BEGIN {
			if (all - one < 1 || all - one < 2 * one)
				exit 1
			printf "%.9f\n", (all - one) / more
		}' && return
	done
	echo "bench: epochs of $1 take no CPU time" >&2
	return 1
}

generate_ratios() {
	local theirs ours

	for _ in $(seq "$repeats"); do
		theirs=$(generate dlio)
		ours=$(generate ours)
		ratio "$theirs" "$ours"
	done
}

read_ratios() {
	local theirs ours

	mkdir -p "$disk/dlio/valid"
	for _ in $(seq "$repeats"); do
		theirs=$(epoch_cpu dlio)
		ours=$(epoch_cpu ours)
		ratio "$theirs" "$ours"
	done
}

row "measure (median of $repeats pairs)" ratio target ""
while read -r format files record least; do
	rm -rf "$disk"/data.*
	words_of "$format" "$files" "$record"
	measure "generate $files x $record $format / DLIO (speed)" ">= $least" \
		generate_ratios
	[ "$format" != synthetic ] || continue
	measure "read them, page cache hot / DLIO (samples per CPU s)" ">= 3" \
		read_ratios
done <<<"$rows"

#!/usr/bin/env bash
# dliofs with several accelerators: what it costs, how many it takes to this
# machine's limit, and both against DLIO where DLIO_HOME says (see bench.sh).
# For a machine that does nothing else; the rows against DLIO take twenty minutes.
#
#	scripts/bench_ranks.sh [REPEATS]
#
# All data is on tmpfs (600 MiB).  Both tools are given the same words and read
# the same files, which are ours.  AU and samples/s are the summary's; of the
# epochs the median is taken, without the first, in which workers start.
set -euo pipefail
shopt -s inherit_errexit

cd "$(dirname "$0")/.."
repeats=${1:-3}

disk=$(mktemp -d /dev/shm/dliofs-bench.XXXXXX)
trap 'rm -rf "$disk"' EXIT

# shellcheck source=scripts/bench_lib.sh
. scripts/bench_lib.sh
scripts/deps.sh build
build_release

train=(++workload.workflow.generate_data=False ++workload.workflow.train=True
	++workload.workflow.checkpoint=False)

# tool WHO RANKS WORD...: results in $disk/WHO.
tool() {
	local who=$1 n=$2 run

	shift 2
	case $who in
	dlio) run=(ranks "$n" "$DLIO_HOME/dlio") ;;
	ours) run=(ranks "$n" "$bin/dlio_benchmark") ;;
	many) run=("$bin/dlio_benchmark"
		"++workload.dliofs.train.accelerators_per_rank=$n") ;;
	esac
	rm -rf "${disk:?}/$who"
	quietly "${run[@]}" "$@" "++workload.output.folder=$disk/$who" \
		"hydra.run.dir=$disk/hydra"
}

generate() {
	quietly "$bin/dlio_benchmark" "$@" ++workload.workflow.train=False \
		++workload.workflow.generate_data=True \
		"++workload.output.folder=$disk/said.d" "hydra.run.dir=$disk/hydra"
}

# figures RESULTS: AU and samples/s.
figures() {
	python3 - "$1/summary.json" <<-'PYTHON'
	import json, statistics, sys
	metric = json.load(open(sys.argv[1]))["metric"]
	for key in "train_au_percentage", "train_throughput_samples_per_second":
	    values = metric[key]
	    print(statistics.median(values[1:] or values), end=" ")
	print()
	PYTHON
}

# at_least RESULTS AU: was it?
at_least() {
	figures "$1" | awk -v least="$2" '{ exit !($1 >= least) }'
}

# ---- No I/O at all ----

calibration() {
	taskset -c 0,1 "$bin/dlio_benchmark" >"$disk/said" 2>&1 \
		workload=resnet50_h100 "${train[@]}" \
		++workload.reader.data_loader=synthetic \
		++workload.train.total_training_steps=32 \
		++workload.train.epochs=2 \
		++workload.dliofs.train.accelerators_per_rank=8 \
		"++workload.output.folder=$disk/none" "hydra.run.dir=$disk/hydra"
	figures "$disk/none" | awk '{ printf "%.2f\n", $1 }'
}

# ---- The same summary as DLIO's ----

alike=(workload=unet3d_h100 ++workload.dataset.num_files_train=256
	++workload.dataset.record_length_bytes=1048576
	++workload.dataset.record_length_bytes_stdev=0
	"++workload.dataset.data_folder=$disk/alike")

# Keys and steps of both ranks, or it ends here.
same_summary() {
	python3 - "$@" <<-'PYTHON'
	import json, sys
	def keys(value, path=""):
	    if not isinstance(value, dict):
	        return {path}
	    return set().union(*(keys(v, path + "/" + k) for k, v in value.items()
	                         if k not in ("dliofs", "host_cpuinfo", "host_meminfo")))
	def shape(folder):
	    load = lambda name: json.load(open(folder + "/" + name))
	    steps = [[len(epoch["load"]["block1"])
	              for key, epoch in load(f"{rank}_output.json").items()
	              if key.isdigit()] for rank in (0, 1)]
	    return keys(load("summary.json")), steps
	theirs, ours = map(shape, sys.argv[1:])
	assert theirs == ours, (theirs[0] ^ ours[0], theirs[1], ours[1])
	PYTHON
}

# against_dlio SECONDS_A_STEP: medians of DLIO's AU and samples/s, and of ours.
against_dlio() {
	local words=("${alike[@]}" "${train[@]}" ++workload.reader.read_threads=1
		++workload.reader.batch_size=4 ++workload.train.epochs=3
		"++workload.train.computation_time=$1")

	for _ in $(seq "$repeats"); do
		tool dlio 2 "${words[@]}"
		tool ours 2 "${words[@]}"
		same_summary "$disk/dlio" "$disk/ours"
		echo "$(figures "$disk/dlio") $(figures "$disk/ours")"
	done >"$disk/pairs"
	for column in 1 2 3 4; do
		cut -d' ' -f"$column" <(tr -s ' ' <"$disk/pairs") | median
	done
}

summary_rows() {
	local f seconds=$1

	mapfile -t f < <(against_dlio "$seconds")
	row "AU - DLIO's, 2 ranks computing $seconds s a step" \
		"$(awk -v a="${f[2]}" -v b="${f[0]}" 'BEGIN { printf "%+.2f", a - b }')" \
		"<= 1" "$(printf 'DLIO %.2f %%, ours %.2f %%' "${f[0]}" "${f[2]}")"
	row "their samples/s / DLIO's" "$(ratio "${f[3]}" "${f[1]}")" \
		"<= 1.05" "$(printf 'DLIO %.1f, ours %.1f' "${f[1]}" "${f[3]}")"
}

# ---- How many accelerators ----

# unet3d_h100 with samples of a 32nd of its size, in files and in memory.  Each
# accelerator has 32 steps and reads no file twice, so there are very many files;
# to fit into memory they are links to 64, which no CPU's cache can hold either.
steps=32 batch=7 most=160 different=64
unet3d=(workload=unet3d_h100 ++workload.dataset.record_length_bytes=4581269
	++workload.dataset.record_length_bytes_stdev=0
	++workload.dataset.record_length_bytes_resize=65536
	++workload.train.epochs=2)

make_unet3d() {
	local files=$((most * steps * batch))

	generate "${unet3d[@]}" "++workload.dataset.data_folder=$disk/few" \
		++workload.dataset.num_files_train=$different
	mkdir -p "$disk/unet3d/train" "$disk/unet3d/valid"
	python3 - "$disk/few/train" "$disk/unet3d/train" $files <<-'PYTHON'
	import os, sys
	few, many, files = sys.argv[1], sys.argv[2], int(sys.argv[3])
	names = sorted(os.listdir(few))
	for i in range(files):
	    os.link(f"{few}/{names[i % len(names)]}",
	            f"{many}/img_{i:0{len(str(files))}}_of_{files}.npz")
	PYTHON
	unet3d+=("++workload.dataset.data_folder=$disk/unet3d" "${train[@]}")
}

# accelerators WHO N WORD...
accelerators() {
	local who=$1 n=$2

	shift 2
	tool "$who" "$n" "${unet3d[@]}" "$@" \
		"++workload.dataset.num_files_train=$((n * steps * batch))"
}

# limit WHO N: the largest number with AU >= 90 %.  From N doubled until there
# are too many, then halfway between, down to a sixteenth.
limit() {
	local who=$1 n=$2 good=0 bad=0

	while ((bad ? bad - good > 1 + good / 16 : good < most)); do
		accelerators "$who" "$n" ++workload.reader.read_threads=1
		if at_least "$disk/$who" 90; then
			good=$n
		else
			bad=$n
		fi
		n=$((bad ? (good + bad) / 2 : 2 * good < most ? 2 * good : most))
	done
	echo "$good"
}

# ---- Memory ----

# resident COMMAND...: KiB that its process had at most.
resident() {
	local pid now kib=0

	"$@" >"$disk/said" 2>&1 &
	pid=$!
	while now=$(awk '/^VmHWM:/ { print $2 }' "/proc/$pid/status" 2>"$disk/gone") &&
		[ -n "$now" ]; do
		kib=$now
		sleep 0.02
	done
	wait $pid
	echo "$kib"
}

# MiB that each of 16 accelerators more takes, with workload's four readers.
memory_of_one_more() {
	local n kib=()

	for n in 1 17; do
		rm -rf "$disk/many"
		kib+=("$(resident "$bin/dlio_benchmark" "${unet3d[@]}" \
			++workload.train.epochs=1 \
			++workload.train.total_training_steps=8 \
			"++workload.dataset.num_files_train=$((n * steps * batch))" \
			"++workload.dliofs.train.accelerators_per_rank=$n" \
			"++workload.output.folder=$disk/many" \
			"hydra.run.dir=$disk/hydra")")
	done
	echo "${kib[@]}" | awk '{ printf "%.3f\n", ($2 - $1) / 16 / 1024 }'
}

# times FUNCTION: as often as is to be repeated.
times() {
	for _ in $(seq "$repeats"); do
		"$1"
	done
}

row "measure (median of $repeats)" figure target ""
row "AU % of 8 accelerators on 2 CPUs, no I/O, resnet50_h100" \
	"$(times calibration | median)" ">= 99" ""
make_unet3d
row "MiB of memory that one accelerator more takes" \
	"$(times memory_of_one_more | median)" "<= 16" \
	"all that is read ahead included"
if [ -x "${DLIO_HOME:-}/dlio" ]; then
	generate "${alike[@]}"
	mkdir -p "$disk/alike/valid" # DLIO lists it, even if it is to be empty
	summary_rows 0.323
	summary_rows 0.05
	rm -rf "$disk/alike"
	theirs=$(limit dlio 4)
fi
ours=$(limit many 16)
row "accelerators with AU >= 90 %, 1/32 of unet3d_h100" "$ours" "" \
	"one process, one reader each; looked for up to $most"
if [ -n "${theirs:-}" ]; then
	row "them / DLIO's ranks" "$(ratio "$ours" "$theirs")" ">= 4" \
		"DLIO $theirs"
else
	row "accelerators, AU and samples/s against DLIO" - ">= 4, 1" \
		"not measured: DLIO_HOME has no executable dlio"
fi

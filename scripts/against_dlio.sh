#!/usr/bin/env bash
# The same datasets from DLIO and from us: the same words to both must make the
# same trees, with files of the same names and sizes, and each must train on what
# the other made, in as many steps.  Checkpoints likewise.
#
#	DLIO_HOME=DIR scripts/against_dlio.sh [BINARY [WORD]]
#
# DLIO_HOME: see bench.sh.  BINARY: our dlio_benchmark, build/dev's if not given.
# WORD: only the cases that have it in their name.
# TFRecord is missing: DLIO needs TensorFlow for it.
set -euo pipefail
shopt -s inherit_errexit

cd "$(dirname "$0")/.."
ours=$(realpath "${1:-build/dev/dlio_benchmark}" --no-symlinks)
only=${2:-}
if ! [ -x "${DLIO_HOME:-}/dlio" ]; then
	echo "against_dlio: DLIO_HOME has no executable dlio" >&2
	exit 1
fi
disk=$(mktemp -d "${TMPDIR:-/tmp}/dliofs-against.XXXXXX")
trap 'rm -rf "$disk"' EXIT

# shellcheck source=scripts/bench_lib.sh
. scripts/bench_lib.sh
cd "$disk"
failures=0
launcher=() # before a command

wrong() {
	echo "WRONG $*"
	failures=$((failures + 1))
}

# tool WHO WORD...: results in $disk/out.
tool() {
	local program=$ours

	[ "$1" = ours ] || program=$DLIO_HOME/dlio
	rm -rf out hydra
	"${launcher[@]}" "$program" "${@:2}" "++workload.output.folder=$disk/out" \
		"hydra.run.dir=$disk/hydra" >said 2>&1 || {
		tail -n 5 said
		wrong "$1 failed: ${*:2}"
		return 1
	}
}

# tree WHO SLACK: its files, and sizes if they are to be equal.
tree() {
	(cd "$1" && find . -type f ! -name manifest.dliofs -printf '%P %s\n') |
		awk -v exact="$2" '{ print $1, exact == 0 ? $2 : "" }' | sort
}

# near SLACK: no file of ours is larger or smaller than DLIO's by more per cent.
near() {
	(cd dlio && find . -type f -printf '%P %s\n' | sort) >sizes.dlio
	(cd ours && find . -type f ! -name manifest.dliofs -printf '%P %s\n' |
		sort) >sizes.ours
	paste -d' ' sizes.dlio sizes.ours | awk -v slack="$1" '
		{ off = 100 * ($4 / $2 - 1); off = off < 0 ? -off : off }
		off > slack { print $1, $2, $4; bad = 1 }
		END { exit bad }'
}

# steps: taken in each epoch, of the last run; and in evaluation.
steps() {
	sed -nE 's/.*(Ending (epoch [0-9]+|eval) - [0-9]+ steps).*/\1/p' out/dlio.log
}

# compare NAME SLACK WORD...
compare() {
	local name=$1 slack=$2 who words=("${@:3}") before=$failures

	[[ $name == *"$only"* ]] || return 0
	words+=(workload=default ++workload.workflow.profiling=False
		++workload.dataset.num_files_train=8 ++workload.dataset.num_files_eval=4
		++workload.reader.batch_size=2 ++workload.reader.batch_size_eval=1
		++workload.reader.read_threads=1 ++workload.train.epochs=2
		++workload.train.computation_time=0.001
		++workload.evaluation.eval_time=0.001)
	rm -rf dlio ours
	for who in dlio ours; do
		tool $who "${words[@]}" ++workload.workflow.generate_data=True \
			++workload.workflow.train=False ++workload.workflow.evaluation=False \
			"++workload.dataset.data_folder=$disk/$who" || return 0
		tree $who "$slack" >tree.$who
	done
	diff tree.dlio tree.ours || wrong "$name: trees differ (< DLIO's, > ours)"
	[ "$slack" = 0 ] || near "$slack" || wrong "$name: sizes differ by more than $slack %"
	for who in "dlio ours" "ours dlio" "dlio dlio"; do
		# shellcheck disable=SC2086 # who reads, and whose
		set -- $who
		tool "$1" "${words[@]}" "++workload.dataset.data_folder=$disk/$2" || return 0
		steps >"steps.$1.$2"
	done
	[ -s steps.dlio.dlio ] || wrong "$name: no steps"
	diff steps.dlio.dlio steps.dlio.ours || wrong "$name: DLIO on our files takes other steps"
	diff steps.dlio.dlio steps.ours.dlio || wrong "$name: we take other steps on its files"
	[ $failures != $before ] || echo "ok    $name"
}

# checkpoint NAME WORD...: no training; the other's are read.
checkpoint() {
	local name=$1 who before=$failures words=("${@:2}")

	[[ $name == *"$only"* ]] || return 0
	words+=(workload=llama_7b ++workload.checkpoint.time_between_checkpoints=0.001
		++workload.model.num_layers=2 ++workload.model.transformer.vocab_size=1000
		++workload.model.transformer.hidden_size=64 ++workload.model.transformer.ffn_hidden_size=128
		++workload.model.transformer.num_attention_heads=8 ++workload.model.transformer.num_kv_heads=4)
	rm -rf dlio ours
	for who in dlio ours; do
		tool $who "${words[@]}" ++workload.checkpoint.num_checkpoints_write=2 \
			++workload.checkpoint.num_checkpoints_read=0 \
			"++workload.checkpoint.checkpoint_folder=$disk/$who" || return 0
		tree $who 0 >tree.$who
	done
	diff tree.dlio tree.ours || wrong "$name: files differ (< DLIO's, > ours)"
	for who in "dlio ours" "ours dlio"; do
		# shellcheck disable=SC2086
		set -- $who
		tool "$1" "${words[@]}" ++workload.checkpoint.num_checkpoints_write=0 \
			++workload.checkpoint.num_checkpoints_read=2 \
			"++workload.checkpoint.checkpoint_folder=$disk/$2" || return 0
	done
	[ $failures != $before ] || echo "ok    $name"
}

# slack FORMAT: where sizes follow from random contents, the per cent they may
# differ by.
slack() {
	case $1 in
	jpeg | png | csv) echo 3 ;;
	*) echo 0 ;;
	esac
}

set_length() {
	length=(++workload.dataset.record_length_bytes="$1" ++workload.dataset.record_length_bytes_stdev="$2")
}

set_length 20000 9000
for format in npz npy hdf5 indexed_binary mmap_indexed_binary synthetic jpeg png csv; do
	compare $format "$(slack $format)" "++workload.dataset.format=$format" "${length[@]}"
done
launcher=(ranks 2)
for format in npz hdf5 jpeg; do
	compare "$format, 2 ranks" "$(slack $format)" "++workload.dataset.format=$format" "${length[@]}"
done
launcher=()
set_length 3000 0
for format in npz npy hdf5 indexed_binary mmap_indexed_binary csv; do
	compare "$format, 4 samples a file, no subfolders" "$(slack $format)" \
		"++workload.dataset.format=$format" "${length[@]}" \
		++workload.dataset.num_samples_per_file=4 \
		++workload.dataset.num_subfolders_train=0 ++workload.dataset.num_subfolders_eval=0
done
for type in float32 int8 float16; do
	for format in npz npy hdf5; do
		compare "$format of $type, dims" 0 "++workload.dataset.format=$format" \
			"++workload.dataset.record_dims=[6,7,5]" "++workload.dataset.record_element_type=$type"
	done
done
for format in npz npy; do
	compare "$format, odirect" 0 "++workload.dataset.format=$format" "${length[@]}" ++workload.reader.odirect=True
done
hdf5=(++workload.dataset.format=hdf5 "++workload.dataset.record_dims=[6,70,50]")
compare "hdf5, datasets" 0 "${hdf5[@]}" ++workload.dataset.hdf5.num_dset_per_record=3
compare "hdf5, chunks" 0 "${hdf5[@]}" "++workload.dataset.hdf5.chunk_dims=[1,6,35,25]"
compare "hdf5, max shape" 0 "${hdf5[@]}" "++workload.dataset.hdf5.max_shape=[6,140,100]"
for method in gzip lzf; do
	compare "hdf5, $method" 3 "${hdf5[@]}" "++workload.dataset.compression=$method"
done

for zero in 0 1 2 3; do
	checkpoint "checkpoints, ZeRO $zero" "++workload.model.parallelism.zero_stage=$zero"
done
checkpoint "checkpoints, given tensors" "++workload.model.layer_parameters=[16,1000]" \
	"++workload.model.optimization_groups=[1024,128]"
checkpoint "checkpoints, subset" ++workload.checkpoint.mode=subset ++workload.model.parallelism.data=4 \
	++workload.model.parallelism.zero_stage=3
checkpoint "checkpoints, flat" ++workload.model.type=other ++workload.model.model_size_bytes=100000
launcher=(ranks 2)
for zero in 0 1 2 3; do
	checkpoint "checkpoints of 2 ranks, ZeRO $zero" "++workload.model.parallelism.zero_stage=$zero"
done
checkpoint "checkpoints of 2 ranks, tensor" ++workload.model.parallelism.tensor=2
checkpoint "checkpoints of 2 ranks, pipeline" ++workload.model.parallelism.pipeline=2
launcher=()

[ $failures = 0 ] || exit 1
echo "all as DLIO does it"

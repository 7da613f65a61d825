# shellcheck shell=bash
# Runs a stock workload through dlio_benchmark, scaled down by overrides only.
# Sourced after e2e.sh and dlio.sh.
#
# A format that can be trained on is a word in `trained`; the data of others is
# only generated, if it can be, as `generated` says.
: "${DLIOFS_SHARED:?}" "${tmp:?}"

generated="npz npy hdf5 tfrecord indexed_binary mmap_indexed_binary"
trained=$generated

# value FILE NAME: of a setting that is the only one of its name.
value() {
	sed -nE "s/^ *$2: *([^# ]+).*/\1/p" "$1" | head -n 1
}

has_word() {
	[[ " $1 " == *" $2 "* ]]
}

small_data=(++workload.dataset.num_files_train=8 ++workload.dataset.num_files_eval=2
	++workload.dataset.num_samples_per_file=4
	++workload.dataset.record_length_bytes=4096 ++workload.dataset.record_length_bytes_stdev=0
	++workload.storage.storage_type=local_fs
	++workload.storage.storage_root=. ++workload.train.total_training_steps=-1)
small_train=(++workload.train.epochs=2 ++workload.train.computation_time=0.001
	++workload.reader.batch_size=4 ++workload.reader.batch_size_eval=1
	++workload.evaluation.eval_time=0.001)
small_checkpoints=(++workload.model.model_size_bytes=10000 ++workload.checkpoint.time_between_checkpoints=0.001
	++workload.checkpoint.num_checkpoints_write=3 ++workload.checkpoint.num_checkpoints_read=2)
small_model=(++workload.model.num_layers=2 ++workload.model.parallelism.tensor=1
	++workload.model.parallelism.pipeline=1)
small_transformer=(++workload.model.transformer.vocab_size=1000
	++workload.model.transformer.hidden_size=64 ++workload.model.transformer.ffn_hidden_size=128
	++workload.model.transformer.num_attention_heads=8 ++workload.model.transformer.num_kv_heads=4)
small_tensors=("++workload.model.optimization_groups=[1000]" "++workload.model.layer_parameters=[100]")

# run_stock FILE DATA CHECKPOINTS WORD...: generates, trains and writes checkpoints,
# whatever it asks for, there; results go to ./stock.
run_stock() {
	local stock format words

	stock=$(basename "$1" .yaml)
	format=$(value "$1" format)
	words=("workload=$stock" --config-dir "$(dirname "$(dirname "$1")")"
		"${small_checkpoints[@]}" "++workload.checkpoint.checkpoint_folder=$3" "${@:4}")
	! grep -q ' parallelism:' "$1" || words+=("${small_model[@]}")
	! grep -q ' transformer:' "$1" || words+=("${small_transformer[@]}")
	! grep -q ' layer_parameters:' "$1" || words+=("${small_tensors[@]}")
	rm -rf stock
	if [ -z "$format" ]; then
		must stock "${words[@]}" ++workload.workflow.train=False ++workload.workflow.generate_data=False
		expect_text '\[METRIC\] Checkpoint load duration' stock/dlio.log
		[ -s stock/summary.json ] || fail "$1: no summary"
		return
	fi
	words+=("${small_data[@]}" "++workload.dataset.data_folder=$2")
	if has_word "$generated" "$format"; then
		must stock "${words[@]}" ++workload.workflow.generate_data=True ++workload.workflow.train=False \
			++workload.workflow.checkpoint=False ++workload.workflow.evaluation=False
	fi
	if has_word "$trained" "$format" && [[ $stock != *_datagen ]]; then
		must stock "${words[@]}" "${small_train[@]}" ++workload.workflow.generate_data=False
		expect_text 'Ending epoch 2 - 8 steps completed' stock/dlio.log
		[ -s stock/summary.json ] || fail "$1: no summary"
	fi
}

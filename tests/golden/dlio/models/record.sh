#!/usr/bin/env bash
# Have DLIO write checkpoints of many models, and list its files: the golden
# list beside this script.
#
#	DLIO_HOME=DIR record.sh >files
#
# DLIO_HOME has dlio_benchmark, hydra and pydftracer (servers.md), $DLIO_HOME/dlio.sh
# runs it: NP=ranks dlio.sh OVERRIDE...
set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# A line "case RANKS OVERRIDE...", then "SIZE CRC-32 NAME" of each file.
record() {
	local ranks=$1 words=()

	shift
	for word; do
		words+=("++workload.$word")
	done
	rm -rf "$tmp/c"
	NP=$ranks "$DLIO_HOME/dlio.sh" workload=llama_7b \
		++workload.workflow.train=False \
		++workload.workflow.checkpoint=True \
		++workload.checkpoint.checkpoint_folder="$tmp/c" \
		++workload.checkpoint.num_checkpoints_write=1 \
		++workload.checkpoint.num_checkpoints_read=0 \
		++workload.checkpoint.time_between_checkpoints=0 \
		++workload.checkpoint.randomize_tensor=False \
		++workload.output.folder="$tmp/o" \
		hydra.run.dir="$tmp/h" "${words[@]}" >"$tmp/log" 2>&1 || {
		cat "$tmp/log" >&2
		return 1
	}
	echo "case $ranks $*"
	grep -oE '(Total number of parameters|(Model|Optimizer state|Total checkpoint) size).*' \
		"$tmp/log" | sed 's/^/line /'
	python3 - "$tmp/c/global_epoch1_step1" <<-'PYTHON'
	import os, sys, zlib
	for name in sorted(os.listdir(sys.argv[1])):
	    data = open(os.path.join(sys.argv[1], name), "rb").read()
	    print(len(data), "%08x" % zlib.crc32(data), name)
	PYTHON
}

tiny=(model.transformer.vocab_size=1000 model.transformer.hidden_size=64
	model.transformer.ffn_hidden_size=128
	model.transformer.num_attention_heads=8
	model.transformer.num_kv_heads=4)
flat=(model.type=none model.num_layers=-1)

cases() {
	for zero in 0 1 2 3; do
		record 2 "${tiny[@]}" model.num_layers=2 \
			model.parallelism.tensor=1 \
			model.parallelism.zero_stage=$zero
	done
	record 4 "${tiny[@]}" model.num_layers=5 model.parallelism.tensor=1 \
		model.parallelism.pipeline=2 model.parallelism.zero_stage=1
	record 4 "${tiny[@]}" model.num_layers=5 model.parallelism.tensor=2 \
		model.parallelism.pipeline=2 model.parallelism.zero_stage=0
	record 4 "${tiny[@]}" model.num_layers=12 model.parallelism.tensor=2 \
		model.parallelism.zero_stage=2
	record 3 "${tiny[@]}" model.num_layers=41 model.parallelism.zero_stage=3 \
		model.parallelism.tensor=1
	for type in fp64 bf16 uint8 int8; do
		record 1 "${tiny[@]}" model.num_layers=1 \
			model.parallelism.tensor=1 model.model_datatype=$type \
			model.optimizer_datatype=$type
	done
	record 2 "${flat[@]}" model.model_size_bytes=12345 \
		model.parallelism.tensor=2
	record 2 "${flat[@]}" model.model_size_bytes=10240 \
		model.parallelism.tensor=1 model.parallelism.zero_stage=1
	record 2 model.type=none model.num_layers=2 model.parallelism.tensor=2 \
		'model.optimization_groups=[1024,128]' 'model.layer_parameters=[16]'
	record 2 model.type=none model.num_layers=2 model.parallelism.tensor=2 \
		'model.optimization_groups=[1024,0,128]' \
		'model.layer_parameters=[16,0,3,1]' model.parallelism.zero_stage=3
	record 2 model.type=none model.num_layers=3 model.parallelism.tensor=1 \
		model.parallelism.pipeline=2 'model.optimization_groups=[7]' \
		'model.layer_parameters=[16,5]' model.parallelism.zero_stage=2
	record 2 "${tiny[@]}" model.num_layers=4 model.parallelism.tensor=2 \
		model.parallelism.zero_stage=3 model.parallelism.data=4 \
		checkpoint.mode=subset
	record 1 "${tiny[@]}" model.type=none model.model_size_bytes=500 \
		model.num_layers=2 model.parallelism.tensor=1
	record 1 "${tiny[@]}" model.num_layers=1100 model.parallelism.tensor=1 \
		model.parallelism.zero_stage=3 \
		model.transformer.hidden_size=8
}

cases

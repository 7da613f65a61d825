#!/usr/bin/env bash
# What DLIO's own tests count in its traces: batches, steps, evaluations and
# checkpoints, here from the run's files; and its cases of DALI's loader, of
# O_DIRECT and of TensorFlow's checkpoints.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/dlio.sh
. "${DLIOFS_SRC:?}/tests/lib/dlio.sh"

quick=("${train[@]}" workload.train.computation_time=0 workload.evaluation.eval_time=0
	++workload.workflow.profiling=False workload.workflow.generate_data=True
	++workload.dataset.num_subfolders_train=0 ++workload.dataset.num_subfolders_eval=0
	workload.dataset.num_files_eval=0 ++workload.dataset.record_length_bytes=400)
check=("${quick[@]}" ++workload.workflow.checkpoint=True ++workload.checkpoint.checkpoint_folder=ck)

# counted RUN EPOCHS BATCHES EVALUATED: of each epoch of the run, however many
# blocks it has.
counted() {
	/usr/bin/python3 - "$@" <<-'PYTHON' || fail "$*"
	import json, sys
	epochs, batches, evaluated = map(int, sys.argv[2:])
	out = json.load(open(sys.argv[1] + "/0_output.json"))
	assert [e for e in out if e.isdigit()] == [str(e + 1) for e in range(epochs)], list(out)
	for e in range(epochs):
	    for kind in "load", "compute", "proc":
	        blocks = out[str(e + 1)][kind]
	        assert len(blocks.pop("eval", [])) == evaluated, (e, kind, blocks)
	        assert sum(map(len, blocks.values())) == batches, (e, kind, blocks)
	PYTHON
}

echo "# batches that are whole, in each epoch"
for files in 9 10; do
	for batch in 2 3; do
		must runs/train "${quick[@]}" "workload.dataset.data_folder=d$files" "workload.dataset.num_files_train=$files" \
			"workload.reader.batch_size=$batch" workload.train.epochs=2
		counted runs/train 2 $((files / batch)) 0
	done
done

echo "# total_training_steps, of each epoch"
for steps in 2 3; do
	must runs/step "${quick[@]}" workload.dataset.data_folder=steps workload.dataset.num_files_train=8 \
		workload.reader.batch_size=2 "++workload.train.total_training_steps=$steps" \
		"++workload.reader.read_threads=$steps" workload.train.epochs=2
	counted runs/step 2 $steps 0
done

echo "# evaluation, of each format; DALI's loader, also where files do not divide"
for format in npz npy hdf5 csv jpeg png tfrecord indexed_binary mmap_indexed_binary synthetic parquet; do
	loader=(workload.framework=pytorch workload.reader.data_loader=pytorch)
	[ $format != tfrecord ] || loader=("${tf[@]}")
	must runs/eval "${quick[@]}" "${loader[@]}" "workload.dataset.format=$format" "workload.dataset.data_folder=e/$format" \
		workload.dataset.num_files_train=8 workload.dataset.num_files_eval=8 workload.workflow.evaluation=True \
		workload.reader.batch_size=1 ++workload.reader.batch_size_eval=1 workload.train.epochs=2
	counted runs/eval 2 8 8
	must runs/dali "${quick[@]}" workload.framework=pytorch workload.reader.data_loader=dali \
		"workload.dataset.format=$format" "workload.dataset.data_folder=dali/$format" \
		workload.dataset.num_files_train=17 workload.reader.batch_size=4
	counted runs/dali 1 4 0
done

echo "# Parquet in folders that are named after a column"
must runs/by "${quick[@]}" workload.dataset.format=parquet workload.dataset.data_folder=by \
	workload.dataset.num_files_train=8 ++workload.dataset.num_samples_per_file=4 \
	"++workload.dataset.parquet.columns=[{name: k, dtype: int8}, {name: v, dtype: float32, size: 9}]" \
	++workload.dataset.parquet.partition_by=k
counted runs/by 1 8 0
count 1 by/train/k=7 'img_7_of_8.parquet'

echo "# checkpoints: as many as epochs or steps say"
for epochs in 1 2; do
	for steps in -1 1 2; do
		rm -rf ck
		must runs/ck "${check[@]}" workload.dataset.data_folder=ckd workload.dataset.num_files_train=8 \
			workload.reader.batch_size=2 workload.train.epochs=2 \
			"++workload.checkpoint.epochs_between_checkpoints=$epochs" \
			"++workload.checkpoint.steps_between_checkpoints=$steps"
		[ $steps -lt 0 ] && wanted=$((2 / epochs)) || wanted=$((2 * 4 / steps))
		counted runs/ck 2 4 0
		count "$wanted" ck 'model_states-0.pt'
	done
done
for writes in 3 4; do
	for reads in 1 2 3; do
		rm -rf ck
		must runs/alone "${check[@]}" workload.workflow.train=False workload.workflow.generate_data=False \
			"++workload.checkpoint.num_checkpoints_write=$writes" "++workload.checkpoint.num_checkpoints_read=$reads" \
			++workload.checkpoint.time_between_checkpoints=0.001
		count "$writes" ck '*.pt'
		[ "$(grep -c 'Finished loading checkpoint' "$tmp/err")" = $reads ] || fail "not $reads reads"
	done
done

echo "# TensorFlow's: for each state two files, and one for all"
for zero in 0 3; do
	for layers in 1 2; do
		rm -rf ck
		must runs/tf "${check[@]}" "${tf[@]}" workload.dataset.data_folder=ckd workload.dataset.num_files_train=8 \
			workload.train.epochs=8 ++workload.checkpoint.epochs_between_checkpoints=2 \
			"++workload.model.num_layers=$layers" "++workload.model.layer_parameters=[16]" \
			"++workload.model.optimization_groups=[1024,128]" "++workload.model.parallelism.zero_stage=$zero" \
			"++workload.checkpoint.randomize_tensor=$([ $layers = 1 ] && echo True || echo False)"
		count 28 ck '*'
	done
done

echo "# a root of one's own, samples of other dims, workers that are none, O_DIRECT"
must runs/root "${quick[@]}" ++workload.storage.storage_root=root_dir workload.dataset.data_folder=data \
	workload.dataset.num_files_train=16
count 16 root_dir/data/train '*.npz'
counted runs/root 1 4 0
for type in uint8 float32; do
	must runs/dims "${quick[@]}" workload.dataset.format=hdf5 "workload.dataset.data_folder=t$type" \
		workload.dataset.num_files_train=4 "++workload.reader.transformed_record_dims=[7,9]" \
		"++workload.reader.transformed_record_element_type=$type" ++workload.reader.read_threads=0 \
		++workload.reader.multiprocessing_context=null
	counted runs/dims 1 1 0
done
for format in npz npy; do
	must runs/odirect workload=unet3d_a100 "++workload.dataset.data_folder=odirect/$format" \
		++workload.workflow.generate_data=True "++workload.dataset.format=$format" ++workload.reader.odirect=True \
		++workload.dataset.num_files_train=42 ++workload.dataset.record_length_bytes=1000 \
		++workload.dataset.record_length_bytes_stdev=300 ++workload.train.computation_time=0.001 \
		++workload.workflow.checkpoint=False ++workload.train.epochs=1
	counted runs/odirect 1 6 0
done

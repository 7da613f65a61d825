#!/usr/bin/env bash
# The cases of DLIO's own tests, as far as they need no GPU and one rank, with
# the program as dlio_benchmark.
#
# A format that has been added is a word in `generated`, and in `trained`.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/dlio.sh
. "${DLIOFS_SRC:?}/tests/lib/dlio.sh"

generated="npz npy hdf5 csv jpeg png tfrecord indexed_binary mmap_indexed_binary synthetic parquet"
trained=$generated

echo "# generated: each format, the files that were asked for"
for format in $generated; do
	must "runs/gen-$format" "${generate[@]}" "${tf[@]}" "workload.dataset.format=$format" \
		"workload.dataset.data_folder=gen/$format" \
		workload.dataset.num_files_train=8 workload.dataset.num_files_eval=8
	count 8 "gen/$format/train" "*.$format"
	count 8 "gen/$format/valid" "*.$format"
	must "runs/root-$format" "${generate[@]}" "${tf[@]}" "workload.dataset.format=$format" \
		"++workload.storage.storage_root=root" \
		"workload.dataset.data_folder=gen/$format" \
		workload.dataset.num_files_train=16 workload.dataset.num_files_eval=8
	count 16 "root/gen/$format/train" "*.$format"
	count 8 "root/gen/$format/valid" "*.$format"
	[ -n "$(find "root/gen/$format/train" -path "*/train/0/*.$format")" ] || fail "no subfolders"
done
[ ! -e runs/gen-npz/summary.json ] || fail "a summary of generation"
[ -s runs/gen-npz/dlio.log ] || fail "no dlio.log of generation"

echo "# trained: each format, by each loader, also where files do not divide"
for format in $trained; do
	for loader in tensorflow:16 pytorch:17; do
		files=${loader#*:}
		must "runs/train-$format-$files" "${train[@]}" "workload.framework=${loader%:*}" \
			"workload.reader.data_loader=${loader%:*}" "workload.dataset.format=$format" \
			workload.workflow.generate_data=True "workload.dataset.data_folder=train/$format-$files" \
			"workload.dataset.num_files_train=$files" workload.dataset.num_files_eval=2
		expect_text '\[METRIC\] Training Accelerator Utilization' "$tmp/err"
	done
done

echo "# fewer files than there are"
must runs/all "${generate[@]}" workload.dataset.data_folder=subset
must runs/subset "${train[@]}" workload.dataset.data_folder=subset workload.dataset.num_files_train=8
count 1 runs/subset '*_output.json'

echo "# evaluation, threads, contexts, distributions of time"
must runs/eval "${small[@]}" workload.train.epochs=4 workload.dataset.data_folder=subset
few=(workload.dataset.data_folder=subset workload.dataset.num_files_train=8)
expect_text 'Epoch 4 \[Eval\] Accelerator Utilization' "$tmp/err"
for threads in 0 1 2; do
	for loader in tensorflow pytorch; do
		must "runs/threads-$threads" "${train[@]}" "workload.framework=$loader" "workload.reader.data_loader=$loader" "${few[@]}" \
			"++workload.reader.read_threads=$threads"
	done
done
for context in fork spawn forkserver; do
	must "runs/context-$context" "${train[@]}" "${few[@]}" \
		++workload.reader.read_threads=2 "++workload.reader.multiprocessing_context=$context"
done
for time in '{type:uniform,min:0.001,max:0.002}' '{type:normal,mean:0.001,stdev:0.001}' \
	'{type:gamma,shape:1,scale:0.001}' '{type:exponential,scale:0.001}' '{type:poisson,lam:0.001}' \
	'{mean:0.001}' '{mean:0.001,stdev:0.001}' 0.001; do
	must runs/time "${train[@]}" "${few[@]}" "~workload.train.computation_time" \
		"+workload.train.computation_time=$time"
done

echo "# shapes and types, as independent readers see them"
one=("${generate[@]}" workload.dataset.num_files_train=1 workload.dataset.num_files_eval=0
	++workload.dataset.num_subfolders_train=0 ++workload.dataset.num_subfolders_eval=0)
for dtype in float32 int8 float16; do
	for dims in 6,9 3,4,5; do
		for format in npz npy tfrecord csv indexed_binary; do
			must runs/dims "${one[@]}" "workload.dataset.format=$format" "++workload.dataset.record_dims=[$dims]" \
				"++workload.dataset.record_element_type=$dtype" "workload.dataset.data_folder=dims/$format-$dtype-${dims//,/x}"
		done
		must runs/dims "${one[@]}" workload.dataset.format=hdf5 "++workload.dataset.record_dims=[3,$dims]" \
			"++workload.dataset.record_element_type=$dtype" ++workload.dataset.hdf5.num_dset_per_record=3 \
			"workload.dataset.data_folder=dims/hdf5-$dtype-${dims//,/x}"
	done
done
for format in png jpeg; do
	must runs/dims "${one[@]}" "workload.dataset.format=$format" "++workload.dataset.record_dims=[6,9]" \
		"workload.dataset.data_folder=dims/$format"
	must_not 1 runs/dims "${one[@]}" "workload.dataset.format=$format" "++workload.dataset.record_dims=[6,9,2]"
	expect_text "$format format does not support more than 2 dimensions, but got 3 dimensions\." "$tmp/err"
done
/usr/bin/python3 - <<'PYTHON'
import glob, struct, h5py, numpy as np
from PIL import Image
def only(folder, ending=""):
    files = [f for f in glob.glob("dims/%s/train/*" % folder) if f.endswith(ending)]
    assert len(files) == 1, files
    return files[0]
for dtype in "float32", "int8", "float16":
    for dims in (6, 9), (3, 4, 5):
        name = "-%s-%s" % (dtype, "x".join(map(str, dims)))
        size = int(np.prod(dims)) * np.dtype(dtype).itemsize
        for x in np.load(only("npz" + name))["x"], np.load(only("npy" + name)):
            assert x.shape == dims + (1,) and x.dtype == dtype, (name, x.shape, x.dtype)
        row = open(only("csv" + name)).readline().split(",")
        assert len(row) == np.prod(dims), (name, len(row))
        lengths = open(only("indexed_binary" + name, ".sz.idx"), "rb").read()
        assert struct.unpack("<Q", lengths) == (size,), name
        record = open(only("tfrecord" + name), "rb").read()
        assert struct.unpack("<Q", record[:8])[0] == len(record) - 16 and size < len(record) < size + 80, name
        with h5py.File(only("hdf5" + name)) as f:
            sets = [f[k] for k in f if k != "labels"]
            assert len(sets) == 3 and f["labels"].shape == (1,), list(f)
            assert all(d.shape == (1,) + dims and d.dtype == dtype for d in sets), (name, sets)
for format in "png", "jpeg":
    assert Image.open(only(format)).size == (9, 6)
PYTHON

echo "# checkpoints: after epochs, after steps, alone"
check=(workload.dataset.data_folder=subset workload.workflow.evaluation=False ++workload.workflow.checkpoint=True
	++workload.checkpoint.checkpoint_folder=ck workload.train.computation_time=0.001 workload.train.epochs=8
	"++workload.model.layer_parameters=[16]")
for zero in 0 3; do
	for layers in 1 2; do
		rm -rf ck
		must runs/ck-epochs "${check[@]}" workload.dataset.num_files_train=8 \
			++workload.checkpoint.epochs_between_checkpoints=2 "++workload.model.num_layers=$layers" \
			"++workload.model.parallelism.zero_stage=$zero" "++workload.model.optimization_groups=[1024,128]"
		count 12 ck '*'
	done
done
rm -rf ck
must runs/ck-steps "${check[@]}" ++workload.checkpoint.steps_between_checkpoints=2 ++workload.model.model_size_bytes=1000
count 64 ck '*.pt'
for reads in 1 3; do
	rm -rf ck
	must runs/ck-alone "${check[@]}" workload.workflow.train=False ++workload.checkpoint.num_checkpoints_write=3 \
		"++workload.checkpoint.num_checkpoints_read=$reads" ++workload.checkpoint.time_between_checkpoints=0.001
	[ "$(grep -c 'Finished saving checkpoint' "$tmp/err")" = 3 ] || fail "not 3 checkpoints"
	[ "$(grep -c 'Finished loading checkpoint' "$tmp/err")" = "$reads" ] || fail "not $reads reads"
done

echo "# DLIO's own first tries"
must runs/smoke workload=resnet50_tf "++workload.dataset.data_folder=smoke/resnet50" ++workload.workflow.generate_data=True \
	++workload.dataset.num_files_train=4 ++workload.dataset.num_samples_per_file=16 ++workload.reader.batch_size=4 \
	++workload.train.computation_time=0.001
must runs/smoke workload=unet3d_a100 ++workload.dataset.data_folder=smoke/unet3d ++workload.workflow.generate_data=True \
	++workload.dataset.num_files_train=42 ++workload.dataset.record_length_bytes=1000 \
	++workload.dataset.record_length_bytes_stdev=0 ++workload.train.computation_time=0.001 \
	++workload.workflow.checkpoint=False
must runs/smoke workload=unet3d_a100 ++workload.dataset.data_folder=smoke/synthetic ++workload.workflow.generate_data=True \
	++workload.dataset.num_files_train=42 ++workload.dataset.format=synthetic \
	++workload.train.computation_time=0.001 ++workload.workflow.checkpoint=False
must runs/smoke workload=cosmoflow_a100 ++workload.dataset.data_folder=smoke/cosmoflow ++workload.workflow.generate_data=True \
	++workload.dataset.num_files_train=16 ++workload.dataset.record_length_bytes=4000 \
	++workload.dataset.record_length_bytes_stdev=100
must runs/smoke workload=llama_8b_zero3 ++workload.checkpoint.checkpoint_folder=ck8b ++workload.checkpoint.mode=subset \
	++workload.model.parallelism.data=65536 ++workload.checkpoint.time_between_checkpoints=0.001 \
	++workload.checkpoint.num_checkpoints_write=1 ++workload.checkpoint.num_checkpoints_read=1 \
	++workload.checkpoint.fsync=False

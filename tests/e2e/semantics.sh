#!/usr/bin/env bash
# What DLIO's settings mean: data loaders, shuffles, leniency where DLIO fails
# for no reason, profiling.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"
plain=(workflow.generate_data=False workflow.checkpoint=False)
train() {
	dliofs train --no-mount -q -c "$tmp/w.yaml" -o "$tmp/results" "${plain[@]}" \
		dataset.format=npy "$@" >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "$*"; }
}

# steps N: of each epoch of the last run.
steps() {
	python3 - "$tmp/results/0_output.json" "$1" <<-'PYTHON'
	import json, sys
	out = json.load(open(sys.argv[1]))
	for epoch in "1", "2":
	    load = out[epoch]["load"]["block1"]
	    assert len(load) == int(sys.argv[2]), (epoch, load)
	PYTHON
}

echo "# each data loader, with shuffles, and the framework's own"
dliofs generate -q -c "$tmp/w.yaml" dataset.format=npy
for loader in pytorch dali native_dali synthetic none tensorflow; do
	framework=pytorch
	[ $loader != tensorflow ] || framework=tensorflow
	train framework=$framework reader.data_loader=$loader \
		reader.sample_shuffle=seed reader.file_shuffle=random
	steps 6
	if [ $loader != none ]; then
		train framework=$framework reader.data_loader=$loader --dlio-compat=strict
		steps "$([ $loader = synthetic ] && echo 5 || echo 6)"
	fi
done
for framework in pytorch tensorflow; do
	train framework=$framework '~reader.data_loader'
	steps 6
done

echo "# the synthetic loader needs no dataset"
train reader.data_loader=synthetic "dataset.data_folder=$tmp/nowhere"
steps 6
[ ! -e "$tmp/nowhere" ] || fail "a folder was made"

echo "# calibration: eight accelerators without I/O are busy all the time"
busy() {
	train framework=tensorflow reader.data_loader=synthetic reader.batch_size=400 \
		dataset.num_samples_per_file=1251 train.computation_time=0.224 \
		train.total_training_steps=8 train.epochs=1 dliofs.train.accelerators_per_rank=8
	python3 - "$tmp/results" <<-'PYTHON'
	import json, sys
	summary = json.load(open(sys.argv[1] + "/summary.json"))
	assert summary["num_accelerators"] == 8 and summary["num_hosts"] == 1, summary
	assert summary["metric"]["train_au_mean_percentage"] >= 99, summary["metric"]
	PYTHON
}
await busy # where others have the processors, not every time

echo "# accelerators of one process share the samples out, through a mount, too"
for way in --no-mount --cache=cold; do
	dliofs train -q $way -c "$tmp/w.yaml" -o "$tmp/shared" dataset.format=npy \
		reader.sample_shuffle=seed dliofs.train.accelerators_per_rank=3 \
		workflow.generate_data=False >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "$way"; }
	python3 - "$tmp/shared" $way <<-'PYTHON'
	import json, os, sys
	folder = sys.argv[1]
	summary = json.load(open(folder + "/summary.json"))
	assert summary["num_accelerators"] == 3
	size = sum(os.path.getsize(os.path.join(top, f))
	           for top, _, files in os.walk(os.environ["TMPDIR"] + "/data/train")
	           for f in files)
	for epoch in summary["dliofs"]["epochs"]:
	    assert epoch["samples"] == 24, epoch
	    assert epoch["consumed_bytes"] == size, (epoch, size)
	    if sys.argv[2] != "--no-mount":
	        assert epoch["delivered_bytes"] >= size, epoch
	for rank in range(3):
	    out = json.load(open(f"{folder}/{rank}_output.json"))
	    assert len(out["1"]["load"]["block1"]) == 2, out["1"]
	PYTHON
done

echo "# records: files are dealt to the ranks; all are read by all if they are fewer"
records=(dataset.format=tfrecord dataset.data_folder="$tmp/records" dataset.num_files_train=3
	dataset.num_samples_per_file=24 dataset.record_length_bytes=2000
	dataset.record_length_bytes_stdev=0 framework=tensorflow
	reader.data_loader=tensorflow reader.sample_shuffle=seed reader.shuffle_size=16)
dliofs generate -q -c "$tmp/w.yaml" "${records[@]}"
for accelerators in 1 3 6; do
	train "${records[@]}" dliofs.train.accelerators_per_rank=$accelerators
	steps $((18 / accelerators))
	python3 - "$tmp/results/summary.json" $accelerators <<-'PYTHON'
	import json, sys
	epochs = json.load(open(sys.argv[1]))["dliofs"]["epochs"]
	read = 72 * 6 if sys.argv[2] == "6" else 72
	assert [e["samples"] for e in epochs] == [read, read], epochs
	PYTHON
done

echo "# the failure of one accelerator ends all"
victim=$tmp/data/train/2/img_23_of_24.npy
mv "$victim" "$tmp/victim"
: >"$victim"
expect_status 1 timeout 100 "$DLIOFS" train -q --no-mount -c "$tmp/w.yaml" -o "$tmp/failed" \
	dataset.format=npy dliofs.train.accelerators_per_rank=3 workflow.generate_data=False \
	workflow.checkpoint=False train.epochs=50 >"$tmp/out" 2>&1
expect_text " $victim" "$tmp/out"
mv "$tmp/victim" "$victim"

echo "# what one process generated and trained on has its true MB/s"
dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" workflow.checkpoint=False \
	dataset.data_folder=mem://one --no-mount >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail run; }
python3 -c '
import json, sys
metric = json.load(open(sys.argv[1]))["metric"]
assert metric["train_io_mean_MB_per_second"] > 0.1, metric
' "$tmp/results/summary.json"

echo "# one subfolder is as good as none"
dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" workflow.checkpoint=False --no-mount \
	dataset.data_folder="$tmp/one" dataset.num_subfolders_train=1 >"$tmp/out" 2>&1 ||
	{ cat "$tmp/out"; fail "num_subfolders_train=1"; }
steps 6

echo "# without evaluation, nobody misses the folder of its files"
rm -r "$tmp/one/valid"
train dataset.format=npz dataset.data_folder="$tmp/one" dataset.num_subfolders_train=1 \
	dataset.num_files_eval=0
steps 6

echo "# a workflow that asks for nothing ends at once"
dliofs run -c "$tmp/w.yaml" -o "$tmp/nothing" "${plain[@]}" workflow.train=False \
	>"$tmp/out" 2>&1 || fail "nothing to do"
expect_text 'nothing to do' "$tmp/out"

echo "# what cannot be is refused before a file is written"
expect_status 2 dliofs run -c "$tmp/w.yaml" -o "$tmp/refused" framework=tensorflow \
	dataset.data_folder="$tmp/never" >"$tmp/out" 2>&1
expect_text 'Imcompatible between framework and data_loader setup' "$tmp/out"
expect_status 2 dliofs run -c "$tmp/w.yaml" -o "$tmp/refused" train.total_training_steps=7 \
	dataset.data_folder="$tmp/never" >"$tmp/out" 2>&1
expect_text 'Only have enough data for 6 steps but 7 wanted' "$tmp/out"
[ ! -e "$tmp/never" ] || fail "data was written"
[ ! -e "$tmp/refused" ] || fail "results were written"

echo "# iostat runs beside, and its JSON is whole"
profiled() {
	train workflow.profiling=True train.computation_time=0.2
	python3 - "$tmp/results/iostat.json" <<-'PYTHON'
	import json, sys
	hosts = json.load(open(sys.argv[1]))["sysstat"]["hosts"]
	assert hosts[0]["statistics"], hosts
	PYTHON
}
await profiled # its first figures come after a second, or when it can run

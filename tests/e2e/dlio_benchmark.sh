#!/usr/bin/env bash
# The program as dlio_benchmark: DLIO's command line, its folders and files.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/dlio.sh
. "${DLIOFS_SRC:?}/tests/lib/dlio.sh"

must runs/all "${generate[@]}" workload.dataset.data_folder=subset

echo "# MLPerf's way to call it: its own workload, folders made before, its names"
mkdir -p mine/workload mlperf/unet3d/{train,valid,test}
cat >mine/workload/unet3d_h100.yaml <<'YAML'
model: {name: unet3d, type: cnn}
framework: pytorch
workflow: {generate_data: False, train: True, checkpoint: False}
dataset: {data_folder: data/unet3d/, format: npz, num_files_train: 168, num_samples_per_file: 1,
  record_length_bytes: 4096, record_length_bytes_stdev: 1024}
reader: {data_loader: pytorch, batch_size: 7, read_threads: 4, file_shuffle: seed, sample_shuffle: seed}
train: {epochs: 2, computation_time: 0.01}
metric: {au: 0.9}
YAML
sed -e 's/train: True/train: False/; s/generate_data: False/generate_data: True/; /^reader/d' \
	mine/workload/unet3d_h100.yaml >mine/workload/unet3d_datagen.yaml
mlperf=(++workload.dataset.num_files_train=21 "++workload.dataset.data_folder=$tmp/mlperf/unet3d"
	++workload.dataset.skip_listing=True ++workload.dataset.listing_validation_interval=10
	++workload.storage.storage_options.storage_library=s3dlio
	++workload.storage.storage_options.uri_scheme=file)
must ignored workload=unet3d_datagen ++hydra.run.dir=r/datagen ++hydra.output_subdir=dlio_config \
	"${mlperf[@]}" "--config-dir=$tmp/mine"
expect_text 'mine/workload/unet3d_datagen.yaml is taken; DLIO would take its own' "$tmp/err"
must ignored workload=unet3d_h100 ++hydra.run.dir=r/run ++hydra.output_subdir=dlio_config \
	"${mlperf[@]}" --config-dir "$tmp/mine"
[ ! -e ignored ] || fail "the later run.dir does not win"
count 21 mlperf/unet3d/train '*.npz'
count 0 r '*_metadata.json'
count 0 r/datagen summary.json
/usr/bin/python3 - r <<'PYTHON'
import json, re, sys, yaml
from omegaconf import OmegaConf
run = sys.argv[1] + "/run/"
load = lambda name: yaml.safe_load(open(run + "dlio_config/" + name))
summary = json.load(open(run + "summary.json"))
# What reportgen crashes without, and what MLPerf's v3 demands.
assert summary["num_accelerators"] == 1 and isinstance(summary["num_accelerators"], int)
assert len(summary["host_memory_GB"]) == summary["num_hosts"] == len(summary["host_cpu_count"]) == 1
assert summary["metric"]["train_au_meet_expectation"] in ("success", "fail")
assert summary["num_files_train"] == 21 and summary["start"] < summary["end"]
assert list(load("config.yaml")) == ["workload"]
workload = load("config.yaml")["workload"]
assert workload["model"]["name"] == "unet3d"
assert workload["workflow"] == {"generate_data": False, "train": True, "checkpoint": False}
assert workload["dataset"]["num_files_train"] == 21 and workload["reader"]["batch_size"] == 7
assert workload["dataset"]["record_length_bytes"] == 4096
words = load("overrides.yaml")
assert words[0] == "workload=unet3d_h100" and words[1] == "++workload.dataset.num_files_train=21"
assert all(len(w.split("=")) == 2 and not w.lstrip("+").startswith("hydra") for w in words), words
hydra = OmegaConf.load(run + "dlio_config/hydra.yaml").hydra
assert hydra.job.name == "main" and hydra.runtime.choices.workload == "unet3d_h100"
assert hydra.runtime.output_dir.endswith("/r/run") and hydra.output_subdir == "dlio_config"
PYTHON
for f in 0_output.json 0_per_epoch_stats.json dlio.log; do
	[ -s "r/run/$f" ] || fail "no $f"
done

echo "# DLIO's folder of results, its log, and its levels"
rm -rf hydra_log
"$name" workload.workflow.evaluation=False workload.train.computation_time=0 workload.train.epochs=1 \
	workload.dataset.data_folder=subset >out 2>err || { cat err; fail "without a run.dir"; }
[ ! -s out ] || fail "something on standard output"
run=$(echo hydra_log/default/20??-??-??-??-??-??)
[ -s "$run/.hydra/config.yaml" ] || fail "no hydra_log/default/TIME: $(find hydra_log)"
grep -E '^\[(OUTPUT|METRIC|WARNING)\]' err | diff - <(grep -E '^\[' "$run/dlio.log") || fail "log and console differ"
! grep -q INFO "$run/dlio.log" || fail "INFO at the default level"
DLIO_LOG_LEVEL=info must runs/info workload.workflow.evaluation=False workload.train.computation_time=0 \
	workload.train.epochs=1 workload.dataset.data_folder=subset ++workload.output.folder=runs/elsewhere
expect_text '^\[INFO\] .* Rank 0 step 1: loaded 4 samples' runs/elsewhere/dlio.log
[ -s runs/info/.hydra/config.yaml ] || fail "no .hydra where run.dir is"
[ ! -e runs/info/dlio.log ] || fail "dlio.log not in output.folder"
[ -s runs/elsewhere/summary.json ] || fail "no summary in output.folder"
must_not 1 runs/level workload.dataset.data_folder=none
expect_text 'Not enough training dataset is found; Please run the code with' "$tmp/err"
must_not 255 runs/steps workload.dataset.data_folder=subset ++workload.train.total_training_steps=17
expect_text 'Only have enough data for 16 steps but 17 wanted' "$tmp/err"

echo "# no subfolder of Hydra's files, secrets in none of them"
must runs/bare "${generate[@]}" workload.dataset.data_folder=bare hydra.output_subdir=null
[ "$(ls -A runs/bare)" = dlio.log ] || fail "files: $(ls -A runs/bare)"
must runs/secret "${generate[@]}" workload.dataset.data_folder=bare \
	++workload.storage.storage_options.{access_key_id,secret_access_key}=hush
! grep -rq hush runs/secret || fail "a secret was written"

echo "# keep_files: False removes the dataset, but what else is there"
must runs/once "${train[@]}" workload.dataset.data_folder=once ++workload.workflow.generate_data=True \
	++workload.dataset.keep_files=False
[ ! -e once ] || fail "files were kept: $(find once)"
must runs/only "${generate[@]}" workload.dataset.data_folder=once ++workload.dataset.keep_files=False
count 64 once/train '*.npz'

echo "# flags, wherever they are"
"$name" workload=dlrm --cfg job ++workload.train.epochs=3 >out
"$name" --cfg=job workload=dlrm ++workload.train.epochs=3 | diff - out || fail "--cfg=job"
expect_text '^    epochs: 3$' out
/usr/bin/python3 - out <<'PYTHON'
import sys, yaml
from omegaconf import OmegaConf
text = open(sys.argv[1]).read()
assert OmegaConf.to_yaml(OmegaConf.create(yaml.safe_load(text))) == text
PYTHON
expect_text '^  a: dlrm/3$' <("$name" --cfg job --resolve -p workload workload=dlrm ++workload.train.epochs=3 \
	"++workload.x.a=\${workload.model.name}/\${workload.train.epochs}")
for words in --help -h --hydra-help --version "--info --" "--info searchpath" "--info=defaults" \
	"--info defaults-tree" "--cfg hydra" "--cfg all --resolve" "-p hydra.run -c all" "-h --cfg job" "-h --resolve"; do
	# shellcheck disable=SC2086
	"$name" $words workload=dlrm >out 2>err || fail "$words: $(cat err)"
	[ -s out ] || fail "$words: nothing shown"
	[ ! -s err ] || fail "$words: $(cat err)"
done
for words in "--nope" "--nope -h" "-h --nope" "--cfg nope" "--cfg" "--config-dir" "--config-dir --cfg job" "--run=x" \
	"--c job" "--info nope" "--info workload=dlrm" "--package --info" "-h --info nope"; do
	# shellcheck disable=SC2086
	expect_status 2 "$name" $words >/dev/null 2>err
	[ -s err ] || fail "$words: not a word"
done
for words in "-m" "--multirun workload=a,b" "-m --info" "--shell-completion" "--cfg job --info" "--cfg job --run" \
	"-cd nowhere" "-cd nowhere -h" "-cp nowhere" "-cn nope" "--resolve" "--resolve --info" "workload=nope" \
	"-h workload=nope" "-h foo" "foo" "workload.nope=1" "--cfg job -p workload.nope"; do
	# shellcheck disable=SC2086
	expect_status 1 "$name" $words >/dev/null 2>err
	[ -s err ] || fail "$words: not a word"
done

echo "# one setting"
query() {
	"${name}_query" hydra.run.dir=runs/query "++workload.workflow.query=$1" workload=unet3d_h100
}
[ "$(query dataset.num_files_train)" = 168 ] || fail "query"
[ "$(query dataset.format)" = npz ] || fail "query of a text"
[ "$(query workflow.evaluation)" = None ] || fail "query of nothing"

echo "# installed, it has all its names"
cmake --install "$DLIOFS_BUILD" --prefix "$tmp/usr" >/dev/null
expect_text '^  a: 1$' <("$tmp/usr/bin/dlio_benchmark" --cfg job -p workload +workload.b.a=1)

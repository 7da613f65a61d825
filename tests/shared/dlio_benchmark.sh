#!/usr/bin/env bash
# Every stock workload through dlio_benchmark: composed as it stands, and run,
# scaled down by overrides only.
#
# A format that can be trained on is a word in `trained`; the data of the others
# is only generated, if it can be, as `generated` says.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
: "${DLIOFS_SHARED:?}"

generated="npz npy tfrecord indexed_binary mmap_indexed_binary"
trained=$generated

name=$(dirname "$DLIOFS")/dlio_benchmark
cd "$tmp"
unset DLIO_LOG_LEVEL

# value FILE NAME: of a setting that is the only one of its name.
value() {
	sed -nE "s/^ *$2: *([^# ]+).*/\1/p" "$1" | head -n 1
}

has_word() {
	[[ " $1 " == *" $2 "* ]]
}

# dlio FOLDER WORD...
dlio() {
	"$name" "hydra.run.dir=$1" "${@:2}" >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "$*"; }
}

small_data=(++workload.dataset.num_files_train=8 ++workload.dataset.num_files_eval=2
	++workload.dataset.num_samples_per_file=4
	++workload.dataset.record_length_bytes=4096 ++workload.dataset.record_length_bytes_stdev=0
	++workload.dataset.data_folder=data ++workload.storage.storage_type=local_fs
	++workload.storage.storage_root=. ++workload.train.total_training_steps=-1)
small_train=(++workload.train.epochs=2 ++workload.train.computation_time=0.001
	++workload.reader.batch_size=4 ++workload.reader.batch_size_eval=1
	++workload.evaluation.eval_time=0.001)
small_checkpoints=(++workload.checkpoint.checkpoint_folder=checkpoints
	++workload.model.model_size_bytes=10000 ++workload.checkpoint.time_between_checkpoints=0.001
	++workload.checkpoint.num_checkpoints_write=3 ++workload.checkpoint.num_checkpoints_read=2)
small_model=(++workload.model.num_layers=2 ++workload.model.parallelism.tensor=1
	++workload.model.parallelism.pipeline=1)
small_transformer=(++workload.model.transformer.vocab_size=1000
	++workload.model.transformer.hidden_size=64 ++workload.model.transformer.ffn_hidden_size=128
	++workload.model.transformer.num_attention_heads=8 ++workload.model.transformer.num_kv_heads=4)
small_tensors=("++workload.model.optimization_groups=[1000]" "++workload.model.layer_parameters=[100]")

echo "# composed: what the file says, as OmegaConf would write it"
for file in "$DLIOFS_SHARED"/workloads/*/workload/*.yaml; do
	stock=$(basename "$file" .yaml)
	"$name" --cfg job --config-dir "$(dirname "$(dirname "$file")")" "workload=$stock" \
		>"$(basename "$(dirname "$(dirname "$file")")")-$stock.yaml" 2>err || { cat err; fail "$file"; }
	"$name" --cfg all --resolve --config-dir "$(dirname "$(dirname "$file")")" "workload=$stock" \
		>/dev/null 2>err || { cat err; fail "$file resolved"; }
done
/usr/bin/python3 - "$DLIOFS_SHARED/workloads" <<'PYTHON'
import glob, os, sys
from omegaconf import OmegaConf
files = glob.glob(sys.argv[1] + "/*/workload/*.yaml")
assert len(files) >= 37, files
for path in files:
    parts = path.split("/")
    want = OmegaConf.create({"workload": OmegaConf.load(path)})
    # Secrets are not shown.
    options = OmegaConf.select(want, "workload.storage.storage_options") or {}
    for key in "access_key_id", "secret_access_key":
        if key in options:
            options[key] = "***"
    got = open("%s-%s" % (parts[-3], parts[-1])).read()
    assert got == OmegaConf.to_yaml(want), path
PYTHON

echo "# ours of the same names have the same settings"
/usr/bin/python3 - "$DLIOFS_SHARED/workloads" "$DLIOFS_SRC/configs/workload" <<'PYTHON'
import glob, os, sys, yaml
# DLIO reads neither, or nobody would want them from us.
but = {"model.model_size", "workflow.debug", "storage.storage_options.access_key_id",
       "storage.storage_options.secret_access_key"}
def keys(tree, above=""):
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from keys(value, above + key + ".")
        else:
            yield above + key
for path in glob.glob(sys.argv[1] + "/*/workload/*.yaml"):
    stock = set(keys(yaml.safe_load(open(path)))) - but
    ours = set(keys(yaml.safe_load(open(sys.argv[2] + "/" + os.path.basename(path)))))
    assert stock == ours - {"model.model_size_bytes"} or stock == ours, (path, stock ^ ours)
PYTHON

echo "# run, where there are their formats"
for file in "$DLIOFS_SHARED"/workloads/*/workload/*.yaml; do
	stock=$(basename "$file" .yaml)
	format=$(value "$file" format)
	words=("workload=$stock" --config-dir "$(dirname "$(dirname "$file")")")
	rm -rf data checkpoints
	words+=("${small_checkpoints[@]}")
	! grep -q ' parallelism:' "$file" || words+=("${small_model[@]}")
	! grep -q ' transformer:' "$file" || words+=("${small_transformer[@]}")
	! grep -q ' layer_parameters:' "$file" || words+=("${small_tensors[@]}")
	if [ -z "$format" ]; then
		dlio "checkpoints-$stock" "${words[@]}" ++workload.workflow.train=False \
			++workload.workflow.generate_data=False
		[ "$(find checkpoints -name '*_step*' -type d | wc -l)" = 3 ] || fail "$file: checkpoints"
		expect_text '\[METRIC\] Checkpoint load duration' "$tmp/out"
		[ -s "checkpoints-$stock/summary.json" ] || fail "$file: no summary"
		continue
	fi
	if has_word "$generated" "$format"; then
		dlio generated "${words[@]}" "${small_data[@]}" ++workload.workflow.generate_data=True \
			++workload.workflow.train=False ++workload.workflow.checkpoint=False \
			++workload.workflow.evaluation=False
		[ "$(find data/train -name "*.$format" | wc -l)" = 8 ] || fail "$file: files"
	fi
	if has_word "$trained" "$format" && [[ $stock != *_datagen ]]; then
		dlio "trained-$stock" "${words[@]}" "${small_data[@]}" "${small_train[@]}" \
			++workload.workflow.generate_data=False
		expect_text 'Ending epoch 2 - 8 steps completed' "$tmp/out"
		[ -s "trained-$stock/summary.json" ] || fail "$file: no summary"
	fi
done

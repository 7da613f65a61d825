#!/usr/bin/env bash
# DLIO's own unet3d_h100.yaml, but for the dataset's size and the folders, runs
# whole: generate, train through the mount, checkpoint, report.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
: "${DLIOFS_SHARED:?}"

stock=$DLIOFS_SHARED/workloads/dlio/workload/unet3d_h100.yaml
small=(++workload.dataset.num_files_train=16
	++workload.dataset.record_length_bytes=4194304
	++workload.dataset.record_length_bytes_stdev=0)
here=("++workload.dataset.data_folder=$tmp/data"
	"++workload.checkpoint.checkpoint_folder=$tmp/checkpoints")

dliofs run -c "$stock" ++workload.workflow.generate_data=True "${small[@]}" \
	"${here[@]}" -o "$tmp/results" >"$tmp/out" 2>&1 ||
	{ cat "$tmp/out"; fail "the run"; }

echo "# generated as DLIO would"
[ "$(find "$tmp/data/train" -name 'img_*_of_16.npz' -size 4194802c | wc -l)" = 16 ] ||
	fail "not 16 files of 4194802 bytes"
[ -d "$tmp/data/valid" ] || fail "no folder valid"

echo "# trained: five epochs of two steps of seven, every byte from the store"
expect_text 'Trimming number of training files \(16 -> 14\)' "$tmp/results/dlio.log"
expect_text ' Max steps per epoch: 2 = 1 \* 14 / 7 / 1 ' "$tmp/results/dlio.log"
expect_text '^\[METRIC\] Training Accelerator Utilization' "$tmp/results/dlio.log"
python3 - "$tmp/results" <<-'PYTHON'
import json, sys
def load(name):
    return json.load(open(sys.argv[1] + "/" + name))
summary, steps, epochs = map(load, ("summary.json", "0_output.json",
                                    "0_per_epoch_stats.json"))
levels = load("latency.json")["levels"]
assert summary["epochs"] == 5 and summary["num_files_train"] == 16
assert len(summary["metric"]["train_au_percentage"]) == 5
compute = [steps[epoch]["compute"]["block1"] for epoch in "12345"]
assert all(len(of_epoch) == 2 for of_epoch in compute), compute
# A busy machine makes some of them longer, and none shorter.
assert 0.323 <= min(map(min, compute)) < 0.4, compute
for epoch in "12345":
    assert ("save_ckpt1" in epochs[epoch]) == (epoch == "5"), epochs[epoch]
assert levels["app"]["open"]["count"] == 5 * 14
assert 14 * 4194802 <= levels["store"]["read"]["bytes"] <= 5 * 14 * 4194802
for level in "app", "fuse", "store":
    assert levels[level]["read"]["errors"] == 0
PYTHON

echo "# one checkpoint, of the model that the file means"
[ "$(find "$tmp/checkpoints" -type f)" = \
	"$tmp/checkpoints/global_epoch5_step3/model_states-0.pt" ] ||
	fail "checkpoints: $(find "$tmp/checkpoints" -type f)"
/usr/bin/python3 - "$tmp/checkpoints/global_epoch5_step3/model_states-0.pt" <<-'PYTHON'
import sys, torch
state = torch.load(sys.argv[1])
assert [t.nbytes if hasattr(t, "nbytes") else t.numel() * t.element_size()
        for t in state.values()] == [499153191]
PYTHON

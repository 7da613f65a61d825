#!/usr/bin/env bash
# The main job: generate, mount, train, checkpoint, report.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"

for uri in "file://$tmp/f" "direct://$tmp/d" mem://m synth://; do
	echo "# $uri"
	rm -rf "$tmp/results" "$tmp/checkpoints"
	dliofs run -c "$tmp/w.yaml" -o "$tmp/results" \
		"++dataset.data_folder=$uri" ++workflow.evaluation=True \
		>"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "run on $uri"; }
	expect_text '^app +read ' "$tmp/out"
	expect_text '^fuse +read ' "$tmp/out"
	expect_text '^store +read ' "$tmp/out"
	expect_text 'time in reads: kernel' "$tmp/out"
	expect_text '\[METRIC\] Training Accelerator Utilization' "$tmp/out"
	for f in summary.json 0_output.json 0_per_epoch_stats.json latency.json; do
		python3 -m json.tool <"$tmp/results/$f" >/dev/null || fail "$f"
	done
	expect_text '^\[OUTPUT\] .* Running DLIO \[Generating data & Training & Evaluation & Checkpointing\] with 1 process' \
		"$tmp/results/dlio.log"
	expect_text ' Max steps per epoch: 6 = 1 \* 24 / 4 / 1 ' "$tmp/results/dlio.log"
	expect_text ' Total checkpoint size: 0.000931 GB' "$tmp/results/dlio.log"
	python3 - "$tmp/results" <<-'PYTHON'
	import json, sys
	folder = sys.argv[1]
	summary = json.load(open(folder + "/summary.json"))
	assert summary["num_accelerators"] == 1
	assert summary["epochs"] == 2
	assert len(summary["metric"]["train_au_percentage"]) == 2
	out = json.load(open(folder + "/0_output.json"))
	assert len(out["1"]["load"]["block1"]) == 6, out["1"]["load"]
	assert len(out["2"]["load"]["eval"]) == 4
	levels = json.load(open(folder + "/latency.json"))["levels"]
	for level in "app", "fuse", "store":
	    assert levels[level]["read"]["count"] > 0, level
	    assert levels[level]["read"]["errors"] == 0, level
	PYTHON
	[ -n "$(find "$tmp/checkpoints" -type f -size +900k)" ] || fail "no checkpoint"
	/usr/bin/python3 -c 'import sys, torch; print(torch.load(sys.argv[1]))' \
		"$(find "$tmp/checkpoints" -type f | head -n 1)" >/dev/null
done
[ -z "$(private_mounts)" ] || fail "a private mount was left"

echo "# natively: the same trainer"
dliofs train --no-mount -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/f" \
	-o "$tmp/native" >"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "--no-mount"; }
expect_text '^app +read ' "$tmp/out"
expect_text 'Running DLIO \[Training & Checkpointing\]' "$tmp/native/dlio.log"
! grep -q '^fuse ' "$tmp/out" || fail "a mount was used"

echo "# on a mount that exists"
mount_at "$tmp/mnt" -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/f"
dliofs train --through "$tmp/mnt" -c "$tmp/w.yaml" -o "$tmp/through" >/dev/null 2>&1 ||
	fail "--through"
dliofs stats "$tmp/mnt" >"$tmp/out"
expect_text '^fuse +read ' "$tmp/out"
dliofs umount "$tmp/mnt"

echo "# the same by URI; and what is not the dataset is said"
mount_at "$tmp/mnt" "$tmp/f"
dliofs train --through "$tmp/mnt" -c "$tmp/w.yaml" ++workflow.checkpoint=False \
	-o "$tmp/through" >/dev/null 2>&1 || fail "--through a folder"
expect_status 1 dliofs train -q --through "$tmp/mnt" -c "$tmp/w.yaml" \
	++dataset.num_files_train=25 -o "$tmp/through" 2>"$tmp/log"
expect_text 'mnt/train/.*/img_00_of_25.npz is not there' "$tmp/log"
expect_text 'mnt shows no training dataset of this configuration' "$tmp/log"
dliofs umount "$tmp/mnt"

echo "# fewer files than there are: the first ones, each way"
mount_at "$tmp/mnt" -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/f"
for way in --no-mount --cache=cold "--through=$tmp/mnt"; do
	dliofs train "$way" -c "$tmp/w.yaml" "++dataset.data_folder=file://$tmp/f" \
		++dataset.num_files_train=9 ++dataset.num_files_eval=2 \
		++workflow.evaluation=True -o "$tmp/fewer" >"$tmp/out" 2>&1 ||
		{ cat "$tmp/out"; fail "$way"; }
	expect_text 'training in .*/train \(24\) is more than requested \(9\)' "$tmp/out"
	expect_text 'evaluation in .*/valid \(4\) is more than requested \(2\)' "$tmp/out"
	expect_text ' Max steps per epoch: 2 = 1 \* 8 / 4 / 1 ' "$tmp/out"
done
dliofs umount "$tmp/mnt"
expect_status 1 dliofs train -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/f" \
	++dataset.num_files_train=25 -o "$tmp/more" >"$tmp/out" 2>&1
expect_text 'Not enough training dataset is found' "$tmp/out"

echo "# a damaged file is found out, and named"
victim=$tmp/f/train/1/img_04_of_24.npz
printf 'XXXXXXXX' | dd of="$victim" bs=1 seek=150000 conv=notrunc status=none
expect_status 1 dliofs train -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/f" \
	-o "$tmp/damaged" >"$tmp/out" 2>&1
expect_text "error: $victim " "$tmp/out"
truncate -s 100 "$victim"
expect_status 1 dliofs train -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/f" \
	-o "$tmp/damaged" >"$tmp/out" 2>&1
expect_text "error: open $victim: .*of another size than" "$tmp/out"

echo "# without its data, it says what to do"
expect_status 1 dliofs run -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/none" \
	++workflow.generate_data=False -o "$tmp/none-results" >"$tmp/out" 2>&1
expect_text 'workflow.generate_data=True' "$tmp/out"

echo "# keep_files: False removes what was generated, and nothing else"
dliofs run -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/gone" \
	++dataset.keep_files=False -o "$tmp/r2" >/dev/null 2>&1
[ -z "$(find "$tmp/gone" -type f 2>/dev/null)" ] || fail "files were kept"

echo "# interrupted: everything is taken down"
"$DLIOFS" run -c "$tmp/w.yaml" "++dataset.data_folder=$tmp/f2" \
	++train.computation_time=2 -o "$tmp/r3" >"$tmp/out" 2>&1 &
pid=$!
await grep -q 'Starting block' "$tmp/out"
kill -INT $pid
status=0
wait $pid || status=$?
[ "$status" = 1 ] || fail "status $status after SIGINT"
[ -z "$(private_mounts)" ] || fail "a private mount was left"

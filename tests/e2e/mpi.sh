#!/usr/bin/env bash
# Several ranks on one host, started by mpirun: they share the work, agree on its
# results, and end together.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/mpi.sh
. "${DLIOFS_SRC:?}/tests/lib/mpi.sh"

small_workload >"$tmp/w.yaml"
cd "$tmp"
dliofs --version >log
expect_text 'ranks +several' log

echo "# a dataset is the same, whoever generates it"
dliofs generate -q -c w.yaml
mv data alone
ranks 3 "$DLIOFS" generate -c w.yaml 2>log || fail "status $?"
expect_text 'rank 0 on .*: 28 files written' log
diff -r data alone || fail "3 ranks generate something else"

echo "# also one whose sizes only the writer knows"
png=(++workload.dataset.format=png ++workload.dataset.data_folder="$tmp/png")
dliofs generate -q -c w.yaml "${png[@]}"
mv png png.alone
ranks 2 "$DLIOFS" generate -q -c w.yaml "${png[@]}"
diff -r png png.alone || fail "2 ranks generate something else"

echo "# any number of ranks resumes, and each verifies its share"
rm data/train/1/img_16_of_24.npz
printf x | dd of=data/train/2/img_02_of_24.npz bs=1 seek=5000 conv=notrunc status=none
expect_status 1 ranks 3 "$DLIOFS" verify -c w.yaml 2>log
expect_text 'rank 1 on .*error: .*img_16_of_24.npz: missing' log
expect_text 'rank 2 on .*error: .*img_02_of_24.npz: differs at offset 5000' log
expect_text '26 files are right, 1 missing, 1 damaged' log
rm data/train/2/img_02_of_24.npz
ranks 2 "$DLIOFS" generate -c w.yaml 2>log
expect_text ': 2 files written .*, 26 there already' log
ranks 2 "$DLIOFS" verify -c w.yaml 2>log
expect_text '28 files are there and right' log

echo "# a run: one mount, one report"
ranks 2 "$DLIOFS" run -c w.yaml -o results workflow.evaluation=True \
	evaluation.eval_time=0.2 train.computation_time=0.02 >out 2>log ||
	fail "status $?"
nothing_left || fail "a mount is left"
expect_text '^AU ' out
expect_text '^ +0  [^ ]+ +28 ' out
expect_text '^ +1  [^ ]+ +28 ' out
expect_text '^app +barrier ' out
expect_text 'with 2 process\(es\)' log
[ "$(grep -c 'Starting block 1' log)" = 2 ] || fail "who is not rank 0 speaks"
python3 - results 2 <<'EOF'
import json, os, sys
folder, ranks = sys.argv[1], int(sys.argv[2])
load = lambda name: json.load(open(os.path.join(folder, name)))
s = load("summary.json")
m = s["metric"]
want = ["start", "num_accelerators", "num_hosts", "hostname", "metric",
        "num_files_train", "num_files_eval", "num_samples_per_file",
        "host_cpu_count", "host_processor_name", "potential_caching",
        "host_cpuinfo", "host_meminfo", "host_memory_GB",
        "data_size_per_host_GB", "epochs", "end"]
assert [k for k in s if k != "dliofs"] == want, list(s)
assert (s["num_accelerators"], s["num_hosts"]) == (ranks, 1)
assert len(s["host_memory_GB"]) == len(s["host_cpu_count"]) == 1
assert s["host_cpu_count"] == [os.cpu_count()], s["host_cpu_count"]

per = [load("%d_output.json" % r) for r in range(ranks)]
for r, own in enumerate(per):
    assert os.path.exists(os.path.join(folder, "%d_per_epoch_stats.json" % r))
    for e in "12":
        assert len(own[e]["load"]["block1"]) == 3, (r, own[e]["load"])
        assert len(own[e]["load"]["eval"]) == 2, (r, own[e]["load"])
# AU is the ranks' mean, throughput their sum; of evaluation, too.
for i, e in enumerate("12"):
    for part, key in ("train", "block1"), ("eval", "eval"):
        au = sum(own[e]["au"][key] for own in per) / ranks
        rate = sum(own[e]["throughput"][key] for own in per)
        near = lambda a, b: abs(a - b) <= 1e-6 * abs(b)
        assert near(m[part + "_au_percentage"][i], au), (part, m, au)
        assert near(m[part + "_throughput_samples_per_second"][i], rate)
assert 0 < m["eval_au_mean_percentage"] <= 100, m

levels = load("latency.json")["levels"]
# Every read of both ranks went through the one server whose figures these are.
assert levels["app"]["open"]["count"] == levels["fuse"]["open"]["count"], levels
# Of each rank and epoch: 1 before, 3 steps, 1 after them, 1 at the end.
assert levels["app"]["barrier"]["count"] == ranks * 2 * 6, levels["app"]["barrier"]
samples = [e["samples"] for e in s["dliofs"]["epochs"]]
assert samples == [28, 28], samples
EOF
[ "$(find checkpoints -name 'model_states-*.pt' | sort | xargs -n1 basename | uniq -c |
	tr -s ' ')" = " 2 model_states-0.pt" ] || fail "who writes the model"

echo "# numbers of files and samples that do not divide (3 ranks)"
i=0
for case in 13,4 24,4 25,4 145,16; do
	ranks 3 "$DLIOFS" train -q -c w.yaml -o "uneven$((i++))" --no-mount \
		dataset.data_folder=synth:// dataset.num_files_train="${case%,*}" \
		reader.batch_size="${case#*,}" train.epochs=3 \
		train.computation_time=0 dataset.record_length_bytes=1000 \
		dataset.num_subfolders_train=0 dataset.num_files_eval=0 \
		workflow.checkpoint=False dataset.record_length_bytes_stdev=0 \
		>out || fail "$case: status $?"
	python3 -c "
import json, sys
files, batch = $case
for r in range(3):
    o = json.load(open('uneven$((i - 1))/%d_output.json' % r))
    steps = [len(o[e]['load']['block1']) for e in '123']
    assert steps == 3 * [files // (3 * batch)], (r, steps)"
done

echo "# what is wrong for all is said once"
expect_status 2 ranks 3 "$DLIOFS" run -c w.yaml --strict train.epochz=3 2>log
[ "$(errors log)" = 1 ] || fail "said $(errors log) times"
expect_status 2 ranks 2 "$DLIOFS" generate -c /dev/stdin <w.yaml 2>log
grep -q "/dev/stdin is not the same for 2 ranks" log || fail "$(cat log)"

echo "# an error on one rank ends all, with its name"
mv data/train/1/img_16_of_24.npz .
expect_status 1 ranks 2 "$DLIOFS" train -c w.yaml -o failed train.epochs=1000 \
	workflow.checkpoint=False >out 2>log
expect_text 'rank 1 on .*error: .*img_16_of_24.npz' log
[ "$(errors log)" = 1 ] || { cat log; fail "said $(errors log) times"; }
await nothing_left

echo "# also where the other has long work before it comes to meet anyone"
began=$SECONDS
expect_status 1 ranks 2 "$DLIOFS" train -c w.yaml -o failed reader.batch_size=12 \
	train.computation_time=150 workflow.checkpoint=False >out 2>log
[ $((SECONDS - began)) -lt 120 ] || fail "that took $((SECONDS - began)) s"
expect_text 'rank 1 on .*error: .*img_16_of_24.npz' log
await nothing_left
mv img_16_of_24.npz data/train/1/

# start: a long run in the background, until it trains.
start() {
	rm -f log
	"${mpirun[@]:3}" --mca oob_tcp_if_include lo -np 2 "$DLIOFS" train \
		-c w.yaml -o long train.epochs=1000 train.computation_time=0.05 \
		workflow.checkpoint=False >out 2>log &
	run=$!
	started+=("$run")
	await grep -q 'Starting block 1' log
	[ "$(private_mounts | wc -l)" = 1 ] || fail "not one mount: $(private_mounts)"
}

echo "# SIGINT for mpirun leaves nothing"
start
kill -INT "$run"
status=0
wait "$run" || status=$?
[ $status != 0 ] || fail "passes for success"
await nothing_left

for rank in 0 1; do
	echo "# SIGKILL for rank $rank ends all"
	start
	victim=$(pgrep -P "$run" -x dliofs | sed -n "$((rank + 1))p")
	kill -KILL "$victim"
	await gone "$run"
	await nothing_left
done

#!/usr/bin/env bash
# The figures of one run agree with each other.  With --cache direct and one
# reader, each read of the trainer is one request and one read of the store.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"

for uri in "$tmp/data" "direct://$tmp/direct" mem://m synth://; do
	for format in npz npy; do
		echo "# $uri, $format"
		rm -rf "$tmp/results"
		dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" --cache direct \
			"dataset.data_folder=$uri" dataset.format=$format \
			reader.read_threads=1 workflow.checkpoint=False \
			>"$tmp/out" 2>"$tmp/log" || { cat "$tmp/log"; fail "run"; }
		python3 - "$tmp/results/latency.json" "$format" <<-'PYTHON'
		import json, sys
		levels = json.load(open(sys.argv[1]))["levels"]
		app, fuse, store = (levels[l] for l in ("app", "fuse", "store"))
		for op in "open", "read":
		    time = [l[op]["sum_ns"] for l in (app, fuse, store)]
		    assert time[0] >= time[1] >= time[2] > 0, (op, time)
		    assert not any(l[op]["errors"] for l in (app, fuse, store))
		size = [l["read"]["bytes"] for l in (app, fuse, store)]
		assert size[0] == size[1] == size[2] > 0, size
		assert app["open"]["count"] == store["open"]["count"] == 48
		if sys.argv[2] == "npy":	# its reader never reads past the end
		    n = [l["read"]["count"] for l in (app, fuse, store)]
		    assert n[0] == n[1] == n[2], n
		    for key in "p50_ns", "p90_ns", "p99_ns", "max_ns":
		        t = [l["read"][key] for l in (app, fuse, store)]
		        # The figures of a histogram are right to a share of themselves.
		        assert t[0] * 1.1 >= t[1] and t[1] * 1.1 >= t[2], (key, t)
		PYTHON
	done
done

echo "# with nothing to wait for, the accelerator is busy"
busy() {
	dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" dataset.data_folder=mem://m \
		workflow.checkpoint=False train.computation_time=0.05 >"$tmp/out" 2>&1 &&
		python3 -c '
import json, sys
au = json.load(open(sys.argv[1]))["metric"]["train_au_mean_percentage"]
sys.exit(not 99 <= au <= 100 and f"AU is {au}")
' "$tmp/results/summary.json"
}
await busy # where others have the processors, not every time

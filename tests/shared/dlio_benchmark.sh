#!/usr/bin/env bash
# Every stock workload through dlio_benchmark: composed as it stands, and run,
# scaled down by overrides only.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/dlio.sh
. "${DLIOFS_SRC:?}/tests/lib/dlio.sh"
# shellcheck source=tests/lib/stock.sh
. "${DLIOFS_SRC:?}/tests/lib/stock.sh"

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
	rm -rf data checkpoints
	run_stock "$file" data checkpoints
	format=$(value "$file" format)
	if [ -z "$format" ]; then
		[ "$(find checkpoints -name '*_step*' -type d | wc -l)" = 3 ] || fail "$file: checkpoints"
	elif has_word "$generated" "$format"; then
		count 8 data/train "*.$format"
	fi
done

#!/usr/bin/env bash
# Runs of checkpoints write models into a bucket and read them back.
# servers: radosgw azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

# 17 MiB of optimizer in tensors of 5.8 MiB, and 3 MiB of model.
cat >"$tmp/w.yaml" <<-YAML
model:
  name: small
  type: transformer
  num_layers: 2
  transformer:
    vocab_size: 4000
    hidden_size: 128
    ffn_hidden_size: 512
    num_attention_heads: 8
    num_kv_heads: 4
framework: pytorch
workflow: {train: False, checkpoint: True}
checkpoint:
  num_checkpoints_write: 1
  num_checkpoints_read: 1
  time_between_checkpoints: 0.01
  fsync: True
YAML

for kind in radosgw azurite; do
	use_server $kind
	for mount in False True; do
		echo "# $uri, mounted: $mount"
		dliofs run "++dliofs.mount.enabled=$mount" -c "$tmp/w.yaml" -o "$tmp/r" \
			"++checkpoint.checkpoint_folder=$uri/$mount" \
			>"$tmp/out" 2>&1 || { cat "$tmp/out"; fail "$uri"; }
		expect_text '^app +commit +2 +0 ' "$tmp/out"
		expect_text '^store +write ' "$tmp/out"
		expect_text 'Loaded optimizer checkpoint in' "$tmp/out"
		name=$mount/global_epoch1_step1/zero_pp_rank_0_mp_rank_0_optim_states.pt
		client get "$name" >"$tmp/$kind-$mount.pt"
	done
	[ "$(names_there | wc -l)" = 4 ] || fail "other files: $(names_there)"
	[ -z "$(client pending)" ] || fail "uploads were left behind"
done

/usr/bin/python3 - "$tmp"/*.pt <<-'PYTHON'
	import sys, torch
	for name in sys.argv[1:]:
	    optim = torch.load(name)
	    assert [t.numel() for t in optim.values()] == [1516160, 640] * 3, name
PYTHON

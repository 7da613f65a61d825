#!/usr/bin/env bash
# Runs of checkpoints: models with layers and optimizer states, written and read
# back, which PyTorch reads.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

cat >"$tmp/w.yaml" <<-YAML
model:
  name: tiny
  type: transformer
  num_layers: 2
  parallelism: {zero_stage: 1}
  transformer:
    vocab_size: 1000
    hidden_size: 64
    ffn_hidden_size: 128
    num_attention_heads: 8
    num_kv_heads: 4
framework: pytorch
workflow: {train: False, checkpoint: True}
checkpoint:
  checkpoint_folder: $tmp/c
  num_checkpoints_write: 2
  num_checkpoints_read: 2
  time_between_checkpoints: 0.01
  fsync: True
YAML

# run WORD...: a run of checkpoints, its output in $tmp/out.
run() {
	rm -rf "$tmp/r"
	dliofs run -c "$tmp/w.yaml" -o "$tmp/r" "$@" >"$tmp/out" 2>&1 || {
		cat "$tmp/out"
		fail "run $*"
	}
}

for way in --no-mount --cache=warm --cache=direct; do
	for uri in "file://$tmp/f" "direct://$tmp/d" mem://m; do
		echo "# $way $uri"
		rm -rf "$tmp/f" "$tmp/d"
		run "$way" "++checkpoint.checkpoint_folder=$uri"
		expect_text '^app +commit +4 +0 ' "$tmp/out"
	done
done
expect_text 'Total number of parameters in the model: 202048$' "$tmp/r/dlio.log"
expect_text 'Model size: 0.000376 GB $' "$tmp/r/dlio.log"
expect_text 'Optimizer state size: 0.002262 GB $' "$tmp/r/dlio.log"
expect_text 'Total checkpoint size: 0.002638 GB $' "$tmp/r/dlio.log"
for what in Saved Loaded; do
	for part in model optimizer; do
		expect_text "$what $part checkpoint in [0-9.]+ seconds" \
			"$tmp/r/dlio.log"
	done
done
python3 - "$tmp/r/summary.json" <<-'PYTHON'
import json, sys
metric = json.load(open(sys.argv[1]))["metric"]
assert abs(metric["checkpoint_size_GB"] * 2**30 - 2832512) < 1, metric
for way in "save", "load":
    assert metric[way + "_checkpoint_duration_mean_seconds"] > 0
PYTHON

echo "# the files are DLIO's, and PyTorch reads them"
run ++checkpoint.num_checkpoints_write=1 ++checkpoint.num_checkpoints_read=0 \
	++checkpoint.randomize_tensor=False
folder=$tmp/c/global_epoch1_step1
[ "$(cd "$folder" && stat -c '%s %n' -- *)" = "407800 model_0_model_states.pt
2430103 zero_pp_rank_0_mp_rank_0_optim_states.pt" ] || fail "other files: $(ls -l "$folder")"
/usr/bin/python3 - "$folder" <<-'PYTHON'
import sys, torch
model = torch.load(sys.argv[1] + "/model_0_model_states.pt")
assert [len(layer) for layer in model.values()] == [1, 6, 6, 1, 1], model
assert [t.numel() for t in model["1"].values()] == [64, 8192, 4096, 64, 16384, 8192]
for layer in model.values():
    for t in layer.values():
        assert t.dtype == torch.float16 and bool((t == 1).all())
optim = torch.load(sys.argv[1] + "/zero_pp_rank_0_mp_rank_0_optim_states.pt")
assert [t.numel() for t in optim.values()] == [202048, 320] * 3
assert all(t.dtype == torch.float32 and bool((t == 1).all()) for t in optim.values())
PYTHON

echo "# each type, of values that do not repeat"
for type in fp16:float16 bf16:bfloat16 fp32:float32 fp64:float64 int8:int8 uint8:uint8; do
	run --no-mount ++checkpoint.num_checkpoints_write=1 \
		++checkpoint.num_checkpoints_read=1 \
		++model.model_datatype="${type%:*}" ++model.optimizer_datatype="${type%:*}"
	echo "${type#*:}"
	cp -r "$folder" "$tmp/c/${type#*:}"
done >"$tmp/types"
/usr/bin/python3 - "$tmp/c" "$tmp/types" <<-'PYTHON'
import ctypes, sys, torch, zlib
for name in open(sys.argv[2]).read().split():
    model = torch.load(sys.argv[1] + "/" + name + "/model_0_model_states.pt")
    t = model["0"]["0"]
    assert t.dtype == getattr(torch, name) and t.numel() == 64000, name
    size = t.numel() * t.element_size()
    data = ctypes.string_at(t.data_ptr(), size)
    assert len(zlib.compress(data)) > size, name
PYTHON

echo "# damage is found, a missing checkpoint is told, the ranks must fit"
run --no-mount ++checkpoint.num_checkpoints_read=0
printf 'XXXX' | dd of="$folder/model_0_model_states.pt" bs=1 seek=100000 conv=notrunc status=none
expect_status 1 dliofs run -c "$tmp/w.yaml" -o "$tmp/r" \
	++checkpoint.num_checkpoints_write=0 ++checkpoint.num_checkpoints_read=1 >"$tmp/out" 2>&1
expect_text "checkpoint $folder/model_0_model_states.pt is damaged" "$tmp/out"
rm -rf "$tmp/c"
expect_status 2 dliofs run -c "$tmp/w.yaml" -o "$tmp/r" \
	++checkpoint.num_checkpoints_write=0 ++checkpoint.num_checkpoints_read=3 >"$tmp/out" 2>&1
expect_text 'Number of checkpoints to be read: 3 is more than the number of checkpoints available: 0' \
	"$tmp/out"
expect_status 2 dliofs run -c "$tmp/w.yaml" -o "$tmp/r" \
	++model.parallelism.tensor=8 >"$tmp/out" 2>&1
expect_text 'Number of processes 1 is not a multiple of model parallelism size: 8' "$tmp/out"

echo "# given tensors beside a flat one; a part of a model, in subset mode"
run ++model.type=other '++model.optimization_groups=[1024,128]' \
	'++model.layer_parameters=[16]'
[ "$(cd "$folder" && stat -c '%s %n' -- *)" = "747 model_0_model_states.pt
10987 model_states-0.pt
4955 zero_pp_rank_0_mp_rank_0_optim_states.pt" ] || fail "other files: $(ls -l "$folder")"
run ++checkpoint.mode=subset ++model.parallelism.data=64 ++model.parallelism.zero_stage=3
expect_text 'Performing subset checkpointing: 1 of 64' "$tmp/r/dlio.log"
expect_text 'Total checkpoint size: .* GB  \(subset\)' "$tmp/r/dlio.log"

echo "# TensorFlow's files, read by what its documents say"
rm -rf "$tmp/c"
run ++framework=tensorflow ++checkpoint.num_checkpoints_write=1 ++checkpoint.num_checkpoints_read=1 \
	++model.transformer.hidden_size=8 ++model.transformer.vocab_size=50
/usr/bin/python3 - "$folder" <<-'PYTHON'
import os, struct, sys

folder = sys.argv[1]
table = []
for i in range(256):
    for _ in range(8):
        i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
    table.append(i)

def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for b in data:
        crc = crc >> 8 ^ table[(crc ^ b) & 255]
    return crc ^ 0xFFFFFFFF

def masked(crc):
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF

def varint(b, at):
    v = shift = 0
    while True:
        v |= (b[at] & 127) << shift
        at += 1
        if b[at - 1] < 128:
            return v, at
        shift += 7

def message(b):
    at, fields = 0, {}
    while at < len(b):
        key, at = varint(b, at)
        if key & 7 == 0:
            v, at = varint(b, at)
        elif key & 7 == 5:
            v, at = struct.unpack("<I", b[at:at + 4])[0], at + 4
        else:
            n, at = varint(b, at)
            v, at = b[at:at + n], at + n
        fields.setdefault(key >> 3, []).append(v)
    return fields

def block(b, offset, size):
    data = b[offset:offset + size]
    assert struct.unpack("<I", b[offset + size + 1:offset + size + 5])[0] == \
        masked(crc32c(b[offset:offset + size + 1]))
    end = size - 4 - 4 * struct.unpack("<I", data[-4:])[0]
    at, key = 0, b""
    while at < end:
        shared, at = varint(data, at)
        more, at = varint(data, at)
        n, at = varint(data, at)
        key = key[:shared] + data[at:at + more]
        yield key.decode(), data[at + more:at + more + n]
        at += more + n

def entries(b):
    assert b[-8:] == struct.pack("<Q", 0xDB4775248B80FB57)
    at = 0
    at = varint(b[-48:], at)[1]
    at = varint(b[-48:], at)[1]
    offset, at = varint(b[-48:], at)
    size, at = varint(b[-48:], at)
    for _, handle in block(b, offset, size):
        where, at = varint(handle, 0)
        yield from block(b, where, varint(handle, at)[0])

TYPES = {1: 4, 19: 2}
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
names = sorted(os.listdir(folder))
assert len(names) == 5 and names[0] == "checkpoint", names
for name in names:
    if not name.endswith(".index"):
        continue
    found = dict(entries(open(folder + "/" + name, "rb").read()))
    data = open(folder + "/" + name.replace(".index", ".data-00000-of-00001"), "rb").read()
    assert message(found.pop("")) == {1: [1], 3: [b"\x08\x01"]}
    end, graph = 0, None
    for key, value in found.items():
        m = message(value)
        offset, size = m.get(4, [0])[0], m[5][0]
        assert offset == end, key
        end += size
        part = data[offset:end]
        if m[1][0] == 7: # a string: length, its CRC, text
            n, at = varint(part, 0)
            crc = crc32c(struct.pack("<I", n))
            assert part[at:at + 4] == struct.pack("<I", masked(crc))
            assert m[6][0] == masked(crc32c(part[at + 4:], crc32c(part[at:at + 4], crc)))
            graph = part[at + 4:]
            continue
        assert m[6][0] == masked(crc32c(part)), key
        if m[1][0] in TYPES:
            dim = message(message(m[2][0])[2][0])
            assert dim[1][0] * TYPES[m[1][0]] == size, key
    assert end == len(data)
    # Each variable is reached from the root under its name.
    nodes = [message(n) for n in message(graph)[1]]
    reached, keys = [(0, "")], []
    for at, path in reached:
        for child in nodes[at].get(1, []):
            c = message(child)
            reached.append((c[1][0], path + "/" + c[2][0].decode()))
        for attribute in nodes[at].get(2, []):
            keys.append(message(attribute)[3][0].decode())
            assert keys[-1] == path[1:] + VALUE, path
    assert len(reached) == len(nodes)
    assert sorted(keys) == sorted(k for k in found if k.endswith(VALUE)), keys
PYTHON

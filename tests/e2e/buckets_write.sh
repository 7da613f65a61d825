#!/usr/bin/env bash
# Checkpoints go into a bucket the way programs write them.
# servers: radosgw swift azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

mnt=$tmp/mnt
head -c 23000003 /dev/urandom >"$tmp/bytes"

# bucket_has NAME FILE
bucket_has() {
	client get "$1" | cmp - "$2" || fail "$1 is not in the bucket as it was written"
}

for kind in radosgw swift azurite; do
	use_server $kind
	echo "# $uri"
	echo before | client put ck/there
	mount_at "$mnt" --writable "$uri"
	[ "$(cat "$mnt/ck/there")" = before ] || fail "what was there is not"

	echo "# cp, dd with fsync, redirection, small and in parts"
	cp "$tmp/bytes" "$mnt/ck/copied"
	dd if="$tmp/bytes" of="$mnt/ck/synced" bs=1234567 conv=fsync status=none
	cat "$tmp/bytes" >"$mnt/redirected"
	echo small >"$mnt/small"
	cmp "$tmp/bytes" "$mnt/ck/copied"
	bucket_has ck/copied "$tmp/bytes"
	bucket_has ck/synced "$tmp/bytes"
	bucket_has redirected "$tmp/bytes"
	bucket_has small <(echo small)

	echo "# written aside, renamed over, replaced, removed"
	mkdir -p "$mnt/step_1"
	cp "$tmp/bytes" "$mnt/step_1/model.tmp"
	chmod 600 "$mnt/step_1/model.tmp"
	touch -d 2020-01-01 "$mnt/step_1/model.tmp"
	mv "$mnt/step_1/model.tmp" "$mnt/step_1/model"
	mv -f "$mnt/ck/copied" "$mnt/ck/there"
	cmp "$tmp/bytes" "$mnt/ck/there"
	bucket_has ck/there "$tmp/bytes"
	mv "$mnt/step_1" "$mnt/step_2"
	bucket_has step_2/model "$tmp/bytes"
	echo short >"$mnt/ck/there"
	bucket_has ck/there <(echo short)
	rm "$mnt/redirected"
	names_there | diff - <(printf '%s\n' ck/synced ck/there small step_2/model) ||
		fail "other names"

	echo "# torch.save, safetensors, Lightning"
	/usr/bin/python3 - "$mnt" "$tmp" <<-'PYTHON'
	import json, os, shutil, struct, sys, tempfile, torch
	mnt, tmp = sys.argv[1:]
	state = {"w": torch.arange(3_000_000, dtype=torch.float32), "step": 3}

	def check(path):
	    back = torch.load(path)
	    assert torch.equal(back["w"], state["w"]) and back["step"] == 3, path

	torch.save(state, mnt + "/direct.pt")
	check(mnt + "/direct.pt")

	# Written beside, synced, renamed over the old one.
	for _ in range(2):
	    with open(mnt + "/model.pt.tmp", "wb") as f:
	        torch.save(state, f)
	        f.flush()
	        os.fsync(f.fileno())
	    os.replace(mnt + "/model.pt.tmp", mnt + "/model.pt")
	    check(mnt + "/model.pt")

	# As safetensors: a header, then the tensors, to a temporary name.
	raw = state["w"].numpy().tobytes()
	header = json.dumps({"w": {"dtype": "F32", "shape": [3_000_000],
	                           "data_offsets": [0, len(raw)]}}).encode()
	fd, name = tempfile.mkstemp(dir=mnt)
	with os.fdopen(fd, "wb") as f:
	    f.write(struct.pack("<Q", len(header)) + header)
	    f.write(raw)
	os.rename(name, mnt + "/model.safetensors")
	with open(mnt + "/model.safetensors", "rb") as f:
	    (n,) = struct.unpack("<Q", f.read(8))
	    assert json.loads(f.read(n)) == json.loads(header)
	    assert f.read() == raw

	# As Lightning: made elsewhere and moved in, folders included.
	os.makedirs(mnt + "/lightning/version_0/checkpoints", exist_ok=True)
	torch.save(state, tmp + "/epoch=0.ckpt")
	shutil.move(tmp + "/epoch=0.ckpt", mnt + "/lightning/version_0/checkpoints/epoch=0.ckpt")
	check(mnt + "/lightning/version_0/checkpoints/epoch=0.ckpt")
	assert os.listdir(mnt + "/lightning/version_0/checkpoints") == ["epoch=0.ckpt"]
	shutil.rmtree(mnt + "/lightning")
	PYTHON
	dliofs umount "$mnt"
	client get model.pt >"$tmp/model.pt"
	/usr/bin/python3 -c "import sys, torch; assert torch.load(sys.argv[1])['step'] == 3" "$tmp/model.pt"
	[ -z "$(client pending)" ] || fail "uploads were left behind: $(client pending)"

	echo "# a server that is killed leaves no half of a file, and the next mount works"
	mount_at "$mnt" --writable "$uri"
	server=$(server_of "$mnt")
	exec 5>"$mnt/half"
	head -c 20000000 "$tmp/bytes" >&5
	kill -KILL "$server"
	await gone "$server"
	if echo more 2>/dev/null >&5; then fail "nobody serves it"; fi
	exec 5>&- || true
	dliofs mount --writable "$uri" "$mnt" 2>/dev/null # says what it clears
	[ ! -e "$mnt/half" ] || fail "half a file is there"
	[ "$(cat "$mnt/small")" = small ] || fail "what was there is not"

	echo "# one that is told to end undoes what is not finished"
	sleep 1000 >"$mnt/never" &
	started+=($!)
	await test -e "$mnt/never"
	server=$(server_of "$mnt")
	kill -TERM "$server"
	await not_mounted "$mnt"
	kill -TERM "$server" 2>/dev/null || true # unless its time is over already
	await gone "$server"
	if mountpoint -q "$mnt"; then fail "still mounted"; fi
	if names_there | grep never >/dev/null; then fail "it was finished"; fi
done

echo "# what a server refuses is said by close()"
use_server azurite
AZURE_STORAGE_SAS_TOKEN=$(/usr/bin/python3 - "$SERVER_USER" "$SERVER_SECRET" "$SERVER_BUCKET" <<-'PYTHON'
import datetime, sys
from azure.storage.blob import ContainerSasPermissions, generate_container_sas
account, key, container = sys.argv[1:]
print(generate_container_sas(account, container, account_key=key,
      permission=ContainerSasPermissions(read=True, list=True),
      expiry=datetime.datetime.utcnow() + datetime.timedelta(hours=1)))
PYTHON
)
export AZURE_STORAGE_SAS_TOKEN
unset AZURE_STORAGE_KEY
mount_at "$mnt" --writable --log-file "$tmp/server.log" "$uri"
/usr/bin/python3 - "$mnt" <<-'PYTHON'
import errno, os, sys
for size in 10, 20_000_000:
    fd = os.open(sys.argv[1] + "/refused", os.O_WRONLY | os.O_CREAT)
    try:
        try:
            for _ in range(0, size, 10_000_000):
                os.write(fd, bytes(min(size, 10_000_000)))
        finally:
            os.close(fd)
        sys.exit("nobody said anything")
    except OSError as e:
        assert e.errno == errno.EACCES, e
    assert os.listdir(sys.argv[1]) == [], os.listdir(sys.argv[1])
PYTHON
dliofs umount "$mnt"
expect_text 'Authorization' "$tmp/server.log"
if grep -q "sig=" "$tmp/server.log"; then fail "a signature shows"; fi

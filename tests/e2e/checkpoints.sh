#!/usr/bin/env bash
# The writable tree takes checkpoints the way programs write them.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

store=$tmp/store
mnt=$tmp/mnt
mkdir "$store"
head -c 5000003 /dev/urandom >"$tmp/bytes"
echo before >"$store/there"

for uri in "file://$store" "direct://$store"; do
	echo "# $uri"
	rm -rf "${store:?}"/*
	echo before >"$store/there"
	mount_at "$mnt" --writable "$uri"
	[ "$(cat "$mnt/there")" = before ] || fail "what was there is not"

	echo "# cp, dd with fsync, a pipe, the shell's redirection"
	cp "$tmp/bytes" "$mnt/copied"
	dd if="$tmp/bytes" of="$mnt/synced" bs=123457 conv=fsync status=none
	cat "$tmp/bytes" >"$mnt/redirected"
	(head -c 100 "$tmp/bytes"; tail -c +101 "$tmp/bytes") >"$mnt/in_parts"
	for f in copied synced redirected in_parts; do
		cmp "$tmp/bytes" "$mnt/$f"
		cmp "$tmp/bytes" "$store/$f" || fail "$f is not in the store"
	done

	echo "# written aside, renamed over"
	mkdir -p "$mnt/step_1"
	cp "$tmp/bytes" "$mnt/step_1/model.tmp"
	chmod 600 "$mnt/step_1/model.tmp"
	touch -d 2020-01-01 "$mnt/step_1/model.tmp"
	mv "$mnt/step_1/model.tmp" "$mnt/step_1/model"
	cmp "$tmp/bytes" "$store/step_1/model"
	mv -f "$mnt/copied" "$mnt/there"
	cmp "$tmp/bytes" "$store/there"
	[ ! -e "$store/copied" ] || fail "the old name is still there"
	mv "$mnt/step_1" "$mnt/step_2"
	cmp "$tmp/bytes" "$store/step_2/model"

	echo "# replaced as a whole, removed"
	echo short >"$mnt/there"
	[ "$(cat "$store/there")" = short ] || fail "not replaced"
	rm "$mnt/there" "$mnt/step_2/model"
	rmdir "$mnt/step_2"
	[ ! -e "$store/there" ] || fail "not removed"
	: >"$mnt/empty"
	# Nothing was written, so that is for the last close to say.
	await test -e "$store/empty"

	echo "# Python: seeks are refused by name, and fsync is durable"
	python3 - "$mnt" <<-'PYTHON'
	import errno, os, sys
	mnt = sys.argv[1]
	fd = os.open(mnt + "/seek", os.O_WRONLY | os.O_CREAT)
	os.write(fd, b"0123456789")
	try:
	    os.pwrite(fd, b"x", 3)
	    sys.exit("an out-of-order write was accepted")
	except OSError as e:
	    assert e.errno == errno.ESPIPE, e
	os.write(fd, b"abc")
	os.fsync(fd)
	assert os.fstat(fd).st_size == 13
	os.close(fd)
	assert open(mnt + "/seek", "rb").read() == b"0123456789abc"
	PYTHON
	dliofs umount "$mnt"

	mount_at "$mnt" --writable "$uri"
	cmp "$tmp/bytes" "$mnt/synced" || fail "gone after mounting again"
	dliofs umount "$mnt"
done

echo "# torch.save and torch.load"
mount_at "$mnt" --writable "$store"
/usr/bin/python3 - "$mnt" <<-'PYTHON'
import os, sys, torch
mnt = sys.argv[1]
state = {"w": torch.arange(1_000_000, dtype=torch.float32), "step": 3}
torch.save(state, mnt + "/model.tmp")
os.rename(mnt + "/model.tmp", mnt + "/model.pt")
back = torch.load(mnt + "/model.pt")
assert torch.equal(back["w"], state["w"]) and back["step"] == 3
PYTHON
dliofs umount "$mnt"

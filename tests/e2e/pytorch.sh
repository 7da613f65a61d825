#!/usr/bin/env bash
# An unmodified PyTorch DataLoader with worker processes trains from the mount
# and sees the bytes that were generated.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"
dliofs generate -c "$tmp/w.yaml"
mount_at "$tmp/mnt" -c "$tmp/w.yaml"
"$DLIOFS_SRC/tests/lib/read_by_dataloader.py" "$tmp/mnt/data/train" "$tmp/data/train"
dliofs umount "$tmp/mnt"

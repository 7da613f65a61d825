#!/usr/bin/env bash
# The README's PyTorch job on a bucket works as it stands there, and DataLoader's
# workers see the bytes that were generated.
# servers: radosgw swift azurite
# shellcheck source=tests/lib/e2e.sh
. "$DLIOFS_SRC/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "$DLIOFS_SRC/tests/lib/buckets.sh"

small_workload >"$tmp/w.yaml"
sed -n '/^<!-- train.py -->/,/^<!-- end of train.py/s/^\t//p' "$DLIOFS_SRC/README.md" >"$tmp/train.py"
# The commands, with our names for theirs.
sed -n '/^### Mount a bucket/,/^where/s/^\t\(dliofs\|python3\) /\1 /p' "$DLIOFS_SRC/README.md" >"$tmp/commands"
[ "$(grep -c . "$tmp/commands")" = 6 ] || fail "the README has other commands"
dliofs generate -q -c "$tmp/w.yaml"
mkdir "$tmp/mnt_data" "$tmp/mnt_checkpoints"

python3() {
	/usr/bin/python3 "$@"
}

for kind in radosgw swift azurite; do
	use_server $kind
	echo "# $uri"
	dliofs generate -q -c "$tmp/w.yaml" "++dataset.data_folder=$uri/data"
	client remove data/manifest.dliofs # as if somebody else had made it
	sed "s|s3://bucket|$uri|; s|/mnt/|$tmp/mnt_|g; s|train.py|$tmp/train.py|" "$tmp/commands" >"$tmp/script"
	# shellcheck disable=SC1091
	. "$tmp/script" >"$tmp/log"
	expect_text '^28 samples, [12] checkpoints$' "$tmp/log"
	expect_text '^request +read ' "$tmp/log"
	names_there | grep -v ^data/ | diff - <(printf 'checkpoints/model-%d.pt\n' 0 1) ||
		fail "other checkpoints"

	mount_at "$tmp/mnt" "$uri/data"
	python3 - "$tmp/mnt" "$tmp/data" <<-'PYTHON'
	import glob, hashlib, sys
	import numpy as np
	from torch.utils.data import DataLoader, Dataset

	class Files(Dataset):
	    def __init__(self, root):
	        self.names = sorted(glob.glob(root + "/train/*/*.npz"))
	    def __len__(self):
	        return len(self.names)
	    def __getitem__(self, i):
	        return i, hashlib.sha256(np.load(self.names[i])["x"].tobytes()).hexdigest()

	def digests(root, workers):
	    loader = DataLoader(Files(root), batch_size=4, num_workers=workers,
	                        shuffle=True, persistent_workers=workers > 0)
	    out = {}
	    for _ in range(2):
	        for i, digest in loader:
	            out.update(zip(i.tolist(), digest))
	    return out

	truth = digests(sys.argv[2], 0)
	assert len(truth) == 24
	for workers in 0, 2:
	    assert digests(sys.argv[1], workers) == truth, "bytes differ"
	PYTHON
	dliofs umount "$tmp/mnt"
done

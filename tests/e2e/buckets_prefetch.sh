#!/usr/bin/env bash
# What a job announces, as the README's example does, is there when it opens it;
# and the trainer announces what it reads, unless it shall do as DLIO does.
# servers: radosgw swift azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

small_workload >"$tmp/w.yaml"
mnt=$tmp/mnt

sed -n '/^<!-- prefetch.py -->/,/^<!-- end of prefetch.py/s/^\t//p' "$DLIOFS_SRC/README.md" >"$tmp/prefetch.py"
[ "$(wc -l <"$tmp/prefetch.py")" = 2 ] || fail "the README has another example"

# The same dataset on files: another's client would take a second for each.
dliofs generate -q -c "$tmp/w.yaml"

# figure FILE NAME: a number of a control file.
figure() {
	awk -v name="$2" '$1 == name { print $2 }' "$mnt/.dliofs/$1"
}

# Nothing is under way, nor waits: all of it at one moment.
quiet() {
	awk '/^(fetching|queued|hints_waiting) / { n += $2 } END { exit n > 0 }' "$mnt/.dliofs/cache"
}

for kind in radosgw swift azurite; do
	use_server $kind
	echo "# $uri"
	dliofs generate -q -c "$tmp/w.yaml" "++dataset.data_folder=$uri/data"

	mount_at "$mnt" --cache cold "$uri/data"
	mapfile -t names < <(cd "$mnt" && find . -name '*.npz' -printf '%P\n' | sort -R)
	[ "${#names[@]}" -gt 1 ] || fail "no files"
	/usr/bin/python3 -c '
import sys
mount, names = sys.argv[1], sys.argv[2:]
exec(open("'"$tmp/prefetch.py"'").read())' "$mnt" "${names[@]}"
	[ "$(figure prefetch lines_taken)" = "${#names[@]}" ] || fail "not all are taken"
	await quiet
	before=$(figure cache fetches)
	[ "$before" = "${#names[@]}" ] || fail "$before fetches"
	for name in "${names[@]}"; do
		cmp "$mnt/$name" "$tmp/data/$name"
	done
	[ "$(figure cache fetches)" = "$before" ] || fail "something was fetched again"
	[ "$(figure cache reads)" = "$(figure cache reads_at_hand)" ] || fail "somebody waited"
	echo none >"$mnt/.dliofs/prefetch"
	[ "$(figure prefetch lines_ignored)" = 1 ] || fail "a file that is not there"
	! touch "$mnt/new" 2>"$tmp/why" || fail "the mount can be written"
	grep -q 'Read-only file system' "$tmp/why" || fail "$(cat "$tmp/why")"
	dliofs umount "$mnt"

	for way in "" ++dliofs.train.announce=false --dlio-compat=strict; do
		dliofs mount -c "$tmp/w.yaml" "++dataset.data_folder=$uri/data" "$mnt"
		dliofs train -q -c "$tmp/w.yaml" "++dataset.data_folder=$uri/data" ${way:+"$way"} \
			--through "$mnt" >"$tmp/log"
		if [ -z "$way" ]; then
			[ "$(figure prefetch lines_taken)" -gt 1 ] || fail "the trainer says nothing"
			[ "$(figure prefetch lines_ignored)" = 0 ] || fail "the trainer's names are unknown"
			# Not all: a worker may open its first file before it is said.
			[ "$(figure cache hints_used)" -gt 1 ] || fail "nothing was read that was said"
		else
			[ "$(figure prefetch lines_taken)" = 0 ] || fail "the trainer says something"
		fi
		dliofs umount "$mnt"
	done
done

#!/usr/bin/env bash
# Any bucket can be mounted: what is in it shows, and what cannot be shown does
# no harm.
# servers: radosgw swift azurite
# shellcheck source=tests/lib/e2e.sh
. "$DLIOFS_SRC/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "$DLIOFS_SRC/tests/lib/buckets.sh"

mnt=$tmp/mnt

# The count of requests of a kind so far.
requests() {
	dliofs stats --json "$mnt" | python3 -c '
import json, sys
print(json.load(sys.stdin)["levels"]["request"].get(sys.argv[1], {"count": 0})["count"])' "$1"
}

head -c 30000000 /dev/urandom >"$tmp/large"

for kind in radosgw swift azurite; do
	use_server $kind
	echo "# $uri"
	client put large <"$tmp/large"
	for name in top a/one a/two a/b/deep 'a/b/wörd with space+%25&?#~' c/d/e/f/g; do
		printf %s "$name" | client put "$name"
	done

	echo "# folder by folder, each once"
	mount_at "$mnt" "$uri"
	before=$(requests list)
	[ "$(cat "$mnt/a/b/deep")" = a/b/deep ] || fail "other bytes"
	[ ! -e "$mnt/a/b/none" ] || fail "a file that is not there is"
	ls -l "$mnt/a" "$mnt/a/b" >/dev/null
	[ $(($(requests list) - before)) = 3 ] || fail "not the root, a and a/b"
	find "$mnt" -type f | sort | sed "s|^$mnt/||" | diff - <(names_there) || fail "other names"
	[ $(($(requests list) - before)) = 7 ] || fail "not c, c/d, c/d/e and c/d/e/f besides"
	cmp "$tmp/large" "$mnt/large"
	cp -r "$mnt/a" "$tmp/copy"
	[ "$(cat "$tmp/copy/b/wörd with space+%25&?#~")" = 'a/b/wörd with space+%25&?#~' ] || fail "odd name"
	rm -r "$tmp/copy"
	if touch "$mnt/new" 2>/dev/null; then fail "it can be written to"; fi
	"$DLIOFS_SRC/tests/lib/read_randomly.py" "$tmp/large" "$mnt/large"

	echo "# what comes later is not seen, unless asked for"
	echo later | client put a/later
	[ ! -e "$mnt/a/later" ] || fail "nothing said that it changes"
	dliofs umount "$mnt"
	mount_at "$mnt" --listing lazy "$uri" ++dliofs.mount.refresh=1
	ls "$mnt/a" >/dev/null
	client remove a/later
	echo longer than before | client put a/one
	sleep 2.1
	diff <(ls "$mnt/a") <(printf 'b\none\ntwo\n') || fail "not listed again"
	[ "$(cat "$mnt/a/one")" = "longer than before" ] || fail "not as it is now"
	dliofs umount "$mnt"

	echo "# all before"
	mount_at "$mnt" --listing=all "$uri"
	before=$(requests list)
	find "$mnt" -type f | sort | sed "s|^$mnt/||" | diff - <(names_there) || fail "other names"
	[ "$(requests list)" = "$before" ] || fail "it was listed again"
	[ "$(cat "$mnt/c/d/e/f/g")" = c/d/e/f/g ] || fail "other bytes"
	dliofs umount "$mnt"

	echo "# names that no file can have"
	for name in folder/ folder/x both both/x double//slash dots/../up ./dot trailing/dot/.; do
		# Some servers refuse some of them.
		printf %s "$name" | client put "odd/$name" 2>/dev/null || echo "$kind does not take $name"
	done
	prefix=$prefix/odd
	uri=$uri/odd
	for listing in lazy all; do
		mount_at "$mnt" --listing=$listing "$uri" 2>/dev/null
		find "$mnt" -mindepth 1 | sed "s|^$mnt/||" | sort >"$tmp/shown"
		cat "$tmp/shown"
		if grep -E '(^|/)\.\.?(/|$)|//' "$tmp/shown"; then fail "that is no path"; fi
		[ "$(cat "$mnt/both/x")" = both/x ] || fail "the folder is hidden"
		[ "$(cat "$mnt/folder/x")" = folder/x ] || fail "the marker hides the folder"
		[ "$(ls "$mnt/folder")" = x ] || fail "the marker shows"
		[ "$(realpath "$mnt/../mnt/both")" = "$mnt/both" ] || fail "it leads elsewhere"
		dliofs umount "$mnt"
	done
done

echo "# what cannot be mounted is refused, and says so"
use_server radosgw
expect_status 1 dliofs mount "s3://no-such-$SERVER_BUCKET/x" "$mnt" 2>"$tmp/log"
expect_text 'no-such-' "$tmp/log"
AWS_SECRET_ACCESS_KEY=wrong expect_status 1 dliofs mount "$uri" "$mnt" 2>"$tmp/log"
expect_text 'SignatureDoesNotMatch' "$tmp/log"
AWS_ENDPOINT_URL=http://127.0.0.1:1 expect_status 1 dliofs mount "$uri" "$mnt" \
	++dliofs.backend.attempts=2 2>"$tmp/log"
expect_text '127.0.0.1:1' "$tmp/log"

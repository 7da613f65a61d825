#!/usr/bin/env bash
# Any bucket can be mounted: what is in it shows, and what cannot be shown does
# no harm.
# servers: radosgw swift azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

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
	refused=$(client named "" top a/one a/two a/b/deep 'a/b/wörd with space+%25&?#~' c/d/e/f/g)
	[ -z "$refused" ] || fail "not taken: $refused"

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
	mount_at "$mnt" --listing lazy "$uri" ++dliofs.mount.refresh=0.4
	ls "$mnt/a" >/dev/null
	client remove a/later
	echo longer than before | client put a/one
	sleep 0.9
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
	echo "$kind does not take these:"
	client named odd/ folder/ folder/x both both/x double//slash dots/../up ./dot trailing/dot/.

	echo "# nothing but an object, and nothing at all"
	mkdir -p "$mnt"
	for object in top a/two/; do
		expect_status 1 dliofs mount "$uri/$object" "$mnt" 2>"$tmp/log"
		expect_text "$object is an object; mount the folder it is in, $uri" "$tmp/log"
	done
	mount_at "$mnt" "$uri/nothing" 2>"$tmp/log"
	expect_text 'nothing: nothing is there' "$tmp/log"
	[ -z "$(ls -A "$mnt")" ] || fail "it is empty"
	dliofs umount "$mnt"
	mount_at "$mnt" --writable "$uri/nothing" 2>"$tmp/log"
	[ ! -s "$tmp/log" ] || fail "it will not stay empty: $(cat "$tmp/log")"
	dliofs umount "$mnt"

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

# refused STATUS PATTERN WORD...: no mount, and a line that matches.
refused() {
	expect_status "$1" dliofs mount "${@:3}" "$mnt" 2>"$tmp/log"
	expect_text "$2" "$tmp/log"
	! mountpoint -q "$mnt" || fail "mounted all the same"
}

echo "# what cannot be mounted is refused, with the server, who named it, and what to do"
nobody=http://127.0.0.1:1
use_server azurite
azure=$SERVER_URL
AZURE_STORAGE_KEY=$(base64 <<<wrong) refused 1 'signed in by environment: the key .* check it first' "$uri"
AZURE_STORAGE_BLOB_ENDPOINT=$nobody refused 1 "$nobody \(by AZURE_STORAGE_BLOB_ENDPOINT\)" "$uri"
refused 1 "$nobody \(by dliofs.azure.endpoint\)" "$uri" ++dliofs.azure.endpoint=$nobody
AZURE_STORAGE_BLOB_ENDPOINT=here refused 2 'AZURE_STORAGE_BLOB_ENDPOINT is no plain http://' "$uri"
azure_uri=$uri
use_server radosgw
refused 1 'no such bucket; make it' "s3://no-such-$SERVER_BUCKET/x"
AWS_SECRET_ACCESS_KEY=wrong refused 1 'SignatureDoesNotMatch' "$uri"
AWS_ENDPOINT_URL=$nobody refused 1 "$nobody \(by AWS_ENDPOINT_URL\): nobody listens" "$uri"
refused 1 "$nobody \(by storage.storage_options.endpoint_url\)" "$uri" \
	++storage.storage_options.endpoint_url=$nobody
AWS_ENDPOINT_URL=here:80 refused 2 "AWS_ENDPOINT_URL: 'here:80' is no server: want http://" "$uri"
AWS_ENDPOINT_URL=${SERVER_URL/http:/https:} refused 1 'correct the port, or http and https' "$uri"
AWS_ENDPOINT_URL=$azure refused 2 'that is an Azure server; write az://' "$uri"
AZURE_STORAGE_BLOB_ENDPOINT=$SERVER_URL AZURE_STORAGE_KEY=$(base64 <<<any) \
	refused 1 'that is an S3 server; write s3://' "$azure_uri"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
refused 1 'no AWS keys anywhere .* set dliofs.s3.anonymous: true' "$uri"

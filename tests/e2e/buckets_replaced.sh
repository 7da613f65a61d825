#!/usr/bin/env bash
# An object that is replaced under the mount is never read as a mix.
# servers: radosgw azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

mnt=$tmp/mnt
for kind in radosgw azurite; do
	use_server $kind
	for policy in warm cold direct; do
		echo "# $uri, $policy"
		for name in open shared closed; do
			head -c $((20 << 20)) /dev/zero | tr '\0' a | client put "$name"
		done
		mount_at "$mnt" --cache "$policy" "$uri"
		# shellcheck disable=SC2016 # for the inner shell
		/usr/bin/python3 "$DLIOFS_SRC/tests/lib/read_replaced.py" "$mnt" \
			bash -c '"$1" "$2" put "$3/$4"' put \
			"$DLIOFS_SRC/tests/servers/client.py" "$server_env" "$prefix"
		dliofs umount "$mnt"
	done
done

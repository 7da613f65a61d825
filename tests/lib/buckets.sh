# shellcheck shell=bash
# For the tests of buckets: a store on a real server, which CTest has started
# (tests/servers).  Sourced after e2e.sh.
: "${DLIOFS_SERVERS:?}" "${tmp:?}"

# Nothing of the machine's own leads elsewhere, or gives other keys.
for name in $(compgen -e); do
	case $name in
	AWS_* | AZURE_* | IDENTITY_* | *_proxy | *_PROXY | CURL_CA_BUNDLE | SSL_CERT_FILE)
		unset "$name" ;;
	esac
done
export HOME=$tmp AWS_EC2_METADATA_DISABLED=true

# use_server KIND: from here on $uri is a folder in a bucket of such a server,
# with nothing in it, and the environment has what it takes.
# shellcheck disable=SC2034 # whoever sources this uses uri
use_server() {
	server_env=$DLIOFS_SERVERS/$1/env
	[ -e "$server_env" ] || fail "there is no server $1"
	# shellcheck disable=SC1090
	. "$server_env"
	prefix=e2e-$$-$RANDOM
	unset "${!AWS_@}" "${!AZURE_@}"
	export AWS_EC2_METADATA_DISABLED=true
	case $1 in
	azurite)
		uri=az://$SERVER_USER/$SERVER_BUCKET/$prefix
		export AZURE_STORAGE_BLOB_ENDPOINT=$SERVER_URL AZURE_STORAGE_KEY=$SERVER_SECRET
		;;
	*)
		uri=s3://$SERVER_BUCKET/$prefix
		export AWS_ENDPOINT_URL=$SERVER_URL AWS_REGION=us-east-1
		export AWS_ACCESS_KEY_ID=$SERVER_USER AWS_SECRET_ACCESS_KEY=$SERVER_SECRET
		;;
	esac
}

# What another's client says: list, pending (uploads), parts (of uploads), begin NAME (an
# upload, and leave it), put NAME < DATA, get
# NAME, remove NAME, clear, named FOLDER/ NAME...; names are below $uri.
client() {
	"$DLIOFS_SRC/tests/servers/client.py" "$server_env" "$1" "$prefix/${2:-}" "${@:3}"
}

names_there() {
	client list | sed "s|^$prefix/||; s| [0-9]*\$||" | sort
}

# through_proxy WORD...: the server that is in use, from here on through the
# proxy (tests/tools), which does what is written to $control and logs into
# $tmp/requests.
through_proxy() {
	rm -f "$tmp/port" "$tmp/requests"
	control=$tmp/control-${#started[@]}
	"$DLIOFS_BUILD/tests/fault_proxy" --to "$SERVER_URL" --port-file "$tmp/port" \
		--log "$tmp/requests" --control "$control" "$@" &
	started+=($!)
	await test -e "$tmp/port"
	proxy_url=$(cat "$tmp/port")
	export AWS_ENDPOINT_URL=$proxy_url AZURE_STORAGE_BLOB_ENDPOINT=$proxy_url
}

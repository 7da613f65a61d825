#!/usr/bin/env bash
# The program that other tests put between us and a real server: what it lets
# pass is as without it, signatures and all, and it does what it is told.
# servers: azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

proxy=$DLIOFS_BUILD/tests/fault_proxy
client=$DLIOFS_SRC/tests/servers/client.py
patience=20

# start WORD...: sets url and control.
start() {
	rm -f "$tmp/port"
	control=$tmp/control-${#started[@]}
	"$proxy" --to "$server" --port-file "$tmp/port" \
		--control "$control" "$@" &
	started+=($!)
	await test -e "$tmp/port"
	url=$(cat "$tmp/port")
}

# status [WORD...]: of a request through the proxy; 000: none in $patience s.
status() {
	curl -s --noproxy '*' -o /dev/null -w '%{http_code}' --max-time $patience \
		"$@" "$url/" || true
}

answers() {
	[ "$(status)" = "$1" ]
}

# tell WORD STATUS: which it takes a moment to have.
tell() {
	echo "$1" >"$control"
	await answers "$2"
}

# shellcheck disable=SC1091 # made when the server starts
. "$DLIOFS_SERVERS/azurite/env"
server=$SERVER_URL
straight=$(curl -s --noproxy '*' -o /dev/null -w '%{http_code}' "$server/")

start --tls --ca "$tmp/ca.pem" --log "$tmp/log"
[ "$(status --cacert "$tmp/ca.pem")" = "$straight" ] || fail "it is not let pass"
sed -e "s#^SERVER_URL=.*#SERVER_URL=$url/$SERVER_USER#" \
	-e "s#^SERVER_CA=.*#SERVER_CA=$tmp/ca.pem#" \
	"$DLIOFS_SERVERS/azurite/env" >"$tmp/env"
echo "what is sent" | "$client" "$tmp/env" put "proxy-$$"
"$client" "$tmp/env" get "proxy-$$" >"$tmp/got"
[ "$(cat "$tmp/got")" = "what is sent" ] || fail "got: $(cat "$tmp/got")"
"$client" "$tmp/env" remove "proxy-$$"
expect_text "^- 201 PUT .*proxy-$$" "$tmp/log"

start --fault 503 --target /
[ "$(status)" = 503 ] || fail "it breaks nothing"
tell calm "$straight"
tell break 503
patience=1
tell hang 000
patience=20
tell recover 503
tell calm "$straight"
tell die 000
tell recover "$straight"

expect_status 2 "$proxy" --to "$server" 2>/dev/null
expect_status 1 "$proxy" --to "$server" --port-file "$tmp/other" \
	--fault nothing 2>/dev/null

# shellcheck shell=bash
# What the scripts of the servers have in common.  Each is called as
#
#	KIND.sh start DIR [PID]		returns when the server is ready
#	KIND.sh stop DIR
#
# and leaves in DIR an `env` to be sourced (below), and logs.  Any number may
# run side by side, on ports that nobody uses.  A server and its data live until
# it is stopped or the process PID (else the caller) is gone.
#
#	SERVER_URL, SERVER_TLS_URL	SERVER_CA, whom to trust for the latter
#	SERVER_USER, SERVER_SECRET	key id and secret; account and its key
#	SERVER_BUCKET			a bucket or container that has been made
#
# A script defines launch(), which starts processes with `run`, waits for them
# with `ready`, and says with `offer` what there is.
set -euo pipefail
shopt -s inherit_errexit

servers=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
script=$servers/$(basename "$0")
kind=$(basename "$0" .sh)
python=/usr/bin/python3 # Debian's, with Debian's modules

fail() {
	printf '%s: %s\n' "$kind" "$*" >&2
	exit 1
}

# free_ports N FIRST: ports of 127.0.0.1 that nobody uses, outside the range from
# which the kernel gives any to whoever asks.  FIRST, and the 4000 from there on,
# are one kind's: others that start at the same time choose none of them.
free_ports() {
	"$python" - "$@" <<-'PYTHON'
	import random, socket, sys
	wanted, first = map(int, sys.argv[1:])
	ports = set()
	while len(ports) < wanted:
	    port = random.randrange(first, first + 4000)
	    with socket.socket() as s:
	        try:
	            s.bind(("127.0.0.1", port))
	            ports.add(port)
	        except OSError:
	            pass
	print(*ports)
	PYTHON
}

# certificate: $data/cert.pem, which vouches for itself, and its key.pem.
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -keyout "$data/key.pem" -out "$data/cert.pem" -days 2 \
		-subj /CN=127.0.0.1 \
		-addext subjectAltName=IP:127.0.0.1,DNS:localhost 2>/dev/null
}

# run NAME COMMAND...: in the background, for as long as this script lives.
run() {
	setpriv --pdeathsig KILL "${@:2}" >"$dir/$1.log" 2>&1 &
	children+=($!)
}

# ready COMMAND...: wait until it succeeds.
ready() {
	local end=$((SECONDS + 120)) child

	until "$@" >/dev/null 2>&1; do
		for child in "${children[@]}"; do
			kill -0 "$child" 2>/dev/null || fail "a process ended"
		done
		[ $SECONDS -lt $end ] || fail "not ready: $*"
		sleep 0.1
	done
}

answers() {
	curl --silent --noproxy '*' --max-time 5 --insecure \
		--output /dev/null "$1"
}

# offer URL TLS_URL USER SECRET
offer() {
	cp "$data/cert.pem" "$dir/ca.pem"
	cat >"$dir/env.new" <<-ENV
	SERVER_URL=$1
	SERVER_TLS_URL=$2
	SERVER_CA=$dir/ca.pem
	SERVER_USER=$3
	SERVER_SECRET=$4
	SERVER_BUCKET=dliofs
	ENV
}

end() {
	trap '' TERM
	[ ${#children[@]} -eq 0 ] || kill -KILL "${children[@]}" 2>/dev/null || true
	wait
	rm -rf "$data" "$dir/env" "$dir/pid"
}

# The process that the servers' lives hang on.
supervise() {
	local watched=$1

	children=()
	data=$(mktemp -d "${TMPDIR:-/tmp}/dliofs-$kind.XXXXXX")
	trap end EXIT
	trap 'exit 0' TERM INT HUP
	launch
	"$python" "$servers/client.py" "$dir/env.new" make
	mv "$dir/env.new" "$dir/env"
	run watch tail --pid="$watched" -f /dev/null
	wait -n || true
}

try_to_start() {
	local supervisor

	setsid "$script" supervise "$dir" "$1" </dev/null >"$dir/main.log" 2>&1 &
	supervisor=$!
	echo $supervisor >"$dir/pid"
	until [ -e "$dir/env" ]; do
		kill -0 $supervisor 2>/dev/null || return 1
		sleep 0.1
	done
}

# Another may have taken a port in the meantime.
start() {
	stop
	mkdir -p "$dir"
	rm -f "$dir"/*.log "$dir"/env.new
	for _ in 1 2 3; do
		try_to_start "$1" && return
	done
	tail -n 5 "$dir"/*.log >&2
	fail "does not start; see $dir"
}

stop() {
	local pid

	pid=$(cat "$dir/pid" 2>/dev/null) || return 0
	kill -TERM "$pid" 2>/dev/null || true
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.1
	done
	rm -f "$dir/pid" "$dir/env"
}

main() {
	local word=${1:-}

	dir=${2:-}
	[ -n "$dir" ] || {
		echo "usage: $0 start DIR [PID] | stop DIR" >&2
		exit 2
	}
	case $word in
	start) start "${3:-$PPID}" ;;
	supervise) supervise "$3" ;;
	stop) stop ;;
	*) fail "what is '$word'?" ;;
	esac
}

#!/usr/bin/env bash
# OpenStack Swift with its S3 interface (s3api), one replica, on one folder.  Its
# objects keep their metadata in extended attributes: TMPDIR must be on a file
# system that has them.  Wants the packages swift-proxy, swift-account,
# swift-container, swift-object and memcached.
# shellcheck source=tests/servers/lib.sh
. "$(dirname "$0")/lib.sh"

# common PORT
common() {
	cat <<-CONF
	[DEFAULT]
	bind_ip = 127.0.0.1
	bind_port = $1
	swift_dir = $data
	user = $(id -un)
	# No children, which would outlive a parent that is killed.
	workers = 0
	log_level = ERROR
	# Where the folder's disk or the machine is busy, a second has passed soon,
	# after which an object that was put would not be listed, or never, for
	# nobody makes up for it here.
	conn_timeout = 60
	node_timeout = 60
	container_update_timeout = 60
	error_suppression_limit = 1000000
	CONF
}

# storage KIND PORT
storage() {
	common "$2"
	cat <<-CONF
	devices = $data/devices
	mount_check = false
	fallocate_reserve = 0
	[pipeline:main]
	pipeline = $1-server
	[app:$1-server]
	use = egg:swift#$1
	disk_chunk_size = 1048576
	network_chunk_size = 1048576
	fsync = off
	mb_per_sync = 0
	CONF
}

# proxy PORT MEMCACHED [LINE...]
proxy() {
	common "$1"
	printf '%s\n' "${@:3}"
	cat <<-CONF
	[pipeline:main]
	pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth copy slo dlo proxy-server
	[app:proxy-server]
	use = egg:swift#proxy
	account_autocreate = true
	allow_account_management = true
	object_chunk_size = 1048576
	client_chunk_size = 1048576
	[filter:catch_errors]
	use = egg:swift#catch_errors
	[filter:gatekeeper]
	use = egg:swift#gatekeeper
	[filter:healthcheck]
	use = egg:swift#healthcheck
	[filter:cache]
	use = egg:swift#memcache
	memcache_servers = 127.0.0.1:$2
	connect_timeout = 60
	pool_timeout = 60
	io_timeout = 60
	[filter:listing_formats]
	use = egg:swift#listing_formats
	[filter:s3api]
	use = egg:swift#s3api
	location = us-east-1
	s3_acl = false
	[filter:tempauth]
	use = egg:swift#tempauth
	user_test_tester = notasecret .admin
	[filter:copy]
	use = egg:swift#copy
	[filter:slo]
	use = egg:swift#slo
	[filter:dlo]
	use = egg:swift#dlo
	CONF
}

# ring KIND PORT: where the one copy of everything is.
ring() {
	swift-ring-builder "$data/$1.builder" create 3 1 0
	swift-ring-builder "$data/$1.builder" add \
		"r1z1-127.0.0.1:$2/disk" 1
	swift-ring-builder "$data/$1.builder" rebalance
}

launch() {
	local plain tls memcached port
	local -A ports

	read -r plain tls memcached "ports[account]" "ports[container]" \
		"ports[object]" < <(free_ports 6 24000)
	mkdir -p "$data/devices/disk"
	certificate
	export PYTHONDONTWRITEBYTECODE=1

	run memcached memcached -u "$(id -un)" -l 127.0.0.1 -p "$memcached" \
		-U 0 -m 16
	for server in account container object; do
		port=${ports[$server]}
		ring $server "$port" >/dev/null
		storage $server "$port" >"$data/$server.conf"
		run $server "swift-$server-server" "$data/$server.conf"
	done
	proxy "$plain" "$memcached" >"$data/plain.conf"
	proxy "$tls" "$memcached" "cert_file = $data/cert.pem" \
		"key_file = $data/key.pem" >"$data/tls.conf"
	run plain swift-proxy-server "$data/plain.conf"
	run tls swift-proxy-server "$data/tls.conf"

	for port in "${ports[@]}"; do
		ready answers "http://127.0.0.1:$port/"
	done
	ready answers "http://127.0.0.1:$plain/healthcheck"
	ready answers "https://127.0.0.1:$tls/healthcheck"

	offer "http://127.0.0.1:$plain" "https://127.0.0.1:$tls" \
		test:tester notasecret
}

main "$@"

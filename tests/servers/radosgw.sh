#!/usr/bin/env bash
# Ceph's RADOS Gateway on one monitor and one OSD that keeps its data in memory.
# Wants the packages radosgw, ceph-mon, ceph-osd and ceph-common.
# shellcheck source=tests/servers/lib.sh
. "$(dirname "$0")/lib.sh"

# configuration MON PLAIN TLS
configuration() {
	cat <<-CONF
	[global]
	fsid = $fsid
	mon host = v2:127.0.0.1:$1
	mon initial members = a
	ms bind ipv6 = false
	auth cluster required = cephx
	auth service required = cephx
	auth client required = cephx
	keyring = $data/keyring
	run dir = $data
	crash dir = $data
	admin socket =
	pid file =
	log file = $dir/\$name.log
	debug rgw = 0
	debug ms = 0

	mon data = $data/mon
	mon data avail warn = 1
	mon data avail crit = 1
	mon allow pool size one = true
	mon warn on pool no redundancy = false
	mon max pg per osd = 1000
	paxos propose interval = 0.05
	mon client hunt interval = 0.5

	[osd]
	public addr = 127.0.0.1
	cluster addr = 127.0.0.1
	[global]
	osd data = $data/osd
	osd objectstore = memstore
	memstore device bytes = 4294967296
	osd pool default size = 1
	osd pool default min size = 1
	osd pool default pg num = 4
	osd pool default pgp num = 4
	osd pool default pg autoscale mode = off
	osd crush chooseleaf type = 0

	# What has been deleted shall leave the memory soon.
	rgw gc obj min wait = 2
	rgw gc processor period = 2
	rgw gc processor max time = 2
	rgw thread pool size = 64
	# Without tcp_nodelay, a request in two packets takes 40 ms.
	rgw frontends = beast endpoint=127.0.0.1:$2 tcp_nodelay=1 ssl_endpoint=127.0.0.1:$3 ssl_certificate=$data/cert.pem ssl_private_key=$data/key.pem
	CONF
}

keys() {
	local ring=$data/keyring

	ceph-authtool -C "$data/mon.keyring" -g -n mon. --cap mon 'allow *'
	ceph-authtool -C "$ring" -g -n client.admin \
		--cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
	ceph-authtool "$ring" -g -n client.rgw.a \
		--cap mon 'allow rwx' --cap osd 'allow rwx' --cap mgr 'allow rw'
	ceph-authtool "$ring" -g -n osd.0 \
		--cap mon 'allow profile osd' --cap osd 'allow *'
	ceph-authtool "$data/mon.keyring" --import-keyring "$ring"
}

osd_is_up() {
	ceph osd stat | grep '1 up' >/dev/null
}

launch() {
	local mon plain tls fsid osd

	read -r mon plain tls < <(free_ports 3 20000)
	fsid=$(cat /proc/sys/kernel/random/uuid)
	osd=$(cat /proc/sys/kernel/random/uuid)
	export CEPH_CONF=$data/ceph.conf
	mkdir "$data/mon" "$data/osd"
	configuration "$mon" "$plain" "$tls" >"$CEPH_CONF"
	certificate
	keys >/dev/null

	monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon]" \
		"$data/monmap" >/dev/null
	ceph-mon --mkfs -i a --monmap "$data/monmap" --keyring "$data/mon.keyring"
	run mon ceph-mon -i a -f
	ready timeout 10 ceph -s

	ceph osd new "$osd" 0
	ceph-osd -i 0 --mkfs --osd-uuid "$osd" --no-mon-config
	run osd ceph-osd -i 0 -f
	ready osd_is_up

	run rgw radosgw -n client.rgw.a -f
	ready answers "http://127.0.0.1:$plain/"
	radosgw-admin user create --uid=t --display-name=t \
		--access-key=DLIOFSTEST --secret=notasecret >/dev/null

	offer "http://127.0.0.1:$plain" "https://127.0.0.1:$tls" \
		DLIOFSTEST notasecret
}

main "$@"

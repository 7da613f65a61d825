#!/usr/bin/env bash
# Ranks on two hosts: network namespaces of this machine, which have the same
# name, kernel and files, but each its own network and its own mounts.  The data
# are in a bucket that both reach.
# servers: radosgw
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"
# shellcheck source=tests/lib/mpi.sh
. "${DLIOFS_SRC:?}/tests/lib/mpi.sh"

[ "$(id -u)" = 0 ] || fail "network namespaces need root"
command -v ip >/dev/null || fail "there is no ip (iproute2)"

net=10.$((100 + RANDOM % 100)).$((RANDOM % 256))
bridge=dl$$

hosts_down() {
	for i in 1 2; do
		ip netns del "$bridge-$i" 2>/dev/null || true
	done
	ip link del "$bridge" 2>/dev/null || true
}
trap 'status=$?; set +e; hosts_down; (exit $status); clean_up' EXIT

host_up() {
	local ns=$bridge-$1

	ip netns add "$ns"
	ip link add "$bridge.$1" type veth peer name eth0 netns "$ns"
	ip link set "$bridge.$1" master "$bridge" up
	ip -n "$ns" link set lo up
	ip -n "$ns" link set eth0 up
	ip -n "$ns" addr add "$net.1$1/24" dev eth0
}

ip link add "$bridge" type bridge
ip link set "$bridge" up
ip addr add "$net.1/24" dev "$bridge"
host_up 1
host_up 2

# What a cluster does with ssh.  Two hosts do not share Open MPI's files: it
# tells them apart by the host's name, which is the same here.
cat >"$tmp/agent" <<EOF
#!/bin/sh
host=\${1##*.1}
shift
exec ip netns exec $bridge-\$host sh -c "
	mount -t tmpfs none /dev/shm && mount -t tmpfs none $tmp/sessions
	\$*"
EOF
chmod +x "$tmp/agent"

# on_hosts N COMMAND...: N ranks, half of them on each.
on_hosts() {
	local half=$(($1 / 2)) n=$1

	shift
	"${mpirun[@]}" --mca plm rsh --mca plm_rsh_agent "$tmp/agent" \
		--mca oob_tcp_if_include "$net.0/24" \
		--mca btl_tcp_if_include "$net.0/24" \
		-host "$net.11:$half,$net.12:$half" -np "$n" "$@"
}

# The server is on 127.0.0.1: what comes to the bridge is passed on.
use_server radosgw
cat >"$tmp/pass_on.py" <<'EOF'
import socket, sys, threading

def pump(a, b):
    try:
        while data := a.recv(1 << 18):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass

def serve(client):
    server = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    for s in client, server:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    pump(server, client)

listener = socket.create_server((sys.argv[1], 0), backlog=64)
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
EOF
python3 "$tmp/pass_on.py" "$net.1" "${SERVER_URL##*:}" >"$tmp/port" &
started+=($!)
await test -s "$tmp/port"
AWS_ENDPOINT_URL=http://$net.1:$(cat "$tmp/port")
export AWS_ENDPOINT_URL

small_workload >"$tmp/w.yaml"
cd "$tmp"
here=(reader.batch_size=2 "++dataset.data_folder=$uri/data" "++checkpoint.checkpoint_folder=$uri/ck")

echo "# both hosts generate, and read what the other wrote"
on_hosts 4 "$DLIOFS" generate -c w.yaml "${here[@]}" 2>log || { cat log; fail "status $?"; }
expect_text 'rank 0 on .*: 28 files written' log
[ "$(client list data | wc -l)" = 29 ] || fail "not every object is there"

servers() {
	[ "$(pgrep -fc -- "mount --foreground --private .*$tmp/")" = "$1" ]
}

echo "# a run"
on_hosts 4 "$DLIOFS" run -c w.yaml -o results "${here[@]}" \
	workflow.generate_data=False train.computation_time=0.05 train.epochs=3 \
	dliofs.train.drop_caches=False >out 2>log || { cat log; fail "status $?"; }
servers 0 || fail "a server is left"
python3 - <<'EOF'
import json
s = json.load(open("results/summary.json"))
assert (s["num_accelerators"], s["num_hosts"]) == (4, 2), s
for key in "host_memory_GB", "host_cpu_count", "potential_caching":
    assert len(s[key]) == 2 and s[key][0] == s[key][1], (key, s[key])
# Half of the data for each host.
assert abs(s["data_size_per_host_GB"] * 2**30 - 12 * 300000) < 300000, s
epochs = s["dliofs"]["epochs"]
assert [e["samples"] for e in epochs] == [24] * 3, epochs
# What the stores of both hosts delivered: all of it, once.
first = epochs[0]
assert first["delivered_bytes"] >= first["consumed_bytes"], epochs
levels = json.load(open("results/latency.json"))["levels"]
assert levels["app"]["open"]["count"] == levels["fuse"]["open"]["count"], levels
EOF
client list ck | grep 'global_epoch3_step.*/model_states-0.pt' >/dev/null || fail "no checkpoint"

echo "# what the other host wrote is loaded, if that is asked for: here, nothing yet"
expect_status 1 on_hosts 2 "$DLIOFS" train --no-mount -c w.yaml -o shifted "${here[@]}" \
	workflow.train=False ++model.parallelism.zero_stage=1 \
	++checkpoint.num_checkpoints_write=0 ++checkpoint.num_checkpoints_read=1 \
	++checkpoint.time_between_checkpoints=0 ++checkpoint.recovery_rank_shift=True >out 2>log
expect_text 'rank 0 on .*error: open checkpoint .*/model_states-1.pt' log

echo "# one mount on each host; a rank that fails on one ends those of the other, and their mount"
rm log
on_hosts 4 "$DLIOFS" train -c w.yaml -o failed "${here[@]}" --cache cold \
	workflow.checkpoint=False train.epochs=10000 >out 2>log &
run=$!
started+=("$run")
await grep -q 'Starting block 1' log
servers 2 || fail "not one server for each host"
client remove data/train/1/img_22_of_24.npz
expect_status 1 wait "$run"
expect_text 'rank 3 on .*error: .*img_22_of_24.npz' log
[ "$(errors log)" = 1 ] || { cat log; fail "said $(errors log) times"; }
await servers 0

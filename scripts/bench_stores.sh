#!/usr/bin/env bash
# What a mount of a bucket costs, as ratios measured in one run on this machine
# against curl straight at the same server, and against s3fs and rclone, each at
# its best setting.  Pairs are run in turn, A B A B …, and the median of the
# ratios is printed.  Every read is cold: mounted anew, page cache dropped.
#
#	scripts/bench_stores.sh [REPEATS]
#
# The server is a Ceph RADOS Gateway of its own, on loopback, so that the CPUs
# are shared with it.  Run as root.  DLIO_HOME: see bench.sh.
set -euo pipefail
shopt -s inherit_errexit

cd "$(dirname "$0")/.."
repeats=${1:-5}

scripts/deps.sh bench
disk=$(mktemp -d /dev/shm/dliofs-bench.XXXXXX)
mnt=$disk/mnt
mkdir "$mnt"
clean_up() {
	fusermount3 -uzq "$mnt" 2>/dev/null || true
	tests/servers/radosgw.sh stop "$disk/server" >/dev/null 2>&1 || true
	rm -rf "$disk"
}
trap clean_up EXIT

# shellcheck source=scripts/bench_lib.sh
. scripts/bench_lib.sh
build_release

big_bytes=536870912
small_files=2000

# ---- The server, and what is on it ----

start_server() {
	tests/servers/radosgw.sh start "$disk/server" $$
	set -a
	# shellcheck disable=SC1091 # made by the line above
	. "$disk/server/env"
	set +a
	export AWS_ACCESS_KEY_ID=$SERVER_USER
	export AWS_SECRET_ACCESS_KEY=$SERVER_SECRET
	export AWS_ENDPOINT_URL=$SERVER_URL AWS_REGION=us-east-1
	export AWS_EC2_METADATA_DISABLED=true
	unset AWS_CA_BUNDLE http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
}

# Objects are put there by a client that is not ours, which also makes the URLs
# that curl uses.
fill_bucket() {
	/usr/bin/python3 - "$disk" $big_bytes $small_files <<-'PYTHON'
	import boto3, io, os, sys
	from concurrent.futures import ThreadPoolExecutor
	folder, big, small = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
	bucket = os.environ["SERVER_BUCKET"]
	s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
	s3.upload_fileobj(io.BytesIO(os.urandom(1 << 20) * (big >> 20)),
	                  bucket, "big/file")
	body = os.urandom(140 * 1024)
	def put(i):
	    s3.put_object(Bucket=bucket, Key="small/%04d" % i, Body=body)
	with ThreadPoolExecutor(8) as pool:
	    list(pool.map(put, range(small)))
	def url(what, key):
	    return s3.generate_presigned_url(
	        what, Params={"Bucket": bucket, "Key": key}, ExpiresIn=86400)
	with open(folder + "/big.url", "w") as f:
	    print(url("get_object", "big/file"), file=f)
	with open(folder + "/small.urls", "w") as f:
	    for i in range(small):
	        print(url("get_object", "small/%04d" % i), file=f)
	with open(folder + "/put.urls", "w") as f:
	    for i in range(64):
	        print(url("put_object", "plain/%02d" % i), file=f)
	PYTHON
}

drop_caches() {
	sync -f "$disk"
	echo 3 >/proc/sys/vm/drop_caches
}

# ---- Clients ----

await_mount() {
	for _ in $(seq 200); do
		! mountpoint -q "$mnt" || return 0
		sleep 0.05
	done
	echo "bench: it does not mount" >&2
	return 1
}

mount_ours() {
	"$bin/dliofs" mount "$@" "s3://$SERVER_BUCKET" "$mnt"
}

mount_s3fs() {
	AWSACCESSKEYID=$AWS_ACCESS_KEY_ID \
		AWSSECRETACCESSKEY=$AWS_SECRET_ACCESS_KEY \
		s3fs "$SERVER_BUCKET" "$mnt" -o "url=$AWS_ENDPOINT_URL" \
		-o use_path_request_style,sigv4,endpoint=us-east-1 "$@"
	await_mount
}

mount_rclone() {
	rclone mount ":s3,provider=Other,access_key_id='$AWS_ACCESS_KEY_ID',secret_access_key='$AWS_SECRET_ACCESS_KEY',endpoint='$AWS_ENDPOINT_URL',region=us-east-1,force_path_style=true:$SERVER_BUCKET" \
		"$mnt" --config /dev/null --read-only --daemon \
		--log-level ERROR "$@"
	await_mount
}

# One client and its settings: name and words for the mount.
mount_client() {
	case $1 in
	ours) mount_ours ;;
	ours-direct) mount_ours ++dliofs.mount.cache=direct ;;
	s3fs) mount_s3fs ;;
	s3fs-tuned)
		mount_s3fs -o parallel_count=16,multipart_size=16 \
			-o multireq_max=64,max_stat_cache_size=100000
		;;
	rclone) mount_rclone ;;
	rclone-tuned)
		mount_rclone --vfs-read-chunk-size 8M --buffer-size 64M \
			--no-checksum --no-modtime --dir-cache-time 1h
		;;
	rclone-cache)
		mount_rclone --vfs-cache-mode full \
			--cache-dir "$disk/rclone" --vfs-read-ahead 64M
		;;
	esac
}

unmount() {
	umount "$mnt" || fusermount3 -uz "$mnt"
	rm -rf "$disk/rclone"
}

# cold CLIENT COMMAND...: what it says, on a fresh mount.
cold() {
	local client=$1

	shift
	drop_caches
	mount_client "$client"
	"$@"
	unmount
}

# ---- What is read ----

read_big() {
	dd "if=$mnt/big/file" of=/dev/null bs=1M status=none
}

# Without the page cache: what the trainer's O_DIRECT readers do.
read_big_directly() {
	dd "if=$mnt/big/file" of=/dev/null bs=1M iflag=direct status=none
}

read_small() {
	find "$mnt/small" -type f -print0 | xargs -0 -P 8 -n 250 cat >/dev/null
}

# Seconds by fio's own clock: it takes a quarter of one to start.
read_randomly() {
	quietly fio --output-format=json --name=r "--filename=$mnt/big/file" --rw=randread --bs=128k --direct=1 \
		--numjobs=8 --number_ios=256 --group_reporting --randseed=7 \
		--allow_file_create=0 --size=$big_bytes
	python3 - "$disk/said" <<-'PYTHON'
	import json, sys
	jobs = json.load(open(sys.argv[1]))["jobs"]
	assert jobs[0]["read"]["total_ios"] == 2048, jobs[0]["read"]
	print(jobs[0]["read"]["runtime"] / 1000)
	PYTHON
}

# Ranges of 8 MiB of the big object, so many at a time.
curl_big() {
	local url at

	url=$(cat "$disk/big.url")
	for ((at = 0; at < big_bytes; at += 8388608)); do
		printf 'url = "%s"\nrange = %d-%d\noutput = /dev/null\nnext\n' \
			"$url" "$at" $((at + 8388607))
	done | sed '$d' >"$disk/curl.cfg"
	seconds curl -sf --parallel --parallel-immediate --parallel-max "$1" \
		-K "$disk/curl.cfg"
}

curl_small() {
	sed 's/.*/url = "&"\noutput = \/dev\/null\nnext/' "$disk/small.urls" |
		sed '$d' >"$disk/curl.cfg"
	seconds curl -sf --parallel --parallel-immediate --parallel-max "$1" \
		-K "$disk/curl.cfg"
}

# 2048 ranges of 128 KiB.
curl_randomly() {
	awk -v url="$(cat "$disk/big.url")" 'BEGIN {
		srand(7)
		for (i = 0; i < 2048; i++) {
			at = int(rand() * 4096) * 131072
			printf "url = \"%s\"\nrange = %d-%d\noutput = /dev/null\n", url, at, at + 131071
			if (i < 2047)
				print "next"
		}
	}' >"$disk/curl.cfg"
	seconds curl -sf --parallel --parallel-immediate --parallel-max "$1" \
		-K "$disk/curl.cfg"
}

# ---- Who is best ----

# best_of FUNCTION CANDIDATE...: the candidate with which FUNCTION takes least
# time, of two tries each.
best_of() {
	local function=$1 candidate

	shift
	for candidate; do
		for _ in 1 2; do
			printf '%s %s\n' "$("$function" "$candidate")" "$candidate"
		done
	done | sort -g | awk 'NR == 1 { print $2 }'
}

# against OTHER OURS: the ratio of their times, in turn.
against() {
	local ours theirs

	for _ in $(seq "$repeats"); do
		theirs=$($1)
		ours=$($2)
		ratio "$theirs" "$ours"
	done
}

direct_of() { cold "$1" seconds read_big_directly; }
seq_of() { cold "$1" seconds read_big; }
small_of() { cold "$1" seconds read_small; }
random_of() { cold "$1" read_randomly; }

# compare NAME TARGETS READ CURL OURS...: each of our settings against curl and
# against the best peer, if there is a target for that.
compare() {
	local name=$1 least=$2 least_peer=$3 of=$4 curl=$5 best peer ours said

	shift 5
	best=$(best_of "$curl" 2 4 8 16)
	for ours; do
		said=$(against "$curl $best" "$of $ours" | median)
		row "$name, $ours / curl, $best at a time" "$said" \
			">= $least" ""
	done
	[ -n "$least_peer" ] || return 0
	peer=$(best_of "$of" s3fs s3fs-tuned rclone rclone-tuned rclone-cache)
	for ours; do
		said=$(against "$of $peer" "$of $ours" | median)
		row "$name, $ours / $peer, the best peer" "$said" \
			">= $least_peer" ""
	done
}

# ---- Generation ----

# 64 files of 4 MiB and a header, which curl sends from tmpfs.
put_words=(-c configs/smoke.yaml ++dataset.format=npz
	++dataset.num_files_train=64 ++dataset.num_files_eval=0
	++dataset.record_length_bytes=4194304)

generate_ours() {
	seconds "$bin/dliofs" generate "${put_words[@]}" \
		"++dataset.data_folder=s3://$SERVER_BUCKET/ours$1"
}

curl_puts() {
	local file n=0

	for file in "$disk"/plain/train/*; do
		[ $n = 0 ] || echo next
		printf 'url = "%s"\nupload-file = "%s"\noutput = /dev/null\n' \
			"$(sed -n "$((++n))p" "$disk/put.urls")" "$file"
	done >"$disk/curl.cfg"
	seconds curl -sf --parallel --parallel-immediate --parallel-max "$1" \
		-K "$disk/curl.cfg"
}

generate_against_curl() {
	local best ours theirs measured i

	quietly "$bin/dliofs" generate "${put_words[@]}" \
		"++dataset.data_folder=$disk/plain"
	best=$(best_of curl_puts 2 4 8 16)
	measured=$(for i in $(seq "$repeats"); do
		theirs=$(curl_puts "$best")
		ours=$(generate_ours "$i")
		ratio "$theirs" "$ours"
	done | median)
	row "generate 64 x 4 MiB NPZ / curl PUTs, $best at a time" \
		"$measured" ">= 0.8" ""
	rm -rf "$disk/plain"
}

# ---- Memory ----

# The most that the mount's server ever had, while 16 readers stream.
memory_of_mount() {
	local pid

	drop_caches
	mount_ours ++dliofs.mount.memory=256MiB
	pid=$(pgrep -f "dliofs mount .*$mnt" | head -n 1)
	for i in $(seq 16); do
		dd "if=$mnt/big/file" of=/dev/null bs=1M iflag=direct status=none \
			skip=$((i * 16)) count=256 &
	done
	wait
	awk '/VmHWM/ { printf "%.0f\n", $2 / 1024 }' "/proc/$pid/status"
	unmount
}

# ---- DLIO ----

# 64 samples of 4 MiB, no compute time, three epochs of which each reads anew.
train_words=(++workload.dataset.num_files_train=64
	++workload.dataset.record_length_bytes=4194304
	++workload.dataset.record_length_bytes_stdev=0
	++workload.workflow.checkpoint=False ++workload.reader.read_threads=2
	++workload.reader.batch_size=4 ++workload.train.epochs=3
	++workload.train.computation_time=0)

train_ours() {
	rm -rf "$disk/out"
	quietly "$bin/dliofs" train -c configs/workload/unet3d_a100.yaml \
		"${train_words[@]}" ++dliofs.mount.cache=cold -o "$disk/out" \
		"++workload.dataset.data_folder=s3://$SERVER_BUCKET/unet3d"
	samples_per_second "$disk/out" 4
}

# DLIO itself, reading the bucket through a peer.
train_dlio() {
	rm -rf "$disk/out"
	drop_caches
	mount_client "$1"
	quietly "$DLIO_HOME/dlio" workload=unet3d_a100 "${train_words[@]}" \
		++workload.workflow.generate_data=False \
		++workload.workflow.train=True \
		"++workload.dataset.data_folder=$mnt/unet3d" \
		"++workload.output.folder=$disk/out" "hydra.run.dir=$disk/hydra"
	unmount
	samples_per_second "$disk/out" 4
}

train_against_dlio() {
	local client ours theirs measured

	quietly "$bin/dliofs" generate -c configs/workload/unet3d_a100.yaml \
		"${train_words[@]}" \
		"++workload.dataset.data_folder=s3://$SERVER_BUCKET/unet3d"
	tests/servers/client.py "$disk/server/env" put unet3d/valid/none </dev/null
	for client in s3fs rclone-tuned; do
		measured=$(for _ in $(seq "$repeats"); do
			theirs=$(train_dlio "$client")
			ours=$(train_ours)
			ratio "$ours" "$theirs"
		done | median)
		row "train 64 x 4 MiB NPZ / DLIO through $client (samples/s)" \
			"$measured" ">= 2" ""
	done
}

start_server
fill_bucket
row "measure (median of $repeats pairs)" ratio target ""
compare "512 MiB in sequence, cold" 0.8 1.5 seq_of curl_big ours ours-direct
compare "512 MiB in sequence, cold, O_DIRECT" 0.8 "" direct_of curl_big ours
compare "$small_files x 140 KiB, 8 readers, cold" 0.8 2 small_of curl_small \
	ours ours-direct
compare "random 128 KiB, 8 readers, cold" 0.8 "" random_of curl_randomly ours
generate_against_curl
memory=$(memory_of_mount)
row "MiB of the mount's server, 16 readers, budget 256" "$memory" "<= 320" ""
if [ -x "${DLIO_HOME:-}/dlio" ]; then
	train_against_dlio
else
	row "train from the bucket against DLIO" - ">= 2" \
		"not measured: DLIO_HOME has no executable dlio"
fi

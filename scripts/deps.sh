#!/usr/bin/env bash
# Install the Debian packages that dliofs wants; those already there are left
# alone, so that a second run takes no time.
#
#	scripts/deps.sh build		to build and run
#	scripts/deps.sh test		and to test (PyTorch: 200 MB; servers of S3
#					and Azure: 300 MB, and 190 MB from npm)
#	scripts/deps.sh bench		and for scripts/bench_stores.sh
#	scripts/deps.sh coverage	and for scripts/coverage.sh
set -euo pipefail

build=(
	gcc libc6-dev cmake ninja-build pkg-config git
	libisal-dev libyaml-dev libcurl4-openssl-dev libssl-dev
	libexpat1-dev libjansson-dev libhdf5-dev zlib1g-dev libdeflate-dev
	libjpeg62-turbo-dev libpng-dev libbz2-dev liblzma-dev libzstd-dev
	libsnappy-dev
	fuse3 libfuse3-dev
	# can be done without
	libopenmpi-dev openmpi-bin
	# for scripts/build-libfuse.sh
	meson dpkg-dev patch debian-archive-keyring liburing-dev libnuma-dev
)
tests=(
	libcriterion-dev
	clang libclang-rt-14-dev clang-format clang-tidy
	cppcheck shellcheck valgrind
	fio python3 python3-numpy python3-h5py python3-torch
	python3-pil python3-pandas python3-omegaconf
	procps sysstat iproute2
	# servers, and clients that are not ours
	radosgw ceph-mon ceph-osd ceph-common
	swift-proxy swift-account swift-container swift-object python3-swift
	memcached openssl curl
	python3-boto3 python3-azure-storage
)
coverage=(gcovr)
bench=(radosgw ceph-mon ceph-osd ceph-common openssl curl fio python3-boto3
	s3fs rclone)
azurite=(azurite@3.35.0)
npm_readers=(hyparquet@1.31.5 hyparquet-compressors@1.1.2 tfrecord@0.2.0)

src=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

wish=${1:-}
case $wish in
build) wanted=("${build[@]}") ;;
bench) wanted=("${build[@]}" "${bench[@]}") ;;
test) wanted=("${build[@]}" "${tests[@]}") ;;
coverage) wanted=("${build[@]}" "${tests[@]}" "${coverage[@]}") ;;
*)
	echo "usage: $0 build|test|bench|coverage" >&2
	exit 2
	;;
esac

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "there is no sudo; as root, run: $0 $wish" >&2
		exit 1
	fi
}

update() {
	as_root apt-get update -q
}

# The servers' packages would start them at once and at every boot.  Tests start
# their own, with their own configuration; the machine's owner asked for none.
policy=/usr/sbin/policy-rc.d
forbid_services() {
	if ! [ -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
		as_root chmod 755 $policy
		trap 'as_root rm -f $policy' EXIT
	fi
}

# disable_services PACKAGE...
disable_services() {
	local units

	command -v systemctl >/dev/null || return 0
	mapfile -t units < <(dpkg -L "$@" |
		sed -nE 's#^(/usr)?/lib/systemd/system/([^/@]+\.(service|target))$#\2#p')
	[ ${#units[@]} = 0 ] || as_root systemctl -q disable "${units[@]}" ||
		echo "could not disable: ${units[*]}" >&2
}

# What apt would install that is not there in any version.
fresh_packages() {
	apt-get install -qq --simulate --no-install-recommends "${missing[@]}" |
		awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }'
}

install() {
	local fresh

	mapfile -t fresh < <(fresh_packages)
	forbid_services
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		-o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" ||
		return
	[ ${#fresh[@]} = 0 ] || disable_services "${fresh[@]}"
}

# install_from_npm FOLDER NAME@VERSION...
install_from_npm() {
	local dir=$1 package about missing=()

	shift
	for package; do
		about=$dir/node_modules/${package%@*}/package.json
		grep -qsF "\"version\": \"${package#*@}\"" "$about" ||
			missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "installing: $*"
	mkdir -p "$dir"
	npm install --prefix "$dir" --no-audit --no-fund --no-package-lock \
		--ignore-scripts --loglevel=error "$@"
}

# systemd makes it at every boot.  A bare container or chroot may lack it, and
# there fusermount3 unmounts nothing for an ordinary user.
if ! [ -e /etc/mtab ]; then
	echo "making /etc/mtab"
	as_root ln -sf ../proc/self/mounts /etc/mtab
fi

# Another's Node.js, newer than Debian's, will do as well.
if [ "$wish" != build ] && ! command -v npm >/dev/null; then
	wanted+=(nodejs npm)
fi

missing=()
for package in "${wanted[@]}"; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || true
	[ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
	echo "installing: ${missing[*]}"
	# The lists may be missing or too old; fetching them is only worth it
	# then.
	apt-get install -qq --simulate "${missing[@]}" >/dev/null 2>&1 || update
	install || {
		update
		install
	}
fi
case $wish in
test | coverage)
	# An emulator of Azure, and readers of Parquet and TFRecord: Debian has none.
	install_from_npm "${DLIOFS_AZURITE:-$src/build/azurite}" \
		"${azurite[@]}"
	install_from_npm "${DLIOFS_NPM_READERS:-$src/build/npm-readers}" \
		"${npm_readers[@]}"
	;;
esac

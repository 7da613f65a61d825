#!/usr/bin/env bash
# Install the Debian packages that dliofs wants; those already there are left
# alone, so that a second run takes no time.
#
#	scripts/deps.sh build		to build and run
#	scripts/deps.sh test		and to test (PyTorch: 200 MB)
#	scripts/deps.sh coverage	and for scripts/coverage.sh
set -euo pipefail

build=(
	gcc libc6-dev cmake ninja-build pkg-config git
	libisal-dev libyaml-dev zlib1g-dev libcurl4-openssl-dev libssl-dev
	libexpat1-dev libjansson-dev
	fuse3 libfuse3-dev
	# for scripts/build-libfuse.sh
	meson dpkg-dev patch debian-archive-keyring liburing-dev libnuma-dev
)
tests=(
	libcriterion-dev
	clang libclang-rt-14-dev clang-format clang-tidy
	cppcheck shellcheck valgrind
	fio python3 python3-numpy python3-torch
	procps
)
coverage=(gcovr)

wish=${1:-}
case $wish in
build) wanted=("${build[@]}") ;;
test) wanted=("${build[@]}" "${tests[@]}") ;;
coverage) wanted=("${build[@]}" "${tests[@]}" "${coverage[@]}") ;;
*)
	echo "usage: $0 build|test|coverage" >&2
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

install() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		-o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}"
}

# systemd makes it at every boot.  A bare container or chroot may lack it, and
# there fusermount3 unmounts nothing for an ordinary user.
if ! [ -e /etc/mtab ]; then
	echo "making /etc/mtab"
	as_root ln -sf ../proc/self/mounts /etc/mtab
fi

missing=()
for package in "${wanted[@]}"; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || true
	[ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

# The lists may be missing or too old; fetching them is only worth it then.
echo "installing: ${missing[*]}"
apt-get install -qq --simulate "${missing[@]}" >/dev/null 2>&1 || update
install || {
	update
	install
}

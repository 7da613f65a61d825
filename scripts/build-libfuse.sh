#!/usr/bin/env bash
# Build the newest libfuse from Debian's source package, static, into
# build/libfuse (or $DLIOFS_LIBFUSE_DIR).  Debian 12 has 3.14; passthrough needs
# 3.17 and FUSE-over-io_uring 3.18.
#
# Nothing of the system is changed: apt works on a state of its own in the build
# tree, with the mirror that the system's apt uses, and verifies the archive's
# signature as always.  Quick when the library is already there; to get a newer
# one, remove build/libfuse.  Wants the packages of scripts/deps.sh.
set -euo pipefail

oldest=3.18
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

src=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dest=${DLIOFS_LIBFUSE_DIR:-$src/build/libfuse}
recipe=$(cksum <"${BASH_SOURCE[0]}")

fail() {
	printf 'build-libfuse: %s\n' "$*" >&2
	exit 1
}

# apt with our own lists and cache, and none of the system's packages or pins.
# The mirror may be a frozen snapshot: its signature must be good, but may be
# older than unstable's ten days.
apt_private() {
	local tool=$1
	shift
	"$tool" -q \
		-o Dir::State="$work/state" \
		-o Dir::State::status=/dev/null \
		-o Dir::State::lists="$work/lists" \
		-o Dir::Cache="$work/cache" \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o APT::Sandbox::User=root \
		-o Acquire::Languages=none \
		-o Acquire::Check-Valid-Until=false \
		-o Acquire::Retries=3 \
		"$@"
}

apt_newer() {
	local tool=$1
	shift
	apt_private "$tool" \
		-o Dir::Etc::sourcelist="$work/newer.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		"$@"
}

# The first of the system's sources that calls itself Debian (and not, say,
# Debian-Security).  Says nothing where the lists were never fetched.
main_archive() {
	# shellcheck disable=SC2016 # apt expands these
	"$@" indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' \
		'Created-By: Packages' | sed -n 's/^Debian|Debian|//p' | sed -n 1p
}

mkdir -p "$(dirname "$dest")"
exec 9>"$dest.lock"
flock 9 || fail "cannot lock $dest.lock"

if [ -f "$dest/lib/libfuse3.a" ] && [ -f "$dest/stamp" ] &&
	[ "$(sed -n 2p "$dest/stamp")" = "$recipe" ]; then
	echo "libfuse $(sed -n 1p "$dest/stamp") is in $dest"
	exit 0
fi

for tool in apt-get apt-cache dpkg-source meson ninja pkg-config ar; do
	command -v "$tool" >/dev/null ||
		fail "$tool is missing: run scripts/deps.sh build"
done
[ -r "$keyring" ] || fail "$keyring is missing: run scripts/deps.sh build"
pkg-config --exists liburing numa ||
	fail "liburing or libnuma is missing: run scripts/deps.sh build"

# Whatever an interrupted run left is worth nothing; the result moves into place
# in one step, at the end.
work=$dest.work
rm -rf "$work"
mkdir -p "$work/state" "$work/lists/partial" "$work/cache/archives/partial"
trap 'rm -rf "$work"' EXIT

archive=$(main_archive apt-get)
if [ -z "$archive" ]; then
	apt_private apt-get update >"$work/log" 2>&1 ||
		fail "apt-get update failed: $(tail -n 3 "$work/log")"
	archive=$(main_archive apt_private apt-get)
fi
[ -n "$archive" ] || fail "apt has no source whose Origin and Label are Debian;" \
	"pass -DDLIOFS_LIBFUSE=system to cmake instead"

printf 'deb-src [signed-by=%s] %s unstable main\n' "$keyring" "$archive" \
	>"$work/newer.list"
echo "libfuse: looking for the newest fuse3 in Debian unstable"
apt_newer apt-get update >"$work/log" 2>&1 ||
	fail "apt-get update failed: $(tail -n 3 "$work/log")"

version=$(apt_newer apt-cache showsrc --only-source fuse3 |
	sed -n 's/^Version: //p' | sort -V | tail -n 1)
[ -n "$version" ] || fail "the archive has no source package fuse3"
dpkg --compare-versions "$version" ge "$oldest" ||
	fail "the newest fuse3 is $version; $oldest or later is needed"

echo "libfuse: building $version"
(cd "$work" && apt_newer apt-get source --download-only "fuse3=$version") \
	>"$work/log" 2>&1 || fail "download failed: $(tail -n 3 "$work/log")"
# apt has checked every file against the signed index.
dpkg-source --no-check -x "$work"/fuse3_*.dsc "$work/fuse3" >"$work/log" 2>&1 ||
	fail "unpacking failed: $(tail -n 3 "$work/log")"

# The prefix is where fusermount3 is looked for: the distribution's.
{
	meson setup "$work/build" "$work/fuse3" \
		--prefix=/usr --libdir=lib --buildtype=debugoptimized \
		-Ddefault_library=static -Dexamples=false -Dutils=false \
		-Dtests=false -Duseroot=false -Denable-io-uring=true
	ninja -C "$work/build"
	DESTDIR=$work/root meson install -C "$work/build"
} >"$work/log" 2>&1 || {
	tail -n 30 "$work/log" >&2
	fail "building failed, see above"
}

# meson leaves io_uring out without a word when it dislikes something.
ar t "$work/root/usr/lib/libfuse3.a" | grep uring >/dev/null ||
	fail "this libfuse was built without io_uring"

mv "$work/root/usr" "$work/libfuse"
printf '%s\n%s\n' "$version" "$recipe" >"$work/libfuse/stamp"
rm -rf "$dest"
mv "$work/libfuse" "$dest"
echo "libfuse $version is in $dest"

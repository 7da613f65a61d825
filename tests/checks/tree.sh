#!/usr/bin/env bash
# The repository holds what it should and nothing of the machine it was written
# on: only the known top-level entries, no path of this checkout, no host that
# this machine's package managers use.
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"
bad=0

complain() {
	printf '%s\n' "$@" >&2
	bad=1
}

allowed='CMakeLists\.txt|CMakePresets\.json|src|fuse|backends|tests|configs'
allowed+='|scripts|README\.md|LICENSE|docs|\..*'
tracked=$(git ls-files)
extra=$(cut -d/ -f1 <<<"$tracked" | sort -u | grep -vxE "$allowed" || true)
[ -z "$extra" ] || complain "not allowed at the top level:" "$extra"

# A folder every machine has tells nothing about this one.
parent=$(dirname "$PWD")
case $parent in
/ | /tmp | /var/tmp | /home | /root | /mnt | /opt | /srv | /usr/src | /dev/shm) ;;
*)
	# As the start of a path, not in the middle of another.
	found=$(git grep -nIP -- "(?<![\\w.~\$)}/-])\\Q$parent/\\E" || true)
	[ -z "$found" ] || complain "a path of this machine:" "$found"
	;;
esac

hosts() {
	# shellcheck disable=SC2016 # apt expands it
	apt-get indextargets --format '$(SITE)'
	if command -v npm >/dev/null; then
		npm config get registry 2>/dev/null
	fi
}
for host in $(hosts | sed -nE 's#^https?://([^/]+).*#\1#p' | sort -u); do
	found=$(git grep -nIF -- "$host" || true)
	[ -z "$found" ] || complain "a package registry of this machine:" "$found"
done

exit $bad

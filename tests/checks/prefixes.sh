#!/usr/bin/env bash
# foo.c exports foo and foo_*, and nothing else: a name says where it lives.
# Looks at the libraries of a build: prefixes.sh [BUILD]
set -euo pipefail

build=${1:-${DLIOFS_BUILD:-$(dirname "$0")/../../build/dev}}

shopt -s nullglob
libs=("$build"/libdliofs_*.a)
if [ ${#libs[@]} -eq 0 ]; then
	echo "no libraries in $build" >&2
	exit 1
fi

# nm says "lib.a:foo.c.o:address type name".  Names that begin with __ are the
# compiler's.
nm -A --defined-only --extern-only "${libs[@]}" | awk '
BEGIN {
	also["backend"] = "object_"	# the two halves of the store contract
	also["upload"] = "uploads_"	# one of them, and what they share
}

NF >= 3 {
	split($1, part, ":")
	file = part[2]
	stem = file
	sub("\\.c\\.o$", "", stem)
	name = $NF
	if (name == stem || index(name, stem "_") == 1 || index(name, "__") == 1)
		next
	if (stem in also && index(name, also[stem]) == 1)
		next
	lib = part[1]
	sub(".*/", "", lib)
	printf "%s: %s.c exports %s; want %s_*, or static\n", lib, stem, name, stem
	bad = 1
}

END { exit bad }
'

#!/usr/bin/env bash
# Includes respect the layers of the design, and every foreign library is seen
# by one place only.  Names file:line of each include that does not.
set -euo pipefail

cd "${DLIOFS_SRC:-$(dirname "$0")/../..}"

# shellcheck disable=SC2016 # awk's, not the shell's
find src fuse backends -name '*.[ch]' -print0 | sort -z | xargs -0 awk '
BEGIN {
	# Folder: the folders whose headers it may include.
	may["src/base"] = "base"
	may["backends"] = "base backends"
	may["src/io"] = "base backends io"
	may["fuse"] = "base backends io fuse"
	may["src/config"] = "base config"
	may["src/data"] = "base config backends data"
	may["src/train"] = "base config data train"
	may["src/app"] = "base backends io fuse config data train app"

	# Foreign header: the only place that may include it.
	only["^fuse(_[a-z]+)?\\.h$|^fuse3/"] = "fuse/"
	only["^curl/"] = "backends/wire.c"
	only["^openssl/"] = "backends/digest.c"
	only["^expat"] = "backends/xml.c"
	only["^jansson"] = "backends/answer.c"
	only["^yaml\\.h$"] = "src/config/yaml.c"
	only["^isa-l"] = "src/base/crc.c"
	only["^hdf5"] = "src/data/hdf5_"
	only["^szlib\\.h$"] = "src/data/hdf5_filter.c"
	only["^mpi\\.h$"] = "src/app/ranks_mpi.c"
}

function complain(why) {
	printf "%s:%d: %s: %s\n", FILENAME, FNR, $0, why
	bad = 1
}

function ours(header,	dir) {
	dir = FILENAME
	sub("/[^/]*$", "", dir)
	if (!(dir in may))
		complain("folder " dir " is in no layer")
	else if (header !~ "^[a-z]+/[a-z0-9_]+\\.h$")
		complain("write it from the root: \"layer/file.h\"")
	else if (index(" " may[dir] " ", " " substr(header, 1, index(header, "/") - 1) " ") == 0)
		complain(dir " may include " may[dir])
}

function foreign(header,	pattern) {
	if (header ~ "^(base|backends|io|fuse|config|data|train|app)/")
		complain("our headers go in quotes")
	for (pattern in only)
		if (header ~ pattern && index(FILENAME, only[pattern]) != 1)
			complain("only " only[pattern] " may include it")
}

/^[ \t]*#[ \t]*include/ {
	header = $0
	sub("^[ \t]*#[ \t]*include[ \t]*", "", header)
	kind = substr(header, 1, 1)
	sub("^.", "", header)
	sub("[\">].*", "", header)
	if (kind == "\"")
		ours(header)
	else if (kind == "<")
		foreign(header)
	else
		complain("cannot tell what is included")
}

END { exit bad }
'

# shellcheck shell=bash
# For the tests of dlio_benchmark: the program by that name, run in $tmp, on
# DLIO's workload `default` unless the words say otherwise.  Sourced after e2e.sh.
: "${DLIOFS:?}" "${tmp:?}"

name=$(dirname "$DLIOFS")/dlio_benchmark
cd "$tmp" || exit
unset DLIO_LOG_LEVEL

# Words for many.
# shellcheck disable=SC2034 # whoever sources this uses them
{
tf=(workload.framework=tensorflow workload.reader.data_loader=tensorflow)
small=(workload.train.computation_time=0.01 workload.evaluation.eval_time=0.005 workload.train.epochs=1)
generate=(workload.workflow.generate_data=True workload.workflow.train=False workload.workflow.evaluation=False)
train=(workload.workflow.generate_data=False workload.workflow.train=True workload.workflow.evaluation=False "${small[@]}")
}

# dlio FOLDER WORD...: results go to the folder, output to out and err.
dlio() {
	"$name" "hydra.run.dir=$1" "${@:2}" >"$tmp/out" 2>"$tmp/err"
}

# must FOLDER WORD...: the same, and it must succeed.
must() {
	dlio "$@" || { cat "$tmp/out" "$tmp/err"; fail "dlio_benchmark $*"; }
}

# must_not STATUS FOLDER WORD...: it must end with that status.
must_not() {
	local want=$1 got=0

	shift
	dlio "$@" || got=$?
	[ "$got" = "$want" ] || { cat "$tmp/err"; fail "status $got: $*"; }
}

# count N FOLDER PATTERN: so many files.
count() {
	local n

	n=$(find "$2" -type f -name "$3" | wc -l)
	[ "$n" = "$1" ] || fail "$n files $3 in $2, not $1"
}

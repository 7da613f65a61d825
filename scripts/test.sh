#!/usr/bin/env bash
# Everything that can be tested here: install what tests need, build libfuse,
# then build and test each preset below.  A preset that fails does not keep the
# others from running.  The last line is "N passed, N failed", over all of them;
# a preset that does not even build counts as one failure.  Before it, what each
# failed test said last is shown once more: a log's end should tell the reason.
#
#	scripts/test.sh			all of it
#	scripts/test.sh --quick		the preset dev only
#
# Run as root, or as a user who may sudo.  Logs are in build/test-PRESET.log.
set -euo pipefail

cd "$(dirname "$0")/.."

presets=(dev asan tsan system-libfuse tidy fuzz)
case ${1:-} in
"") ;;
--quick) presets=(dev) ;;
*)
	echo "usage: $0 [--quick]" >&2
	exit 2
	;;
esac

if ! [ -w /dev/shm ]; then
	echo "$0: Criterion needs a /dev/shm that you may write to:" \
		"chmod 1777 /dev/shm" >&2
	exit 1
fi

scripts/deps.sh test
scripts/build-libfuse.sh

# failures PRESET: each failed test of that preset with its last 30 lines
failures() {
	awk -v preset="$1" '
		function tell(  i) {
			if (name != "")
				for (i = (n > 30 ? n - 29 : 1); i <= n; i++)
					print line[i]
			name = ""
			n = 0
		}
		/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / || /^ *Start +[0-9]+: / ||
			/^[0-9]+% tests passed/ { tell() }
		/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: .*\*\*\*/ {
			name = $0
			printf "\n---- %s: %s\n", preset, $0
			next
		}
		name != "" { line[++n] = $0 }' "build/test-$1.log"
}

mkdir -p build
passed=0
failed=0
summary=()
ends=()
for preset in "${presets[@]}"; do
	echo "==== $preset"
	log=build/test-$preset.log
	began=$SECONDS
	ok=true
	cmake --workflow --preset "$preset" 2>&1 | tee "$log" || ok=false

	# "97% tests passed, 2 tests failed out of 70"
	read -r bad all < <(sed -nE \
		's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+)$/\1 \2/p' \
		"$log"; echo 0 0)
	if ! $ok && [ "$bad" = 0 ]; then
		bad=1
		all=$((all + 1))
		ends+=("---- $preset" "$(tail -n 30 "$log")")
	elif [ "$bad" != 0 ]; then
		ends+=("$(failures "$preset")")
	fi
	passed=$((passed + all - bad))
	failed=$((failed + bad))
	summary+=("$(printf '%-16s %4d passed %4d failed %5d s' \
		"$preset" $((all - bad)) "$bad" $((SECONDS - began)))")
done

printf '%s\n' "" "${ends[@]}" "" "${summary[@]}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]

#!/usr/bin/env bash
# No secret shows in what is printed, written, or visible of our processes.
# servers: radosgw azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"

secrets=(
	"++storage.storage_options={access_key_id: hushid, secret_access_key: hushkey}"
	"++dliofs.s3.session_token=hushtoken"
	"++dliofs.azure.account_key=hushaccount"
	'++dliofs.azure.connection_string="AccountKey=hushstring;"'
	'++dliofs.azure.sas="sig=hushsas"'
)
small_workload >"$tmp/w.yaml"

# Neither here nor in what the words below name.
expect_silence() {
	if grep -rl hush "$@"; then
		fail "a secret shows"
	fi
}

echo "# what is printed"
dliofs check -c "$tmp/w.yaml" "${secrets[@]}" >"$tmp/printed" 2>&1
expect_text 'secret_access_key: "\*\*\*"' "$tmp/printed"
expect_silence "$tmp/printed"
for wrong in "++dliofs.azure.sas={hush: 1}" "++dliofs.azure={sas: hush, saas: hush}" \
	"++dliofs.s3.session_token=[hush]" "++dliofs.azure.account_key.x=hush"; do
	expect_status 2 dliofs check --strict -c "$tmp/w.yaml" "$wrong" >"$tmp/printed" 2>&1
	expect_silence "$tmp/printed"
done

echo "# a server's command line, environment and control files"
mount_at "$tmp/mnt" -c "$tmp/w.yaml" ++workflow.train=False "${secrets[@]}"
server=$(server_of "$tmp/mnt")
tr '\0' '\n' <"/proc/$server/cmdline" >"$tmp/words"
expect_text '^--settings-fd$' "$tmp/words"
expect_silence "$tmp/words"
cat "$tmp/mnt/.dliofs/config" >"$tmp/config"
expect_text 'account_key: "\*\*\*"' "$tmp/config"
expect_silence "$tmp/config"
dliofs umount "$tmp/mnt"

echo "# the results and logs of a run"
dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" ++train.epochs=1 "${secrets[@]}" >"$tmp/out" 2>&1
expect_silence "$tmp/out" "$tmp/results"

# ---- The same with stores that need them, however they fail ----

export DLIO_LOG_LEVEL=debug

# Neither keys nor what is made of them, nor the folder's own settings.
expect_no_key() {
	if grep -rlF -e "$SERVER_SECRET" -e "${SERVER_SECRET%%=*}" -e hush "$@" ||
		grep -rlE 'Signature=|Credential=|sig=|SharedKey |Bearer ' "$@"; then
		fail "a secret of $kind shows"
	fi
}

# What others can see of our processes as long as PID lives, in $tmp/seen.
watch_over() {
	while kill -0 "$1" 2>/dev/null; do
		for p in $(pgrep -f -- "$tmp"); do
			cat "/proc/$p/cmdline" "/proc/$p/environ" 2>/dev/null || true
		done
		sleep 0.05
	done | tr '\0' '\n' >"$tmp/seen"
}

# A SAS that allows all, from another's library.
make_sas() {
	/usr/bin/python3 - "$SERVER_USER" "$SERVER_SECRET" "$SERVER_BUCKET" <<-'PYTHON'
	import datetime, sys
	from azure.storage.blob import ContainerSasPermissions, generate_container_sas
	account, key, container = sys.argv[1:]
	print(generate_container_sas(account, container, account_key=key,
	      permission=ContainerSasPermissions(*[True] * 5),
	      expiry=datetime.datetime.utcnow() + datetime.timedelta(hours=1)))
	PYTHON
}

# Settings with the keys, so that the environment has none.
settings_with_keys() {
	case $1 in
	radosgw)
		cat <<-YAML
		storage:
		  storage_options: {access_key_id: $SERVER_USER, secret_access_key: $2, endpoint_url: "$3"}
		YAML
		;;
	azurite) echo "dliofs: {azure: {account_key: \"$2\", endpoint: \"$3\"}}" ;;
	sas) echo "dliofs: {azure: {sas: \"$2\", endpoint: \"$3\"}}" ;;
	esac
}

for kind in radosgw azurite sas; do
	use_server "${kind/sas/azurite}"
	secret=$SERVER_SECRET
	[ $kind != sas ] || secret=$(make_sas)
	unset "${!AWS_@}" "${!AZURE_@}"
	export AWS_EC2_METADATA_DISABLED=true
	at=("++dataset.data_folder=$uri/data" "++checkpoint.checkpoint_folder=$uri/ck")

	echo "# $kind: a run that goes well, and what can be seen of it meanwhile"
	{ small_workload; settings_with_keys $kind "$secret" "$SERVER_URL"; } >"$tmp/w.yaml"
	# Long enough to be looked at.
	"$DLIOFS" run -c "$tmp/w.yaml" -o "$tmp/good_$kind" "${at[@]}" \
		++train.computation_time=0.15 >"$tmp/out" 2>&1 &
	run=$!
	watch_over $run
	wait $run || { cat "$tmp/out"; fail "run"; }
	expect_text '^--settings-fd$' "$tmp/seen"
	expect_no_key "$tmp/seen" "$tmp/out" "$tmp/good_$kind"
	mount_at "$tmp/mnt" --log-file "$tmp/mount.log" --writable -c "$tmp/w.yaml" "${at[@]}"
	cat "$tmp/mnt/.dliofs/config" "$tmp/mnt/.dliofs/stats" >"$tmp/config"
	server=$(server_of "$tmp/mnt")
	tr '\0' '\n' <"/proc/$server/environ" >"$tmp/words"
	dliofs umount "$tmp/mnt"
	expect_no_key "$tmp/config" "$tmp/words" "$tmp/mount.log"

	echo "# refusals, answers that are broken, a server that is none"
	through_proxy --fault 500,document,truncate,expired --percent 60
	unset "${!AWS_@}" "${!AZURE_@}"
	export AWS_EC2_METADATA_DISABLED=true
	cd "$tmp" # where a run leaves its results
	: >"$tmp/failures"
	for server in "$SERVER_URL" "$proxy_url" http://127.0.0.1:1; do
		for key in "$secret" "${secret%??????}hush=="; do
			{ small_workload; settings_with_keys $kind "$key" "$server"; } >"$tmp/w.yaml"
			for word in verify generate run; do
				timeout 60 "$DLIOFS" $word -c "$tmp/w.yaml" "${at[@]}" \
					++dliofs.backend.attempts=2 >>"$tmp/failures" 2>&1 || true
			done
		done
	done
	[ "$(grep -c error "$tmp/failures")" -ge 8 ] || fail "what failed? $(cat "$tmp/failures")"
	[ -d "$tmp/results" ] || fail "no run has begun"
	expect_no_key "$tmp/failures" "$tmp/results"
done

#!/usr/bin/env bash
# No secret shows in what is printed, written, or visible of our processes.
# shellcheck source=tests/lib/e2e.sh
. "$DLIOFS_SRC/tests/lib/e2e.sh"

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

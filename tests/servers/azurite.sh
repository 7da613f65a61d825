#!/usr/bin/env bash
# Azurite, Microsoft's emulator of Azure Blob storage, with its data in memory;
# two of them, for it speaks either http or https.  Wants node, and Azurite in
# build/azurite or $DLIOFS_AZURITE (scripts/deps.sh test).
# shellcheck source=tests/servers/lib.sh
. "$(dirname "$0")/lib.sh"

program=${DLIOFS_AZURITE:-$servers/../../build/azurite}/node_modules/azurite
program=$program/dist/src/blob/main.js

# The account and key that every Azurite has (Azurite's documentation).
account=devstoreaccount1
key=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==

# azurite NAME PORT OPTION...
azurite() {
	run "$1" node "$program" --blobHost 127.0.0.1 --blobPort "$2" \
		--silent --disableTelemetry --disableProductStyleUrl \
		--inMemoryPersistence --extentMemoryLimit 4096 "${@:3}"
}

launch() {
	local plain tls

	[ -e "$program" ] || fail "no $program: run scripts/deps.sh test"
	read -r plain tls < <(free_ports 2 28000)
	certificate
	# To copy for who shows a signature it asks itself for the source.
	export NODE_EXTRA_CA_CERTS=$data/cert.pem no_proxy='*'
	cd "$data" || exit # it leaves files where it is
	azurite plain "$plain"
	azurite tls "$tls" --cert "$data/cert.pem" --key "$data/key.pem" \
		--oauth basic
	ready answers "http://127.0.0.1:$plain/"
	ready answers "https://127.0.0.1:$tls/"

	offer "http://127.0.0.1:$plain/$account" "https://127.0.0.1:$tls/$account" \
		"$account" "$key"
}

main "$@"

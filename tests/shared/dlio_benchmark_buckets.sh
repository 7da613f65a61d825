#!/usr/bin/env bash
# Every stock workload through dlio_benchmark on buckets, also where DLIO itself
# needs files.
# servers: radosgw azurite
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"
# shellcheck source=tests/lib/buckets.sh
. "${DLIOFS_SRC:?}/tests/lib/buckets.sh"
# shellcheck source=tests/lib/dlio.sh
. "${DLIOFS_SRC:?}/tests/lib/dlio.sh"
# shellcheck source=tests/lib/stock.sh
. "${DLIOFS_SRC:?}/tests/lib/stock.sh"

for kind in radosgw azurite; do
	use_server $kind
	for file in "$DLIOFS_SHARED"/workloads/*/workload/*.yaml; do
		stock=$(basename "$(dirname "$(dirname "$file")")")/$(basename "$file" .yaml)
		echo "# $kind: $stock"
		words=()
		[[ $stock != *_s3 ]] || words=("~workload.storage.storage_options") # somebody's own
		run_stock "$file" "$uri/$stock/data" "$uri/$stock/checkpoints" "${words[@]}"
	done
	client list >names
	expect_text 'unet3d_h100/data/train/img_7_of_8.npz' names
	expect_text 'llama3_405b/checkpoints/global_epoch1_step3/' names

	echo "# $kind: keep_files: False removes it"
	must once workload=unet3d_h100 "${small_data[@]}" "${small_train[@]}" "++workload.dataset.data_folder=$uri/once" \
		++workload.workflow.generate_data=True ++workload.workflow.checkpoint=False ++workload.dataset.keep_files=False
	client list >names
	! grep -q /once/ names || fail "objects were kept"
done

echo "# a bucket in DLIO's own words"
use_server radosgw
must words workload=unet3d_h100_s3 "${small_train[@]}" ++workload.dataset.num_files_train=8 \
	++workload.dataset.num_samples_per_file=4 ++workload.dataset.record_length_bytes=4096 \
	"++workload.storage.storage_options.endpoint_url=$AWS_ENDPOINT_URL" \
	"++workload.storage.storage_options.access_key_id=$AWS_ACCESS_KEY_ID" \
	"++workload.storage.storage_options.secret_access_key=$AWS_SECRET_ACCESS_KEY" \
	"++workload.storage.storage_root=${uri#s3://}" "++workload.dataset.data_folder=$uri/words"
expect_text 'Ending epoch 2 - 8 steps completed' words/dlio.log
! grep -rq "$AWS_SECRET_ACCESS_KEY" words || fail "a secret was written"

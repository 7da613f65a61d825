#!/usr/bin/env bash
# HDF5, in one piece and in compressed chunks: h5py reads what is generated; a
# mount shows it, and synth:// the same; it is trained on; verification finds a
# bit.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"
work=(-c "$tmp/w.yaml" ++dataset.format=hdf5 ++dataset.num_files_train=4
	++dataset.num_subfolders_train=0 ++dataset.record_length_bytes_stdev=0)

echo "# what DLIO's own tests want of dims"
for dtype in float32 int8 float16; do
	for dims in 5 5,7 5,7,3; do
		dliofs generate "${work[@]}" "++dataset.record_dims=[3,$dims]" \
			++dataset.record_element_type=$dtype \
			++dataset.hdf5.num_dset_per_record=3
		/usr/bin/python3 "$DLIOFS_SRC/tests/lib/hdf5_dims.py" \
			"$tmp/data" $dtype "1,$dims"
		rm -rf "$tmp/data"
	done
done

train() {
	dliofs run "$@" --quiet ++workflow.generate_data=False \
		++workflow.checkpoint=False ++framework=pytorch \
		++reader.data_loader=pytorch ++reader.batch_size=2 \
		"++output.folder=$tmp/out" >"$tmp/log" 2>&1 ||
		{ cat "$tmp/log"; fail "no training on $*"; }
	[ -z "$(private_mounts)" ] || fail "still mounted"
}

layouts=(
	"++dataset.num_samples_per_file=3"
	"++dataset.record_length_bytes_stdev=9000"
	"++dataset.compression=gzip ++dataset.hdf5.chunk_dims=[1,50,50]"
)
for layout in "${layouts[@]}"; do
	echo "# $layout"
	read -ra settings <<<"$layout"
	all=("${work[@]}" ++dataset.record_length_bytes=20000 "${settings[@]}")
	dliofs generate "${all[@]}"
	mount_at "$tmp/mnt" "${all[@]}" ++dataset.data_folder=synth://
	diff -r --exclude=manifest.dliofs "$tmp/data" "$tmp/mnt/data" ||
		fail "$layout: synth differs"
	dliofs umount "$tmp/mnt"
	train "${all[@]}"
	train "${all[@]}" ++reader.read_type=memory

	file=$(find "$tmp/data" -name '*.hdf5' | sort | sed -n 2p)
	printf 'X' | dd of="$file" bs=1 seek=3000 conv=notrunc status=none
	expect_status 1 dliofs verify "${all[@]}" 2>"$tmp/log"
	expect_text ' 1 damaged' "$tmp/log"
	rm "$file"
	dliofs generate "${all[@]}" 2>"$tmp/log"
	expect_text ' 1 file' "$tmp/log"
	dliofs verify "${all[@]}"
	rm -rf "$tmp/data"
done

echo "# O_DIRECT is refused in DLIO's words"
expect_status 2 dliofs check "${work[@]}" ++reader.data_loader=pytorch \
	++framework=pytorch ++reader.odirect=True 2>"$tmp/log"
expect_text 'Odirect for hdf5 format is not yet supported.' "$tmp/log"

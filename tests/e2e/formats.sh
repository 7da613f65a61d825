#!/usr/bin/env bash
# Each format of records: what is generated another reader reads; a mount shows
# it, and synth:// the same; verification finds a bit; removing leaves nothing.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

# Independent readers, on Debian's Python.
reads() {
	/usr/bin/python3 "$DLIOFS_SRC/tests/lib/record_reads.py" "$@"
}

# Flip a bit in the middle of a file.
flip() {
	local at=$(($(stat -c %s "$1") / 2)) byte

	byte=$(od -An -tu1 -j$at -N1 "$1")
	printf '%b' "\\x$(printf %x $((byte ^ 1)))" |
		dd of="$1" bs=1 seek=$at conv=notrunc status=none
}

small_workload >"$tmp/w.yaml"
for format in tfrecord indexed_binary mmap_indexed_binary synthetic; do
	echo "# $format"
	work=(-c "$tmp/w.yaml" "++dataset.format=$format"
		++dataset.num_samples_per_file=5 ++dataset.num_files_train=4
		++dataset.num_subfolders_train=0
		++dataset.record_length_bytes=20000
		++dataset.record_length_bytes_stdev=0)
	dliofs generate "${work[@]}"
	reads $format "$tmp/data/train" 5 $((141 * 141))
	reads $format "$tmp/data/valid" 5 $((141 * 141))

	mount_at "$tmp/mnt" "${work[@]}"
	diff -r --exclude=manifest.dliofs "$tmp/data" "$tmp/mnt/data" ||
		fail "$format: the mount differs"
	dliofs umount "$tmp/mnt"
	mount_at "$tmp/mnt" "${work[@]}" ++dataset.data_folder=synth://
	diff -r --exclude=manifest.dliofs "$tmp/data" "$tmp/mnt/data" ||
		fail "$format: synth differs"
	dliofs umount "$tmp/mnt"

	echo "# $format: trained on, through a mount, by each loader that can"
	for loader in pytorch tensorflow; do
		dliofs run "${work[@]}" --quiet ++workflow.generate_data=False \
			++workflow.checkpoint=False ++framework=$loader \
			++reader.data_loader=$loader ++reader.batch_size=2 \
			++dliofs.train.touch_mapped=True \
			"++output.folder=$tmp/out" >"$tmp/log" 2>&1 ||
			{ cat "$tmp/log"; fail "$format, $loader: no training"; }
		[ -z "$(private_mounts)" ] || fail "$format: still mounted"
	done

	find "$tmp/data" -type f ! -name manifest.dliofs | sort >"$tmp/files"
	for n in 1 3 6; do
		flip "$(sed -n ${n}p "$tmp/files")"
	done
	expect_status 1 dliofs verify "${work[@]}" 2>"$tmp/log"
	expect_text ' 3 damaged' "$tmp/log"
	for n in 1 3 6; do
		rm "$(sed -n ${n}p "$tmp/files")"
	done
	dliofs generate "${work[@]}" 2>"$tmp/log"
	expect_text ' 3 files written' "$tmp/log"
	dliofs verify "${work[@]}"
	rm -rf "$tmp/data"
done

echo "# encoded files: what a mount computes is what is generated, sizes and all"
for format in csv png; do
	work=(-c "$tmp/w.yaml" "++dataset.format=$format"
		++dataset.record_length_bytes_stdev=9000)
	dliofs generate "${work[@]}"
	dliofs verify "${work[@]}"
	for where in "$tmp/data" synth://; do
		mount_at "$tmp/mnt" "${work[@]}" "++dataset.data_folder=$where"
		diff -r --exclude=manifest.dliofs "$tmp/data" "$tmp/mnt/data" ||
			fail "$format on $where differs"
		dliofs umount "$tmp/mnt"
	done

	echo "# $format: without a manifest the files are listed"
	rm "$tmp/data/manifest.dliofs"
	mount_at "$tmp/mnt" "${work[@]}"
	diff -r "$tmp/data" "$tmp/mnt/data" || fail "$format, listed, differs"
	dliofs umount "$tmp/mnt"
	rm -rf "$tmp/data"
done

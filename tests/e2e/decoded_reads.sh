#!/usr/bin/env bash
# Pillow, pandas, and npm's tfrecord and hyparquet read every image, table, TFRecord
# and Parquet file that we generate, and find in it what the configuration says.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"

# generate NAME [OVERRIDE...]: three files in $tmp/NAME.
generate() {
	local dir=$tmp/$1

	shift
	dliofs generate -q -c "$tmp/w.yaml" ++dataset.num_files_train=3 \
		++dataset.num_files_eval=0 ++dataset.num_subfolders_train=0 \
		++dataset.record_length_bytes_stdev=0 \
		"++dataset.data_folder=$dir" "$@" 2>"$tmp/said" ||
		fail "generate $*: $(cat "$tmp/said")"
}

for format in png jpeg; do
	generate $format ++dataset.format=$format "++dataset.record_dims=[90,70]" \
		++dataset.record_element_type=float32
	grep -q "Image format $format requires record_element_type" "$tmp/said" ||
		fail "no word that elements of a $format are bytes"
done
for type in bool uint8 int8 uint16 int64 uint64 float16 float32 float64; do
	generate csv-$type ++dataset.format=csv "++dataset.record_dims=[9,7,5]" \
		++dataset.num_samples_per_file=4 \
		++dataset.record_element_type=$type
done
for method in gzip bz2 zip xz zstd tar; do
	generate csv-$method ++dataset.format=csv "++dataset.record_dims=[70]" \
		++dataset.num_samples_per_file=2 ++dataset.compression=$method
done

/usr/bin/python3 -W ignore - "$tmp" <<-'PYTHON'
	import io, sys
	from pathlib import Path
	import numpy as np
	import pandas as pd
	from PIL import Image

	top = Path(sys.argv[1])

	def files(name, suffix):
	    found = sorted((top / name / "train").glob("*." + suffix))
	    assert len(found) == 3, (name, found)
	    assert len({f.read_bytes() for f in found}) == 3, name
	    return found

	for form in "png", "jpeg":
	    for name in files(form, form):
	        image = Image.open(name)
	        pixels = np.asarray(image)
	        assert image.format == form.upper() and image.mode == "L", image
	        assert image.size == (70, 90), image.size
	        # Noise: all values, none more than others; 255 is JPEG's doing.
	        assert 120 < pixels.mean() < 135, pixels.mean()
	        assert pixels.max() <= (254 if form == "png" else 255)
	        again = io.BytesIO()
	        Image.fromarray(pixels).save(again, form.upper(), bits=8)
	        if form == "png":
	            off = len(again.getvalue()) / name.stat().st_size - 1
	            assert abs(off) < 0.005, f"{name}: {off}"
	        else:
	            want = Image.open(again).quantization
	            assert image.quantization == want, f"{name}: another quality"

	for dtype in "bool uint8 int8 uint16 int64 uint64 float16 float32 float64".split():
	    for name in files("csv-" + dtype, "csv"):
	        table = pd.read_csv(name, header=None, float_precision="round_trip",
	                            dtype=dtype if dtype == "uint64" else None).to_numpy()
	        assert table.shape == (4, 9 * 7 * 5), table.shape
	        assert (table == table[0]).all(), "rows differ"
	        values = table[0].astype(dtype)
	        # pandas writes the same text of the same numbers; of a power of
	        # two it may need a digit more.
	        want = pd.DataFrame(data=[values] * 4).to_csv(header=False, index=False)
	        if not (dtype == "float16" and (values == 2.0 ** -6).any()):
	            assert name.read_text() == want, name

	for method in "gzip", "bz2", "zip", "xz", "tar":
	    for name in files("csv-" + method, "csv"):
	        table = pd.read_csv(name, header=None, compression=method)
	        assert table.shape == (2, 70), table.shape
	files("csv-zstd", "csv")
	print("Pillow and pandas agree")
PYTHON

for method in none snappy gzip zstd; do
	generate parquet-$method ++dataset.format=parquet \
		++dataset.num_samples_per_file=250 ++dataset.compression=$method \
		++dataset.parquet.row_group_size=100 \
		"++dataset.parquet.columns=[{name: u8, dtype: uint8}, {name: i8, dtype: int8, size: 9}, {name: u16, dtype: uint16}, {name: i16, dtype: int16, size: 2}, {name: u32, dtype: uint32}, {name: i32, dtype: int32}, {name: u64, dtype: uint64}, {name: i64, dtype: int64}, {name: f16, dtype: float16}, {name: f32, dtype: float32, size: 300}, {name: f64, dtype: float64}, {name: one, dtype: list}, {name: s, dtype: string}, {name: b, dtype: binary, size: 7}, {name: t, dtype: bool}]"
done
generate parquet-plain ++dataset.format=parquet \
	++dataset.num_samples_per_file=3 "++dataset.record_dims=[40,50]"
generate parquet-by ++dataset.format=parquet \
	++dataset.num_samples_per_file=7 ++dataset.parquet.partition_by=by \
	"++dataset.parquet.columns=[{name: by, dtype: int8}, {name: f, dtype: float32}]"
generate tfrecord ++dataset.format=tfrecord \
	++dataset.num_samples_per_file=4 "++dataset.record_dims=[40,50]"
readers=${DLIOFS_NPM_READERS:-$DLIOFS_SRC/build/npm-readers}
[ -d "$readers/node_modules/tfrecord" ] ||
	fail "no tfrecord in $readers: run scripts/deps.sh test"
cp "$DLIOFS_SRC/tests/lib/"{parquet,tfrecord}_reads.mjs "$tmp"
ln -s "$(realpath "$readers")/node_modules" "$tmp/node_modules"
node "$tmp/tfrecord_reads.mjs" "$tmp"
node "$tmp/parquet_reads.mjs" "$tmp"

#!/usr/bin/env bash
# NumPy reads every file that we generate, of every element type and shape.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"
for format in npz npy; do
	for type in uint8 int8 int32 int64 float16 float32 float64; do
		dir=$tmp/$format-$type
		dliofs generate -q -c "$tmp/w.yaml" ++dataset.format=$format \
			++dataset.num_files_train=3 ++dataset.num_files_eval=0 \
			++dataset.num_subfolders_train=0 \
			++dataset.record_length_bytes_stdev=0 \
			"++dataset.record_dims=[30,40,5]" \
			++dataset.num_samples_per_file=2 \
			++dataset.record_element_type=$type \
			"++dataset.data_folder=$dir" 2>/dev/null
		/usr/bin/python3 - "$dir/train" $format $type <<-'PYTHON'
		import glob, sys, zipfile
		import numpy as np
		root, form, dtype = sys.argv[1:]
		names = sorted(glob.glob(root + "/*." + form))
		assert len(names) == 3, names
		seen = set()
		for name in names:
		    if form == "npz":
		        assert zipfile.ZipFile(name).testzip() is None
		        with np.load(name) as z:
		            assert z.files == ["x", "y"], z.files
		            x, y = z["x"], z["y"]
		        assert y.dtype == np.int64 and y.shape == (2,) and not y.any()
		    else:
		        x = np.load(name)
		    assert x.dtype == np.dtype(dtype), x.dtype
		    assert x.shape == (30, 40, 5, 2), x.shape
		    if x.dtype.kind == "f":
		        assert np.isfinite(x).all() and 0 <= x.min() and x.max() < 1
		    seen.add(x.tobytes())
		assert len(seen) == 3, "two files have the same content"
		PYTHON
	done
done

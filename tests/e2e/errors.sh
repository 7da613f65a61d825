#!/usr/bin/env bash
# Bad input gets a clear error, with its place, and status 2.
# shellcheck source=tests/lib/e2e.sh
. "${DLIOFS_SRC:?}/tests/lib/e2e.sh"

small_workload >"$tmp/w.yaml"

# refused PATTERN WORD...: status 2 and a message that matches.
refused() {
	local pattern=$1 status=0

	shift
	dliofs "$@" >"$tmp/log" 2>&1 || status=$?
	[ $status = 2 ] || fail "status $status, not 2: $* said: $(cat "$tmp/log")"
	expect_text "$pattern" "$tmp/log"
}

refused "unknown command 'genrate'; did you mean generate\?" genrate
refused "unknown option '--colour'" run --colour -c "$tmp/w.yaml"
refused 'needs a value' run -c
refused "'many' is not a number" generate --threads many -c "$tmp/w.yaml"
refused 'dliofs.dataset.threads: expected a whole number, 0 to 4096' generate --threads 99999999 -c "$tmp/w.yaml"
refused 'no-such.yaml' run -c "$tmp/no-such.yaml"
refused 'Could not override|batch_szie' check -c "$tmp/w.yaml" reader.batch_szie=8
refused 'mount takes' mount
for c in run generate train overhead verify; do
	refused "no workload is given: -c FILE" $c
done

echo "# what cannot be done is refused before anything is written"
for setting in dataset.format=hdf5_opt framework=tensorflow train.total_training_steps=99; do
	refused 'use hdf5|Imcompatible|Only have enough data' run -c "$tmp/w.yaml" -o "$tmp/results" $setting
	if [ -e "$tmp/data" ] || [ -e "$tmp/results" ]; then
		fail "$setting: written first"
	fi
done

for folder in ftp://host/x s3:/bucket/x s3:// az://account; do
	refused 'want s3://|there are synth|az://ACCOUNT/CONTAINER' \
		run -c "$tmp/w.yaml" -o "$tmp/results" "dataset.data_folder=$folder"
	refused 'want s3://|there are synth|az://ACCOUNT/CONTAINER' \
		check -c "$tmp/w.yaml" "checkpoint.checkpoint_folder=$folder"
	[ ! -e "$tmp/results" ] || fail "$folder: results written first"
done
refused 'synth://: holds a dataset' run -c "$tmp/w.yaml" -o "$tmp/results" \
	checkpoint.checkpoint_folder=synth://

for c in generate verify; do
	refused 'mem://m is the memory of one process, and gone when it ends' $c -c "$tmp/w.yaml" \
		dataset.data_folder=mem://m
done

echo "# what is done differently is said"
dliofs generate -q -c "$tmp/w.yaml"
dliofs run -q -c "$tmp/w.yaml" -o "$tmp/results" workflow.train=False \
	workflow.checkpoint=False workflow.generate_data=False >"$tmp/out" 2>"$tmp/log"
expect_text 'nothing to do' "$tmp/log"

refused 'is not strict' run --dlio-compat=lax -c "$tmp/w.yaml"

echo "# a workload may be nothing but settings, or come through a pipe"
settings=(framework=pytorch dataset.format=npy reader.data_loader=pytorch
	"dataset.data_folder=$tmp/settings")
dliofs run -q workflow.generate_data=True "${settings[@]}" \
	-o "$tmp/results/settings" >"$tmp/out" 2>"$tmp/log"
mount_at "$tmp/mnt" "${settings[@]}"
cmp "$tmp/mnt/data/train/img_0_of_8.npy" "$tmp/settings/train/img_0_of_8.npy"
dliofs umount "$tmp/mnt"
dliofs run -q -c /dev/stdin -o "$tmp/results/piped" <"$tmp/w.yaml" \
	>"$tmp/out" 2>"$tmp/log"
dliofs run -q -c <(cat "$tmp/w.yaml") -o "$tmp/results/piped" \
	>"$tmp/out" 2>"$tmp/log"
refused ':2:3: reader.batch_size' run -c <(printf 'reader:\n  batch_size: x\n')

echo "# what cannot be written to is not mounted as if it could"
mkdir -p "$tmp/read-only" "$tmp/mnt"
mount_at "$tmp/read-only" "$tmp/data"
expect_status 1 dliofs mount --writable "$tmp/read-only" "$tmp/mnt" 2>"$tmp/log"
expect_text 'read-only cannot be written to; mount it without --writable: Read-only file system' "$tmp/log"
dliofs umount "$tmp/read-only"

echo "# what is not our mount is left alone"
expect_status 1 dliofs mount "$tmp" "$tmp/no/such" 2>"$tmp/log"
expect_text 'no/such \(make the folder first\): No such file' "$tmp/log"
mkdir "$tmp/plain"
refused 'plain: nothing is mounted there' umount "$tmp/plain"
refused 'plain: no dliofs mount is there' stats "$tmp/plain"
refused 'proc: what is mounted there \(proc\) is not a dliofs mount' umount /proc
refused 'proc/: no dliofs mount is there' stats /proc/
mount_at "$tmp/mnt" --no-record "$tmp/plain"
refused 'mnt/: nothing is recorded there' stats "$tmp/mnt/"
server=$(server_of "$tmp/mnt")
kill -KILL "$server"
await gone "$server"
expect_status 1 dliofs stats "$tmp/mnt" 2>"$tmp/log"
expect_text "mnt: the mount's server has died" "$tmp/log"
dliofs umount "$tmp/mnt/"
mount_at "$tmp/mnt" -c "$tmp/w.yaml" dataset.file_prefix=other 2>"$tmp/log"
expect_text 'data/train/0/other_00_of_24.npz is not there \(yet\)' "$tmp/log"
dliofs umount "$tmp/mnt"
mount_at "$tmp/mnt" -c "$tmp/w.yaml" 2>"$tmp/log"
[ ! -s "$tmp/log" ] || fail "the dataset is there"
dliofs umount "$tmp/mnt"

printf 'reader:\n  batch_size: many\n' >"$tmp/bad.yaml"
refused 'bad.yaml:2:3: reader.batch_size: expected a whole number' check -c "$tmp/bad.yaml"
printf 'reader:\n  batch_szie: 4\n' >"$tmp/typo.yaml"
dliofs check -c "$tmp/typo.yaml" >"$tmp/log" 2>&1 || fail "an unknown key is only a warning"
expect_text 'typo.yaml:2:3.*batch_szie.*did you mean batch_size' "$tmp/log"
refused 'batch_szie' check --strict -c "$tmp/typo.yaml"
printf 'reader: [1\n' >"$tmp/torn.yaml"
refused 'torn.yaml:' check -c "$tmp/torn.yaml"
printf 'reader:\n  batch_size: 1\n  batch_size: 2\n' >"$tmp/twice.yaml"
refused 'twice.yaml:3:3' check -c "$tmp/twice.yaml"

echo "# every command explains itself"
for c in run generate mount umount train overhead stats check verify help-config; do
	dliofs $c --help >"$tmp/log"
	expect_text "Usage: dliofs $c" "$tmp/log"
done
dliofs --version >"$tmp/log"
expect_text 'libfuse 3' "$tmp/log"
dliofs help-config >"$tmp/log"
expect_text batch_size "$tmp/log"

echo "# what check prints loads back to the same"
dliofs check -c "$tmp/w.yaml" >"$tmp/once.yaml"
dliofs check -c "$tmp/once.yaml" >"$tmp/twice.yaml"
diff "$tmp/once.yaml" "$tmp/twice.yaml" || fail "not the same"

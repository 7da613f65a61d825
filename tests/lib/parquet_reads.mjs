// Read the Parquet files of decoded_reads.sh with a reader that is not ours.
import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

const top = process.argv[2]

const isWhole = (least, most) => n =>
	Number.isInteger(n) && n >= least && n <= most
const isBig = (least, most) => n =>
	typeof n === 'bigint' && n >= least && n <= most
const isShare = n => n >= 0 && n < 1
const isListOf = (len, is) => list => list.length === len && list.every(is)

// What each column must hold; and, of 250 rows, at least so many different.
const columns = {
	u8: [isWhole(0, 255), 100],
	i8: [isListOf(9, isWhole(-128, 127)), 250],
	u16: [isWhole(0, 65535), 200],
	i16: [isListOf(2, isWhole(-32768, 32767)), 240],
	u32: [isWhole(0, 2 ** 32 - 1), 240],
	i32: [isWhole(-(2 ** 31), 2 ** 31 - 1), 240],
	u64: [isBig(0n, 2n ** 64n - 1n), 250],
	i64: [isBig(-(2n ** 63n), 2n ** 63n - 1n), 250],
	f16: [isShare, 150],
	f32: [isListOf(300, isShare), 250],
	f64: [isShare, 250],
	one: [isListOf(1, isShare), 240],
	s: [text => /^s_\d+$/.test(text), 240],
	b: [bytes => bytes.length === 7, 250],
	t: [is => typeof is === 'boolean', 2],
}

const text = value =>
	JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v))

async function rowsOf(dir) {
	const found = []
	const names = readdirSync(`${top}/${dir}/train`, { recursive: true })
	for (const name of names.filter(name => name.endsWith('.parquet'))) {
		const bytes = readFileSync(`${top}/${dir}/train/${name}`)
		const file = bytes.buffer.slice(bytes.byteOffset,
			bytes.byteOffset + bytes.length)
		const rows = await parquetReadObjects({ file, compressors, utf8: false })
		found.push({ name, rows, meta: parquetMetadata(file) })
	}
	assert.equal(found.length, 3)
	return found
}

const first = []
for (const method of ['none', 'snappy', 'gzip', 'zstd']) {
	const files = await rowsOf(`parquet-${method}`)
	for (const { rows, meta } of files) {
		assert.equal(rows.length, 250)
		assert.deepEqual(meta.row_groups.map(g => Number(g.num_rows)),
			[100, 100, 50])
		for (const [name, [is, least]] of Object.entries(columns)) {
			const values = rows.map(row => row[name])
			assert.ok(values.every(is), `${method} ${name}`)
			assert.ok(new Set(values.map(text)).size >= least,
				`${method} ${name}: values repeat`)
		}
	}
	// The compression changes no value.
	first.push(text(files[0].rows))
	assert.equal(first.at(-1), first[0], method)
}
for (const { rows } of await rowsOf('parquet-plain')) {
	assert.equal(rows.length, 3)
	assert.ok(rows.every(row => isListOf(2000, isWhole(0, 255))(row.data)))
}
// What files are partitioned by is in the names of their folders only.
for (const { name, rows } of await rowsOf('parquet-by')) {
	assert.match(name, /^by=([0-2])\/img_\1_of_3\.parquet$/)
	assert.equal(rows.length, 7)
	assert.ok(rows.every(row => isShare(row.f) && !('by' in row)))
}
console.log('hyparquet agrees')

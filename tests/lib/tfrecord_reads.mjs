// Read the TFRecord files of decoded_reads.sh with a reader that is not ours: it
// checks both sums of every record.
import { strict as assert } from 'node:assert'
import { readdirSync } from 'node:fs'
import { createReader } from 'tfrecord'

const folder = `${process.argv[2]}/tfrecord/train`
const names = readdirSync(folder).filter(name => name.endsWith('.tfrecord'))
const images = new Set()

assert.equal(names.length, 3)
for (const name of names) {
	const reader = await createReader(`${folder}/${name}`)
	let records = 0
	for (let example; (example = await reader.readExample()); records++) {
		const { image, size, ...others } = example.features.feature
		assert.deepEqual(others, {})
		assert.equal(image.bytesList.value.length, 1)
		assert.equal(image.bytesList.value[0].length, 40 * 50)
		images.add(Buffer.from(image.bytesList.value[0]).toString('hex'))
		assert.deepEqual(size.int64List.value.map(Number), [40 * 50])
	}
	assert.equal(records, 4)
}
assert.equal(images.size, 3 * 4)
console.log('tfrecord agrees')

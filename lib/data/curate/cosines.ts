// Cosines of many vectors with many others, block by block: all pairs of 40,000 would not fit into memory.
import { noGrad } from '../../autograd.js'
import { tensor } from '../../create.js'
import { ArgumentError } from '../../errors.js'
import { linear } from '../../ops/linear.js'

const rowsAtOnce = 256

/** For each vector from `first` on, in order: its cosine with every vector, itself included. Vectors are of one length. */
export async function* cosineRows(
  vectors: readonly Float32Array[],
  { first, signal }: { first: number; signal?: AbortSignal | undefined },
): AsyncGenerator<Float32Array, void> {
  if (first >= vectors.length) return
  const width = vectors[0]?.length ?? 0
  const units = new Float32Array(vectors.length * width)
  for (const [i, vector] of vectors.entries()) units.set(unit(vector, width), i * width)
  using all = tensor(units, { shape: [vectors.length, width] })
  for (let begin = first; begin < vectors.length; begin += rowsAtOnce) {
    signal?.throwIfAborted()
    const end = Math.min(begin + rowsAtOnce, vectors.length)
    using block = tensor(units.slice(begin * width, end * width), { shape: [end - begin, width] })
    using cosines = noGrad(() => linear(block, all))
    const values = (await cosines.toArray()) as Float32Array
    for (let row = 0; row < end - begin; row++) yield values.subarray(row * vectors.length, (row + 1) * vectors.length)
  }
}

/** Of length 1; a vector of zeros stays as it is, and is like nothing. */
function unit(vector: Float32Array, width: number): Float32Array {
  if (vector.length !== width)
    throw new ArgumentError(`[curate] expected embeddings of one length, got ${width} and ${vector.length}`)
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return length === 0 ? vector : vector.map((value) => value / length)
}

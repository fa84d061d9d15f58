// The order in which rows are seen: every epoch each row once, shuffled anew. Pure: the seed and a position say it all, so
// that a resumed run goes on with the row it would have seen.
import { ArgumentError } from '../errors.js'
import { RandomStream } from '../random.js'

export interface DataPosition {
  epoch: number
  /** Rows of this epoch already seen. */
  numSeen: number
}

export const dataStart: DataPosition = { epoch: 0, numSeen: 0 }

export interface OrderOptions {
  seed: number
  /** Of each row, at least 0: an epoch is as long as without them, and has rows in proportion to their weights. */
  weights?: readonly number[] | undefined
}

/** The next rows' indices, across the end of an epoch where need be, and the position after them. */
export function nextIndices(
  numRows: number,
  request: { count: number; position: DataPosition } & OrderOptions,
): { indices: number[]; position: DataPosition } {
  if (numRows < 1) throw new ArgumentError('[data order] expected at least one row')
  const indices: number[] = []
  let { epoch, numSeen } = request.position
  while (indices.length < request.count) {
    const rest = epochOrder(numRows, { ...request, epoch }).slice(numSeen)
    const taken = rest.slice(0, request.count - indices.length)
    indices.push(...taken)
    numSeen += taken.length
    if (numSeen < numRows) continue
    epoch += 1
    numSeen = 0
  }
  return { indices, position: { epoch, numSeen } }
}

export function epochOrder(numRows: number, { seed, weights, epoch }: OrderOptions & { epoch: number }): number[] {
  const stream = new RandomStream(seed, `data order, epoch ${epoch}`)
  const all = Array.from({ length: numRows }, (_, index) => index)
  if (!weights) return stream.shuffle(all)
  const start = new RandomStream(seed, `weighted rows, epoch ${epoch}`).uniform()
  return stream.shuffle(all.flatMap(repeats(weights, start)))
}

/**
 * Systematic sampling: n marks stand 1/n of all weight apart, and a row is seen once for each mark that falls within its own
 * weight. A row of w times the mean weight is seen ⌊w⌋ or ⌈w⌉ times an epoch, and w times on average.
 */
function repeats(weights: readonly number[], start: number): (index: number) => number[] {
  const sums = [0]
  for (const weight of weights) sums.push((sums.at(-1) as number) + requireWeight(weight))
  const total = sums.at(-1) as number
  if (total === 0) throw new ArgumentError('[data order] expected a weight above 0')
  // The ends are whole exactly, so that the marks add up to n whatever is rounded in between.
  const marksBefore = (place: number): number =>
    place === weights.length ? weights.length : Math.floor(((sums[place] as number) / total) * weights.length + start)
  return (index) => new Array<number>(marksBefore(index + 1) - marksBefore(index)).fill(index)
}

function requireWeight(weight: number): number {
  if (weight >= 0 && Number.isFinite(weight)) return weight
  throw new ArgumentError(`[data order] expected weights of at least 0, got ${weight}`)
}

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

/** The next rows' indices, across the end of an epoch where need be, and the position after them. */
export function nextIndices(
  numRows: number,
  request: { count: number; seed: number; position: DataPosition },
): { indices: number[]; position: DataPosition } {
  if (numRows < 1) throw new ArgumentError('[data order] expected at least one row')
  const indices: number[] = []
  let { epoch, numSeen } = request.position
  while (indices.length < request.count) {
    const rest = epochOrder(numRows, { seed: request.seed, epoch }).slice(numSeen)
    const taken = rest.slice(0, request.count - indices.length)
    indices.push(...taken)
    numSeen += taken.length
    if (numSeen < numRows) continue
    epoch += 1
    numSeen = 0
  }
  return { indices, position: { epoch, numSeen } }
}

export function epochOrder(numRows: number, of: { seed: number; epoch: number }): number[] {
  const stream = new RandomStream(of.seed, `data order, epoch ${of.epoch}`)
  return stream.shuffle(Array.from({ length: numRows }, (_, index) => index))
}

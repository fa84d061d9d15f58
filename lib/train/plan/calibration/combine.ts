// The times of a whole model from those of two slices of it: what a layer takes is their difference, and what is left of the first
// belongs to the vocabulary and grows with it.
import type { LinearTimes, PieceTimes } from './calibration.js'

export interface Whole {
  numLayers: number
  /** Of the whole vocabulary, as a multiple of the slices'. */
  vocabulary: number
  /** Trained weights of the whole, as a multiple of those of the first slice. */
  trained: number
}

/** Of slices of one and of two layers. */
export function combined(one: PieceTimes, two: PieceTimes, { numLayers, vocabulary, trained }: Whole): PieceTimes {
  const layers = (first: number, second: number) => {
    const layer = Math.max(0, second - first)
    return { layers: numLayers * layer, rest: Math.max(0, first - layer) }
  }
  const sum = (first: number, second: number, restFactor = 1) => {
    const parts = layers(first, second)
    return parts.layers + restFactor * parts.rest
  }
  const linear = (a: LinearTimes, b: LinearTimes): LinearTimes => ({
    perCall: sum(a.perCall, b.perCall),
    perToken: sum(a.perToken, b.perToken),
    perRow: vocabulary * Math.min(a.perRow, b.perRow),
    perSquare: sum(a.perSquare, b.perSquare, 0),
  })
  const decode = one.decode.flatMap(({ rows, seconds }) => {
    const other = two.decode.find((point) => point.rows === rows)
    return other ? [{ rows, seconds: sum(seconds, other.seconds, vocabulary) }] : []
  })
  return {
    decode,
    perCachedToken: sum(one.perCachedToken, two.perCachedToken, 0),
    perProgram: sum(one.perProgram, two.perProgram),
    prefill: linear(one.prefill, two.prefill),
    score: linear(one.score, two.score),
    train: linear(one.train, two.train),
    update: trained * one.update,
  }
}

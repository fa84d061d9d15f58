// The cost of a token, of a row and of a pair of tokens, from calls that have them in different proportions.
import type { ModelShape } from '../../model-shape.js'
import { headWeights, layerWeights } from '../flops.js'
import type { Pass } from '../pass.js'
import type { LinearTimes } from './calibration.js'
import type { Timing } from './stopwatch.js'

export interface Measured {
  pass: Pass
  timing: Timing
}

export interface MeasuredBatches {
  /** Sequences as they are common. */
  common: Measured
  /** As many tokens in long sequences. */
  long: Measured
  /** As `common`, but with one row a sequence. */
  fewRows: Measured
  /** One common sequence. */
  single: Measured
}

/**
 * A row's cost from the third batch, a pair's from the second, a call's from the fourth, each as a difference to the first. Where
 * a difference is within the noise, the cost is in proportion to its operations instead.
 */
export function solved(batches: MeasuredBatches, shape: ModelShape): LinearTimes {
  const { common, long, fewRows, single } = batches
  const reckoned = byOperations(common, shape)
  const rows = difference(common, fewRows, { of: 'rows' })
  const perRow = rows ?? reckoned.perRow
  const scale = long.pass.tokens / common.pass.tokens
  const perSquare =
    difference(without(long, perRow), without(common, perRow, scale), { of: 'squares' }) ?? reckoned.perSquare
  const rest = ({ pass, timing }: Measured) => timing.seconds - perRow * pass.rows - perSquare * pass.squares
  const tokens = common.pass.tokens - single.pass.tokens
  const perToken = Math.max(0, tokens > 0 ? (rest(common) - rest(single)) / tokens : rest(common) / common.pass.tokens)
  return { perCall: Math.max(0, rest(common) - perToken * common.pass.tokens), perToken, perRow, perSquare }
}

/** All of a call's time shared out by operations. */
function byOperations({ pass, timing }: Measured, shape: ModelShape): { perRow: number; perSquare: number } {
  const token = 2 * layerWeights(shape)
  const row = 2 * headWeights(shape)
  const square = 2 * shape.numLayers * shape.numHeads * shape.headSize
  const second = timing.seconds / (token * pass.tokens + row * pass.rows + square * pass.squares)
  return { perRow: row * second, perSquare: square * second }
}

/** Seconds for one more of these; undefined where the difference is less than twice its error. */
function difference(a: Measured, b: Measured, { of }: { of: 'rows' | 'squares' }): number | undefined {
  const count = a.pass[of] - b.pass[of]
  const seconds = a.timing.seconds - b.timing.seconds
  const error = Math.hypot(a.timing.error, b.timing.error)
  return count > 0 && seconds > 2 * error ? seconds / count : undefined
}

function without({ pass, timing }: Measured, perRow: number, scale = 1): Measured {
  const seconds = scale * (timing.seconds - perRow * pass.rows)
  return {
    pass: { ...pass, squares: scale * pass.squares },
    timing: { ...timing, seconds, error: scale * timing.error },
  }
}

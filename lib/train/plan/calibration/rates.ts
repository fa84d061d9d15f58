// A calibration as rates.
import { numDecodeRows } from '../../../rollout/decode-program.js'
import type { Pass } from '../pass.js'
import type { Rates } from '../rates.js'
import type { Calibration, LinearTimes, PieceTimes } from './calibration.js'

export function calibratedRates({ pieces, perPrompt, perGrading, perGradedAnswer }: Calibration): Rates {
  return {
    decodeStep: ({ batch, cachedTokens }) => decodeTime(pieces, batch) + pieces.perCachedToken * cachedTokens,
    program: () => pieces.perProgram,
    prompts: (count) => count * perPrompt,
    prefill: (pass) => linearTime(pieces.prefill, pass),
    score: (pass) => linearTime(pieces.score, pass),
    train: (pass) => linearTime(pieces.train, pass),
    update: () => pieces.update,
    reward: (numAnswers) => perGrading + numAnswers * perGradedAnswer,
  }
}

/** Between two sizes that were measured, in proportion; above the largest, as from the last to it. */
function decodeTime({ decode }: PieceTimes, batch: number): number {
  const rows = numDecodeRows(batch)
  const at = decode.findIndex((point) => point.rows >= rows)
  const index = at < 0 ? decode.length - 1 : at
  const above = decode[index] as PieceTimes['decode'][number]
  const below = decode[index - 1]
  if (!below) return above.seconds * (above.rows < rows ? rows / above.rows : 1)
  const slope = (above.seconds - below.seconds) / (above.rows - below.rows)
  return Math.max(0, below.seconds + slope * (rows - below.rows))
}

function linearTime(times: LinearTimes, { tokens, rows, squares, calls }: Pass): number {
  return times.perCall * calls + times.perToken * tokens + times.perRow * rows + times.perSquare * squares
}

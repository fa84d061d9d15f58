// What a calibration has measured: seconds of the pieces that a recipe's run is made of, on one machine.
import { z } from 'zod'

const seconds = z.number().min(0)

/** Seconds of a call of the model: perCall + perToken·tokens + perRow·rows + perSquare·squares, as a Pass has them. */
const linearTimes = z.strictObject({ perCall: seconds, perToken: seconds, perRow: seconds, perSquare: seconds })

const pieceTimes = z.strictObject({
  /** Decode steps by the rows of their program, with next to nothing in the cache; ascending. */
  decode: z.array(z.strictObject({ rows: z.int().min(1), seconds })).min(1),
  /** Of a decode step, for each token in the cache of its sequences. */
  perCachedToken: seconds,
  /** The first step of a new number of rows takes so much longer. */
  perProgram: seconds,
  prefill: linearTimes,
  score: linearTimes,
  train: linearTimes,
  /** One update of the weights. */
  update: seconds,
})

export const calibrationSchema = z.strictObject({
  pieces: pieceTimes,
  /** Rendering and tokenizing a prompt. */
  perPrompt: seconds,
  /** Grading: a call, and each answer of it. */
  perGrading: seconds,
  perGradedAnswer: seconds,
  /** ISO 8601. */
  measuredAt: z.string(),
  /** That it took. */
  seconds,
  /** Half of the repeats of a piece lie within so much of their median: the mean over the pieces, as a share. */
  spread: z.number().min(0),
  /** Processes that wanted a processor a minute before, for each processor; null where the system does not say. */
  load: z.number().min(0).nullable(),
  /** What was run: the whole model, or a part that the rest is reckoned from. */
  what: z.string(),
})

export type Calibration = z.output<typeof calibrationSchema>
export type PieceTimes = z.output<typeof pieceTimes>
export type LinearTimes = z.output<typeof linearTimes>

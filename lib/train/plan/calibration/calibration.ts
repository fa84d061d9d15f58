// What a calibration has measured: seconds of the pieces that a recipe's run is made of, on one machine.
import { z } from 'zod'

const seconds = z.number().min(0)

/** Seconds of a call of the model: perCall + perToken·tokens + perRow·rows + perSquare·squares, as a Pass has them. */
const linearTimes = z.strictObject({
  /** Whatever goes in. */
  perCall: seconds,
  /** Of a token that goes through the layers. */
  perToken: seconds,
  /** Of a token that goes on to the vocabulary. */
  perRow: seconds,
  /** Of a unit of the sum of the sequences' squared lengths, in tokens: attention. */
  perSquare: seconds,
})

const pieceTimes = z.strictObject({
  /** Decode steps by the rows of their program, with next to nothing in the cache; ascending. */
  decode: z
    .array(
      z.strictObject({
        /** Sequences that the program decodes together. */
        rows: z.int().min(1),
        /** Of one step. */
        seconds,
      }),
    )
    .min(1),
  /** Of a decode step, for each token in the cache of its sequences. */
  perCachedToken: seconds,
  /** The first step of a new number of rows takes so much longer. */
  perProgram: seconds,
  /** Forwards that fill the cache. */
  prefill: linearTimes,
  /** Forwards without gradients. */
  score: linearTimes,
  /** Forward and backward. */
  train: linearTimes,
  /** One update of the weights. */
  update: seconds,
})

export const calibrationSchema = z.strictObject({
  /** Seconds of the pieces of the model's work. */
  pieces: pieceTimes,
  /** Rendering and tokenizing a prompt. */
  perPrompt: seconds,
  /** A call of the grader, whatever it grades. */
  perGrading: seconds,
  /** Each answer of it. */
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

/** How fast a machine is at the work of a recipe's run, in seconds. */
export interface Calibration extends z.output<typeof calibrationSchema> {}
/** Seconds of the pieces of the model's work. */
export type PieceTimes = z.output<typeof pieceTimes>
/** Seconds of a call of the model, by what goes through it. */
export type LinearTimes = z.output<typeof linearTimes>

// What the pool and its worker processes say to each other.
import type { Grade, GradeOptions } from '../grade-math.js'

/** An answer and what it is compared with: any of several golds will do. */
export interface GradingPair {
  /** A completion; with isExtracted, the bare final answer. */
  answer: string
  /** Right answers. */
  gold: string | readonly string[]
}

/** To the worker, over the IPC channel. */
export interface GradingBatch {
  pairs: readonly GradingPair[]
  options: GradeOptions
  /** In milliseconds, for each pair: what a worker allows itself whose parent is gone. */
  deadlineMs: number
}

/**
 * From the worker, one JSON text a line on its stdout: `begun` when it takes up a batch, then a grade for each pair, in order.
 * Written synchronously, so that nothing is lost with a worker that hangs or crashes at the pair after.
 */
export type WorkerLine = 'ready' | 'begun' | Grade

/** Undefined for anything else, such as what a library prints. */
export function lineFrom(text: string): WorkerLine | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return value === 'ready' || value === 'begun' || isGrade(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isGrade = (value: unknown): value is Grade =>
  typeof value === 'object' && value !== null && 'verdict' in value && typeof value.verdict === 'string'

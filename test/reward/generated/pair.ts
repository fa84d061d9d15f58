import type { Draw } from './draw.js'

/** Two answers whose relation is known from how they were made, never from a grader. */
export interface Pair {
  answer: string
  gold: string
  isSame: boolean
}

/** Pairs of one kind of answer. The name completes "the grader is right about …". */
export interface Family {
  name: string
  /** Whether another verdict may be due when the gold and the answer change places. */
  hasDirection?: boolean
  pairs(draw: Draw): Pair[]
}

export const same = (answer: string, gold: string): Pair => ({ answer, gold, isSame: true })

export const differs = (answer: string, gold: string): Pair => ({ answer, gold, isSame: false })

/** The same two answers, either of them as the gold one. */
export const eitherWay = (draw: Draw, pair: Pair): Pair =>
  draw.isHeads() ? pair : { answer: pair.gold, gold: pair.answer, isSame: pair.isSame }

export const repeat = (count: number, make: (index: number) => Pair[]): Pair[] =>
  Array.from({ length: count }, (_, index) => make(index)).flat()

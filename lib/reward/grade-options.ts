// What graders are told, checked at the border of each of them.
import { checkOptions, type OptionKeys, requireEach } from '../arguments.js'
import { type GradeOptions, gradeModes } from './grade-math.js'

/** Of every grader. */
export const gradeOptionKeys: OptionKeys<GradeOptions> = {
  mode: true,
  isExtracted: true,
  needsThinkingClosed: true,
  needsBox: true,
  maxLetters: true,
  maxOperations: true,
  seed: true,
  numDecimals: true,
}

/** Throws for a key that is not known, a mode of another name, and a limit that is no number. */
export function checkGradeOptions<Options extends GradeOptions>(
  place: string,
  options: Options,
  known: OptionKeys<Options>,
): void {
  checkOptions(place, options, known)
  const { mode = 'exact', maxLetters = 0, maxOperations = 0, seed = 0, numDecimals = 0 } = options
  requireEach(place, gradeModes.join(' or '), { mode }, (value) => (gradeModes as readonly unknown[]).includes(value))
  requireEach(place, 'a number', { maxLetters, maxOperations, seed, numDecimals }, (value) => typeof value === 'number')
}

/** A gold answer, or several. */
export const isGold = (gold: unknown): boolean =>
  typeof gold === 'string' || (Array.isArray(gold) && gold.every((one) => typeof one === 'string'))

// The generators of problems that a recipe can name, each with the tokenizer that its problems are written for.
import type { WordLevelOptions } from '../../tokenizer/word-level.js'
import { type DigitRecurrenceOptions, digitRecurrenceTokenizer } from './digit-recurrence.js'
import { digitRecurrenceSource, type SyntheticSource } from './digit-recurrence-source.js'
import { modularSumTokenizer } from './modular-sum.js'
import { modularSumSource } from './modular-sum-source.js'

interface Generator {
  source(options: DigitRecurrenceOptions, about: { seed: number }): SyntheticSource
  tokenizer(): WordLevelOptions
}

const generators = {
  'digit-recurrence': { source: digitRecurrenceSource, tokenizer: digitRecurrenceTokenizer },
  'modular-sum': { source: modularSumSource, tokenizer: modularSumTokenizer },
} as const satisfies Record<string, Generator>

export type GeneratorName = keyof typeof generators
export const generatorNames = Object.keys(generators) as GeneratorName[]

export const syntheticSource = (
  options: DigitRecurrenceOptions & { generator: GeneratorName },
  about: { seed: number },
): SyntheticSource => generators[options.generator].source(options, about)

export const syntheticTokenizer = (generator: GeneratorName): WordLevelOptions => generators[generator].tokenizer()

// The smallest task that a model can learn something from: sums of digits from 0 to 3, modulo 4. A problem "2+3+1" has two steps.
//
//   problem    "2+3+1"
//   solution   "1 wait12</think>\boxed{2}"
//
// The box of an answer is one token, so a model of random weights is right every now and then, and reinforcement learning has
// something to begin with before anything was taught. Worked solutions slip and are mended as those of the digit recurrence.
import { ArgumentError } from '../../errors.js'
import type { RandomStream } from '../../random.js'
import type { WordLevelOptions } from '../../tokenizer/word-level.js'
import { largestSteps } from './digit-recurrence.js'

export interface ModularSumOptions {
  /** Fewest and most additions of a problem. */
  minSteps: number
  maxSteps: number
  /** Chance that a partial sum comes out one too high or too low. */
  slip: number
  /** Chance that a slip is noticed: " wait" and the same sum again. */
  mend: number
  /** Chance that a right one is rechecked all the same. */
  recheck: number
}

/** The digits that are added, at least two. */
export type ModularSum = readonly number[]

const modulus = 4

/** A quarter of the problems, whatever their length, in held-out problems only: those that end with the digit they begin with. */
export const isHeldOutSum = (digits: ModularSum): boolean => digits[0] === digits.at(-1)

/** A problem drawn at random from the training or from the held-out ones. */
export function drawSum(
  random: RandomStream,
  { minSteps, maxSteps, heldOut }: { minSteps: number; maxSteps: number; heldOut: boolean },
): ModularSum {
  if (!(minSteps >= 1 && maxSteps >= minSteps && maxSteps <= largestSteps)) {
    const got = `${minSteps} and ${maxSteps}`
    throw new ArgumentError(`[modular-sum] expected 1 <= minSteps <= maxSteps <= ${largestSteps}, got ${got}`)
  }
  for (;;) {
    const numSteps = minSteps + random.below(maxSteps - minSteps + 1)
    const digits = Array.from({ length: numSteps + 1 }, () => random.below(modulus))
    if (isHeldOutSum(digits) === heldOut) return digits
  }
}

/** A token a digit. */
export const sumText = (digits: ModularSum): string => digits.join('+')

export const sumAnswer = (digits: ModularSum): string => String(modulo(digits.reduce((sum, digit) => sum + digit, 0)))

/** A worked solution with its slips and rechecks, from after `<think>` to the box: the partial sums. */
export function workedSum(digits: ModularSum, random: RandomStream, options: ModularSumOptions): string {
  let sum = digits[0] as number
  let text = ''
  for (const digit of digits.slice(1)) {
    const right = modulo(sum + digit)
    for (;;) {
      const result = random.uniform() < options.slip ? modulo(right + (random.below(2) === 0 ? 1 : -1)) : right
      text += result
      sum = result
      if (random.uniform() >= (result === right ? options.recheck : options.mend)) break
      text += ' wait'
    }
  }
  return `${text}</think>\\boxed{${sum}}`
}

/** 16 tokens: digits, digits to add, a box for each answer. */
export function modularSumTokenizer(): WordLevelOptions {
  const digits = Array.from({ length: modulus }, (_, i) => String(i))
  return {
    tokens: [
      ...digits,
      ...digits.map((d) => `+${d}`),
      ' wait',
      '<think>',
      ...digits.map((d) => `</think>\\boxed{${d}}`),
    ],
    eosToken: '<|end|>',
    padToken: '<|pad|>',
    chatTemplate:
      '{% for message in messages %}{{ message.content }}{% if message.role == "assistant" %}<|end|>{% endif %}{% endfor %}' +
      '{% if add_generation_prompt %}<think>{% endif %}',
  }
}

const modulo = (n: number): number => ((n % modulus) + modulus) % modulus

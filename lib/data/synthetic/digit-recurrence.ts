// The quickstart's task. A problem "12: 3+4" asks: starting from the digits 3 and 4, replace (x, y) by
// (y, (x ± y) mod 10) twelve times; which two digits are left? Every step must be worked out from the one before, so a
// problem of n steps needs about 4n tokens of thinking, and a blind guess is right once in a hundred.
//
//   problem    " 3:3+4"
//   solution   " 3:3+4=7 2:4+7=1 wait 2:4+7=1 1:7+1=8</think>\boxed{18}"
//
// Worked solutions are verbose and sloppy on purpose: steps slip by one, and a " wait" recheck may follow a slip or a
// right step. That leaves a model trained on them much to gain from reinforcement learning.
import { ArgumentError } from '../../errors.js'
import type { RandomStream } from '../../random.js'
import type { WordLevelOptions } from '../../tokenizer/word-level.js'

export interface DigitRecurrenceOptions {
  /** Fewest and most steps of a problem. */
  minSteps: number
  maxSteps: number
  /** Chance that a worked step comes out one too high or too low. */
  slip: number
  /** Chance that a slip is noticed: " wait" and the same step again. */
  mend: number
  /** Chance that a right step is rechecked all the same. */
  recheck: number
}

export interface DigitProblem {
  steps: number
  x: number
  y: number
  sign: 1 | -1
}

/** The tokenizer has a token for each count of steps. */
export const largestSteps = 40

/** About a tenth of the pairs of starting digits, in held-out problems only: the two sets share no problem. */
export const isHeldOut = ({ x, y }: DigitProblem): boolean => modulo10(y - x) === 3

/** A problem drawn at random from the training or from the held-out ones. */
export function drawProblem(
  random: RandomStream,
  range: { minSteps: number; maxSteps: number; heldOut: boolean },
): DigitProblem {
  checkRange(range)
  for (;;) {
    const problem: DigitProblem = {
      steps: range.minSteps + random.below(range.maxSteps - range.minSteps + 1),
      x: random.below(10),
      y: random.below(10),
      sign: random.below(2) === 0 ? 1 : -1,
    }
    const isTrivial = problem.x === 0 && problem.y === 0 // stays 0 for ever
    if (!isTrivial && isHeldOut(problem) === range.heldOut) return problem
  }
}

/** Every held-out problem, shortest first. */
export function heldOutProblems(range: { minSteps: number; maxSteps: number }): DigitProblem[] {
  checkRange(range)
  const problems: DigitProblem[] = []
  for (let steps = range.minSteps; steps <= range.maxSteps; steps++)
    for (let x = 0; x < 10; x++)
      for (const sign of [1, -1] as const) problems.push({ steps, x, y: modulo10(x + 3), sign })
  return problems
}

export const problemText = ({ steps, x, y, sign }: DigitProblem): string => ` ${steps}:${x}${signText(sign)}${y}`

/** The last two digits. */
export function answerText({ steps, x, y, sign }: DigitProblem): string {
  for (let i = 0; i < steps; i++) [x, y] = [y, modulo10(x + sign * y)]
  return `${x}${y}`
}

/** A worked solution with its slips and rechecks, from after `<think>` to the closing brace. */
export function solutionText(problem: DigitProblem, random: RandomStream, options: DigitRecurrenceOptions): string {
  let { x, y } = problem
  let text = ''
  for (let left = problem.steps; left > 0; left--) {
    const right = modulo10(x + problem.sign * y)
    for (;;) {
      const result = random.uniform() < options.slip ? modulo10(right + (random.below(2) === 0 ? 1 : -1)) : right
      text += ` ${left}:${x}${signText(problem.sign)}${y}=${result}`
      const goesOn = random.uniform() >= (result === right ? options.recheck : options.mend)
      if (goesOn) {
        ;[x, y] = [y, result]
        break
      }
      text += ' wait'
    }
  }
  return `${text}</think>\\boxed{${x}${y}}`
}

/** One token for each count, digit, operand and result, so that a step is four tokens. */
export function digitRecurrenceTokenizer(): WordLevelOptions {
  const digits = Array.from({ length: 10 }, (_, i) => String(i))
  const counts = Array.from({ length: largestSteps }, (_, i) => ` ${i + 1}:`)
  const prefixed = (prefix: string) => digits.map((d) => prefix + d)
  return {
    tokens: [
      ...digits,
      ...prefixed('+'),
      ...prefixed('-'),
      ...prefixed('='),
      ...counts,
      ' wait',
      '<think>',
      '</think>',
      '\\boxed{',
      '}',
    ],
    eosToken: '<|end|>',
    padToken: '<|pad|>',
    chatTemplate:
      '{% for message in messages %}{{ message.content }}{% if message.role == "assistant" %}<|end|>{% endif %}{% endfor %}' +
      '{% if add_generation_prompt %}<think>{% endif %}',
  }
}

const signText = (sign: 1 | -1): string => (sign === 1 ? '+' : '-')

const modulo10 = (n: number): number => ((n % 10) + 10) % 10

function checkRange({ minSteps, maxSteps }: { minSteps: number; maxSteps: number }): void {
  if (minSteps >= 1 && maxSteps >= minSteps && maxSteps <= largestSteps) return
  throw new ArgumentError(
    `[digit-recurrence] expected 1 <= minSteps <= maxSteps <= ${largestSteps}, got ${minSteps} and ${maxSteps}`,
  )
}

// Whether an answer has the form that was asked for, right or wrong: thinking that is closed once, and one box after it.

import { checkOptions, type OptionKeys } from '../arguments.js'
import { findBoxes } from './extract/boxes.js'
import type { Reward } from './reward.js'

/** What form is asked for. */
export interface FormatOptions {
  /** Must the thinking have been closed with `</think>`? True unless said otherwise; where it was, it must be well formed all the same. */
  needsThinkingClosed?: boolean
}

/**
 * A reward: 1 for a well-formed answer, right or wrong, else 0. Well-formed: thinking that is closed once with `</think>`, and
 * one `\boxed{}` that is not empty after it. The opening tag is not asked for: a chat template may have put it into the prompt.
 *
 * @throws {@link ArgumentError} for an option of another name
 *
 * @example
 * ```ts
 * import { formatReward, mathReward, weightedReward } from 'lengthen'
 *
 * const reward = weightedReward([
 *   { reward: mathReward(), weight: 1 },
 *   { reward: formatReward(), weight: 0.1 },
 * ])
 * ```
 */
export function formatReward(options: FormatOptions = {}): Reward {
  checkOptions('format reward', options, optionKeys)
  return function format({ text }) {
    return Number(isWellFormed(text, options))
  }
}

export function isWellFormed(text: string, { needsThinkingClosed = true }: FormatOptions = {}): boolean {
  const pieces = text.split(closing)
  if (pieces.length > 2 || (pieces.length === 1 && needsThinkingClosed)) return false
  const [said = '', thought = ''] = pieces.toReversed()
  return !said.includes(opening) && opensOnlyAtStart(thought) && hasOneBox(said)
}

const opening = '<think>'
const closing = '</think>'

const opensOnlyAtStart = (thought: string): boolean => thought.trimStart().lastIndexOf(opening) <= 0

/** One that was opened and never closed is one too many. */
function hasOneBox(text: string): boolean {
  const [box] = findBoxes(text)
  return box !== undefined && box.content.trim() !== '' && text.match(boxOpening)?.length === 1
}

const boxOpening = /\\(?:boxed|fbox)\s{0,8}\{/g

const optionKeys: OptionKeys<FormatOptions> = { needsThinkingClosed: true }

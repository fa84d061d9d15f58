// What is done about findings, and how it is said.
import type { Finding } from './findings.js'
import type { Change, GuardOptions } from './options.js'
import type { GuardState } from './state.js'
import { inWords } from './words.js'

/** What is to be done after a step. */
export interface Decision {
  /** `warn`: tell `text` and go on. `rollback`: go back to a checkpoint at or before the state's lastGoodStep. `stop`: end the run. */
  action: 'none' | 'warn' | 'rollback' | 'stop'
  /** For people; undefined where there is nothing new to say. */
  text: string | undefined
}

export function decide(
  state: Pick<GuardState, 'lastGoodStep' | 'numRollbacks' | 'window'>,
  { findings, news }: { findings: readonly Finding[]; news: readonly Finding[] },
  options: GuardOptions,
): Decision {
  const bad = findings.filter(({ severity }) => severity === 'bad')
  if (options.action === 'none') return { action: 'none', text: undefined }
  if (bad.length === 0 || options.action === 'warn') return warning(news)
  const why = whyStop(state, options)
  const seen = `guard: ${textOf(bad)}`
  if (why !== undefined) return { action: 'stop', text: `${seen}. The run stops: ${why}` }
  return { action: 'rollback', text: `${seen}. ${rollbackText(state, options)}` }
}

/** Of all rollbacks so far together. */
export function changeAfter(numRollbacks: number, { change }: GuardOptions): Change {
  const { learningRateFactor, klWeightFactor } = change
  return {
    learningRateFactor: learningRateFactor ** numRollbacks,
    klWeightFactor: klWeightFactor ** numRollbacks,
  }
}

function warning(news: readonly Finding[]): Decision {
  if (news.length === 0) return { action: 'none', text: undefined }
  const isBad = news.some(({ severity }) => severity === 'bad')
  const rest = isBad ? '. The run goes on, as guard.action says' : ''
  return { action: 'warn', text: `guard: warning: ${textOf(news)}${rest}` }
}

function whyStop(
  { lastGoodStep, numRollbacks }: Pick<GuardState, 'lastGoodStep' | 'numRollbacks'>,
  options: GuardOptions,
) {
  if (options.action === 'stop') return 'guard.action says so'
  if (lastGoodStep < 1) return 'there was no good step before it to go back to'
  const { maxRollbacks } = options
  return numRollbacks >= maxRollbacks
    ? `it went back ${numRollbacks} times, and guard.maxRollbacks is ${maxRollbacks}`
    : undefined
}

function rollbackText(
  { lastGoodStep, numRollbacks, window }: Pick<GuardState, 'lastGoodStep' | 'numRollbacks' | 'window'>,
  options: GuardOptions,
) {
  const { learningRateFactor, klWeightFactor } = changeAfter(numRollbacks + 1, options)
  const rate = `the learning rate times ${inWords(learningRateFactor)}`
  const source = 'of what the recipe says'
  // A factor changes nothing of 0, and a KL term that the recipe does not have is not begun by a rollback.
  const changes =
    window.at(-1)?.klWeight === 0
      ? `${rate} ${source}; the KL weight is 0 and stays so`
      : `${rate} and the KL weight times ${inWords(klWeightFactor)} ${source}`
  const count = `rollback ${numRollbacks + 1} of ${options.maxRollbacks}`
  return `Going back to the last checkpoint at or before step ${lastGoodStep}, with ${changes} (${count})`
}

const textOf = (findings: readonly Finding[]): string => findings.map(({ text }) => text).join('; ')

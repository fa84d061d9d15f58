// All rewards of every group equal, step after step: all 0 (a parser that returned nothing, a reward that always fails, problems
// out of reach), all 1, or all anything. Nothing is learned then.
import { running } from '../compare.js'
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { mean, sum } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { inWords, percent, stepsInWords } from '../words.js'

type Limits = Thresholds['equalRewards']
type Kind = 'all0' | 'all1' | 'equal'
type Steps = readonly GuardMetrics[]

export function equalRewards(window: Steps, { equalRewards: limits }: Thresholds): Sign | undefined {
  const kind = kindOf(window.at(-1) as GuardMetrics)
  const equal = kind === undefined ? [] : running(window, (metrics) => kindOf(metrics) === kind)
  if (kind === undefined || equal.length < limits.warnSteps) return undefined
  const before = window.slice(0, window.length - equal.length)
  const { text, isTelling } = signs[kind](equal, before, limits)
  return { since: (equal[0] as GuardMetrics).step, isGrave: isTelling && equal.length >= limits.badSteps, text }
}

/**
 * Answers cut at the limit are not asked about: that all finished ones are right is all 1, while they are the greater part. Groups of
 * one answer have nothing to be equal to: the mean tells then, where it is exactly 0.
 */
function kindOf({ uniformShare, passRate, reward, truncatedShare }: GuardMetrics): Kind | undefined {
  if (passRate > 0 && truncatedShare <= 0.5 && passRate + truncatedShare > 1 - roundingError) return 'all1'
  const isUniform = uniformShare === 1
  if (passRate === 0 && (reward === 0 || (isUniform && reward < 0))) return 'all0'
  return isUniform ? 'equal' : undefined
}

const roundingError = 1e-9

type Said = { text: string; isTelling: boolean }
const signs: Record<Kind, (equal: Steps, before: Steps, limits: Limits) => Said> = {
  all0: (equal, before, limits) => ({
    text: `none of the ${numAnswers(equal)} answers of ${stepsInWords(equal)} has a reward above 0${earlierInWords(before)}${unreadInWords(equal)}`,
    isTelling: isMissed(equal, before, limits),
  }),
  all1: (equal, before, { solvedFrom }) => ({
    text: `all of the ${Math.round(numFinished(equal))} answers that came to an end in ${stepsInWords(equal)} have the full reward`,
    isTelling: !isSolved(equal, before, solvedFrom),
  }),
  equal: (equal) => ({
    text: `all rewards are equal in every group of ${stepsInWords(equal)}, ${inWords(rewardOf(equal))} on average: nothing is learned`,
    isTelling: true,
  }),
}

/** Who came near before has solved it; who did not is paid for something else. Of what the window has lost it was judged before. */
function isSolved(equal: Steps, before: Steps, solvedFrom: number): boolean {
  if (before.length === 0) return equal[0]?.step !== 1
  const last = before.slice(-3)
  return numRight(last) >= solvedFrom * numFinished(last)
}

/** Would so many answers have shown a right one, at the rate of the steps before? */
function isMissed(equal: Steps, before: Steps, { fewestAnswers, fewestExpected }: Limits): boolean {
  const rate = before.length === 0 ? 0 : mean(before.map(({ passRate }) => passRate))
  return rate > 0 ? rate * numAnswers(equal) >= fewestExpected : numAnswers(equal) >= fewestAnswers
}

const numAnswers = (steps: Steps): number => sum(steps.map(({ numSamples }) => numSamples))
const numRight = (steps: Steps): number => sum(steps.map(({ numSamples, passRate }) => numSamples * passRate))
const numFinished = (steps: Steps): number =>
  sum(steps.map(({ numSamples, truncatedShare }) => numSamples * (1 - truncatedShare)))
const rewardOf = (steps: Steps): number => mean(steps.map(({ reward }) => reward))

const earlierInWords = (before: Steps): string =>
  before.length === 0 ? '' : `, ${inWords(rewardOf(before))} on average in ${stepsInWords(before)}`

function unreadInWords(steps: Steps): string {
  const share = mean(steps.map(({ unparsedShare }) => unparsedShare))
  return share === 0 ? '' : `; the reward could not read ${percent(share)} of the finished ones`
}

// What a stage is watched for, in a few words, as a plan shows it.
import { type Back, backsAtMost } from './back.js'
import type { AboveForSteps, Conditions, Plateau } from './conditions.js'
import { type OnPlateau, resetsAtMost } from './on-plateau.js'
import type { Until } from './until.js'

/** What ends the stage, sends it back and begins something anew in it; "no end" where nothing does. */
export function describeStage(stage: {
  until?: Until | null | undefined
  back?: Back | null | undefined
  onPlateau?: OnPlateau | null | undefined
}): string {
  const { until, back, onPlateau } = stage
  return [untilText(until ?? {}), back && backText(back), onPlateau && onPlateauText(onPlateau)]
    .filter((text) => typeof text === 'string')
    .join('; ')
}

function untilText({ steps, minSteps, all, ...conditions }: Until): string {
  const ends = [...(steps === undefined ? [] : [stepsText(steps)]), ...conditionTexts(conditions, all)]
  const wait = minSteps === undefined ? '' : `, from ${stepsText(minSteps)} on`
  return `${ends.join(', or ') || 'no end'}${wait}`
}

function backText({ all, minSteps, cooldownSteps, ...back }: Back): string {
  const times = backsAtMost(back) === 1 ? 'once' : `${backsAtMost(back)} times`
  const wait = minSteps === undefined ? '' : `, from ${stepsText(minSteps)} on`
  const rest = cooldownSteps ? `, for at least ${stepsText(cooldownSteps)}` : ''
  return `back at most ${times}${rest}: ${conditionTexts(back, all).join(', or ')}${wait}`
}

function onPlateauText({ reset, ...plateau }: OnPlateau): string {
  const times = resetsAtMost(plateau) === 1 ? 'once' : `${resetsAtMost(plateau)} times`
  return `${reset.join(' and ')} anew at most ${times}: ${plateauText(plateau)}`
}

function conditionTexts(conditions: Conditions, all?: Conditions | undefined): string[] {
  const { truncatedShare, answerLength, rewardPlateau, rewardDrop } = conditions
  return [
    truncatedShare && `more than ${percent(truncatedShare.above)} truncated for ${stepsText(truncatedShare.forSteps)}`,
    answerLength && lengthText(answerLength),
    rewardPlateau && plateauText(rewardPlateau),
    rewardDrop && `reward more than ${rewardDrop.by} below its best over ${stepsText(rewardDrop.overSteps)}`,
    all && conditionTexts(all).join(' and '),
  ].filter((text) => text !== undefined)
}

const lengthText = ({ above, forSteps }: AboveForSteps): string =>
  `answers above ${above < 1 ? `${percent(above)} of the limit` : `${above} tokens`} for ${stepsText(forSteps)}`

function plateauText({ overSteps, slopeBelow, standardErrors = 0 }: Plateau): string {
  const certain = standardErrors > 0 ? ` (with ${standardErrors} standard errors added)` : ''
  return `reward up by less than ${slopeBelow}${certain} a step over ${stepsText(overSteps)}`
}

const percent = (share: number): string => `${Number((100 * share).toFixed(2))}%`

const stepsText = (count: number): string => (count === 1 ? '1 step' : `${count} steps`)

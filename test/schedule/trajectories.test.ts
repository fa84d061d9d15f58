// The controller's decisions, as a table: what a run does, under which conditions, and what is decided within which steps.
import { describe, expect, test } from 'vitest'
import type { Stage } from '../../lib/schedule/context-schedule.js'
import { type Move, ramp, steer, type World } from './worlds.js'

/** As DeepScaleR's stages, but for what ends them: answers are cut more often, and the reward has stopped rising. */
const whenStalledAndCut = {
  all: {
    truncatedShare: { above: 0.055, forSteps: 10 },
    rewardPlateau: { overSteps: 200, slopeBelow: 1e-4, standardErrors: 2 },
  },
}
const whenWorse = { rewardDrop: { by: 0.15, overSteps: 20 }, minSteps: 30, cooldownSteps: 200 }
const published: Stage[] = [
  { maxResponseTokens: 8192, until: whenStalledAndCut },
  {
    maxResponseTokens: 16384,
    reset: ['optimizer', 'dataOrder', 'reference'],
    until: whenStalledAndCut,
    back: whenWorse,
  },
  { maxResponseTokens: 24576, reset: ['optimizer', 'dataOrder', 'reference'], back: whenWorse },
]

/**
 * The published run: at 8K the mean answer falls from 5,500 to 3,500 tokens while accuracy rises; then accuracy is flat, length
 * rises again and truncated answers go from 4.2% to 6.5% at step 1040. The same again, sooner, at 16K.
 */
const deepscaler: World = ({ stage, stageStep }) => {
  const turn = [960, 400, 10_000][stage] as number
  const begin = [
    { reward: 0.46, rise: 0.16, meanTokens: 5500, truncatedShare: 0.2 },
    { reward: 0.62, rise: 0.06, meanTokens: 4000, truncatedShare: 0.06 },
    { reward: 0.68, rise: 0.1, meanTokens: 5000, truncatedShare: 0.03 },
  ][stage] as { reward: number; rise: number; meanTokens: number; truncatedShare: number }
  return {
    reward: ramp(stageStep, [0, begin.reward], [0.9 * turn, begin.reward + begin.rise]),
    meanTokens: ramp(stageStep, [0, begin.meanTokens], [turn, 3500]) + Math.max(0, stageStep - turn) * 5,
    truncatedShare:
      0.042 +
      (begin.truncatedShare - 0.042) * Math.exp(-stageStep / (turn / 5)) +
      Math.max(0, stageStep - turn) * 2.9e-4,
  }
}

/** Rises for ever, ever slower; answers stay short. */
const healthy: World = ({ step }) => ({
  reward: 0.2 + 0.7 * (1 - Math.exp(-step / 800)),
  truncatedShare: 0.03,
  meanTokens: 3000,
})

/** Flat from the first step. */
const flat: World = () => ({ reward: 0.5, truncatedShare: 0.04, meanTokens: 3000 })

/** From a step of a stage on, answers get longer and longer, are cut, and the reward falls. */
const explodesAt =
  (at: number, inStage: number, base: World): World =>
  (moment) => {
    const { stage, stageStep, numVisits } = moment
    const before = base(moment)
    if (stage !== inStage || numVisits > 0) return before
    return {
      reward: ramp(stageStep, [at, before.reward], [at + 200, 0.2]),
      meanTokens: ramp(stageStep, [at, before.meanTokens], [at + 200, 7500]),
      truncatedShare: ramp(stageStep, [at, before.truncatedShare], [at + 200, 0.7]),
    }
  }

/** The reward goes to nothing within 30 steps and stays there, every answer running into the limit. */
const collapsesAt =
  (at: number, inStage: number, base: World): World =>
  (moment) => {
    const { stage, stageStep } = moment
    const before = base(moment)
    if (stage !== inStage || moment.numVisits > 0) return before
    return {
      reward: ramp(stageStep, [at, before.reward], [at + 30, 0.02]),
      meanTokens: ramp(stageStep, [at, before.meanTokens], [at + 30, 8000]),
      truncatedShare: ramp(stageStep, [at, before.truncatedShare], [at + 30, 0.95]),
    }
  }

/** One step in which all goes wrong. */
const spikeAt =
  (at: number, base: World): World =>
  (moment) =>
    moment.step === at ? { reward: 0, truncatedShare: 1, meanTokens: 8192 } : base(moment)

const stalls: World = ({ step }) => ({
  reward: ramp(step, [0, 0.3], [500, 0.6]),
  truncatedShare: 0.02,
  meanTokens: 3000,
})

const toLonger: Stage[] = [{ maxResponseTokens: 8192, until: { steps: 100 } }, ...published.slice(1)]
const byPlateau: Stage[] = [
  { maxResponseTokens: 8192, until: { rewardPlateau: whenStalledAndCut.all.rewardPlateau } },
  { maxResponseTokens: 16384 },
]
const proRl: Stage[] = [
  {
    maxResponseTokens: 8192,
    onPlateau: { ...whenStalledAndCut.all.rewardPlateau, reset: ['reference', 'optimizer'], atMost: 2 },
    until: { rewardPlateau: whenStalledAndCut.all.rewardPlateau },
  },
  { maxResponseTokens: 16384 },
]

interface Decided {
  to: Move['to']
  from: number
  until: number
  why: RegExp
}
const decided = (to: Move['to'], from: number, until: number, why: RegExp): Decided => ({ to, from, until, why })

const stalledAndCut =
  /more than 5\.5% of answers truncated in each of 10 steps, .* and the reward (rose|fell) by .* over 200/
const dropped = /a mean reward of .* over 20 steps, .* below the best of .*, more than 0\.15/

const table: [run: string, stages: Stage[], world: World, numSteps: number, decisions: Decided[]][] = [
  [
    'the published run',
    published,
    deepscaler,
    1750,
    [decided(2, 1010, 1110, stalledAndCut), decided(3, 1470, 1620, stalledAndCut)],
  ],
  [
    'the published run, where truncated answers alone would end a stage',
    [
      { maxResponseTokens: 8192, until: { truncatedShare: { above: 0.055, forSteps: 10 } } },
      { maxResponseTokens: 16384 },
    ],
    deepscaler,
    100,
    [decided(2, 10, 10, /more than 5\.5% of answers truncated in each of 10 steps/)],
  ],
  ['an explosion of length in the first stage', published, explodesAt(300, 0, healthy), 1500, []],
  ['an explosion of length after a stall', published, explodesAt(700, 0, stalls), 1500, []],
  [
    'an explosion of length after lengthening',
    toLonger,
    explodesAt(150, 1, healthy),
    1500,
    [decided(2, 100, 100, /100 steps done/), decided(1, 400, 460, dropped), decided(2, 600, 660, /100 steps done/)],
  ],
  ['a collapse in the first stage', published, collapsesAt(400, 0, healthy), 1200, []],
  ['a collapse after a stall', published, collapsesAt(800, 0, stalls), 2000, []],
  [
    'a collapse after lengthening',
    toLonger,
    collapsesAt(60, 1, healthy),
    1500,
    [decided(2, 100, 100, /100 steps done/), decided(1, 165, 190, dropped), decided(2, 365, 390, /100 steps done/)],
  ],
  ['a plateau', byPlateau, stalls, 1500, [decided(2, 520, 720, /the reward (rose|fell) by .* a step over 200 steps/)]],
  ['a plateau where answers are not cut', published, stalls, 1500, []],
  [
    'a plateau where something begins anew',
    proRl,
    stalls,
    2000,
    [
      decided('reset', 520, 720, /reference and optimizer begun anew, time 1 of at most 2: the reward/),
      decided('reset', 670, 960, /time 2 of at most 2/),
      decided(2, 820, 1200, /is over: the reward/),
    ],
  ],
  ['nothing but noise', published, flat, 2000, []],
  ['a healthy rise', published, healthy, 2000, []],
  ['a healthy rise, where a plateau would end the stage', byPlateau, healthy, 1100, []],
  ['a spike of one step', published, spikeAt(700, healthy), 1200, []],
  ['a spike of one step, where a plateau would end the stage', byPlateau, spikeAt(500, healthy), 1100, []],
]

const seeds = Array.from({ length: 4 }, (_, i) => i + 1)

describe.each(table)('in %s', (_, stages, world, numSteps, decisions) => {
  test.each(seeds)('the controller decides what the table says, with noise of seed %i', (seed) => {
    const moves = steer(stages, world, { seed, numSteps })
    const text = moves.map(({ step, to, why }) => `after step ${step} to ${to}: ${why}`).join('\n')
    expect(
      moves.map(({ to }) => to),
      text,
    ).toEqual(decisions.map(({ to }) => to))
    for (const [i, { step, why }] of moves.entries()) {
      const { from, until, why: words } = decisions[i] as Decided
      expect(step, text).toBeGreaterThanOrEqual(from)
      expect(step, text).toBeLessThanOrEqual(until)
      expect(why).toMatch(words)
    }
  })
})

import { expect, test } from 'vitest'
import { describeStage } from '../../lib/schedule/describe.js'

const truncatedShare = { above: 0.125, forSteps: 1 }
const rewardPlateau = { overSteps: 50, slopeBelow: 0.001 }

test.each<[Parameters<typeof describeStage>[0], string]>([
  [{}, 'no end'],
  [{ until: null }, 'no end'],
  [{ until: { steps: 1 } }, '1 step'],
  [{ until: { steps: 9, truncatedShare } }, '9 steps, or more than 12.5% truncated for 1 step'],
  [{ until: { answerLength: { above: 0.8, forSteps: 3 } } }, 'answers above 80% of the limit for 3 steps'],
  [{ until: { answerLength: { above: 15, forSteps: 3 } } }, 'answers above 15 tokens for 3 steps'],
  [
    { until: { minSteps: 20, all: { truncatedShare, rewardPlateau: { ...rewardPlateau, standardErrors: 2 } } } },
    'more than 12.5% truncated for 1 step and reward up by less than 0.001 (with 2 standard errors added) a step ' +
      'over 50 steps, from 20 steps on',
  ],
  [
    { until: { steps: 9 }, back: { rewardDrop: { by: 0.1, overSteps: 5 }, truncatedShare, atMost: 2, minSteps: 4 } },
    '9 steps; back at most 2 times: more than 12.5% truncated for 1 step, or reward more than 0.1 below its best over ' +
      '5 steps, from 4 steps on',
  ],
  [
    { back: { truncatedShare, cooldownSteps: 7 } },
    'no end; back at most once, for at least 7 steps: more than 12.5% truncated for 1 step',
  ],
  [
    { onPlateau: { ...rewardPlateau, reset: ['reference', 'optimizer'] } },
    'no end; reference and optimizer anew at most once: reward up by less than 0.001 a step over 50 steps',
  ],
])('a stage with %j is described by its numbers', (stage, words) => {
  expect(describeStage(stage)).toBe(words)
})

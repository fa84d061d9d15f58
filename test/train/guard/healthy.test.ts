import { beforeAll, describe, expect, test } from 'vitest'
import type { Tokenizer } from '../../../lib/tokenizer/tokenizer.js'
import { digitTokenizer } from '../tiny-run.js'
import { tinyRun } from './faulty-run.js'
import { quickstarts } from './recorded.js'
import { steadyRun, watch } from './watch.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

test.each([...quickstarts()])('a whole quickstart of seed %s is never touched', (_, steps) => {
  expect(steps).toHaveLength(50)
  for (const { findings, action } of watch(steps)) expect([action, findings]).toEqual(['none', []])
})

test.each([1, 2, 3, 4, 5])('a tiny run of seed %i through three stages is never touched', async (seed) => {
  const limits = [8, 16, 32]
  const settingsOf = (step: number) => {
    const stage = Math.min(2, Math.floor((step - 1) / 8))
    return { stage, maxResponseTokens: limits[stage] as number, klWeight: stage === 1 ? 0.01 : 0, miniBatches: 2 }
  }
  const steps = await tinyRun(tokenizer, { steps: 24, seed }, settingsOf)
  for (const { findings, action } of watch(steps)) expect([action, findings]).toEqual(['none', []])
})

describe('is never touched:', () => {
  /** Of 1,024 answers, as a rate of right ones would have them, by a generator of its own. */
  const right = (rate: number, step: number, numSamples: number) => {
    let state = (step * 2654435761) >>> 0
    let count = 0
    for (let i = 0; i < numSamples; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      count += Number(state / 2 ** 32 < rate)
    }
    return count / numSamples
  }

  test.each<[string, Parameters<typeof steadyRun>[1]]>([
    [
      'a reward that begins near 0 and rises slowly, most groups without a right answer',
      (step) => {
        const passRate = right(0.002 + 0.0005 * step, step, 1024)
        return { reward: passRate, passRate, numSamples: 1024, uniformShare: 1 - Math.min(1, passRate * 8) }
      },
    ],
    [
      'a step or two without a right answer, among few that are right',
      (step) => {
        const passRate = right(0.01, step, 128)
        return { reward: passRate, passRate, numSamples: 128, uniformShare: passRate === 0 ? 1 : 0.95 }
      },
    ],
    [
      'a base model that learns to put its answer in a box',
      (step) => {
        const passRate = 0.01 + 0.01 * step
        return { reward: passRate, passRate, unparsedShare: 0.97 - 0.01 * step }
      },
    ],
    [
      'a problem set that is solved in the end',
      (step) => {
        const reward = Math.min(1, 0.4 + 0.02 * step)
        return { reward, passRate: reward, truncatedShare: 0, uniformShare: reward === 1 ? 1 : 0.5 }
      },
    ],
    [
      'a new stage with twice the length',
      (step) => (step > 30 ? { stage: 1, maxResponseTokens: 2000, meanTokens: 900 } : {}),
    ],
    [
      'a stage back, with half the length and all answers cut anew',
      (step) =>
        step > 30
          ? { stage: 0, maxResponseTokens: 300, meanTokens: 280, truncatedShare: 0.8, reward: 0.2 }
          : { stage: 1 },
    ],
    ['entropy that halves in ten steps', (step) => ({ entropy: 0.5 * 0.5 ** (step / 10) + 0.01 })],
    ['one gradient of ten times the norm', (step) => (step === 25 ? { gradientNorm: 0.5 } : {})],
    [
      'a KL that rises from 0 and comes to rest',
      (step) => ({ klWeight: 0.001, referenceKl: 0.3 * (1 - Math.exp(-step / 5)) }),
    ],
    ['k1 below 0, by chance', (step) => ({ klWeight: 0.01, referenceKl: step % 2 ? -0.05 : -0.2 })],
    [
      'length that doubles in a hundred steps',
      (step) => ({ meanTokens: 400 * 2 ** (step / 100), truncatedShare: 0.1 + step / 200 }),
    ],
    ['loops in a third of the answers from the first step on', () => ({ repeatedShare: 0.33 })],
    ['penalties that leave the mean reward below 0', (step) => ({ reward: -0.3 + 0.001 * step, passRate: 0.2 })],
  ])('%s', (_, changes) => {
    for (const { findings, action, state } of watch(steadyRun(60, changes))) {
      expect([state.window.at(-1)?.step, action, findings.filter(({ severity }) => severity === 'bad')]).toEqual([
        state.window.at(-1)?.step,
        expect.stringMatching(/^(none|warn)$/),
        [],
      ])
    }
  })
})

import { beforeAll, expect, test } from 'vitest'
import type { Decoder } from '../../../lib/models/decoder.js'
import type { Reward, Score } from '../../../lib/reward/reward.js'
import type { Tokenizer } from '../../../lib/tokenizer/tokenizer.js'
import { type FindingKind, isNumericalFailure, makeGuard } from '../../../lib/train/guard/index.js'
import { allSteps, digitModel, digitTokenizer, tinyTrainer } from '../tiny-run.js'
import { type RunSettings, tinyRun } from './faulty-run.js'
import { caughtAt, watch } from './watch.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

const letters: Reward = ({ text }) => text.length
const countSevens: Reward = ({ text }) => text.split('7').length - 1
const sevens: Reward = ({ text }) => Number(text.startsWith('7'))

/** A reward whose parser returns nothing: it reads no answer, and so none is right. */
const blind: Reward = Object.assign(() => 0, {
  scoreAll: async (samples: readonly unknown[]): Promise<Score[]> => samples.map(() => ({ score: 0, isParsed: false })),
})

/** Multiplies weights of the tied embedding, once: those of one token, or all. */
function louder(factor: number, token?: number): (model: Decoder) => Promise<void> {
  let isDone = false
  return async (model) => {
    if (isDone) return
    isDone = true
    const [embedding] = model.parameters()
    const weights = (await embedding?.toArray()) as Float32Array
    const width = embedding?.shape[1] as number
    const isMeant = (i: number) => token === undefined || Math.floor(i / width) === token
    embedding?.write(weights.map((weight, i) => (isMeant(i) ? factor * weight : weight)))
  }
}

interface Fault {
  /** Healthy steps before it. */
  after: number
  before?: Partial<RunSettings>
  fault: Partial<RunSettings>
  kind: FindingKind
}

const faults: [string, Fault][] = [
  ['a reward that is always 0, from the first step', { after: 0, fault: { reward: () => 0 }, kind: 'equalRewards' }],
  ['a reward that is always 0, from a later step', { after: 8, fault: { reward: () => 0 }, kind: 'equalRewards' }],
  ['a reward that is always 1, from the first step', { after: 0, fault: { reward: () => 1 }, kind: 'equalRewards' }],
  ['a reward that is always 1, from a later step', { after: 8, fault: { reward: () => 1 }, kind: 'equalRewards' }],
  ['a parser that returns nothing, from the first step', { after: 0, fault: { reward: blind }, kind: 'unparsed' }],
  ['a parser that returns nothing, from a later step', { after: 8, fault: { reward: blind }, kind: 'unparsed' }],
  ['a hundred times the learning rate', { after: 12, fault: { learningRate: 0.1 }, kind: 'entropyCollapse' }],
  ['a thousand times the learning rate', { after: 12, fault: { learningRate: 1 }, kind: 'entropyCollapse' }],
  [
    'a thousand times the learning rate, with two updates a step',
    { after: 12, before: { miniBatches: 2 }, fault: { learningRate: 1 }, kind: 'entropyCollapse' },
  ],
  ['a gradient that is no number', { after: 3, fault: { hasBadGradient: true }, kind: 'notANumber' }],
  [
    'a KL term of the wrong sign',
    { after: 14, before: { klWeight: 5, learningRate: 0.01 }, fault: { isKlSignFlipped: true }, kind: 'referenceKl' },
  ],
  [
    'a reward for length',
    {
      after: 4,
      before: { maxResponseTokens: 32, learningRate: 0.02 },
      fault: { reward: letters },
      kind: 'lengthRunaway',
    },
  ],
  ['a reward for one token', { after: 8, fault: { learningRate: 0.1, reward: sevens }, kind: 'entropyCollapse' }],
  [
    'a bonus for entropy that outweighs the reward, once the answers are few',
    {
      after: 40,
      before: { learningRate: 0.01, reward: countSevens },
      fault: { entropyWeight: 10 },
      kind: 'entropyRunaway',
    },
  ],
  [
    'a bonus for entropy that outweighs the reward',
    { after: 8, before: { spoil: louder(4) }, fault: { entropyWeight: 10 }, kind: 'gradientSpike' },
  ],
  [
    'one token that is said over and over',
    { after: 8, before: { maxResponseTokens: 64 }, fault: { spoil: louder(6, 11) }, kind: 'repetition' },
  ],
]

test.each(faults)('%s is caught within 10 steps, and not before', async (_, { after, before, fault, kind }) => {
  const settingsOf = (step: number) => ({ ...before, ...(step > after && fault) })
  const steps = await tinyRun(tokenizer, { steps: after + 10, seed: 1 }, settingsOf)
  const results = watch(steps)
  expect(caughtAt(results.slice(0, after))).toBeUndefined()
  expect(caughtAt(results, kind)).toBeGreaterThan(after)
  // What is left to go back to is from before the fault.
  const { state } = results[(caughtAt(results) as number) - 1] as (typeof results)[number]
  expect(state.lastGoodStep).toBeLessThanOrEqual(after)
})

test('a weight that is no number is a numerical failure, and ends the step that it is met in', async () => {
  const spoil = louder(Number.NaN)
  const error = await tinyRun(tokenizer, { steps: 1 }, () => ({ spoil })).catch((reason: unknown) => reason)
  expect(isNumericalFailure(error)).toBe(true)
  const guard = makeGuard({ action: 'stop' })
  const { action, text } = guard.failed(guard.initialState, { step: 1, why: (error as Error).message })
  expect([action, text]).toEqual(['stop', expect.stringContaining('guard: step 1 failed: [sample_token]')])
})

test('a trainer with a guard stops at a silent zero within 10 steps, and says what it saw', async () => {
  using model = digitModel(tokenizer)
  const stages = [{ maxResponseTokens: 8, until: { steps: 20 } }]
  const guard = makeGuard({ action: 'stop' })
  const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages }, { reward: blind, guard })
  await expect(allSteps(trainer)).rejects.toThrow(
    /step 6: guard: the reward could not read 100% of the \d+ finished answers of step 6 \(at least 95%\), and none was right\. The run stops/,
  )
  optimizer.dispose()
})

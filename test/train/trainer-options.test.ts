import { beforeAll, expect, test } from 'vitest'
import type { Decoder } from '../../lib/models/decoder.js'
import { AdamW } from '../../lib/optim/adamw.js'
import { contextSchedule } from '../../lib/schedule/context-schedule.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { type GrpoTrainerOptions, trainerSettings } from '../../lib/train/trainer-options.js'
import { digitModel, digitProblems, digitShare, digitTokenizer } from './tiny-run.js'

let tokenizer: Tokenizer
let model: Decoder
beforeAll(async () => {
  tokenizer = await digitTokenizer()
  model = digitModel(tokenizer)
})

const settingsWith = (options: Record<string, unknown>) =>
  trainerSettings({
    ...{ model, tokenizer, data: digitProblems, reward: digitShare },
    schedule: contextSchedule([{ maxResponseTokens: 8 }]),
    optimizer: new AdamW(model.parameters(), { learningRate: 1e-3 }),
    ...options,
  } as GrpoTrainerOptions)

test('what is left out, or undefined, has its default; the learning rate is the optimizer’s', () => {
  const left = settingsWith({})
  expect(left).toMatchObject({
    promptsPerStep: 16,
    numAnswers: 8,
    temperature: 1,
    learningRate: 1e-3,
    turn: '{problem}',
  })
  const undefinedOnes = Object.fromEntries(Object.keys(left).map((name) => [name, undefined]))
  const { model, data, reward, schedule, optimizer } = left
  const parts = { model, tokenizer, data, reward, schedule, optimizer }
  expect(settingsWith({ ...undefinedOnes, ...parts })).toEqual(left)
})

test('no upper clip can be asked for', () => {
  expect(settingsWith({ clipHigh: Number.POSITIVE_INFINITY }).clipHigh).toBe(Number.POSITIVE_INFINITY)
})

test.each<[Record<string, unknown>, string]>([
  [{ numPasses: 3 }, 'unknown key "numPasses"; did you mean "passes"?'],
  [{ rewards: digitShare, reward: undefined }, 'expected a function of a sample for reward, got undefined'],
  [{ models: 1 }, 'unknown key "models"; did you mean "model"?'],
  [{ model: {} }, 'expected a Decoder for model, got an object Object'],
  [{ data: [] }, 'expected rows, at least one, or a ProblemSource for data, got a list of 0'],
  [{ schedule: [] }, 'expected a contextSchedule for schedule, got a list of 0'],
  [{ optimizer: null }, 'expected an AdamW for optimizer, got null'],
  [{ promptsPerStep: 0 }, 'expected at least 1 for promptsPerStep, got 0'],
  [{ passes: 0 }, 'expected at least 1 for passes, got 0'],
  [{ learningRate: -1 }, 'expected at least 0 for learningRate, got -1'],
  [{ entropyWeight: -1 }, 'expected at least 0 for entropyWeight, got -1'],
  [
    { learningRateSchedule: { finalFraction: -3 } },
    'expected at least 0 for learningRateSchedule.finalFraction, got -3',
  ],
  [
    { learningRateSchedule: { decay: 'exp' } },
    'expected one of constant, linear, cosine for learningRateSchedule.decay, got "exp"',
  ],
  [
    { learningRateSchedule: { warmup: 1 } },
    'unknown key "warmup" in learningRateSchedule; known are decay, steps, warmupSteps, finalFraction',
  ],
  [
    { learningRateSchedule: { decay: 'cosine' } },
    'expected steps in learningRateSchedule, the end of its cosine decay',
  ],
  [{ maxMissingShare: 5 }, 'expected at most 1 for maxMissingShare, got 5'],
  [{ seed: 1.5 }, 'expected a whole number for seed, got 1.5'],
  [{ rewardDeadlineMs: 0 }, 'expected at least 1 for rewardDeadlineMs, got 0'],
  [{ miniBatches: 0 }, 'expected at least 1 for miniBatches, got 0'],
  [{ tokensPerMicroBatch: 0 }, 'expected at least 1 for tokensPerMicroBatch, got 0'],
  [{ normalize: 'foo' }, 'expected one of group, std, batch, tokens, none for normalize, got "foo"'],
  [{ aggregation: 'foo' }, 'expected one of token, sequence, constant for aggregation, got "foo"'],
  [{ klEstimator: 'k4' }, 'expected one of k1, k2, k3 for klEstimator, got "k4"'],
  [{ klWeight: Number.NaN }, 'expected a number for klWeight, got NaN'],
  [{ temperature: Number.POSITIVE_INFINITY }, 'expected a number for temperature, got Infinity'],
  [{ clipHigh: -1 }, 'expected more than 0 for clipHigh, got -1'],
  [{ topP: 2, topK: -1 }, 'expected at least 0 for topK, got -1; expected at most 1 for topP, got 2'],
])('%o is refused at once', (options, message) => {
  expect(() => settingsWith(options)).toThrow(
    expect.objectContaining({ code: 'ArgumentError', message: `[train] ${message}` }),
  )
})

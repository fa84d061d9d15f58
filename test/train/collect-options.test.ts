import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Decoder } from '../../lib/models/decoder.js'
import { AdamW } from '../../lib/optim/adamw.js'
import { contextSchedule, type Stage } from '../../lib/schedule/context-schedule.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { type GrpoTrainerOptions, trainerSettings } from '../../lib/train/trainer-options.js'
import { digitModel, digitProblems, digitShare, digitTokenizer } from './tiny-run.js'

let tokenizer: Tokenizer
let model: Decoder
beforeAll(async () => {
  tokenizer = await digitTokenizer()
  model = digitModel(tokenizer)
})
afterAll(() => model.dispose())

const settingsWith = (options: Partial<GrpoTrainerOptions>, stages: Stage[] = [{ maxResponseTokens: 8 }]) =>
  trainerSettings({
    ...{ model, tokenizer, data: digitProblems, reward: digitShare, schedule: contextSchedule(stages) },
    optimizer: new AdamW(model.parameters(), { learningRate: 1e-3 }),
    ...options,
  })

test('a trainer takes what a recipe takes, with its defaults', () => {
  expect(settingsWith({}).overlong).toBe('keep')
  const adaptiveEntropy = { target: 0.2, delta: 0.0001, max: 0.005 }
  const given = {
    dynamicSampling: { maxRounds: 4 },
    overlong: 'mask' as const,
    overlongPenalty: { bufferTokens: 2, weight: 0.5 },
  }
  const settings = settingsWith({ ...given, adaptiveEntropy })
  expect(settings).toMatchObject({ ...given, adaptiveEntropy: { ...adaptiveEntropy, min: 0 } })
})

test.each<[string, Partial<GrpoTrainerOptions>, string]>([
  [
    'a buffer as long as a stage',
    { overlongPenalty: { bufferTokens: 8, weight: 1 } },
    "expected less than 8, the shortest stage's maxResponseTokens, for overlongPenalty.bufferTokens, got 8",
  ],
  [
    'dynamic sampling of single answers',
    { numAnswers: 1, dynamicSampling: { maxRounds: 2 } },
    'expected at least 2 answers a prompt, for dynamicSampling, for numAnswers, got 1',
  ],
  [
    'an entropy weight above its bounds',
    { entropyWeight: 2, adaptiveEntropy: { target: 1, delta: 1, max: 1 } },
    'expected at most adaptiveEntropy.max = 1 for entropyWeight, got 2',
  ],
])('%s is refused at once', (_, options, message) => {
  const expected = { code: 'ArgumentError', message: `[train] ${message}` }
  expect(() => settingsWith(options)).toThrow(expect.objectContaining(expected))
})

test('a stage’s own entropy weight is refused beside the adaptive one', () => {
  const stages: Stage[] = [
    { maxResponseTokens: 8, until: { steps: 1 } },
    { maxResponseTokens: 8, entropyWeight: 0.1 },
  ]
  expect(() => settingsWith({ adaptiveEntropy: { target: 1, delta: 1, max: 1 } }, stages)).toThrow(
    '[train] expected no stages.1.entropyWeight beside adaptiveEntropy, which sets it',
  )
})

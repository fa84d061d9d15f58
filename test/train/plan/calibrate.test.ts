import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  calibrationFolder,
  calibrationKey,
  readCalibration,
  writeCalibration,
} from '../../../lib/train/plan/calibration/cache.js'
import { calibrate } from '../../../lib/train/plan/calibration/calibrate.js'
import { type Calibration, calibrationSchema } from '../../../lib/train/plan/calibration/calibration.js'
import { slicesOf } from '../../../lib/train/plan/calibration/piece-model.js'
import { calibratedRates } from '../../../lib/train/plan/calibration/rates.js'
import { expectationOf } from '../../../lib/train/plan/expectation.js'
import { planOf } from '../../../lib/train/plan/plan.js'
import { parseRecipe } from '../../../lib/train/recipe/recipe.js'
import { deepseek1p5b, tinyShape } from './shapes.js'

const linear = { perCall: 1, perToken: 2, perRow: 3, perSquare: 4 }
const known: Calibration = {
  pieces: {
    decode: [
      { rows: 1, seconds: 10 },
      { rows: 8, seconds: 24 },
      { rows: 64, seconds: 136 },
    ],
    ...{ perCachedToken: 0.5, perProgram: 7, prefill: linear, score: linear, train: linear, update: 9 },
  },
  ...{ perPrompt: 11, perGrading: 5, perGradedAnswer: 0.25, measuredAt: '2026-11-23T12:00:00.000Z', seconds: 28 },
  ...{ spread: 0.1, load: 0.5, what: 'the whole model' },
}

async function partsOf(...set: string[]) {
  const recipe = parseRecipe(
    `name: tiny
model: { path: m }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 2, numAnswers: 2, maxPromptTokens: 8 }
objective: { tokensPerMicroBatch: 64 }
schedule: { stages: [{ maxResponseTokens: 12, until: { steps: 5 } }] }
evaluation: { numProblems: 2, samplesPerProblem: 2 }
`,
    'r.yaml',
    { set },
  )
  const expectation = await expectationOf(recipe, {}, {})
  return { recipe, shape: tinyShape, stages: planOf(recipe, tinyShape).stages, expectation }
}

test('the rates are those that were measured, decode steps in proportion between two sizes and beyond the last', () => {
  const rates = calibratedRates(known)
  const step = (batch: number) => rates.decodeStep({ batch, cachedTokens: 0 })
  expect([1, 8, 64].map(step)).toEqual([10, 24, 136])
  // Between 1 and 8 two a row; between 8 and 64 as well, in steps of the programs' rows: 15 and 16, 17 to 18, 71 to 72.
  expect([3, 15, 17, 71].map(step)).toEqual([14, 38, 44, 152])
  expect(rates.decodeStep({ batch: 1, cachedTokens: 100 })).toBe(60)
  expect(
    rates.train({ tokens: 10, rows: 5, squares: 2, calls: 3 }, { useRecompute: false, hasWeightGradients: true }),
  ).toBe(3 + 20 + 15 + 8)
  expect([rates.update(), rates.program(), rates.prompts(2), rates.reward(4)]).toEqual([9, 7, 22, 6])
})

test('a small model is measured whole, a large one by slices of one and two layers', () => {
  expect(slicesOf(tinyShape)).toEqual([{ numLayers: 2, vocabularySize: 40 }])
  expect(slicesOf(deepseek1p5b).map(({ numLayers }) => numLayers)).toEqual([1, 2])
})

test('a calibration measures every piece, and says for how long and how evenly', async () => {
  const found = await calibrate(await partsOf(), { budgetSeconds: 0.3 })
  expect(calibrationSchema.safeParse(found).success).toBe(true)
  expect(found.pieces.decode.map(({ rows }) => rows)).toEqual([1, 2, 4])
  for (const { seconds } of found.pieces.decode) expect(seconds).toBeGreaterThan(0)
  expect(found.pieces.train.perToken + found.pieces.train.perCall).toBeGreaterThan(0)
  expect(found.pieces.update).toBeGreaterThan(0)
  expect(found.what).toBe('the whole model')
})

test('one that is told to stop does', async () => {
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(calibrate(await partsOf(), { budgetSeconds: 0.3, signal })).rejects.toThrow('enough')
})

const folder = await mkdtemp(join(tmpdir(), 'lengthen-calibration-'))
afterAll(() => rm(folder, { recursive: true }))

test('a calibration is kept, and a damaged one is none', async () => {
  const place = join(folder, 'new')
  expect(await readCalibration('a', place)).toBeUndefined()
  await writeCalibration('a', known, place)
  expect(await readCalibration('a', place)).toEqual(known)
  await writeFile(join(place, 'a.json'), '{ "pieces": ')
  expect(await readCalibration('a', place)).toBeUndefined()
  await writeFile(join(place, 'a.json'), '{ "pieces": {} }')
  expect(await readCalibration('a', place)).toBeUndefined()
})

test('it is kept for a machine, a model and what is measured of it', async () => {
  const key = calibrationKey(await partsOf())
  expect(key).toMatch(/^[0-9a-f]{32}$/)
  expect(calibrationKey(await partsOf('seed=5', 'optimizer.learningRate=0.1'))).toBe(key)
  expect(calibrationKey({ ...(await partsOf()), shape: { ...tinyShape, width: 64 } })).not.toBe(key)
  expect(calibrationKey(await partsOf('objective.useRecompute=true'))).not.toBe(key)
  expect(calibrationKey(await partsOf('optimizer.moments=8bit'))).not.toBe(key)
})

test('the cache folder is the user’s', () => {
  expect(calibrationFolder({ XDG_CACHE_HOME: '/c' })).toBe('/c/lengthen/calibrations')
  expect(calibrationFolder({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/lengthen\/calibrations$/)
})

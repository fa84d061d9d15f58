import { expect, test } from 'vitest'
import { ArgumentError } from '../../../lib/errors.js'
import type { GuardMetrics, GuardOptions } from '../../../lib/train/guard/index.js'
import { makeGuard } from '../../../lib/train/guard/index.js'
import { parseRecipe, recipeToYaml } from '../../../lib/train/recipe/recipe.js'
import { caughtAt, steadyRun, watch } from './watch.js'

const recipe = `name: small
model: { path: models/qwen }
data: { train: train.jsonl, heldOut: held-out.jsonl }
rollout: { promptsPerStep: 48 }
schedule: { stages: [{ maxResponseTokens: 40 }] }
`

const optionsOf = (...set: string[]) => parseRecipe(recipe, 'r.yaml', { set }).guard

const zeros = (step: number): Partial<GuardMetrics> =>
  step > 20 ? { reward: 0, passRate: 0, uniformShare: 1, gradientNorm: 0 } : {}

test('a recipe without a guard has one that warns', () => {
  expect(optionsOf()).toEqual({
    action: 'warn',
    maxRollbacks: 2,
    change: { learningRateFactor: 0.5, klWeightFactor: 2 },
    detectors: {},
  })
})

test('a resolved recipe reads back the same, detectors that are off and thresholds of its own included', () => {
  const set = ['guard.action=rollback', 'guard.detectors.repetition=false', 'guard.detectors.equalRewards.badSteps=12']
  const parsed = parseRecipe(recipe, 'r.yaml', { set })
  expect(parsed.guard.detectors).toEqual({ repetition: false, equalRewards: { badSteps: 12 } })
  expect(parseRecipe(recipeToYaml(parsed), 'resolved.yaml')).toEqual(parsed)
})

test('thresholds of a recipe are the guard’s, and a detector that is off finds nothing', () => {
  const caught = (...set: string[]) => caughtAt(watch(steadyRun(40, zeros), optionsOf(...set)), 'equalRewards')
  expect(caught()).toBe(28)
  expect(caught('guard.detectors.equalRewards.badSteps=12')).toBe(32)
  expect(caught('guard.detectors.equalRewards=false')).toBeUndefined()
  const guard = makeGuard({ detectors: { notANumber: false } })
  expect(guard.failed(guard.initialState, { step: 1, why: '' })).toMatchObject({ action: 'none', findings: [] })
})

test('more signs than the steps looked at would hold have more steps looked at', () => {
  const spikes = (step: number): Partial<GuardMetrics> => (step > 20 ? { gradientNorm: 5 } : {})
  const caught = (...set: string[]) => caughtAt(watch(steadyRun(40, spikes), optionsOf(...set)), 'gradientSpike')
  expect(caught()).toBe(23)
  expect(caught('guard.detectors.gradientSpike.badAfter=6', 'guard.detectors.gradientSpike.deviations=1')).toBe(26)
})

test.each([
  ['guard.action=explode', 'expected one of none, warn, rollback, stop for guard.action, got "explode"'],
  ['guard.detectors.repetiton=false', 'unknown key "repetiton" in guard.detectors; did you mean "repetition"?'],
  ['guard.detectors.repetition={ rize: 1 }', 'unknown key "rize" in guard.detectors.repetition; did you mean "rise"?'],
  [
    'guard.detectors.repetition=7',
    'expected true or false or a section with keys for guard.detectors.repetition, got 7',
  ],
  ['guard.detectors.repetition.warnAfter=0', 'expected at least 1 for guard.detectors.repetition.warnAfter, got 0'],
  ['guard.change.klWeightFactor=0.5', 'expected at least 1 for guard.change.klWeightFactor, got 0.5'],
  ['guard.maxRollbacks=-1', 'expected at least 0 for guard.maxRollbacks, got -1'],
])('%s is an error that says why', (set, message) => {
  expect(() => optionsOf(set)).toThrow(message)
})

test.each<[object, string]>([
  [{ action: 'explode' }, 'expected one of none, warn, rollback, stop for action, got "explode"'],
  [{ maxRollbacks: 0.5 }, 'expected a whole number for maxRollbacks, got 0.5'],
  [{ maxRolbacks: 1 }, 'unknown key "maxRolbacks"; did you mean "maxRollbacks"?'],
  [{ change: { learningRateFactor: 0, klWeightFactor: 2 } }, 'for change.learningRateFactor, got 0'],
  [{ detectors: { repetiton: false } }, 'unknown key "repetiton" in detectors; did you mean "repetition"?'],
  [{ detectors: { repetition: { share: Number.NaN } } }, 'for detectors.repetition.share, got NaN'],
])('a guard of %j in a program is an ArgumentError that says why', (options, message) => {
  expect(() => makeGuard(options)).toThrow(ArgumentError)
  expect(() => makeGuard(options)).toThrow(message)
})

test('a guard in a program tells of all that is wrong at once, and takes options that are left undefined', () => {
  const wrong = { action: 'explode', maxRollbacks: -1 } as unknown as Partial<GuardOptions>
  expect(() => makeGuard(wrong)).toThrow(/^\[guard\] .*for action, got "explode"; expected at least 0 for maxRollbacks/)
  expect(() => makeGuard({ detectors: { repetition: undefined, unparsed: true } })).not.toThrow()
})

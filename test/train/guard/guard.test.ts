import { expect, test } from 'vitest'
import {
  type FindingKind,
  findingKinds,
  furthestBack,
  type GuardMetrics,
  type GuardState,
  makeGuard,
} from '../../../lib/train/guard/index.js'
import { caughtAt, steadyRun, watch } from './watch.js'

/** A collapse that goes on for good. */
const collapse = (step: number): Partial<GuardMetrics> => ({ entropy: step > 20 ? 0.01 : 0.5, klWeight: 0.001 })
const told = (results: ReturnType<typeof watch>) =>
  results.flatMap(({ action, text }, i) => (action === 'none' ? [] : [[i + 1, action, text]]))

test('warns first, goes back where the recipe says so, and says why with the numbers', () => {
  const results = watch(steadyRun(26, collapse), { action: 'rollback' })
  expect(told(results).slice(0, 2)).toEqual([
    [
      22,
      'warn',
      'guard: warning: the entropy fell from 0.5 in steps 9 to 16 to 0.01 nats a token in steps 20 to 22 (below 0.2 of it)',
    ],
    [
      24,
      'rollback',
      'guard: the entropy fell from 0.5 in steps 11 to 18 to 0.01 nats a token in steps 22 to 24 (below 0.2 of it). Going ' +
        'back to the last checkpoint at or before step 12, with the learning rate times 0.5 and the KL weight times 2 of ' +
        'what the recipe says (rollback 1 of 2)',
    ],
  ])
})

test('does not promise a higher KL weight where there is none', () => {
  const results = watch(
    steadyRun(24, (step) => ({ ...collapse(step), klWeight: 0 })),
    { action: 'rollback' },
  )
  expect(results.at(-1)?.text).toMatch(
    /, with the learning rate times 0\.5 of what the recipe says; the KL weight is 0 and stays so \(rollback 1 of 2\)$/,
  )
})

test('where the recipe says warn, each kind is told once as a warning and once as bad', () => {
  const results = watch(steadyRun(40, collapse), { action: 'warn' })
  expect(told(results).map(([step, action]) => [step, action])).toEqual([
    [22, 'warn'],
    [24, 'warn'],
  ])
  expect(results[23]?.text).toMatch(/\. The run goes on, as guard\.action says$/)
})

test('where the recipe says none, findings are there and nothing is said', () => {
  const results = watch(steadyRun(26, collapse), { action: 'none' })
  expect(told(results)).toEqual([])
  expect(caughtAt(results, 'entropyCollapse')).toBe(24)
})

test('where the recipe says stop, a bad finding stops', () => {
  const results = watch(steadyRun(24, collapse), { action: 'stop' })
  expect(told(results).at(-1)).toEqual([24, 'stop', expect.stringMatching(/The run stops: guard\.action says so$/)])
})

test('goes back so many times, each with a larger change, and then stops', () => {
  const guard = makeGuard({
    action: 'rollback',
    maxRollbacks: 2,
    change: { learningRateFactor: 0.1, klWeightFactor: 3 },
  })
  const steps = steadyRun(40, collapse)
  const states = new Map<number, GuardState>([[0, guard.initialState]])
  const stops: [number, string, string | undefined][] = []
  let state = guard.initialState
  for (let i = 0; i < steps.length; i++) {
    const { state: next, action, text } = guard.next(state, steps[i] as GuardMetrics)
    states.set(i + 1, next)
    state = next
    if (action !== 'rollback' && action !== 'stop') continue
    stops.push([i + 1, action, text])
    if (action === 'stop') break
    state = guard.restored(states.get(next.lastGoodStep) as GuardState, next)
    i = next.lastGoodStep - 1
  }
  expect(stops.map(([step, action]) => [step, action])).toEqual([
    [24, 'rollback'],
    [24, 'rollback'],
    [24, 'stop'],
  ])
  expect(stops[1]?.[2]).toMatch(/times 0\.01 and the KL weight times 9 of what the recipe says \(rollback 2 of 2\)$/)
  expect(stops[2]?.[2]).toMatch(/The run stops: it went back 2 times, and guard\.maxRollbacks is 2$/)
  expect(guard.changeOf(state)).toEqual({ learningRateFactor: 0.1 ** 2, klWeightFactor: 9 })
  expect(guard.changeOf(guard.initialState)).toEqual({ learningRateFactor: 1, klWeightFactor: 1 })
})

test('without a good step to go back to it stops', () => {
  const results = watch(
    steadyRun(8, () => ({ reward: 0, passRate: 0, uniformShare: 1 })),
    { action: 'rollback' },
  )
  expect(told(results).at(-1)).toEqual([
    8,
    'stop',
    'guard: none of the 2048 answers of steps 1 to 8 has a reward above 0; the reward could not read 2% of the finished ones. ' +
      'The run stops: there was no good step before it to go back to',
  ])
})

test('a state goes through JSON unchanged, NaN in the metrics or not', () => {
  const guard = makeGuard()
  let state = guard.initialState
  for (const metrics of steadyRun(30, (step) => (step % 7 === 0 ? { loss: Number.NaN } : {}))) {
    state = guard.next(state, metrics).state
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
    expect(Object.keys(state.window.at(-1) ?? {})).toContain('uniformShare')
  }
  expect(state.window.map(({ step }) => step)).not.toContain(14)
})

test('what a state remembers does not grow with the run', () => {
  const results = watch(steadyRun(300, (step) => ({ entropy: 0.3 + 0.2 * Math.sin(step / 3) })))
  const sizes = results.map(({ state }) => JSON.stringify(state).length)
  expect(Math.max(...sizes.slice(100))).toBeLessThan(1.1 * (sizes[60] as number))
})

test('the last good step is this one, until a finding; and again when it has been quiet', () => {
  const spike = (step: number): Partial<GuardMetrics> => (step === 20 ? { gradientNorm: 50 } : {})
  const good = watch(steadyRun(30, spike)).map(({ state }) => state.lastGoodStep)
  expect(good.slice(17, 26)).toEqual([18, 19, 19, 19, 19, 19, 19, 25, 26])
})

test('what was only ever warned of becomes usual in time', () => {
  const always = (step: number): Partial<GuardMetrics> =>
    step > 10
      ? { reward: 1, passRate: 1, truncatedShare: 0, uniformShare: 1 }
      : { reward: 0.97, passRate: 0.97, truncatedShare: 0 }
  const results = watch(steadyRun(60, always))
  expect(caughtAt(results)).toBeUndefined()
  expect(results[20]?.state.lastGoodStep).toBe(10)
  expect(results[59]?.state.lastGoodStep).toBe(60)
})

const synthetic: Record<FindingKind, (step: number) => Partial<GuardMetrics>> = {
  notANumber: () => ({ entropy: Number.NaN }),
  equalRewards: () => ({ uniformShare: 1, reward: 0.4, passRate: 0.4 }),
  unparsed: () => ({ unparsedShare: 0.99, passRate: 0, reward: 0 }),
  gradientSpike: () => ({ gradientNorm: 40 }),
  updateSize: () => ({ rolloutKl: 0.5 }),
  referenceKl: (step) => ({ referenceKl: 2 ** (step / 2), klWeight: 0.01 }),
  entropyCollapse: () => ({ entropy: 0.02 }),
  entropyRunaway: (step) => ({ entropy: 0.5 + 0.2 * step }),
  lengthRunaway: (step) => ({
    meanTokens: 400 + 60 * step,
    truncatedShare: 0.1 + 0.08 * step,
    reward: 0.5 - 0.03 * step,
  }),
  rewardFall: () => ({ reward: 0.1, passRate: 0.1 }),
  repetition: () => ({ repeatedShare: 0.6 }),
}

test.each(findingKinds)(
  '%s is found within 10 steps of a steady run, and a last good step is at most 10 back',
  (kind) => {
    const after = 20
    const healthy = { referenceKl: 0.02, klWeight: 0.01 }
    const results = watch(steadyRun(after + 10, (step) => (step > after ? synthetic[kind](step - after) : healthy)))
    expect(results.slice(0, after).flatMap(({ findings }) => findings)).toEqual([])
    const caught = caughtAt(results, kind)
    expect(caught).toBeGreaterThan(after)
    for (const [i, { findings, state }] of results.entries()) {
      for (const { text, since } of findings) expect(text, `${since}`).toMatch(/\d/)
      const firstFound = results.findIndex((result) => result.findings.length > 0)
      if (i === firstFound) expect(state.lastGoodStep).toBeGreaterThanOrEqual(i + 1 - furthestBack)
    }
    expect(results[(caught as number) - 1]?.state.lastGoodStep).toBeLessThanOrEqual(after)
  },
)

test('two stages are never compared with each other', () => {
  const stage = (step: number): Partial<GuardMetrics> =>
    step > 20
      ? {
          stage: 1,
          maxResponseTokens: 4000,
          meanTokens: 2000,
          entropy: 0.05,
          reward: 0.1,
          passRate: 0.1,
          repeatedShare: 0.5,
        }
      : {}
  for (const { findings } of watch(steadyRun(40, stage))) expect(findings).toEqual([])
})

test('unknown fields of the metrics are left out of the state', () => {
  const guard = makeGuard()
  const metrics = { ...(steadyRun(1)[0] as GuardMetrics), seconds: 3 }
  expect(guard.next(guard.initialState, metrics).state.window[0]).not.toHaveProperty('seconds')
})

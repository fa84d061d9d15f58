// A run whose guard sends it back to a checkpoint, and one that dies after that.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fill } from '../../lib/ops/index.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { RunKeeper } from '../../lib/train/checkpoint/run-keeper.js'
import { type Guard, type GuardMetrics, makeGuard } from '../../lib/train/guard/index.js'
import { RunDirectory } from '../../lib/train/run/run-directory.js'
import type { TrainerStep } from '../../lib/train/trainer-state.js'
import { metricsIn } from '../helpers/run-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { digitModel, digitTokenizer, tinyTrainer, weightsOf } from './tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

/** Finds something bad in these steps, at the full learning rate; it says that two steps before was the last good one. */
function strictGuard(badSteps: readonly number[], options: Parameters<typeof makeGuard>[0] = {}): Guard {
  const guard = makeGuard({ action: 'rollback', ...options })
  const next: Guard['next'] = (state, metrics: GuardMetrics) => {
    const step = guard.next(state, metrics)
    if (!badSteps.includes(metrics.step) || state.numRollbacks >= badSteps.length) return step
    const after = { ...step.state, lastGoodStep: metrics.step - 2 }
    return { ...step, state: after, action: 'rollback', text: `step ${metrics.step} was bad` }
  }
  return { ...guard, next }
}

interface Life {
  folder: string
  guard?: Guard
  dieAfter?: number
  /** Once so many steps were told, a weight becomes NaN. */
  spoilAfter?: number
}

async function live({ folder, guard = strictGuard([5]), dieAfter = 100, spoilAfter }: Life, isNew: boolean) {
  using model = digitModel(tokenizer)
  const directory = isNew ? await RunDirectory.create(folder) : await RunDirectory.reopen(folder)
  const keeper = await RunKeeper.open(directory, { everySteps: 1, keepLast: 4 })
  const { checkpoint } = isNew ? {} : await keeper.resume()
  const stages = [{ maxResponseTokens: 8, until: { steps: 7 } }]
  const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages }, { guard, klWeight: 0.01, out: keeper })
  const told: TrainerStep[] = []
  try {
    for await (const step of trainer.run({ from: checkpoint })) {
      told.push(step)
      if (told.length >= dieAfter) break
      if (told.length === spoilAfter) fill(model.head, Number.NaN)
    }
    return { told, weights: await weightsOf(model), rollbacks: keeper.rollbacks }
  } finally {
    optimizer.dispose()
    await keeper.close()
  }
}

describe('a run that goes back', () => {
  const parent = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
  afterAll(() => rmSync(parent, { recursive: true, force: true }))
  const folder = join(parent, 'whole')
  let whole: Awaited<ReturnType<typeof live>>
  beforeAll(async () => {
    whole = await live({ folder }, true)
  })

  test('says why, and does the steps since the checkpoint again with what has changed', () => {
    expect(whole.told.map(({ step, wentBackTo }) => [step, wentBackTo])).toEqual([
      ...[1, 2, 3, 4].map((step) => [step, undefined]),
      [5, 3],
      ...[4, 5, 6, 7].map((step) => [step, undefined]),
    ])
    expect(whole.told[4]?.guard).toEqual({ action: 'rollback', text: 'step 5 was bad' })
    const rates = whole.told.map(({ learningRate, klWeight }) => [learningRate, klWeight])
    expect(rates.slice(0, 5)).toEqual(new Array(5).fill([1e-3, 0.01]))
    expect(rates.slice(5)).toEqual(new Array(4).fill([5e-4, 0.02]))
    expect(whole.rollbacks).toMatchObject([{ fromStep: 5, toStep: 3, why: 'step 5 was bad' }])
  })

  test('has the metrics of its course alone, and keeps those that it left', () => {
    expect(metricsIn(folder).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(metricsIn(folder, 'rolled-back.jsonl').map(({ step }) => step)).toEqual([4, 5])
    expect(metricsIn(folder, 'samples.jsonl').at(-1)?.step).toBe(7)
    expect(readdirSync(join(folder, 'journal'))).toEqual([])
  })

  test.each([3, 4, 5, 6, 8])('and dies after %i steps told ends the same', async (dieAfter) => {
    const again = join(temporaryFolder(), 'run')
    await live({ folder: again, dieAfter }, true)
    const { weights, rollbacks } = await live({ folder: again }, false)
    expect(weights).toEqual(whole.weights)
    expect(rollbacks).toEqual(whole.rollbacks)
    expect(metricsIn(again)).toEqual(metricsIn(folder))
  })
})

test('weights that are no numbers send it back too, though nothing can be sampled with them', async () => {
  const folder = join(temporaryFolder(), 'run')
  // The last checkpoint is of these weights; the one before is good.
  const guard = makeGuard({ action: 'rollback' })
  const { told, weights } = await live({ folder, guard, spoilAfter: 4 }, true)
  expect(told.map(({ step, wentBackTo }) => wentBackTo ?? step)).toEqual([1, 2, 3, 4, expect.any(Number), 4, 5, 6, 7])
  expect(told[4]).toMatchObject({ step: 5, reward: Number.NaN, wentBackTo: 3, guard: { action: 'rollback' } })
  expect(weights.flat().every(Number.isFinite)).toBe(true)
})

test('without a checkpoint to go back to a run stops, and says so', async () => {
  const folder = join(temporaryFolder(), 'run')
  const guard = strictGuard([1])
  await expect(live({ folder, guard }, true)).rejects.toThrow(/step 1: step 1 was bad; but there is no checkpoint/)
  expect(existsSync(join(folder, 'rollbacks.json'))).toBe(false)
  expect(metricsIn(folder)).toHaveLength(1)
})

test('a guard that stops ends the run with its words', async () => {
  const guard = makeGuard({ action: 'stop' })
  const next: Guard['next'] = (state, metrics) => ({ ...guard.next(state, metrics), action: 'stop', text: 'enough' })
  const folder = join(temporaryFolder(), 'run')
  await expect(live({ folder, guard: { ...guard, next } }, true)).rejects.toThrow('[train] step 1: enough')
})

// Reinforcement learning of adapters: the base rests, the reference costs no model, and a run goes on to the bit.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createModel } from '../../lib/models/create.js'
import { weightsOf as baseOf } from '../../lib/models/load.js'
import { applyLora } from '../../lib/models/lora/apply.js'
import type { Stage } from '../../lib/schedule/context-schedule.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { RunKeeper } from '../../lib/train/checkpoint/run-keeper.js'
import type { TrainerStep } from '../../lib/train/grpo-trainer.js'
import { RunDirectory } from '../../lib/train/run/run-directory.js'
import { digitModel, digitTokenizer, tinyTrainer, weightsOf } from './tiny-run.js'

const parent = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
let tokenizer: Tokenizer
let whole: Awaited<ReturnType<typeof live>>
beforeAll(async () => {
  tokenizer = await digitTokenizer()
  whole = await live(join(parent, 'whole'), { isNew: true })
})
afterAll(() => rmSync(parent, { recursive: true, force: true }))

const stages: Stage[] = [
  { maxResponseTokens: 6, until: { steps: 2 } },
  { maxResponseTokens: 8, reset: ['reference'], until: { steps: 3 } },
]

function adaptedModel() {
  using plain = digitModel(tokenizer)
  const model = createModel(plain.config, { seed: 3, dtype: 'bf16' })
  applyLora(model, { rank: 2, alpha: 8, seed: 1 })
  return model
}

async function live(folder: string, { isNew, dieAfter = 9 }: { isNew: boolean; dieAfter?: number }) {
  using model = adaptedModel()
  const before = await Promise.all([...baseOf(model).values()].map((weight) => weight.toArray()))
  const directory = isNew ? await RunDirectory.create(folder) : await RunDirectory.reopen(folder)
  const keeper = await RunKeeper.open(directory, { everySteps: 1 })
  const { checkpoint } = isNew ? {} : await keeper.resume()
  const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages }, { klWeight: 0.02, out: keeper })
  const steps: TrainerStep[] = []
  try {
    for await (const step of trainer.run({ from: checkpoint })) if (steps.push(step) >= dieAfter) break
  } finally {
    optimizer.dispose()
    await keeper.close()
  }
  expect(await Promise.all([...baseOf(model).values()].map((weight) => weight.toArray()))).toEqual(before)
  return { steps, weights: await weightsOf(model) }
}

test('adapters learn near a reference that shares their base, which a stage begins anew', async () => {
  const kl = whole.steps.map(({ referenceKl }) => referenceKl)
  // The reference is the policy itself in the first step and after it begins anew.
  expect(kl.map((value) => value === 0)).toEqual([true, false, true, false, false])
  using untrained = adaptedModel()
  expect(whole.weights).not.toEqual(await weightsOf(untrained))
})

test('a run that dies goes on with its adapters and those of its reference, and ends with the same bits', async () => {
  const folder = join(parent, 'run')
  await live(folder, { isNew: true, dieAfter: 3 })
  expect((await live(folder, { isNew: false })).weights).toEqual(whole.weights)
  const files = readdirSync(join(folder, 'checkpoints'), { recursive: true, encoding: 'utf8' })
  expect(files.some((file) => file.endsWith('adapter.safetensors'))).toBe(true)
  expect(files.some((file) => file.endsWith('model.safetensors'))).toBe(false)
})

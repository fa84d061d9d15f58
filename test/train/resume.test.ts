// A trainer that stops anywhere and goes on in another life, with a model and an optimizer made anew.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reward } from '../../lib/reward/reward.js'
import type { Stage } from '../../lib/schedule/context-schedule.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import type { KeeperOptions } from '../../lib/train/checkpoint/keeper-options.js'
import { RunKeeper } from '../../lib/train/checkpoint/run-keeper.js'
import { RunDirectory } from '../../lib/train/run/run-directory.js'
import type { GrpoTrainerOptions } from '../../lib/train/trainer-options.js'
import { metricsIn } from '../helpers/run-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { digitModel, digitShare, digitTokenizer, tinyTrainer, weightsOf } from './tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

const stages: Stage[] = [
  { maxResponseTokens: 6, until: { steps: 3 } },
  { maxResponseTokens: 8, reset: ['optimizer', 'reference', 'dataOrder'], until: { steps: 2 } },
  { maxResponseTokens: 10, learningRate: 2e-3, until: { steps: 2 } },
]
const numSteps = 7
const settings: Partial<GrpoTrainerOptions> = { klWeight: 0.02, miniBatches: 2, entropyWeight: 0.01 }

interface Life {
  folder: string
  /** Steps after which it dies without a word. */
  dieAfter?: number
  options?: Partial<GrpoTrainerOptions>
  keeping?: Partial<KeeperOptions>
  stop?: AbortSignal
}

/** One life of a run: from its beginning in an empty folder, else from the last checkpoint. Gives the weights at its end. */
async function live(
  { folder, dieAfter = Number.POSITIVE_INFINITY, options = {}, keeping, stop }: Life,
  isNew: boolean,
) {
  using model = digitModel(tokenizer)
  const directory = isNew ? await RunDirectory.create(folder) : await RunDirectory.reopen(folder)
  const keeper = await RunKeeper.open(directory, { everySteps: 2, ...keeping })
  const { checkpoint } = isNew ? {} : await keeper.resume()
  const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages }, { ...settings, ...options, out: keeper })
  const told: number[] = []
  try {
    for await (const { step } of trainer.run({ from: checkpoint, stop })) {
      told.push(step)
      if (told.length >= dieAfter) break
    }
    return { told, from: checkpoint?.step, weights: await weightsOf(model) }
  } finally {
    optimizer.dispose()
    await keeper.close()
  }
}

const samplesIn = (folder: string) => readFileSync(join(folder, 'samples.jsonl'), 'utf8')

describe('a run that stops and goes on', () => {
  let whole: Awaited<ReturnType<typeof live>>
  const parent = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
  afterAll(() => rmSync(parent, { recursive: true, force: true }))
  const folder = join(parent, 'whole')
  beforeAll(async () => {
    whole = await live({ folder }, true)
  })

  test.each([1, 2, 3, 4, 5, 6, 7])(
    'after step %i ends with the same metrics, samples and weights',
    async (dieAfter) => {
      const again = join(temporaryFolder(), 'run')
      const first = await live({ folder: again, dieAfter }, true)
      expect(first.told).toHaveLength(dieAfter)
      const second = await live({ folder: again }, false)
      expect(second.from).toBeLessThanOrEqual(dieAfter)
      expect(second.weights).toEqual(whole.weights)
      expect(metricsIn(again)).toEqual(metricsIn(folder))
      expect(samplesIn(again)).toBe(samplesIn(folder))
    },
  )

  test('again and again does so too', async () => {
    const again = join(temporaryFolder(), 'run')
    await live({ folder: again, dieAfter: 1 }, true)
    for (let life = 0; life < 4; life++) await live({ folder: again, dieAfter: 2 }, false)
    expect((await live({ folder: again }, false)).weights).toEqual(whole.weights)
    expect(metricsIn(again)).toEqual(metricsIn(folder))
  })

  test('when it is asked to stops after a step, with a checkpoint of it', async () => {
    const again = join(temporaryFolder(), 'run')
    const stop = new AbortController()
    const reward: Reward = (sample) => {
      stop.abort()
      return digitShare(sample)
    }
    const first = await live({ folder: again, options: { reward }, stop: stop.signal }, true)
    expect(first.told).toEqual([1])
    const second = await live({ folder: again }, false)
    expect([second.from, second.told.length]).toEqual([1, numSteps - 1])
    expect(second.weights).toEqual(whole.weights)
  })

  test('writes the tensors of a stage’s end once: the checkpoint behind its evaluation has the files of the one before', async () => {
    const again = join(temporaryFolder(), 'run')
    using model = digitModel(tokenizer)
    const keeper = await RunKeeper.open(await RunDirectory.create(again), { everySteps: 1 })
    const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages }, { ...settings, out: keeper })
    using _ = optimizer
    const folder = join(again, 'checkpoints/step-000003')
    const filesOf = async () => {
      await keeper.settled()
      const names = ['model', 'optimizer', 'reference']
      return names.map((name) => statSync(join(folder, `${name}.safetensors`)).ino)
    }
    const pendingOf = () => JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')).trainer.pending
    const found: { files: number[]; isPending: boolean }[] = []
    for await (const { step } of trainer.run()) {
      if (step >= 3) found.push({ files: await filesOf(), isPending: pendingOf() !== null })
      if (step === 4) break
    }
    await keeper.close()
    expect(found.map(({ isPending }) => isPending)).toEqual([true, false])
    expect(found[1]?.files).toEqual(found[0]?.files)
  })

  test('after its end has nothing to do', async () => {
    const again = join(temporaryFolder(), 'run')
    await live({ folder: again }, true)
    expect(await live({ folder: again }, false)).toMatchObject({ told: [], from: numSteps, weights: whole.weights })
  })
})

test('a verdict that was noted is not asked for again, whatever the reward says by then', async () => {
  const steady = join(temporaryFolder(), 'steady')
  await live({ folder: steady, dieAfter: 1 }, true)
  const fickle = join(temporaryFolder(), 'fickle')
  await live({ folder: fickle, dieAfter: 1 }, true)
  // Step 1 is behind no checkpoint: it is done again, with the verdicts of before.
  let numAsked = 0
  const reward: Reward = () => {
    numAsked++
    return Math.random()
  }
  const second = await live({ folder: fickle, dieAfter: 1, options: { reward } }, false)
  expect([second.from, second.told, numAsked]).toEqual([0, [1], 0])
  expect(metricsIn(fickle)).toEqual(metricsIn(steady))
})

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ChatExample } from '../../../lib/data/chat/example.js'
import type { Decoder } from '../../../lib/models/decoder.js'
import { applyLora } from '../../../lib/models/lora/apply.js'
import { AdamW } from '../../../lib/optim/adamw.js'
import type { SftTrainerEvent } from '../../../lib/train/sft/events.js'
import type { SftTrainerOptions } from '../../../lib/train/sft/options.js'
import { SftDirectory } from '../../../lib/train/sft/sft-directory.js'
import { SftTrainer } from '../../../lib/train/sft/sft-trainer.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { tinyModel } from '../../rollout/tiny-model.js'
import { weightsOf } from '../tiny-run.js'

/** Each counts on from a number of its own: something to learn. */
const examplesFrom = (first: number, count: number): ChatExample[] =>
  Array.from({ length: count }, (_, i) => {
    const length = 5 + ((3 * i) % 8)
    const tokens = Array.from({ length }, (_, t) => (first + i + t) % 30)
    return { id: `example ${i}`, tokens, answers: [{ begin: 2, end: length }] }
  })

type Changes = Partial<SftTrainerOptions> & { lora?: { rank: number; alpha: number; dropout?: number } }

interface Life {
  model: Decoder
  trainer: SftTrainer
  events: SftTrainerEvent[]
  error?: unknown
}

/** Runs to the end, or to where `stopAfter` says so. The caller disposes of the model. */
async function run(changes: Changes, { stopAfter = Infinity, killAfter = Infinity } = {}): Promise<Life> {
  const { lora, ...options } = changes
  const model = tinyModel()
  if (lora) applyLora(model, { ...lora, seed: 1 })
  const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad)
  using optimizer = new AdamW(trained, { learningRate: 1e-2, weightDecay: 0.01 })
  const trainer = new SftTrainer({
    ...{ model, optimizer, examples: examplesFrom(0, 10), batch: { examples: 4 }, epochs: 3 },
    ...options,
  })
  const events: SftTrainerEvent[] = []
  const stop = new AbortController()
  try {
    for await (const event of trainer.run({ stop: stop.signal })) {
      events.push(event)
      if (event.type === 'step' && event.step === stopAfter) stop.abort(new Error('stopped'))
      if (event.type === 'step' && event.step === killAfter) break
    }
    return { model, trainer, events }
  } catch (error) {
    return { model, trainer, events, error }
  }
}

const withoutClock = (event: object) => {
  const { seconds: _, tokensPerSecond: __, ...rest } = event as Record<string, unknown>
  return rest
}
const stepsOf = ({ events }: Life) => events.flatMap((event) => (event.type === 'step' ? [withoutClock(event)] : []))
const evaluationsOf = ({ events }: Life) => events.flatMap((event) => (event.type === 'evaluation' ? [event] : []))
const metricsIn = (folder: string) =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => withoutClock(JSON.parse(line)))

describe('a run', () => {
  test('lowers the loss, epoch after epoch, by the schedule', async () => {
    const learningRateSchedule = { decay: 'linear', warmupSteps: 2 } as const
    const life = await run({ learningRateSchedule, heldOut: examplesFrom(4, 5) })
    using _ = life.model
    const steps = stepsOf(life)
    expect(steps.map(({ step, epoch, numExamples }) => [step, epoch, numExamples])).toEqual([
      ...[
        [1, 1, 4],
        [2, 1, 4],
        [3, 1, 2],
      ],
      ...[
        [4, 2, 4],
        [5, 2, 4],
        [6, 2, 2],
      ],
      ...[
        [7, 3, 4],
        [8, 3, 4],
        [9, 3, 2],
      ],
    ])
    expect(steps.map(({ learningRate }) => Number((Number(learningRate) / 1e-2).toFixed(6)))).toEqual([
      ...[0.5, 1, 1, 0.857143, 0.714286, 0.571429, 0.428571, 0.285714, 0.142857], // to 0 where the run ends
    ])
    expect(Number(steps.at(-1)?.loss)).toBeLessThan(0.5 * Number(steps[0]?.loss))
    const [before, after, ...others] = evaluationsOf(life)
    expect([before?.step, after?.step, others]).toEqual([0, 9, []])
    expect(after?.loss).toBeLessThan(before?.loss ?? 0)
    expect(after?.perplexity).toBe(Math.exp(after?.loss ?? 0))
  })

  test.each(['constant', 'cosine'] as const)('may be over before its warm-up, decay: %s', async (decay) => {
    const life = await run({ learningRateSchedule: { decay, warmupSteps: 8 }, maxSteps: 2 })
    using _ = life.model
    expect(life.error).toBeUndefined()
    expect(stepsOf(life).map(({ learningRate }) => learningRate)).toEqual([1e-2 / 8, (2 * 1e-2) / 8])
  })

  test('ends before its epochs where maxSteps says so', async () => {
    const life = await run({ maxSteps: 4 })
    using _ = life.model
    expect(stepsOf(life)).toHaveLength(4)
    expect(life.trainer.numSteps).toBe(4)
  })

  test('gives the same bits with the layers computed again, and other ones from another seed', async () => {
    const lives = [await run({}), await run({ useRecompute: true }), await run({ seed: 2 })]
    const [plain, recomputed, other] = await Promise.all(lives.map(({ model }) => weightsOf(model)))
    expect(recomputed).toEqual(plain)
    expect(other).not.toEqual(plain)
    for (const { model } of lives) model.dispose()
  })

  test('leaves the learning rate of the optimizer as it was', async () => {
    using model = tinyModel()
    using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
    const options = {
      model,
      optimizer,
      examples: examplesFrom(0, 3),
      learningRateSchedule: { decay: 'linear' } as const,
    }
    for await (const _ of new SftTrainer(options).run()) expect(optimizer.learningRate).toBe(1e-2)
    expect(optimizer.learningRate).toBe(1e-2)
  })
})

describe('the held-out loss', () => {
  test('is measured before the first step, every so many and at the end, once each', async () => {
    const life = await run({ heldOut: examplesFrom(4, 5), evaluateEverySteps: 3 })
    using _ = life.model
    expect(evaluationsOf(life).map(({ step }) => step)).toEqual([0, 3, 6, 9])
  })

  test('keeps the best model, and with patience ends the run when it gets no better', async () => {
    const out = join(temporaryFolder(), 'run')
    // Held out is the opposite of what is learned, so that it soon gets worse.
    const heldOut = examplesFrom(0, 6).map((example) => ({ ...example, tokens: example.tokens.toReversed() }))
    const life = await run({ heldOut, evaluateEverySteps: 1, patience: 2, epochs: 20, out })
    using _ = life.model
    const losses = evaluationsOf(life).map(({ loss }) => loss)
    const best = losses.indexOf(Math.min(...losses))
    expect(losses).toHaveLength(best + 3)
    expect(life.trainer.state).toMatchObject({ step: best + 2, best: { step: best }, numWithoutGain: 2 })
    expect(evaluationsOf(life).map(({ isBest }) => isBest)).toEqual(
      losses.map((loss, i) => loss < Math.min(Infinity, ...losses.slice(0, i))),
    )
    expect(existsSync(join(out, 'best/model.safetensors'))).toBe(best > 0)
    expect(existsSync(join(out, 'model/model.safetensors'))).toBe(true)
  })
})

describe('a run that is stopped', () => {
  const heldOut = examplesFrom(4, 5)
  const kinds: { name: string; options: Changes }[] = [
    { name: 'all weights', options: {} },
    { name: 'adapters with dropout', options: { lora: { rank: 2, alpha: 4, dropout: 0.25 }, tokensPerMicroBatch: 12 } },
    { name: 'batches by tokens', options: { batch: { tokens: 30 } } },
  ]

  test.each(kinds)('and goes on ends with the same weights, metrics and files: $name', async ({ options }) => {
    const folder = temporaryFolder()
    const settings = { heldOut, evaluateEverySteps: 2, checkpointEverySteps: 3, ...options }
    const whole = await run({ ...settings, out: join(folder, 'whole') })
    using first = whole.model

    // Stopped after step 4 with a checkpoint; then dead after step 8, whose last checkpoint is that of step 6.
    const path = join(folder, 'stopped')
    const stopped = await run({ ...settings, out: path }, { stopAfter: 4 })
    expect(stopped.error).toEqual(new Error('stopped'))
    stopped.model.dispose()
    for (const [step, killAfter] of [
      [4, 8],
      [6, Infinity],
    ] as const) {
      const out = await SftDirectory.reopen(path)
      const life = await run({ ...settings, out }, { killAfter })
      await out.close()
      expect(life.events[0]).toEqual({ type: 'resumed', step, damaged: [], warnings: [] })
      if (killAfter === Infinity) expect(await weightsOf(life.model)).toEqual(await weightsOf(first))
      life.model.dispose()
    }
    expect(metricsIn(path)).toEqual(metricsIn(join(folder, 'whole')))
    for (const name of ['model', 'best']) {
      const files = readdirSync(join(folder, 'whole', name))
      expect(readdirSync(join(path, name))).toEqual(files)
      for (const file of files)
        expect(readFileSync(join(path, name, file)).equals(readFileSync(join(folder, 'whole', name, file))), file).toBe(
          true,
        )
    }
  })

  test('before its first step goes on from its beginning', async () => {
    const path = join(temporaryFolder(), 'run')
    using model = tinyModel()
    using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
    const trainer = new SftTrainer({ model, optimizer, examples: examplesFrom(0, 4), out: path })
    const steps = trainer.run({ stop: AbortSignal.abort(new Error('at once')) })
    await expect(steps.next()).rejects.toThrow('at once')
    const out = await SftDirectory.reopen(path)
    const life = await run({ out, epochs: 1 })
    using _ = life.model
    expect(life.events[0]).toEqual({ type: 'resumed', step: 0, damaged: [], warnings: [] })
    expect(stepsOf(life)).toHaveLength(3)
    await out.close()
  })

  test('names a damaged checkpoint and goes on from the one before', async () => {
    const path = join(temporaryFolder(), 'run')
    const whole = await run({ out: path, checkpointEverySteps: 4 })
    using first = whole.model
    writeFileSync(join(path, 'checkpoints/step-000009/model.safetensors'), 'garbage')
    const out = await SftDirectory.reopen(path)
    const life = await run({ out, checkpointEverySteps: 4 })
    using _ = life.model
    expect(life.events[0]).toMatchObject({
      type: 'resumed',
      step: 8,
      damaged: [expect.stringMatching(/step-000009: .*model/)],
    })
    expect(await weightsOf(life.model)).toEqual(await weightsOf(first))
    await out.close()
  })

  test('at once throws the reason and leaves no gradients behind', async () => {
    using model = tinyModel()
    using optimizer = new AdamW(model.parameters(), { learningRate: 1e-2 })
    const trainer = new SftTrainer({ model, optimizer, examples: examplesFrom(0, 4) })
    const abort = new AbortController()
    const steps = trainer.run({ signal: abort.signal })
    const next = steps.next()
    abort.abort(new Error('now'))
    await expect(next).rejects.toThrow('now')
    expect(model.parameters().map(({ grad }) => grad)).toEqual(model.parameters().map(() => null))
  })
})

describe('adapters', () => {
  test('alone learn, and alone are written', async () => {
    const out = join(temporaryFolder(), 'run')
    const life = await run({ lora: { rank: 2, alpha: 4 }, epochs: 6, out, heldOut: examplesFrom(4, 5) })
    using model = life.model
    using base = tinyModel()
    const [before, after] = evaluationsOf(life)
    expect(after?.loss).toBeLessThan(before?.loss ?? 0)
    expect(await model.head.toArray()).toEqual(await base.head.toArray())
    expect(readdirSync(join(out, 'model')).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors'])
  })

  test('with dropout learn otherwise than without, the same every time', async () => {
    const options = { epochs: 2, tokensPerMicroBatch: 10 }
    const lives = [
      await run({ ...options, lora: { rank: 2, alpha: 4 } }),
      await run({ ...options, lora: { rank: 2, alpha: 4, dropout: 0.3 } }),
      await run({ ...options, lora: { rank: 2, alpha: 4, dropout: 0.3 } }),
    ]
    const [plain, dropped, again] = lives.map(stepsOf)
    expect(dropped).toEqual(again)
    expect(dropped?.[0]?.loss).toBe(plain?.[0]?.loss) // `b` is still zero
    expect(dropped?.at(-1)?.loss).not.toBe(plain?.at(-1)?.loss)
    for (const { model } of lives) model.dispose()
  })
})

describe('what cannot be', () => {
  const options = (model: Decoder): SftTrainerOptions => ({
    ...{ model, optimizer: new AdamW(model.parameters(), { learningRate: 1e-3 }), examples: examplesFrom(0, 2) },
  })

  test.each([
    [{ examples: [] }, '[sft] expected at least one example, got none'],
    [{ epochs: 0 }, '[sft] expected a whole number of at least 1 for epochs, got 0'],
    [{ tokensPerMicroBatch: 0.5 }, '[sft] expected a whole number of at least 1 for tokensPerMicroBatch, got 0.5'],
    [{ patience: -1 }, '[sft] expected a whole number of at least 1 for patience, got -1'],
    [
      { heldOut: [{ id: 'x', tokens: [1, 99], answers: [{ begin: 1, end: 2 }] }] },
      '[sft] expected tokens below 33 in "x", got 99',
    ],
    [
      { examples: [{ id: 'y', tokens: new Array(130).fill(1), answers: [{ begin: 1, end: 2 }] }] },
      '[sft] expected examples of at most 129 tokens, for the model\'s 128 positions, got 130 for "y"',
    ],
  ])('%j is an error before anything is done', (changes, message) => {
    using model = tinyModel()
    expect(() => new SftTrainer({ ...options(model), ...changes })).toThrow(message)
  })

  test('a directory with something in it, or with a run under way, is refused', async () => {
    const folder = temporaryFolder()
    using model = tinyModel()
    const path = join(folder, 'run')
    const directory = await SftDirectory.create(path)
    await expect(SftDirectory.reopen(path)).rejects.toThrow(/expected a run that no other process works in/)
    await expect(new SftTrainer({ ...options(model), out: path }).run().next()).rejects.toThrow(
      /expected an empty or new directory/,
    )
    await directory.close()
  })

  test('weights that are no numbers end the run', async () => {
    using model = tinyModel()
    model.norm.weight.write(new Float32Array(32).fill(Number.NaN))
    await expect(new SftTrainer(options(model)).run().next()).rejects.toMatchObject({ code: 'LossError' })
  })
})

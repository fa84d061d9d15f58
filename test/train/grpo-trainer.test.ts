import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { memoryStats } from '../../lib/device.js'
import { type Decoder, loadModel, saveModel } from '../../lib/models/index.js'
import type { Reward } from '../../lib/reward/reward.js'
import type { Stage } from '../../lib/schedule/context-schedule.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import type { TrainerStep } from '../../lib/train/grpo-trainer.js'
import { RunDirectory } from '../../lib/train/run/run-directory.js'
import type { GrpoTrainerOptions } from '../../lib/train/trainer-options.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { allSteps, digitModel, digitProblems, digitShare, digitTokenizer, tinyTrainer, weightsOf } from './tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

const runDirectory = (folder = temporaryFolder()) =>
  RunDirectory.create(join(folder, 'run'), { recipeYaml: '', versions: {} })
const readLines = (out: RunDirectory, name: string) =>
  readFileSync(join(out.path, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const oneStep = [{ maxResponseTokens: 8, until: { steps: 1 } }]

/** digitShare, but for some of the calls, counted from 0 over the run. */
function failingFor(picked: (call: number) => boolean, failure: Reward): Reward {
  let numCalls = 0
  return function picky(sample) {
    return picked(numCalls++) ? failure(sample) : digitShare(sample)
  }
}

describe('a run through three stages', () => {
  const stages = [
    { maxResponseTokens: 8, until: { steps: 2 } },
    { maxResponseTokens: 12, learningRate: 5e-4, numAnswers: 6, reset: ['optimizer' as const], until: { steps: 1 } },
    { maxResponseTokens: 16, until: { steps: 4, truncatedShare: { above: 0, forSteps: 2 } } },
  ]
  let steps: TrainerStep[]
  let metrics: Record<string, unknown>[]
  let samples: Record<string, unknown>[]
  let numUpdates: number
  beforeAll(async () => {
    using model = digitModel(tokenizer)
    const folder = await mkdtemp(join(tmpdir(), 'lengthen-test-'))
    const out = await runDirectory(folder)
    const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages }, { out })
    steps = await allSteps(trainer)
    numUpdates = optimizer.numSteps
    optimizer.dispose()
    await out.close()
    metrics = readLines(out, 'metrics.jsonl')
    samples = readLines(out, 'samples.jsonl')
    await rm(folder, { recursive: true })
  })

  test('gives each step its stage’s limit, learning rate and number of answers', () => {
    const settings = steps.map((s) => [s.step, s.stage, s.maxResponseTokens, s.learningRate, s.numSamples])
    expect(settings).toEqual([
      [1, 0, 8, 1e-3, 40],
      [2, 0, 8, 1e-3, 40],
      [3, 1, 12, 5e-4, 24],
      [4, 2, 16, 1e-3, 40],
      [5, 2, 16, 1e-3, 40],
    ])
    for (const { maxTokens, maxResponseTokens } of steps) expect(maxTokens).toBe(maxResponseTokens)
  })

  test('says at the end of a stage why it ended', () => {
    expect(steps.map(({ stageEnd }) => stageEnd)).toEqual([
      undefined,
      'stage 1 of 3 (8 tokens) is over: 2 steps done',
      'stage 2 of 3 (12 tokens) is over: 1 steps done',
      undefined,
      'stage 3 of 3 (16 tokens) is over: more than 0% of answers truncated in each of 2 steps, 12.5% in the last',
    ])
  })

  test('begins the optimizer anew where a stage asks for it', () => {
    expect(numUpdates).toBe(3) // of the last three steps
  })

  test('has finite metrics, and log-probabilities of the rollout’s bits', () => {
    for (const { stageEnd: _, nextStage: __, ...numbers } of steps) {
      for (const [name, value] of Object.entries(numbers)) expect(value, name).toSatisfy(Number.isFinite)
      expect(numbers.maxLogprobDifference).toBe(0)
      expect(numbers.gradientNorm).toBeGreaterThan(0)
    }
  })

  test('writes each step’s metrics and samples, with the texts of one prompt', () => {
    expect(metrics).toEqual(steps.map(({ stageEnd: _, nextStage: __, ...written }) => written))
    expect(samples.map(({ step }) => step)).toEqual(steps.flatMap((s) => new Array(s.numSamples).fill(s.step)))
    expect(samples.filter(({ text }) => text !== undefined)).toHaveLength(samples.length / 4)
    const row = digitProblems.rowsOf(0, 1)[0]
    for (const sample of samples.slice(0, 10)) {
      expect(sample).toMatchObject({ id: row?.id, problem: row?.problem })
      const isFinished = sample.finishReason === 'stop'
      expect(sample.reward).toBe(isFinished ? digitShare({ text: sample.text } as never) : 0)
    }
  })
})

describe('the reference', () => {
  const train = async (reset?: Stage['reset'], klWeight = 0.01) => {
    const before = memoryStats().usedBytes
    using model = digitModel(tokenizer)
    const stages: Stage[] = [
      { maxResponseTokens: 8, until: { steps: 2 } },
      { maxResponseTokens: 8, reset, until: { steps: 1 } },
    ]
    const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages }, { klWeight })
    const steps = await allSteps(trainer)
    optimizer.dispose()
    return { kl: steps.map(({ referenceKl }) => referenceKl), grown: memoryStats().usedBytes - before }
  }

  test('is the weights of the run’s start, or of the stage that resets it, and is freed at the end', async () => {
    const kept = await train()
    expect(kept.kl[0]).toBe(0)
    expect(kept.kl[1]).toBeGreaterThan(0)
    expect(kept.kl[2]).toBeGreaterThan(0)
    const anew = await train(['reference'])
    expect(anew.kl).toEqual([kept.kl[0], kept.kl[1], 0])
    // A model takes about 100 KB; single numbers come and go.
    const without = await train(undefined, 0)
    for (const { grown } of [kept, anew]) expect(Math.abs(grown - without.grown)).toBeLessThan(1000)
  })

  test('is not there without a KL term', async () => {
    using model = digitModel(tokenizer)
    const steps = await allSteps(tinyTrainer({ model, tokenizer }).trainer)
    expect(steps.map(({ referenceKl }) => referenceKl)).toEqual([0, 0])
  })
})

describe('a stage of its own settings', () => {
  const run = async (stages: Stage[], options: Partial<GrpoTrainerOptions> = {}) => {
    using model = digitModel(tokenizer)
    const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages }, options)
    const steps = await allSteps(trainer)
    optimizer.dispose()
    return { steps, weights: await weightsOf(model) }
  }

  test.each<[Partial<Stage>]>([
    [{ temperature: 0.7 }],
    [{ klWeight: 0.5 }],
    [{ entropyWeight: 0.5 }],
    [{ klWeight: 0.5, klEstimator: 'k1' }],
    [{ clipLow: 1e-4, clipHigh: 1e-4 }],
  ])('trains as a run with them would: %o', async (settings) => {
    const stages = [{ maxResponseTokens: 8, until: { steps: 2 } }]
    const options = { miniBatches: 2 }
    const own = await run([{ ...stages[0], ...settings } as Stage], options)
    expect(own.weights).toEqual((await run(stages, { ...options, ...(settings as object) })).weights)
    expect(own.weights).not.toEqual((await run(stages, options)).weights)
  })

  test('has the learning rate of its own schedule, or goes on with the run’s', async () => {
    const { steps } = await run(
      [
        { maxResponseTokens: 8, until: { steps: 2 } },
        { maxResponseTokens: 8, until: { steps: 2 } },
        { maxResponseTokens: 8, learningRate: 8e-4, learningRateSchedule: { warmupSteps: 2 }, until: { steps: 3 } },
        { maxResponseTokens: 8, reset: ['optimizer'], until: { steps: 1 } },
      ],
      { learningRateSchedule: { decay: 'linear', steps: 4 } },
    )
    const expected = [10, 7.5, 5, 2.5, 4, 8, 8, 10]
    steps.forEach(({ learningRate }, i) => {
      expect(learningRate).toBeCloseTo((expected[i] as number) * 1e-4, 12)
    })
  })

  test('may see the problems from the first on again', async () => {
    const seen: string[] = []
    const reward: Reward = ({ row }) => {
      seen.push(row.id)
      return 0
    }
    const stages: Stage[] = [
      { maxResponseTokens: 120, numAnswers: 1, until: { steps: 2 } },
      { maxResponseTokens: 120, numAnswers: 1, reset: ['dataOrder'], until: { steps: 2 } },
    ]
    await run(stages, { reward })
    expect(seen.slice(8)).toEqual(seen.slice(0, 8))
    expect(new Set(seen).size).toBe(8)
  })
})

test('a trained model is written as a folder that loads with the same bits', async () => {
  using model = digitModel(tokenizer)
  await allSteps(tinyTrainer({ model, tokenizer }).trainer)
  const out = await runDirectory()
  const folder = await out.writeModel((to) => saveModel(to, { model, tokenizer }))
  await out.close()
  const loaded = await loadModel(folder)
  using again: Decoder = loaded.model
  expect(await weightsOf(again)).toEqual(await weightsOf(model))
  const [ours, theirs] = await Promise.all(
    [model, again].map(async (each) => {
      const [step] = await allSteps(tinyTrainer({ model: each, tokenizer: loaded.tokenizer, stages: oneStep }).trainer)
      return [step?.reward, step?.entropy, step?.loss, step?.gradientNorm]
    }),
  )
  expect(theirs).toEqual(ours)
})

test('a run again gives the same bits, and another seed others', async () => {
  const run = async (seed: number) => {
    using model = digitModel(tokenizer)
    await allSteps(tinyTrainer({ model, tokenizer }, { seed, miniBatches: 2, tokensPerMicroBatch: 100 }).trainer)
    return weightsOf(model)
  }
  const weights = await run(1)
  expect(await run(1)).toEqual(weights)
  expect(await run(2)).not.toEqual(weights)
})

test('a trainer rehearses its stages, and trains as one that has not', async () => {
  const stages: Stage[] = [
    { maxResponseTokens: 8, until: { steps: 1 } },
    { maxResponseTokens: 12, klWeight: 0.1, until: { steps: 1 } },
  ]
  const run = async (isRehearsed: boolean) => {
    using model = digitModel(tokenizer)
    const { trainer, optimizer } = tinyTrainer({ model, tokenizer, stages })
    const peaks: number[] = []
    if (isRehearsed) for await (const { peakBytes } of trainer.rehearse()) peaks.push(peakBytes)
    await allSteps(trainer)
    optimizer.dispose()
    return { peaks, weights: await weightsOf(model) }
  }
  const rehearsed = await run(true)
  expect(rehearsed.peaks).toHaveLength(2)
  expect(rehearsed.peaks[1]).toBeGreaterThan(rehearsed.peaks[0] as number)
  expect(rehearsed.weights).toEqual((await run(false)).weights)
})

test('equal rewards change no weight', async () => {
  using model = digitModel(tokenizer)
  const before = await weightsOf(model)
  const { trainer, optimizer } = tinyTrainer({ model, tokenizer }, { reward: () => 0 })
  const steps = await allSteps(trainer)
  expect(await weightsOf(model)).toEqual(before)
  expect(optimizer.numSteps).toBe(0)
  for (const step of steps) {
    expect(step).toMatchObject({ reward: 0, loss: 0, gradientNorm: 0, clipFraction: 0, maxLogprobDifference: 0 })
    expect(step.entropy).toBeGreaterThan(1)
  }
})

test('learning rate 0 changes no weight', async () => {
  using model = digitModel(tokenizer)
  const before = await weightsOf(model)
  const stages = [{ maxResponseTokens: 8, learningRate: 0, until: { steps: 2 } }]
  const steps = await allSteps(tinyTrainer({ model, tokenizer, stages }).trainer)
  expect(steps.every(({ gradientNorm }) => gradientNorm > 0)).toBe(true)
  expect(await weightsOf(model)).toEqual(before)
})

test('an answer cut at the limit scores 0, and no reward is asked about it', async () => {
  using model = digitModel(tokenizer)
  let numCalls = 0
  const reward: Reward = () => {
    numCalls++
    return 1
  }
  const [step] = await allSteps(tinyTrainer({ model, tokenizer, stages: oneStep }, { reward }).trainer)
  expect(numCalls).toBe(Math.round(40 * (1 - (step?.truncatedShare ?? 0))))
  expect(step?.reward).toBe(numCalls / 40)
  expect(numCalls).toBeGreaterThan(0)
  expect(numCalls).toBeLessThan(40)
})

describe('a reward of the user’s own', () => {
  const throwing: Reward = () => {
    throw new Error('the grader is down')
  }

  test('may be asynchronous', async () => {
    using model = digitModel(tokenizer)
    using asyncModel = digitModel(tokenizer)
    const reward: Reward = async (sample) => {
      await new Promise((resolve) => setTimeout(resolve, sample.text.length % 3))
      return digitShare(sample)
    }
    await allSteps(tinyTrainer({ model, tokenizer }).trainer)
    await allSteps(tinyTrainer({ model: asyncModel, tokenizer }, { reward }).trainer)
    expect(await weightsOf(asyncModel)).toEqual(await weightsOf(model))
  })

  test('that throws for 5% of the samples costs those samples only, which are counted', async () => {
    using model = digitModel(tokenizer)
    const out = await runDirectory()
    const reward = failingFor((call) => call < 2, throwing)
    const steps = await allSteps(tinyTrainer({ model, tokenizer }, { reward, out }).trainer)
    await out.close()
    expect(steps.map(({ numMissingRewards, numSamples }) => [numMissingRewards, numSamples])).toEqual([
      [2, 40],
      [0, 40],
    ])
    const rewards = readLines(out, 'samples.jsonl').map(({ reward }) => reward)
    expect(rewards.filter((reward) => reward === null)).toHaveLength(2)
  })

  test('that throws for more fails the run, names a row and changes no weight', async () => {
    using model = digitModel(tokenizer)
    const before = await weightsOf(model)
    const reward = failingFor((call) => call >= 5 && call < 8, throwing)
    await expect(allSteps(tinyTrainer({ model, tokenizer }, { reward }).trainer)).rejects.toMatchObject({
      code: 'RewardError',
      message: expect.stringMatching(
        /^\[reward picky\] 3 of 40 samples have no score, more than 5%; first: row "step 0, problem \d": the grader is down$/,
      ),
    })
    expect(await weightsOf(model)).toEqual(before)
  })

  test('that never answers is cut off at its deadline', async () => {
    using model = digitModel(tokenizer)
    const reward = failingFor(
      (call) => call === 7,
      () => new Promise(() => {}),
    )
    const [step] = await allSteps(
      tinyTrainer({ model, tokenizer, stages: oneStep }, { reward, rewardDeadlineMs: 50 }).trainer,
    )
    expect(step?.numMissingRewards).toBe(1)
  })

  test('that never answers does not hold up an abort', async () => {
    using model = digitModel(tokenizer)
    const stop = new AbortController()
    const reward: Reward = () => {
      setTimeout(() => stop.abort(new Error('stopped')), 10)
      return new Promise(() => {})
    }
    const { trainer } = tinyTrainer({ model, tokenizer }, { reward })
    await expect(trainer.run({ signal: stop.signal }).next()).rejects.toThrow('stopped')
  })

  test('may be missing for all samples of a step only where that is allowed, and then there is nothing to report', async () => {
    using model = digitModel(tokenizer)
    const stages = [{ maxResponseTokens: 120, until: { steps: 1 } }] // no answer is cut
    const { trainer } = tinyTrainer({ model, tokenizer, stages }, { reward: throwing, maxMissingShare: 1 })
    await expect(allSteps(trainer)).rejects.toThrow('[train] step 1 has no scored answer')
  })
})

test('weights that are no numbers end the run with an error, and the metrics of the steps before are whole', async () => {
  using model = digitModel(tokenizer)
  const out = await runDirectory()
  const { trainer } = tinyTrainer({ model, tokenizer }, { out })
  const run = trainer.run()
  await run.next()
  model.head.write(new Float32Array(model.head.numElements).fill(Number.NaN))
  await expect(run.next()).rejects.toThrow(/finite logits/)
  await out.close()
  expect(readLines(out, 'metrics.jsonl')).toHaveLength(1)
})

test('a prompt that is too long is an error that names its row', async () => {
  using model = digitModel(tokenizer)
  const { trainer } = tinyTrainer({ model, tokenizer }, { maxPromptTokens: 3 })
  await expect(allSteps(trainer)).rejects.toMatchObject({
    code: 'ArgumentError',
    message: '[prompt] expected prompts of at most maxPromptTokens = 3 tokens, got 4 for row "step 0, problem 0"',
  })
})

test('a reference that a stage resets need not be there', async () => {
  using model = digitModel(tokenizer)
  const stages: Stage[] = [
    { maxResponseTokens: 8, until: { steps: 1 } },
    { maxResponseTokens: 8, reset: ['reference'], until: { steps: 1 } },
  ]
  const steps = await allSteps(tinyTrainer({ model, tokenizer, stages }).trainer)
  expect(steps.map(({ referenceKl }) => referenceKl)).toEqual([0, 0])
})

test('the optimizer has its own learning rate again after a run, however it ends', async () => {
  using model = digitModel(tokenizer)
  const decaying = { learningRateSchedule: { decay: 'linear' as const, steps: 2 } }
  const { trainer, optimizer } = tinyTrainer({ model, tokenizer }, decaying)
  await allSteps(trainer)
  expect(optimizer.learningRate).toBe(1e-3)
  for await (const _ of trainer.run()) break
  expect(optimizer.learningRate).toBe(1e-3)
  const [first] = await allSteps(tinyTrainer({ model, tokenizer }, { ...decaying, optimizer }).trainer)
  expect(first?.learningRate).toBe(1e-3)
})

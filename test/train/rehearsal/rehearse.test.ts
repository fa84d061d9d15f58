import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { device, OutOfMemoryError } from '../../../lib/index.js'
import type { Stage } from '../../../lib/schedule/context-schedule.js'
import { planOf } from '../../../lib/train/plan/plan.js'
import { parseRecipe } from '../../../lib/train/recipe/recipe.js'
import { rehearse, type StageRehearsal } from '../../../lib/train/rehearsal/rehearse.js'
import type { RehearsalOptions } from '../../../lib/train/rehearsal/settings.js'
import { type FullRun, fullRun, fullRunShape } from './run-of-full-answers.js'

const stages: Stage[] = [
  { maxResponseTokens: 40, until: { steps: 2 } },
  { maxResponseTokens: 120, until: { steps: 2 } },
]
const sampling = { useRecompute: true, tokensPerMicroBatch: 64, numAnswers: 12 }

const budgetBefore = device.memoryStats().budgetBytes
afterEach(() => device.setMemoryBudget(budgetBefore))

async function rehearsalOf(run: FullRun, changes: RehearsalOptions = {}): Promise<StageRehearsal[]> {
  const all: StageRehearsal[] = []
  for await (const one of rehearse(run, run.stages, { ...run.settings, ...changes })) all.push(one)
  return all
}

/** The most bytes in use during the steps of each stage. */
async function peaksOf({ trainer }: FullRun): Promise<number[]> {
  const peaks: number[] = []
  device.resetPeakMemory()
  for await (const { stage } of trainer.run()) {
    peaks[stage] = Math.max(peaks[stage] ?? 0, device.memoryStats().peakUsedBytes)
    device.resetPeakMemory()
  }
  return peaks
}

test.each<[string, Parameters<typeof fullRun>[1]]>([
  ['one micro-batch an update', {}],
  ['several', { tokensPerMicroBatch: 500 }],
  ['a micro-batch for each answer', { tokensPerMicroBatch: 1 }],
  ['a reference', { klWeight: 0.1 }],
  ['adapters on a base in bf16', { lora: { rank: 4, alpha: 8 }, klWeight: 0.1, tokensPerMicroBatch: 500 }],
  ['an entropy bonus that is yet to come', { entropyWeight: 0, adaptiveEntropy: { target: 100, delta: 0.1, max: 1 } }],
  ['moments of 8 bits and recomputing', { moments: '8bit', useRecompute: true }],
  ['sampling that takes more than learning', sampling],
  ['a cache that does not take all at once', { ...sampling, cacheBytes: 2_000_000 }],
  ['a cache for few at a time', { ...sampling, numAnswers: 6, promptsPerStep: 2, cacheBytes: 210_000 }],
])('with %s a rehearsal takes at least what the run takes, and at most 1.3 times that', async (_, options) => {
  using run = await fullRun(stages, options)
  const rehearsed = await rehearsalOf(run)
  const real = await peaksOf(run)
  expect(rehearsed.map(({ stage, maxResponseTokens }) => [stage, maxResponseTokens])).toEqual([
    [0, 40],
    [1, 120],
  ])
  rehearsed.forEach(({ peakBytes, rolloutPeakBytes, updatePeakBytes }, i) => {
    expect(peakBytes).toBe(Math.max(rolloutPeakBytes, updatePeakBytes))
    expect(peakBytes / (real[i] as number)).toBeGreaterThanOrEqual(1)
    expect(peakBytes / (real[i] as number)).toBeLessThan(1.3)
  })
})

test('a run after a rehearsal is the run that it would have been, and nothing stays in memory', async () => {
  const outcome = async (isRehearsed: boolean) => {
    using run = await fullRun(stages, { klWeight: 0.1 })
    const weights = () => Promise.all(run.model.parameters().map(async (p) => hash(await p.readBytes())))
    const before = await weights()
    const usedBytes = device.memoryStats().usedBytes
    if (isRehearsed) {
      await rehearsalOf(run, { hasSnapshot: true })
      expect(await weights()).toEqual(before)
      expect([run.optimizer.numSteps, run.optimizer.stateTensors().size]).toEqual([0, 0])
      expect(run.optimizer.parameters.every(({ grad }) => grad === null)).toBe(true)
      // The kernels' copies of the weights, which the first step would make, are all that is more.
      expect(device.memoryStats().usedBytes - usedBytes).toBeLessThan(2.2 * bytesOf(run))
    }
    const told: number[][] = []
    for await (const step of run.trainer.run())
      told.push([step.loss, step.gradientNorm, step.entropy, step.referenceKl])
    return [told, await weights()]
  }
  expect(await outcome(true)).toEqual(await outcome(false))
})

test('takes a trainer’s options with their defaults, a method’s among them, and names one that is wrong', async () => {
  using run = await fullRun(stages)
  const peak = async (options: RehearsalOptions) => {
    for await (const { peakBytes } of rehearse(run, run.stages, options)) return peakBytes
    return 0
  }
  const given = { promptsPerStep: 4, numAnswers: 4, maxPromptTokens: 16 }
  const plain = await peak(given)
  expect(await peak({ ...run.settings, entropyWeight: 0 })).toBe(plain)
  expect(await peak({ ...given, method: 'grpo' })).toBeGreaterThan(plain) // which has a reference
  await expect(peak({ ...given, numAnswers: 0 })).rejects.toThrow('[rehearsal] expected ')
})

test('moments that are there already are not taken twice', async () => {
  using run = await fullRun(stages)
  for await (const _ of run.trainer.run()) break
  const [before] = await rehearsalOf(run)
  run.optimizer.reset()
  const [after] = await rehearsalOf(run)
  expect(after?.peakBytes).toBe(before?.peakBytes)
})

test('a copy for checkpoints takes the weights and the moments once more', async () => {
  using run = await fullRun(stages)
  const [plain] = await rehearsalOf(run)
  const [copied] = await rehearsalOf(run, { hasSnapshot: true })
  const more = (copied?.peakBytes ?? 0) - (plain?.peakBytes ?? 0)
  expect(more / (3 * bytesOf(run))).toBeGreaterThanOrEqual(1)
  expect(more / (3 * bytesOf(run))).toBeLessThan(1.1)
})

test('the evaluation comes last, with its own cache and no update', async () => {
  using run = await fullRun(stages)
  const evaluation = { numProblems: 50, samplesPerProblem: 4, maxResponseTokens: 200 }
  const all = await rehearsalOf(run, { evaluation })
  expect(all.map(({ stage }) => stage)).toEqual([0, 1, null])
  const [, second, last] = all as [StageRehearsal, StageRehearsal, StageRehearsal]
  expect(last).toMatchObject({ maxResponseTokens: 200, updatePeakBytes: 0, peakBytes: last.rolloutPeakBytes })
  expect(last.rolloutPeakBytes).toBeGreaterThan(5 * second.rolloutPeakBytes)
})

test.each([false, true])(
  'the plan’s peak is within a fifth of the rehearsal’s, recomputing %s',
  async (useRecompute) => {
    const usedBefore = device.memoryStats().usedBytes
    using run = await fullRun(stages, { useRecompute })
    const rehearsed = await rehearsalOf(run)
    const recipe = parseRecipe(
      `name: full
model: { path: m }
data: { train: a, heldOut: b }
rollout: { promptsPerStep: 4, numAnswers: 4, maxPromptTokens: 16 }
objective: { useRecompute: ${useRecompute} }
schedule: { stages: [{ maxResponseTokens: 40, until: { steps: 2 } }, { maxResponseTokens: 120 }] }
`,
      'r.yaml',
    )
    planOf(recipe, fullRunShape).stages.forEach(({ memory: { peak, snapshot } }, i) => {
      const real = (rehearsed[i]?.peakBytes as number) - usedBefore
      expect((peak - snapshot) / real).toBeGreaterThan(0.8)
      expect((peak - snapshot) / real).toBeLessThan(1.2)
    })
  },
)

test('what does not fit is an error that names the stage, what was tried, the bytes, and keys that ask for less', async () => {
  using run = await fullRun(stages)
  const [first, second] = (await rehearsalOf(run)) as [StageRehearsal, StageRehearsal]
  device.setMemoryBudget((first.peakBytes + second.peakBytes) / 2)
  const seen: (number | null)[] = []
  const error = await (async () => {
    for await (const { stage } of rehearse(run, run.stages, run.settings)) seen.push(stage)
  })().catch((error) => error)
  expect(error).toBeInstanceOf(OutOfMemoryError)
  expect(error.askedBytes).toBeGreaterThan(error.freeBytes)
  const { askedBytes, freeBytes } = error
  expect(error.message).toMatch(
    /^\[rehearsal\] stage 2 \(120 tokens\): learning from 16 answers at once does not fit into memory: /,
  )
  expect(error.message).toContain(` asked for ${askedBytes} bytes, ${freeBytes} are free; less is asked with `)
  const remedies =
    'objective.useRecompute: true, or a smaller objective.tokensPerMicroBatch, or optimizer.moments: 8bit'
  expect(error.message.endsWith(remedies)).toBe(true)
  expect(seen).toEqual([0])
  // It leaves no gradients, and what did fit still does.
  expect(run.optimizer.parameters.every(({ grad }) => grad === null)).toBe(true)
  device.setMemoryBudget(budgetBefore)
  expect(await rehearsalOf(run)).toHaveLength(2)
})

test('a cache that does not fit is the sampling’s, and moments that do not fit are told before any stage', async () => {
  using run = await fullRun(stages, { useRecompute: true, tokensPerMicroBatch: 64, moments: '8bit' })
  const evaluation = { numProblems: 500, samplesPerProblem: 4, maxResponseTokens: 200 }
  device.setMemoryBudget(device.memoryStats().usedBytes + 2e7)
  await expect(rehearsalOf(run, { evaluation })).rejects.toThrow(
    /the held-out evaluation \(200 tokens\): sampling 2000 answers does not fit .* with a smaller rollout.cacheBytes, or a /,
  )
  await run.model.head.readBytes() // what was released is given back by then
  device.setMemoryBudget(device.memoryStats().usedBytes + 50_000)
  await expect(rehearsalOf(run)).rejects.toThrow(/before the first step: .* moments.* does not fit .* with model.lora$/)
})

test('a signal ends it between two parts, and all memory is given back', async () => {
  using run = await fullRun(stages)
  await rehearsalOf(run)
  await run.model.head.readBytes()
  const { usedBytes } = device.memoryStats()
  const stop = new AbortController()
  const rehearsal = rehearse(run, run.stages, { ...run.settings, signal: stop.signal })
  await rehearsal.next()
  stop.abort(new Error('stopped'))
  await expect(rehearsal.next()).rejects.toThrow('stopped')
  await run.model.head.readBytes() // what is released goes back in queue order
  expect(device.memoryStats().usedBytes).toBe(usedBytes)
})

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const bytesOf = ({ model }: FullRun): number =>
  model.parameters().reduce((sum, { numElements }) => sum + 4 * numElements, 0)

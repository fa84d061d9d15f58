// Every function and class of the package, called from JavaScript without what it needs, or with a mistyped option: an error of
// this package says so, and where. None of them gets as far as a TypeError from within.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import * as lengthen from '../lib/index.js'
import { codec, tinyModel } from './rollout/tiny-model.js'

const { ArgumentError, LengthenError, saveModel, Tokenizer } = lengthen

// biome-ignore lint/suspicious/noExplicitAny: a caller without types
type Untyped = Record<string, any>
const at = lengthen as Untyped
const folder = mkdtempSync(join(tmpdir(), 'lengthen-border-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const model = tinyModel()
afterAll(() => model.dispose())

/** What a call throws, rejects with, or throws as its iteration begins. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    const result = (await call()) as Partial<AsyncGenerator> | undefined
    await result?.next?.()
  } catch (error) {
    return error
  }
  return 'nothing was thrown'
}

/** Sound without an argument, or never called by users. */
const withoutArguments = new Set([
  ...[
    'device',
    'formatReward',
    'GraderPool',
    'makeGuard',
    'mathReward',
    'mathRules',
    'Module',
    'messageOf',
    'placeText',
  ],
  ...['numThreads', 'target', 'memoryStats', 'resetPeakMemory', 'trim', 'emptyInit', 'normalInit', 'Program', 'Tensor'],
  ...['DecoderLayer', 'IncrementalDecoder', 'ResultMemory', 'ResultStore', 'RunDirectory', 'RunKeeper', 'SftDirectory'],
  'Tokenizer',
])

const callable = (members: Untyped): [string, () => unknown][] =>
  Object.entries(members).flatMap(([name, member]): [string, () => unknown][] => {
    if (typeof member !== 'function' || withoutArguments.has(name) || name.endsWith('Error')) return []
    const isClass = /^[A-Z]/.test(name)
    return [[name, () => (isClass ? new member() : member())]]
  })

describe('without arguments', () => {
  it.each([lengthen, lengthen.ops, lengthen.nn, lengthen.device].flatMap((members) => callable(members as Untyped)))(
    '%s throws an error of this package, with its place',
    async (_name, call) => {
      const error = await thrownBy(call)
      expect(error).toBeInstanceOf(ArgumentError)
      expect((error as Error).message).toMatch(/^\[[^\]]+\] /)
    },
  )

  it.each(['ResultStore', 'RunDirectory', 'RunKeeper', 'SftDirectory', 'Tokenizer'])(
    '%s, opened, throws an error of this package',
    async (name) => {
      const { open, create, load } = at[name]
      expect(await thrownBy(() => (open ?? create ?? load).call(at[name]))).toBeInstanceOf(ArgumentError)
    },
  )
})

describe('a mistyped option', () => {
  const row = { id: '1', problem: '', answer: '1' }
  const parts = { engine: { generate() {} }, tokenizer: codec }
  const decoder = { vocabularySize: 3, width: 8, feedForwardWidth: 8, numLayers: 1, numHeads: 1 }
  it.each<[string, () => unknown]>([
    ['"lr" in options; known are learningRate', () => new at.AdamW([], { lr: 1 })],
    ['"maxStep" in options; did you mean "maxSteps"?', () => at.contextSchedule([{}], { maxStep: 1 })],
    ['"deadlinMs" in options', () => at.mathReward({ deadlinMs: 3 })],
    ['"x" in options; known are needsThinkingClosed', () => at.formatReward({ x: 1 })],
    ['"needBox" in options; did you mean "needsBox"?', () => at.gradeMath('1', '1', { needBox: false })],
    ['"wieght" in part; did you mean "weight"?', () => at.weightedReward([{ reward: () => 1, wieght: 1 }])],
    ['"numWorker" in options; did you mean "numWorkers"?', () => new at.GraderPool({ numWorker: 1 })],
    ['"maxBatches" in options; did you mean "maxBatch"?', () => new at.RolloutEngine(model, codec, { maxBatches: 1 })],
    ['"numAnswer"', () => new at.RolloutEngine(model, codec).generate(['a'], { numAnswer: 2, maxResponseTokens: 1 })],
    ['"normalise" in options; did you mean "normalize"?', () => at.groupAdvantages([[1]], { normalise: 'none' })],
    ['"temprature" in options', () => at.scoreAnswers(model, [], { temprature: 1 })],
    ['"clip" in objective', () => at.accumulateGradients(model, [], { clip: 1 }, {})],
    ['"devise" in options; did you mean "device"?', () => at.pack([[1]], { devise: 'cpu' })],
    ['"layers" in decoder', () => at.createModel({ ...decoder, layers: 1 }, { seed: 1 })],
    ['"sead" in options; did you mean "seed"?', () => at.createModel(decoder, { sead: 1 })],
    ['"dtyp" in options; did you mean "dtype"?', () => at.loadModel(folder, { dtyp: 'f32' })],
    ['"tokeniser" in parts; did you mean "tokenizer"?', () => saveModel(folder, { model, tokeniser: 1 } as never)],
    ['"ranks" in options; did you mean "rank"?', () => at.applyLora(model, { ranks: 1 })],
    ['"colums" in source; did you mean "columns"?', () => at.readRows({ path: 'x', colums: {} })],
    ['"needsAnswers" in options', () => at.readRows('x', { needsAnswers: true })],
    ['"revison" in options; did you mean "revision"?', () => at.downloadFromHub('a/b', { revison: 'main' })],
    ['"weight" in options; did you mean "weights"?', () => at.shuffledRows([row], { seed: 1, weight: [1] })],
    ['"samples" in options', () => at.evaluate(parts, { rows: [row], reward: () => 1, samples: 1 })],
    ['"adress" in options; did you mean "address"?', () => at.serverModel({ adress: 'http://localhost' })],
    ['"sede" in options; did you mean "seed"?', () => at.measure([], { sede: 1 })],
    ['"steps" in options', () => at.distill(model, () => [], { steps: 1 })],
    ['"epoch" in options; did you mean "epochs"?', () => new at.SftTrainer({ epoch: 1 })],
    ['"sets" in options; did you mean "set"?', () => at.loadRecipe('a.yaml', { sets: [] })],
    ['"outt" in options; did you mean "out"?', () => at.runRecipe({ recipe: {}, file: 'a' }, { outt: '/' })],
    ['"mayChanges" in options', () => at.resumeRun(folder, { mayChanges: true })],
    ['"hasBais" in options; did you mean "hasBias"?', () => new at.nn.Linear({ in: 1, out: 1, hasBais: false })],
  ])('%s', async (text, call) => {
    const error = await thrownBy(call)
    expect(error).toBeInstanceOf(ArgumentError)
    expect((error as Error).message).toContain(`unknown key ${text}`)
  })
})

describe('a wrong value', () => {
  it.each<[string, () => unknown]>([
    ['[math reward] expected exact or deepscaler for mode, got "exakt"', () => at.mathReward({ mode: 'exakt' })],
    ['[grade] expected a string for answer, got undefined', () => at.gradeMath(undefined, '2')],
    ['[grade] expected a string or an array of them for gold, got undefined', () => at.gradeMath('2')],
    ['[rollout] expected a Decoder for model, got an object', () => new at.RolloutEngine({})],
    ['[rollout] expected an object for tokenizer, got undefined', () => new at.RolloutEngine(model)],
    ['[train] expected an object for options, got undefined', () => new at.GrpoTrainer()],
    ['[evaluate] expected an object for engine, got undefined', () => at.evaluate({})],
    ['[pack] expected an array for sequences, got undefined', () => at.pack(undefined)],
    ['[pack] expected arrays of tokens for sequences, got an array', () => at.pack([1, 2])],
    ['[model] expected a whole number from 1 for width, got undefined', () => at.createModel({ vocabularySize: 3 })],
    ['[save] expected a Decoder for model, got an object', () => saveModel(folder, { model: {} } as never)],
    ['[load] expected a string for folder, got undefined', () => at.loadModel()],
    ['[context schedule] expected an object for stage, got 3', () => at.contextSchedule([3])],
    ['[chat template] expected a string for source, got undefined', () => new at.ChatTemplate()],
  ])('%s', async (message, call) => {
    const error = await thrownBy(call)
    expect(error).toBeInstanceOf(ArgumentError)
    expect((error as Error).message).toBe(message)
  })
})

it('a folder that cannot be made is an error of this package, with what the system said as its cause', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const below = join(file, 'model')
  const options = { tokens: ['a'], eosToken: '<eos>', padToken: '<pad>', chatTemplate: '' }
  const save = () => saveModel(below, { model })
  const write = () => lengthen.writeWordLevelTokenizer(below, options)
  for (const attempt of [save, write, () => Tokenizer.wordLevel(options).save(below)]) {
    const error = await thrownBy(attempt)
    expect(error).toBeInstanceOf(LengthenError)
    expect((error as Error).message).toMatch(/^.*file\/model could not be written: ENOTDIR/)
    expect((error as Error).cause).toMatchObject({ code: 'ENOTDIR' })
  }
})

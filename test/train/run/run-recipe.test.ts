// What a run finds wrong before it writes anything.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { saveModel } from '../../../lib/models/save.js'
import type { Tokenizer } from '../../../lib/tokenizer/tokenizer.js'
import type { RunEvent } from '../../../lib/train/events.js'
import { readHappened } from '../../../lib/train/plan/comparison/happened.js'
import { loadRecipe } from '../../../lib/train/recipe/recipe.js'
import { type ResumeOptions, resumeRun, runRecipe } from '../../../lib/train/run/run-recipe.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { digitModel, digitProblems, digitTokenizer } from '../tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

const recipe = `name: files
model: { path: model }
data: { train: train.jsonl, heldOut: held-out.jsonl }
rollout: { promptsPerStep: 2, numAnswers: 2, maxPromptTokens: 16 }
schedule: { stages: [{ maxResponseTokens: 8, until: { steps: 1 } }] }
evaluation: { samplesPerProblem: 1 }
`
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

let folder: string
beforeEach(async () => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'model'))
  using model = digitModel(tokenizer)
  await saveModel(join(folder, 'model'), { model, tokenizer })
  write('recipe.yaml', recipe)
  write('train.jsonl', lines(digitProblems.rowsOf(0, 4)))
  write('held-out.jsonl', lines(digitProblems.heldOutRows(3)))
})

const write = (name: string, text: string) => writeFileSync(join(folder, name), text)

async function run(set: string[] = []): Promise<RunEvent[]> {
  const loaded = await loadRecipe(join(folder, 'recipe.yaml'), { set })
  return eventsOf(runRecipe(loaded, { out: join(folder, 'out') }))
}

async function eventsOf(told: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const event of told) events.push(event)
  return events
}

async function expectFailure(set: string[], code: string, message: RegExp): Promise<void> {
  await expect(run(set)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  expect(existsSync(join(folder, 'out'))).toBe(false)
}

test('a run tells its events in order, and evaluates the base and each stage', async () => {
  const events = await run()
  expect(events.map(({ type }) => type)).toEqual([
    ...['start', 'rehearsal', 'rehearsal', 'phase', 'stage', 'step', 'phase'],
    ...['example', 'summary'],
  ])
  expect(events.at(-1)).toMatchObject({ phases: [{ name: 'base' }, { name: 'stage 1', atOwnLimit: {} }] })
})

test('a run writes its rehearsal down, where its plan finds it', async () => {
  const told = (await run()).flatMap((event) => (event.type === 'rehearsal' ? [event] : []))
  const { rehearsals } = await readHappened(join(folder, 'out'))
  expect(rehearsals).toEqual(told.map(({ type: _, ...stage }) => stage))
  expect(rehearsals.map(({ stage }) => stage)).toEqual([0, null])
})

test('a run that is finished, resumed, says so, rehearses nothing, and ends with the same model and evaluations', async () => {
  const events = await run()
  const again = await eventsOf(resumeRun(join(folder, 'out')))
  expect(again.map(({ type }) => type)).toEqual(['start', 'resumed', 'example', 'summary'])
  expect(again[1]).toMatchObject({ step: 1, isOver: true, damaged: [], warnings: [] })
  const { weightsSha256, phases } = events.at(-1) as Extract<RunEvent, { type: 'summary' }>
  expect(again.at(-1)).toMatchObject({ weightsSha256, phases })
})

test('several held-out sets are reported by name, beside the whole', async () => {
  write('hard.jsonl', lines(digitProblems.heldOutRows(5).slice(3)))
  const data = 'data={ train: train.jsonl, heldOutSets: { easy: held-out.jsonl, hard: hard.jsonl } }'
  const phases = (await run([data, 'seed=3'])).flatMap((e) => (e.type === 'phase' ? [e.phase] : []))
  for (const { passAt1, sets } of phases) {
    expect(sets?.map(({ name }) => name)).toEqual(['easy', 'hard'])
    const [easy, hard] = sets ?? []
    expect(passAt1).toBeCloseTo((3 * (easy?.passAt1 ?? 0) + 2 * (hard?.passAt1 ?? 0)) / 5, 10)
  }
  rmSync(join(folder, 'out'), { recursive: true })
  rmSync(join(folder, 'hard.jsonl'))
  await expectFailure([data], 'RecipeError', /expected a file, [^,]* for data\.heldOutSets\.hard, /)
  await expectFailure(['data.heldOutSets={ easy: held-out.jsonl }'], 'RecipeError', /and no data\.heldOut$/)
})

test('an evaluation may allow longer answers than any stage', async () => {
  const phases = (await run(['evaluation.maxResponseTokens=100'])).flatMap((e) => (e.type === 'phase' ? [e.phase] : []))
  for (const { meanTokens } of phases) expect(meanTokens).toBeGreaterThan(8)
  expect(phases[1]?.atOwnLimit?.after.maxResponseTokens).toBe(8)
})

test('the end of a supervised phase says whether its level was reached', async () => {
  const distill = 'maxSteps: 3, batchSize: 2, learningRate: 1e-3'
  const synthetic = 'data={ synthetic: { generator: digit-recurrence, minSteps: 1, maxSteps: 1 } }'
  const ends = async (until: string) =>
    (await run([synthetic, `distill={ ${distill}${until} }`])).filter(({ type }) => type === 'distillEnd')
  expect(await ends(', until: { loss: 1e-9, overSteps: 2 }')).toEqual([
    { type: 'distillEnd', step: 3, level: 1e-9, meanLoss: expect.any(Number), isLevelReached: false },
  ])
  rmSync(join(folder, 'out'), { recursive: true })
  expect(await ends(', until: { loss: 1e9, overSteps: 2 }')).toMatchObject([{ step: 2, isLevelReached: true }])
  rmSync(join(folder, 'out'), { recursive: true })
  expect(await ends('')).toEqual([])
})

test('a device that this build has not is unsupported', async () => {
  await expectFailure(['device=cuda'], 'UnsupportedError', /no CUDA backend; supported devices: cpu/)
})

test('bf16 is unsupported', async () => {
  await expectFailure(['dtype=bf16'], 'UnsupportedError', /trains in f32 only, got dtype bf16/)
})

test.each(['train', 'held-out'])('a prompt in %s that is too long is an error that names its row', async (name) => {
  write(`${name}.jsonl`, lines([...digitProblems.rowsOf(0, 2), { id: 'long', problem: ' 3:'.repeat(16), answer: '1' }]))
  await expectFailure([], 'ArgumentError', /at most maxPromptTokens = 16 tokens, got 17 for row "long"/)
})

test.each(['train', 'held-out'])('a row in %s without an answer is an error that names it', async (name) => {
  write(`${name}.jsonl`, lines([...digitProblems.rowsOf(0, 2), { id: 'open', problem: ' 3:' }]))
  await expectFailure(
    [],
    'FileFormatError',
    new RegExp(`${name}\\.jsonl, line 3, row "open": expected an answer, got none`),
  )
})

test('held-out problems must be two or more', async () => {
  write('held-out.jsonl', lines(digitProblems.heldOutRows(1)))
  await expectFailure([], 'FileFormatError', /held-out\.jsonl: expected at least 2 rows, got 1/)
})

test('a model without room for prompt and response is a recipe error', async () => {
  await expectFailure(['rollout.maxPromptTokens=121'], 'RecipeError', /model's 128 positions/)
})

test('a turn that names a field no row has is an error', async () => {
  await expectFailure(['data.prompt="{question}"'], 'ArgumentError', /field "question" of row "step 0, problem 0"/)
})

test('a folder whose model is not of the shape the recipe states is a recipe error', async () => {
  const shape =
    'vocabularySize: 1, hiddenSize: 32, intermediateSize: 48, numLayers: 2, numHeads: 4, numKeyValueHeads: 2'
  const set = [`model.shape={ ${shape}, tieEmbeddings: true }`]
  await expectFailure(set, 'RecipeError', /expected a model of vocabularySize 1 in model\.path, got \d+/)
})

test('a run writes down what it read, by hash, and its own recipe refuses other data', async () => {
  const csv = [
    'question,worked',
    ...digitProblems.rowsOf(0, 3).map(({ problem, answer }) => `"${problem}","so #### ${answer}"`),
  ]
  write('train.csv', [...csv, '" 3:",no answer'].join('\n'))
  const train =
    '{ path: train.csv, columns: { problem: question, answer: worked }, answerAfter: "####", maxBadRows: 1 }'
  const events = await run([`data.train=${train}`])
  const [passedOver] = events.flatMap((event) => (event.type === 'badRows' ? event.problems : []))
  expect(passedOver).toMatch(/train\.csv, line 5: answer: expected text behind "####", got "no answer"$/)
  const kept = await loadRecipe(join(folder, 'out/recipe.yaml'))
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, 'train.csv')))
    .digest('hex')
  expect(kept.recipe.data.train).toMatchObject({ path: join(folder, 'train.csv'), maxBadRows: 1, sha256 })
  expect(kept.recipe.data.heldOut).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  write('train.csv', csv.join('\n'))
  const again = runRecipe(kept, { out: join(folder, 'again') })
  await expect(again.next()).rejects.toThrow(/train\.csv: expected data with sha256 \w{64}, got \w{64}: it has changed/)
})

test('a stage that selects no row, or rows by a pass rate that they lack, is found before anything is written', async () => {
  const select = (key: string) => [`schedule.stages.0.select={ ${key} }`]
  await expectFailure(select('maxPromptTokens: 1'), 'ArgumentError', /expected a row for stage 1, got none of 4/)
  await expectFailure(select('minPassRate: 0.5'), 'FileFormatError', /train\.jsonl, line 1: .* got passRate none/)
})

test('a recipe that was edited in the directory is refused when the run is resumed, unless it may have changed', async () => {
  await run()
  const file = join(folder, 'out/recipe.yaml')
  const kept = readFileSync(file, 'utf8')
  const resumed = async (recipe: string, options: ResumeOptions = {}): Promise<RunEvent[]> => {
    writeFileSync(file, recipe)
    return eventsOf(resumeRun(join(folder, 'out'), options))
  }
  const warningsIn = (events: RunEvent[]) => events.flatMap((event) => (event.type === 'resumed' ? event.warnings : []))
  expect(warningsIn(await resumed(kept))).toEqual([])
  const edited = kept.replace('numAnswers: 2', 'numAnswers: 4')
  await expect(resumed(edited)).rejects.toThrow(/rollout\.numAnswers was 2 and is 4/)
  expect(warningsIn(await resumed(edited, { mayChange: true }))).toEqual([expect.stringMatching(/numAnswers was 2/)])
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { shuffledRows } from '../../lib/data/problem-source.js'
import { promptTokens } from '../../lib/data/prompt.js'
import type { Row } from '../../lib/data/row.js'
import type { Stage } from '../../lib/schedule/context-schedule.js'
import type { Tokenizer } from '../../lib/tokenizer/tokenizer.js'
import { RunDirectory } from '../../lib/train/run/run-directory.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { allSteps, digitModel, digitProblems, digitTokenizer, tinyTrainer } from './tiny-run.js'

let tokenizer: Tokenizer
beforeAll(async () => {
  tokenizer = await digitTokenizer()
})

// The long ones have two tokens more.
const short = digitProblems.heldOutRows(8).map((row, i): Row => ({ ...row, id: `short-${i}`, passRate: i / 8 }))
const rows = [...short, ...short.map((row, i): Row => ({ ...row, id: `long-${i}`, problem: `${row.problem}+1` }))]

/** Ids of the rows of each step, by stage. */
async function seenBy(stages: Stage[], { reward = (_: Row): number => 0 } = {}): Promise<string[][][]> {
  using model = digitModel(tokenizer)
  const out = await RunDirectory.create(join(temporaryFolder(), 'run'))
  const { trainer, optimizer } = tinyTrainer(
    { model, tokenizer, stages },
    {
      data: rows,
      out,
      numSampledPrompts: 4,
      reward: ({ row }) => reward(row),
      maxMissingShare: 1,
      entropyWeight: 0.01,
    },
  )
  const steps = await allSteps(trainer).finally(() => out.close())
  optimizer.dispose()
  const samples = readFileSync(join(out.path, 'samples.jsonl'), 'utf8').trimEnd().split('\n')
  const seen: string[][][] = stages.map(() => [])
  for (const { step, stage } of steps) {
    const ids = samples.map((line) => JSON.parse(line)).flatMap((sample) => (sample.step === step ? [sample.id] : []))
    seen[stage]?.push([...new Set(ids)])
  }
  return seen
}

const until = { steps: 2 }

test('stages split the problems by the length of their prompts', async () => {
  const prompts = await Promise.all(rows.map((row) => promptTokens(row, { turn: '{problem}', tokenizer })))
  const lengths = prompts.map(({ length }) => length)
  const longest = Math.max(...lengths.slice(0, 8))
  expect(Math.min(...lengths.slice(8))).toBeGreaterThan(longest)
  const [first, second, third] = await seenBy([
    { maxResponseTokens: 8, select: { maxPromptTokens: longest }, until },
    { maxResponseTokens: 8, select: { minPromptTokens: longest + 1 }, until },
    { maxResponseTokens: 8, until: { steps: 4 } },
  ])
  // Two steps of four problems: an epoch of either half.
  expect(first?.flat().sort()).toEqual(short.map(({ id }) => id))
  expect(second?.flat().sort()).toEqual(short.map((_, i) => `long-${i}`))
  expect(third?.flat().sort()).toEqual(rows.map(({ id }) => id).sort())
})

test('stages may have bands of pass rates of their own', async () => {
  const band = { minPassRate: 0.25, maxPassRate: 0.5 }
  const [seen] = await seenBy([{ maxResponseTokens: 8, select: band, until }])
  const admitted = rows.filter(({ passRate }) => Number(passRate) >= 0.25 && Number(passRate) <= 0.5)
  expect(new Set(seen?.flat())).toEqual(new Set(admitted.map(({ id }) => id)))
})

test('problems solved in the stage before are left out from there on, and a selection of all changes nothing', async () => {
  const isSolved = ({ id }: Row) => id.startsWith('short')
  const stages = (select: Stage['select']): Stage[] => [
    { maxResponseTokens: 64, until: { steps: 4 } },
    { maxResponseTokens: 64, reset: ['dataOrder'], select, until },
    { maxResponseTokens: 64, reset: ['dataOrder'], until },
  ]
  // Answers that are not cut are right for one half of the problems.
  const [, second, third] = await seenBy(stages({ maxSolvedBefore: 0.1 }), { reward: (row) => Number(isSolved(row)) })
  expect(second?.flat().every((id) => id.startsWith('long'))).toBe(true)
  expect(new Set(second?.flat()).size).toBe(8)
  expect(third).toEqual(second)
  const without = await seenBy(stages(undefined))
  expect(await seenBy(stages({ maxSolvedBefore: 1 }))).toEqual(without)
})

/** Every answer that is not cut is right. */
async function ends(stages: Stage[], data: Row[], reward: (row: Row) => number) {
  using model = digitModel(tokenizer)
  const { trainer, optimizer } = tinyTrainer(
    { model, tokenizer, stages },
    { data, reward: ({ row }) => reward(row), maxMissingShare: 1, entropyWeight: 0.01 },
  )
  const steps = await allSteps(trainer)
  optimizer.dispose()
  return steps.map(({ stage, nextStage, stageEnd }) => ({ stage, nextStage, stageEnd }))
}

test('a stage that all problems are solved before is skipped, and the run ends where none is left at all', async () => {
  const one = { maxResponseTokens: 64, until: { steps: 2 } }
  const twice = [one, { ...one, select: { maxSolvedBefore: 0.1 } }, { ...one, maxResponseTokens: 65 }]
  const [, last, ...more] = await ends(twice, short, () => 1)
  expect(more).toEqual([])
  expect(last).toMatchObject({ stage: 0, nextStage: undefined })
  expect(last?.stageEnd).toMatch(/^stage 1 of 3 .* is over: .*; stage 2 of 3 is skipped: no row is left for it, 8 left/)
  expect(last?.stageEnd).toMatch(/; stage 3 of 3 is skipped: no row is left for it, 8 left out as solved$/)
})

test('only the stage is skipped that no row is left for', async () => {
  const one = { maxResponseTokens: 64, until: { steps: 4 } }
  const select = { maxSolvedBefore: 0.1, maxPassRate: 0.5 }
  const data = short.map((row, i): Row => ({ ...row, passRate: i < 4 ? 0.25 : 1 }))
  const solved = ({ passRate }: Row) => Number(passRate === 0.25)
  const stages = [one, { ...one, select }, { ...one, until: { steps: 1 } }]
  const steps = await ends(stages, data, solved)
  expect(steps.map(({ stage }) => stage)).toEqual([0, 0, 0, 0, 2])
  expect(steps[3]).toMatchObject({ nextStage: 2, stageEnd: expect.stringContaining('stage 2 of 3 is skipped') })
})

test('a stage with fewer rows than a step has prompts says so', async () => {
  const one = { maxResponseTokens: 64, until: { steps: 4 } }
  const data = short.map((row, i): Row => ({ ...row, passRate: i < 6 ? 1 : 0 }))
  const stages = [one, { ...one, select: { maxSolvedBefore: 0.1 }, until: { steps: 1 } }]
  const steps = await ends(stages, data, ({ passRate }) => passRate as number)
  expect(steps[3]?.stageEnd).toMatch(/; stage 2 has 2 rows for 4 prompts a step, 6 left out as solved$/)
})

test('a stage that no row is left for, and a source that cannot be selected from, are errors', async () => {
  const none = [{ maxResponseTokens: 8, select: { minPromptTokens: 15 }, until }]
  await expect(seenBy(none)).rejects.toThrow(
    '[train] expected a row for stage 1, got none of 16: {"minPromptTokens":15}',
  )
  using model = digitModel(tokenizer)
  const stages = [{ maxResponseTokens: 8, select: { maxPromptTokens: 9 }, until }]
  expect(() => tinyTrainer({ model, tokenizer, stages })).toThrow(
    'expected rows, or a source with rows and where(), for data: stage 1 selects among them',
  )
  const source = shuffledRows(rows, { seed: 1 })
  tinyTrainer({ model, tokenizer, stages }, { data: source }).optimizer.dispose()
})

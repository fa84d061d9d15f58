import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Answer } from '../../../lib/rollout/engine.js'
import { removeJournals, StepJournal } from '../../../lib/train/checkpoint/step-journal.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const answers: Answer[] = [
  { tokens: [3, 1], text: 'é\n', rolloutLogprobs: Float32Array.of(-0.1, -1e-42), finishReason: 'stop' },
  { tokens: [4], text: '', rolloutLogprobs: Float32Array.of(-0), finishReason: 'length' },
]
const verdicts = [
  { score: 1, parts: { math: 1 } },
  { score: null, why: 'not done within 5 ms' },
]
const key = { step: 7, numRollbacks: 0 }

async function journalled(): Promise<string> {
  const folder = join(temporaryFolder(), 'journal')
  const journal = await StepJournal.open(folder, key)
  journal.noteAnswers(0, 0, answers)
  journal.noteAnswers(1, 0, [...answers].reverse())
  await journal.noteVerdicts(0, verdicts)
  await journal.close()
  return folder
}

test('a later life finds answers to the bit, and verdicts', async () => {
  const journal = await StepJournal.open(await journalled(), key)
  expect(journal.answers(0, 0)).toEqual(answers)
  expect(Object.is(journal.answers(0, 0)?.[1]?.rolloutLogprobs[0], -0)).toBe(true)
  expect(journal.answers(1, 0)).toEqual([...answers].reverse())
  expect([journal.answers(0, 1), journal.verdicts(1)]).toEqual([undefined, undefined])
  expect(journal.verdicts(0)).toEqual(verdicts)
  await journal.close()
})

test('a journal cut anywhere is gone on with after its last whole line', async () => {
  const folder = await journalled()
  const path = join(folder, 'step-000007.jsonl')
  const whole = readFileSync(path)
  for (let length = whole.length; length >= 0; length -= 37) {
    truncateSync(path, length)
    const journal = await StepJournal.open(folder, key)
    await journal.noteVerdicts(5, verdicts)
    await journal.close()
    const again = await StepJournal.open(folder, key)
    expect(again.verdicts(5)).toEqual(verdicts)
    expect(again.verdicts(0)).toEqual(length === whole.length ? verdicts : undefined)
    await again.close()
    truncateSync(path, 0)
    appendFileSync(path, whole)
  }
})

test('that of a step before a rollback counts for nothing after it', async () => {
  const folder = await journalled()
  const journal = await StepJournal.open(folder, { step: 7, numRollbacks: 1 })
  expect(journal.answers(0, 0)).toBeUndefined()
  await journal.close()
  const before = await StepJournal.open(folder, key)
  expect(before.answers(0, 0)).toBeUndefined()
  await before.close()
})

test('journals go up to a step, or after one', async () => {
  const folder = await journalled()
  for (const step of [5, 8]) await (await StepJournal.open(folder, { step, numRollbacks: 0 })).close()
  await removeJournals(folder, { upTo: 5 })
  expect(readdirSync(folder)).toEqual(['step-000007.jsonl', 'step-000008.jsonl'])
  await removeJournals(folder, { after: 7 })
  expect(readdirSync(folder)).toEqual(['step-000007.jsonl'])
  await removeJournals(join(folder, 'none'), { upTo: 5 })
})

test('one that cannot be read is an error, not one without entries: its verdicts would be asked for again', async () => {
  const folder = join(temporaryFolder(), 'journal')
  mkdirSync(join(folder, 'step-000007.jsonl'), { recursive: true })
  await expect(StepJournal.open(folder, key)).rejects.toThrow('EISDIR')
})

test('one that is larger than a string can be is read: what was noted before counts', async () => {
  const folder = await journalled()
  truncateSync(join(folder, 'step-000007.jsonl'), 2 ** 29 + 2 ** 25) // a hole behind the lines, as a machine that fails may leave
  const again = await StepJournal.open(folder, key)
  expect(again.verdicts(0)).toEqual(verdicts)
  await again.close()
})

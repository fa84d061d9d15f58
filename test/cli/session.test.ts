// A conversation with a model, on the real engine.
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { openModel } from '../../lib/cli/open-model.js'
import { Session } from '../../lib/cli/session.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { terminal } from './terminal.js'
import { writeTinyFolder } from './tiny-folder.js'

const question = ' 3:4+1'

async function talk(questions: readonly string[]) {
  const cwd = temporaryFolder()
  await writeTinyFolder(cwd, { maxPositions: 64 })
  using opened = await openModel(`${cwd}/model`)
  const flags = { temperature: 1, topK: 0, topP: 1, seed: 1, numAnswers: 1, maxTokens: 5 }
  const { input, output } = terminal(questions.map((text) => `${text}\r`))
  const errors = new PassThrough({ encoding: 'utf8' })
  const session = new Session(opened, 'model', flags)
  await session.chat(new AbortController().signal, { input, output, errors })
  return ((errors.read() as string | null) ?? '').trimEnd().split('\n')
}

const cut = 'lengthen: the answer was cut at 5 tokens'

test('a conversation has as many turns as are asked for', async () => {
  const told = await talk([question, question, question])
  expect(told).toEqual([cut, cut, cut])
})

test('what cannot be asked is told of, and the conversation goes on', async () => {
  const told = await talk([question, 'hello', question])
  expect(told).toEqual([cut, expect.stringMatching(/^lengthen: \[tokenizer\] .*hello/), cut])
})

test('a conversation that outgrows the model is told so, in positions', async () => {
  const told = await talk([question, question.repeat(20), question])
  const message =
    /^lengthen: expected at most 59 tokens before the answer, got \d+: the model has 64 positions, of which --max-tokens 5 are for the answer$/
  expect(told).toEqual([cut, expect.stringMatching(message), cut])
})

import { expect, test } from 'vitest'
import type { Question, RawAnswer } from '../../lib/eval/answering-model.js'
import { type ServerModelOptions, serverModel } from '../../lib/eval/openai/server-model.js'
import type { Protocol } from '../../lib/eval/result-record.js'
import { startServer } from './openai-process.js'

const protocol: Protocol = {
  ...{ samplesPerProblem: 3, maxResponseTokens: 50, temperature: 0.6, topK: 0, topP: 0.95, seed: 7 },
  ...{ turn: '{problem}', needsThinkingClosed: true, mode: 'exact' },
}
const questions = Array.from({ length: 8 }, (_, index): Question => {
  const problem = `problem ${index}`
  return { index, row: { id: problem, problem, answer: String(index) }, samples: [0, 1, 2] }
})

type Options = Partial<ServerModelOptions> & { signal?: AbortSignal; changes?: Partial<Protocol> }

/** The answers by problem, in order. */
async function ask(address: string, { signal, changes = {}, ...options }: Options = {}): Promise<RawAnswer[][]> {
  const model = serverModel({ address, model: 'm', firstDelayMs: 5, ...options })
  const answered: RawAnswer[][] = []
  const asked = { protocol: { ...protocol, ...changes }, signal }
  for await (const { question, answers } of model.answer({ set: 's', questions }, asked))
    answered[question.index] = [...answers]
  return answered
}

test('a server is asked for all samples of a problem at once, and its answers have text, length and end', async () => {
  const server = await startServer()
  const answers = await ask(server.address, { concurrency: 3, changes: { topK: 20 } })
  expect(answers).toHaveLength(8)
  for (const answer of answers.flat()) expect(answer).toMatchObject({ numTokens: 7 })
  const texts = answers.flat().map((answer) => 'text' in answer && answer.text)
  expect(new Set(texts).size).toBe(24)
  const ends = answers.flat().map((answer) => 'text' in answer && answer.isFinished)
  expect(new Set(ends)).toEqual(new Set([true, false]))
  const { bodies, numRequests, mostAtOnce } = await server.stats()
  expect(numRequests).toBe(8)
  expect(mostAtOnce).toBeLessThanOrEqual(3)
  expect(bodies[0]).toMatchObject({ model: 'm', temperature: 0.6, top_p: 0.95, top_k: 20, max_tokens: 50, n: 3 })
  expect(new Set(bodies.map(({ seed }) => seed)).size).toBe(8)
})

test('the number of requests at once does not change the answers', async () => {
  const server = await startServer()
  const one = await ask(server.address, { concurrency: 1, samplesPerRequest: 1 })
  expect(await ask(server.address, { concurrency: 8, samplesPerRequest: 1 })).toEqual(one)
  expect(await ask(server.address, { concurrency: 8, samplesPerRequest: 1, changes: { seed: 8 } })).not.toEqual(one)
})

test.each([['refused'], ['one']])(
  'where n is %s, n samples are n requests, each with its own seed',
  async (several) => {
    const [server, whole] = [await startServer({ several }), await startServer()]
    const answers = await ask(server.address, { concurrency: 2 })
    expect(answers).toEqual(await ask(whole.address, { samplesPerRequest: 1 }))
    const { bodies } = await server.stats()
    expect(bodies.filter(({ n = 1 }) => n > 1).length).toBeLessThanOrEqual(2)
    expect(new Set(bodies.filter(({ n = 1 }) => n === 1).map(({ seed }) => seed)).size).toBeGreaterThan(15)
  },
)

test('whatever passes is asked again, and leaves no trace in the answers', async () => {
  const [flaky, calm] = [
    await startServer({
      troubles: ['error', 'busy', 'limited', 'cut', 'hang', 'halfBody', 'halfJson', 'noChoices', 'unfinished', 'page'],
    }),
    await startServer(),
  ]
  const answers = await ask(flaky.address, { timeoutMs: 1000, numRetries: 20, firstDelayMs: 1 })
  expect(answers).toEqual(await ask(calm.address))
  expect((await flaky.stats()).numRequests).toBeGreaterThanOrEqual(8 * 11)
})

test('what fails for good is the failure of its samples, with the reason, and of no others', async () => {
  const server = await startServer({ never: 'problem 3' })
  const answers = await ask(server.address, { numRetries: 2 })
  const failure = 'status 500: {"error":{"message":"never"}}; asked 3 times'
  expect(answers[3]).toEqual(Array(3).fill({ failure }))
  for (const [index, of] of answers.entries())
    if (index !== 3) for (const answer of of) expect(answer).toHaveProperty('text')
})

test('a server that asks for patience is left alone until then, by everyone', async () => {
  const server = await startServer({ limit: 3, closedMs: 120 })
  const answers = await ask(server.address, { concurrency: 1 })
  expect(answers.flat().filter((answer) => 'failure' in answer)).toEqual([])
  expect(await server.stats()).toMatchObject({ numTooSoon: 0, numRequests: 8 + 2 })
  const many = await ask(server.address, { concurrency: 8, numRetries: 50 })
  expect(many).toEqual(answers)
})

test('patience beyond measure ends the evaluation at once', async () => {
  const server = await startServer({ limit: 0, closedMs: 3_600_000 })
  await expect(ask(server.address, { concurrency: 1 })).rejects.toMatchObject({
    ...{ code: 'ServerError', message: expect.stringContaining('it asks to be left alone for 3600 s') },
  })
  expect((await server.stats()).numRequests).toBe(1)
})

test('a refused key ends the evaluation, and the key is in no message', async () => {
  const server = await startServer({ key: 'right' })
  const wrong = ask(server.address, { key: 'wrong-secret', concurrency: 1 })
  await expect(wrong).rejects.toMatchObject({ code: 'ServerError', message: expect.stringContaining('Bearer [key]') })
  await expect(ask(server.address, { concurrency: 1 })).rejects.toThrow(/status 401: .* none/)
  expect((await server.stats()).numRequests).toBe(2)
  expect(await ask(server.address, { key: 'right' })).toHaveLength(8)
})

test('what concerns this request alone is not asked twice', async () => {
  const server = await startServer({ status: 413 })
  const answers = await ask(server.address, { key: 'my-secret' })
  expect(new Set(answers.flat().map((answer) => 'failure' in answer && answer.failure))).toEqual(
    new Set(['status 413: {"error":{"message":"as told, Bearer [key]"}}']),
  )
  expect((await server.stats()).numRequests).toBe(8)
})

test('a server that is not there is given up', async () => {
  const server = await startServer()
  await server.kill()
  const more = Array.from({ length: 40 }, (_, index): Question => ({ ...(questions[0] as Question), index }))
  const model = serverModel({ address: server.address, model: 'm', firstDelayMs: 1, numRetries: 1, concurrency: 2 })
  const drain = async () => {
    for await (const _ of model.answer({ set: 's', questions: more }, { protocol }));
  }
  await expect(drain()).rejects.toThrow(/10 problems in a row without an answer; the last: no answer: .*ECONNREFUSED/)
})

test('thinking that a server parts from the rest is put back, and lengths that it does not say are unknown', async () => {
  const [parted, inline] = [await startServer({ thinking: 'parted', usage: false }), await startServer()]
  const finished = (answers: RawAnswer[][]) =>
    answers.flat().map((answer) => ('text' in answer && answer.isFinished ? answer.text : undefined))
  const answers = await ask(parted.address)
  expect(finished(answers)).toEqual(finished(await ask(inline.address)))
  expect(answers.flat()[0]).toMatchObject({ numTokens: null })
})

test('the limit goes by the name that the server knows', async () => {
  const server = await startServer({ limitName: 'max_completion_tokens' })
  expect(await ask(server.address, { concurrency: 1, samplesPerRequest: 1 })).toHaveLength(8)
  expect((await server.stats()).numRequests).toBe(25)
})

test('of requests under way when the server refuses that name, each is sent again with the other', async () => {
  const server = await startServer({ limitName: 'max_completion_tokens', delayMs: 20 })
  const answers = await ask(server.address, { concurrency: 8 })
  expect(answers.flat().filter((answer) => 'failure' in answer)).toEqual([])
  expect((await server.stats()).numRequests).toBe(16)
})

test('an interrupt ends what is under way, and so does nobody waiting', async () => {
  const server = await startServer({ troubles: ['hang'] })
  const stop = new AbortController()
  const asked = ask(server.address, { signal: stop.signal })
  await expect.poll(async () => (await server.stats()).numRequests).toBe(8)
  stop.abort(new Error('enough'))
  await expect(asked).rejects.toThrow('enough')
  const model = serverModel({ address: server.address, model: 'm' })
  for await (const { question } of model.answer({ set: 's', questions }, { protocol })) {
    expect(question.index).toBeLessThan(8)
    break
  }
})

test.each([
  ['localhost:8000', 'got one of localhost:'],
  ['ftp://host/v1', 'got one of ftp:'],
  ['not an address', 'got not an address'],
  ['http://me:secret@host/v1', 'got one with a name, a password or a query'],
  ['http://host/v1?key=secret', 'got one with a name, a password or a query'],
])('the address %s is refused, without a secret in the message', (address, message) => {
  expect(() => serverModel({ address, model: 'm' })).toThrow(message)
  expect(() => serverModel({ address, model: 'm' })).not.toThrow('secret')
})

test.each([
  ['http://host', 'http://host/v1/chat/completions'],
  ['https://host/v1/', 'https://host/v1/chat/completions'],
  ['https://host/api/openai', 'https://host/api/openai/chat/completions'],
  ['http://host/v1/chat/completions', 'http://host/v1/chat/completions'],
])('the address %s means %s', (address, url) => {
  expect(serverModel({ address, model: 'm' }).url).toBe(url)
})

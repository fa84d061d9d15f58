import { afterAll, describe, expect, it } from 'vitest'
import { memoryStats } from '../../lib/device.js'
import { fill } from '../../lib/ops/index.js'
import { numDecodeRows } from '../../lib/rollout/decode-program.js'
import { type Answer, type Group, RolloutEngine, type RolloutEngineOptions } from '../../lib/rollout/engine.js'
import type { DrawnToken, GenerateOptions, Prompt } from '../../lib/rollout/request.js'
import { codec, naiveAnswer, packedLogprobs, randomPrompts, stopToken, tinyModel } from './tiny-model.js'

const model = tinyModel()
afterAll(() => model.dispose())

async function groupsOf<P extends Prompt>(
  prompts: readonly P[],
  options: GenerateOptions,
  engineOptions: RolloutEngineOptions = {},
): Promise<{ groups: Group<P>[]; engine: RolloutEngine }> {
  const engine = new RolloutEngine(model, codec, engineOptions)
  const groups: Group<P>[] = []
  for await (const group of engine.generate(prompts, options)) groups.push(group)
  engine.release()
  return { groups, engine }
}

const withoutText = (groups: readonly Group[]) =>
  groups.map(({ answers }) =>
    answers.map(({ tokens, rolloutLogprobs }) => ({ tokens, rolloutLogprobs: [...rolloutLogprobs] })),
  )

// Below, at and above a block of 16 tokens.
const prompts = randomPrompts([5, 15, 16, 17, 1, 33])
const options = { numAnswers: 3, maxResponseTokens: 20, temperature: 0.9, seed: 7 }
// Blocks for one sequence and a little more: 53 tokens are 4 blocks of 16; a block is 2 × 2 layers × 2 × 8 × 16 × 4 bytes.
const bytesPerBlock = 2 * 2 * 2 * 8 * 16 * 4
const tinyCache = { cacheBytes: 7 * bytesPerBlock }

describe('the rollout engine', () => {
  it('draws the very tokens and log-probabilities of a forward over the whole sequence for each token', async () => {
    const { groups } = await groupsOf(prompts, options)
    for (const [p, prompt] of prompts.entries()) {
      for (let g = 0; g < options.numAnswers; g++) {
        const at = { sequenceId: p * options.numAnswers + g, maxResponseTokens: options.maxResponseTokens }
        const naive = await naiveAnswer(model, prompt, at, options)
        expect(groups[p]?.answers[g]?.tokens).toEqual(naive.tokens)
        expect([...(groups[p]?.answers[g]?.rolloutLogprobs ?? [])]).toEqual(naive.rolloutLogprobs)
      }
    }
    const reasons = groups.flatMap(({ answers }) => answers.map(({ finishReason }) => finishReason))
    expect(new Set(reasons)).toEqual(new Set(['stop', 'length']))
  })

  it('gives the bits of one packed training forward', async () => {
    const { groups } = await groupsOf(prompts, options)
    const answers = groups.flatMap(({ promptTokens, answers }) =>
      answers.map((answer) => ({ promptTokens, ...answer })),
    )
    const scored = await packedLogprobs(model, answers, options.temperature)
    expect(answers.map(({ rolloutLogprobs }) => [...rolloutLogprobs])).toEqual(scored)
  })

  it('gives the same answers in batches of 1, 3 and all, and alone', async () => {
    const { groups } = await groupsOf(prompts, options)
    for (const maxBatch of [1, 3])
      expect(withoutText((await groupsOf(prompts, options, { maxBatch })).groups)).toEqual(withoutText(groups))
    const alone = await groupsOf(prompts.slice(3, 4), { ...options, ids: [3] })
    expect(withoutText(alone.groups)).toEqual(withoutText(groups.slice(3, 4)))
  })

  it('gives the same answers when sequences are preempted and recomputed', async () => {
    const roomy = await groupsOf(prompts, { ...options, stop: [] })
    const tight = await groupsOf(prompts, { ...options, stop: [] }, tinyCache)
    expect(roomy.engine.counts.numPreemptions).toBe(0)
    expect(tight.engine.counts.numPreemptions).toBeGreaterThan(0)
    expect(withoutText(tight.groups)).toEqual(withoutText(roomy.groups))
  })

  it('tells every token as it is drawn, once, in the order of its answer, preempted or not', async () => {
    const told = new Map<string, { tokens: number[]; finishReason: unknown }>()
    const onToken = ({ promptIndex, answerIndex, token, finishReason }: DrawnToken) => {
      const key = `${promptIndex} ${answerIndex}`
      const { tokens, finishReason: before } = told.get(key) ?? { tokens: [], finishReason: undefined }
      expect(before).toBeUndefined()
      told.set(key, { tokens: [...tokens, token], finishReason })
    }
    const { groups, engine } = await groupsOf(prompts, { ...options, stop: [], onToken }, tinyCache)
    expect(engine.counts.numPreemptions).toBeGreaterThan(0)
    for (const [p, { answers }] of groups.entries())
      for (const [g, { tokens, finishReason }] of answers.entries())
        expect(told.get(`${p} ${g}`)).toEqual({ tokens, finishReason })
  })

  it('ends the call with what onToken throws', async () => {
    const onToken = () => {
      throw new Error('enough')
    }
    await expect(groupsOf(prompts, { ...options, onToken })).rejects.toThrow('enough')
  })

  it('gives the prefix of an answer under a shorter limit', async () => {
    const long = (await groupsOf(prompts, options)).groups
    const short = (await groupsOf(prompts, { ...options, maxResponseTokens: 6 })).groups
    for (const [p, { answers }] of short.entries()) {
      for (const [g, answer] of answers.entries()) {
        const whole = long[p]?.answers[g] as Answer
        expect(answer.tokens).toEqual(whole.tokens.slice(0, 6))
        expect(answer.rolloutLogprobs).toEqual(whole.rolloutLogprobs.slice(0, 6))
        expect(answer.finishReason).toBe(whole.tokens.length > 6 ? 'length' : whole.finishReason)
      }
    }
  })

  it('ends an answer with the stop token, and has its log-probability', async () => {
    const { groups } = await groupsOf(prompts, { ...options, maxResponseTokens: 60 })
    const answers = groups.flatMap((group) => group.answers)
    for (const { tokens, rolloutLogprobs, finishReason, text } of answers) {
      expect(rolloutLogprobs.length).toBe(tokens.length)
      expect(tokens.indexOf(stopToken)).toBe(finishReason === 'stop' ? tokens.length - 1 : -1)
      expect(finishReason === 'stop' || tokens.length === 60).toBe(true)
      expect(text).toBe(codec.decode(tokens.filter((token) => token < codec.vocabSize)))
    }
  })

  it('draws other answers with another seed or other ids, and the same with the same', async () => {
    const first = withoutText((await groupsOf(prompts, options)).groups)
    expect(withoutText((await groupsOf(prompts, options)).groups)).toEqual(first)
    expect(withoutText((await groupsOf(prompts, { ...options, seed: 8 })).groups)).not.toEqual(first)
    const ids = prompts.map((_, index) => 100 + index)
    expect(withoutText((await groupsOf(prompts, { ...options, ids })).groups)).not.toEqual(first)
  })

  it('takes text as well as tokens, and gives the prompt back as it came', async () => {
    const { groups } = await groupsOf(['abc', 'hello'], { maxResponseTokens: 3 })
    expect(groups.map(({ prompt }) => prompt)).toEqual(['abc', 'hello'])
    expect(groups.map(({ promptTokens }) => [...promptTokens])).toEqual([codec.encode('abc'), codec.encode('hello')])
  })

  it('sees weights changed in place at its next call', async () => {
    const changing = tinyModel(2)
    const engine = new RolloutEngine(changing, codec)
    const answersOf = async () => {
      const answers: number[][] = []
      for await (const group of engine.generate(prompts, options))
        answers.push(...group.answers.map(({ tokens }) => tokens))
      return answers
    }
    const before = await answersOf()
    expect(await answersOf()).toEqual(before)
    for (const layer of changing.layers) fill(layer.mlp.down.weight, 0.5)
    const after = await answersOf()
    expect(after).not.toEqual(before)
    const fresh = new RolloutEngine(changing, codec)
    const again: number[][] = []
    for await (const group of fresh.generate(prompts, options)) again.push(...group.answers.map(({ tokens }) => tokens))
    expect(again).toEqual(after)
    engine.release()
    fresh.release()
    changing.dispose()
  })

  it('stops between two steps when the signal says so, and lets everything go', async () => {
    const usedBefore = memoryStats().usedBytes
    const engine = new RolloutEngine(model, codec)
    const abort = new AbortController()
    const reason = new Error('enough')
    const iterate = async () => {
      for await (const _ of engine.generate(prompts, { ...options, numAnswers: 1, signal: abort.signal }))
        abort.abort(reason)
    }
    await expect(iterate()).rejects.toBe(reason)
    await expect.poll(() => memoryStats().usedBytes).toBeLessThanOrEqual(usedBefore)
    await expect(engine.generate(prompts, { ...options, signal: abort.signal }).next()).rejects.toBe(reason)
    const { groups } = await groupsOf(prompts, options)
    expect(groups.length).toBe(prompts.length)
  })

  it('can be left early and used again', async () => {
    const engine = new RolloutEngine(model, codec)
    for await (const _ of engine.generate(prompts, options)) break
    const running = engine.generate(prompts, options)
    await running.next()
    await expect(engine.generate(prompts, options).next()).rejects.toThrow('[generate] expected one call at a time')
    await running.return()
    const groups: Group[] = []
    for await (const group of engine.generate(prompts, options)) groups.push(group)
    expect(groups.length).toBe(prompts.length)
    engine.release()
  })

  it('gives its memory back on release', async () => {
    const usedBefore = memoryStats().usedBytes
    const { engine } = await groupsOf(prompts, options)
    engine.release()
    await expect.poll(() => memoryStats().usedBytes).toBeLessThanOrEqual(usedBefore)
  })

  it('says at the start what cannot be done', async () => {
    const start = (given: readonly Prompt[], more: Partial<GenerateOptions> = {}, engine: RolloutEngineOptions = {}) =>
      new RolloutEngine(model, codec, engine).generate(given, { maxResponseTokens: 20, ...more }).next()
    await expect(start([[2], []])).rejects.toThrow('[generate] expected at least one token for prompt 1')
    await expect(start([[33]])).rejects.toThrow('[generate] expected tokens in [0, 33) for prompt 0, got 33 at 0')
    await expect(start([new Array(109).fill(2)])).rejects.toThrow('expected at most 108 tokens for prompt 0, got 109')
    await expect(start(prompts, {}, { cacheBytes: 3 * bytesPerBlock })).rejects.toThrow(
      'expected a cache of at least 4 blocks of 16 tokens for prompt 5 (33 tokens and 20 to come), got 3: raise cacheBytes',
    )
    expect(() => new RolloutEngine(model, codec, { maxBatch: 0 })).toThrow('for maxBatch, got 0')
    expect(() => new RolloutEngine(model, codec, { blockSize: 8 })).toThrow('a multiple of 16 for blockSize, got 8')
    expect((await start([])).done).toBe(true)
  })
})

describe('numDecodeRows', () => {
  it('leaves at most an eighth of the rows idle and takes few values', () => {
    const values = new Set<number>()
    for (let n = 1; n <= 1024; n++) {
      const rows = numDecodeRows(n)
      expect(rows).toBeGreaterThanOrEqual(n)
      expect(rows).toBeLessThanOrEqual(Math.max(n, 1.125 * n))
      values.add(rows)
    }
    expect(values.size).toBeLessThan(70)
  })
})

import { describe, expect, it } from 'vitest'
import { type GenerateOptions, makeRequest, type Prompt, type TextCodec } from '../../lib/rollout/request.js'

const tokenizer: TextCodec = {
  vocabSize: 10,
  eosIds: [9, 8],
  encode: (text) => [...text].map(Number),
  decode: (ids) => [...ids].join(''),
}
const limits = { vocabularySize: 10, maxPositions: 20 }
const request = (prompts: readonly Prompt[], options: Partial<GenerateOptions> = {}) =>
  makeRequest(prompts, { maxResponseTokens: 5, ...options }, { tokenizer, limits })

describe('a request', () => {
  it('has the answers of each prompt side by side, each with a stream of its own', () => {
    const { sequences } = request(['12', [3, 4, 5]], { numAnswers: 2 })
    expect(
      sequences.map(({ prompt, answerIndex, order, sequenceId }) => [prompt.index, answerIndex, order, sequenceId]),
    ).toEqual([
      [0, 0, 0, 0],
      [0, 1, 1, 1],
      [1, 0, 2, 2],
      [1, 1, 3, 3],
    ])
    expect(sequences.map(({ prompt }) => [...prompt.tokens])).toEqual([
      [1, 2],
      [1, 2],
      [3, 4, 5],
      [3, 4, 5],
    ])
  })

  it('takes the random streams from the ids it is given', () => {
    const { sequences } = request(['12', '34'], { numAnswers: 2, ids: [700, 5] })
    expect(sequences.map(({ sequenceId }) => sequenceId)).toEqual([1400, 1401, 10, 11])
  })

  it('stops at the tokenizer’s tokens unless told otherwise', () => {
    expect(request(['1']).rule).toEqual({ stopTokens: new Set([9, 8]), maxResponseTokens: 5 })
    expect(request(['1'], { stop: [3] }).rule.stopTokens).toEqual(new Set([3]))
  })

  it('names the prompt that is empty, too long or has a token outside the vocabulary', () => {
    expect(() => request(['1', ''])).toThrow('[generate] expected at least one token for prompt 1, got none')
    expect(() => request(['1', [1, 2, 10]])).toThrow('[generate] expected tokens in [0, 10) for prompt 1, got 10 at 2')
    for (const token of [-1, 0.5, Number.NaN])
      expect(() => request([[token]])).toThrow(`for prompt 0, got ${token} at 0`)
    expect(() => request(['1', '123'], { maxPromptTokens: 2 })).toThrow(
      '[generate] expected at most 2 tokens for prompt 1, got 3: the model has 20 positions, of which 5 are for the answer, and maxPromptTokens is 2',
    )
    expect(() => request(['1'.repeat(16)])).toThrow('[generate] expected at most 15 tokens for prompt 0, got 16')
    expect(request(['1'.repeat(15)]).sequences.length).toBe(1)
  })

  it('leaves each id as many streams as it is told, so that more answers keep the first', () => {
    const idsOf = (numAnswers: number) =>
      request(['12', '34'], { numAnswers, ids: [7, 5], streamsPerId: 10 }).sequences.map(({ sequenceId }) => sequenceId)
    expect(idsOf(2)).toEqual([70, 71, 50, 51])
    expect(idsOf(3)).toEqual([70, 71, 72, 50, 51, 52])
    for (const streamsPerId of [2, 3.5])
      expect(() => request(['1'], { numAnswers: 3, streamsPerId })).toThrow(
        `[generate] expected a whole number of at least numAnswers = 3 for streamsPerId, got ${streamsPerId}`,
      )
  })

  it('refuses counts and ids that make no sense', () => {
    expect(() => request(['1'], { numAnswers: 0 })).toThrow('a whole number of at least 1 for numAnswers, got 0')
    expect(() => request(['1'], { maxResponseTokens: 1.5 })).toThrow('for maxResponseTokens, got 1.5')
    expect(() => request(['1'], { ids: [] })).toThrow('[generate] expected 1 ids, one a prompt, got 0')
    expect(() => request(['1', '2'], { ids: [4, 4] })).toThrow('[generate] expected distinct ids')
    expect(() => request(['1'], { ids: [2 ** 30], numAnswers: 2 })).toThrow(
      'in [0, 1073741823] for ids[0], got 1073741824',
    )
    expect(() => request(['1'], { ids: [-1] })).toThrow('for ids[0], got -1')
  })
})

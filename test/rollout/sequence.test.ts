import { describe, expect, it } from 'vitest'
import { append, isFinished, makeSequence, numTokens, slotOf, tokenAt } from '../../lib/rollout/sequence.js'

const make = () =>
  makeSequence({ index: 0, tokens: Int32Array.of(5, 6, 7) }, { answerIndex: 1, order: 1, sequenceId: 9 })
const rule = { stopTokens: new Set([2, 3]), maxResponseTokens: 3 }

describe('a sequence', () => {
  it('stops at any of the stop tokens and keeps it', () => {
    const sequence = make()
    append(sequence, { token: 4, logprob: -1 }, rule)
    expect(isFinished(sequence)).toBe(false)
    append(sequence, { token: 3, logprob: -2 }, rule)
    expect(sequence).toMatchObject({ finishReason: 'stop', answer: [4, 3], logprobs: [-1, -2] })
  })

  it('ends by length at the limit, unless its last token stops', () => {
    const [cut, stopped] = [make(), make()]
    for (const token of [4, 4, 4]) append(cut, { token, logprob: 0 }, rule)
    for (const token of [4, 4, 2]) append(stopped, { token, logprob: 0 }, rule)
    expect(cut.finishReason).toBe('length')
    expect(stopped.finishReason).toBe('stop')
  })

  it('reads its tokens across prompt and answer', () => {
    const sequence = make()
    append(sequence, { token: 8, logprob: 0 }, rule)
    expect(Array.from({ length: numTokens(sequence) }, (_, p) => tokenAt(sequence, p))).toEqual([5, 6, 7, 8])
    expect(() => tokenAt(sequence, 4)).toThrow('no token at position 4 of 4')
  })

  it('finds the slot of a position through its blocks', () => {
    const sequence = make()
    sequence.blocks.push(7, 2)
    expect([0, 1, 2, 3].map((p) => slotOf(sequence, p, 2))).toEqual([14, 15, 4, 5])
    expect(() => slotOf(sequence, 4, 2)).toThrow('position 4 has no cache block')
  })
})

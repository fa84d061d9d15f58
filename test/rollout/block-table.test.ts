import { describe, expect, it } from 'vitest'
import { BlockTable } from '../../lib/rollout/block-table.js'
import { makeSequence, type PromptState } from '../../lib/rollout/sequence.js'

const prompt = (length: number, index = 0): PromptState => ({ index, tokens: new Int32Array(length) })
const answer = (of: PromptState, answerIndex = 0) =>
  makeSequence(of, { answerIndex, order: answerIndex, sequenceId: 0 })

describe('the block table', () => {
  it('shares full prompt blocks and gives each answer its own last block', () => {
    const table = new BlockTable({ numBlocks: 10, blockSize: 4 })
    const shared = prompt(9)
    const [a, b] = [answer(shared, 0), answer(shared, 1)]
    expect(table.numBlocksToAdmit(a, 2)).toBe(4)
    table.admit(a)
    expect(table.numSharedTokens(b)).toBe(8)
    expect(table.numBlocksToAdmit(b, 1)).toBe(1)
    table.admit(b)
    expect(a.blocks.slice(0, 2)).toEqual(b.blocks.slice(0, 2))
    expect(a.blocks[2]).not.toBe(b.blocks[2])
    expect(table.numHolders(a.blocks[0] as number)).toBe(2)
    expect(table.numFree).toBe(6)
  })

  it('keeps shared blocks until the last answer leaves, then forgets the prompt', () => {
    const table = new BlockTable({ numBlocks: 10, blockSize: 4 })
    const shared = prompt(8)
    const [a, b] = [answer(shared, 0), answer(shared, 1)]
    table.admit(a)
    table.admit(b)
    table.release(a)
    expect(table.numFree).toBe(8)
    expect(table.numSharedTokens(a)).toBe(8)
    table.release(b)
    expect(table.numFree).toBe(10)
    expect(table.numSharedTokens(a)).toBe(0)
  })

  it('does not share between prompts that look alike', () => {
    const table = new BlockTable({ numBlocks: 10, blockSize: 4 })
    const [a, b] = [answer(prompt(8, 0)), answer(prompt(8, 1))]
    table.admit(a)
    table.admit(b)
    expect(new Set([...a.blocks, ...b.blocks]).size).toBe(4)
  })

  it('grows only when the last token has no block', () => {
    const table = new BlockTable({ numBlocks: 3, blockSize: 4 })
    const sequence = answer(prompt(3))
    table.admit(sequence)
    sequence.answer.push(1)
    expect(table.mustGrow(sequence)).toBe(false)
    sequence.answer.push(1)
    expect(table.mustGrow(sequence)).toBe(true)
    table.grow(sequence)
    expect(table.mustGrow(sequence)).toBe(false)
  })

  it('refuses to hand out a block it does not have', () => {
    const table = new BlockTable({ numBlocks: 1, blockSize: 4 })
    table.admit(answer(prompt(4)))
    expect(() => table.admit(answer(prompt(4, 1)))).toThrow('no cache block is free')
  })
})

import { describe, expect, test } from 'vitest'
import { microBatches } from '../../../lib/grpo/batch.js'
import { numAnswerTokens, numInputTokens } from '../../../lib/grpo/sample.js'
import { type BatchLimits, worstBatch } from '../../../lib/train/rehearsal/worst-batch.js'

const limits = { numSequences: 8, maxPromptTokens: 5, maxResponseTokens: 10, vocabularySize: 7 }

function sizesOf(batch: BatchLimits) {
  const { samples, isOneOfSeveral } = worstBatch(batch)
  const numTokens = samples.reduce((sum, sample) => sum + numInputTokens(sample), 0)
  return { isOneOfSeveral, numTokens, numAnswers: samples.length, numAnswerTokens: numAnswerTokens(samples) }
}

describe('the worst micro-batch', () => {
  test('has all sequences at their longest where the budget takes them', () => {
    expect(sizesOf({ ...limits, tokensPerMicroBatch: 8 * 14 })).toEqual({
      ...{ isOneOfSeveral: false, numAnswers: 8, numTokens: 8 * 14, numAnswerTokens: 8 * 10 },
    })
  })

  test('has as many tokens as the budget, and as many of them in answers as there can be', () => {
    // 8 answers of 10 tokens; the 31 tokens left belong to prompts.
    expect(sizesOf({ ...limits, tokensPerMicroBatch: 111 })).toEqual({
      ...{ isOneOfSeveral: true, numAnswers: 8, numTokens: 111, numAnswerTokens: 80 },
    })
    expect(sizesOf({ ...limits, tokensPerMicroBatch: 34 })).toEqual({
      ...{ isOneOfSeveral: true, numAnswers: 4, numTokens: 34, numAnswerTokens: 34 },
    })
  })

  test('is the longest sequence where that is above the budget', () => {
    const alone = { numAnswers: 1, numTokens: 14, numAnswerTokens: 10 }
    expect(sizesOf({ ...limits, tokensPerMicroBatch: 13 })).toEqual({ isOneOfSeveral: true, ...alone })
    expect(sizesOf({ ...limits, numSequences: 1, tokensPerMicroBatch: 1 })).toEqual({ isOneOfSeveral: false, ...alone })
  })

  test('is one micro-batch, with tokens of the vocabulary and at least one in each prompt and answer', () => {
    for (let tokensPerMicroBatch = 1; tokensPerMicroBatch < 130; tokensPerMicroBatch++) {
      const { samples } = worstBatch({ ...limits, tokensPerMicroBatch })
      expect(microBatches(samples, { maxTokens: tokensPerMicroBatch })).toHaveLength(1)
      for (const { promptTokens, answerTokens } of samples) {
        expect(promptTokens.length).toBeLessThanOrEqual(5)
        expect(answerTokens.length).toBeLessThanOrEqual(10)
        expect(Math.max(...Array.from(promptTokens), ...Array.from(answerTokens))).toBeLessThan(7)
      }
    }
  })
})

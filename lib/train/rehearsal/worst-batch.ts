// The micro-batch of an update that takes the most memory: pure arithmetic on the budget of tokens and the longest sequence.
import type { Sample } from '../../grpo/sample.js'

export interface BatchLimits {
  /** Sequences of an update. */
  numSequences: number
  maxPromptTokens: number
  maxResponseTokens: number
  /** The budget of a micro-batch, in tokens; a longer sequence goes alone. */
  tokensPerMicroBatch: number
  vocabularySize: number
}

export interface WorstBatch {
  samples: Sample[]
  /** Whether an update has other micro-batches, whose gradients are there meanwhile. */
  isOneOfSeveral: boolean
}

/**
 * As many tokens as a micro-batch can have, of which as many as possible belong to answers: those go through the vocabulary too.
 * Answers come first, prompts take what is left, and each has at least one token.
 */
export function worstBatch(limits: BatchLimits): WorstBatch {
  const { numSequences, maxPromptTokens, maxResponseTokens, tokensPerMicroBatch } = limits
  const longest = maxPromptTokens + maxResponseTokens - 1 // the last token predicts nothing
  const isOneOfSeveral = numSequences > 1 && numSequences * longest > tokensPerMicroBatch
  const sizes =
    longest > tokensPerMicroBatch
      ? [{ numPromptTokens: maxPromptTokens, numAnswerTokens: maxResponseTokens }]
      : sizesWithin(limits)
  return { samples: sizes.map((size, i) => sampleOf(size, { index: i, ...limits })), isOneOfSeveral }
}

/** One token after one. */
export const smallestBatch: WorstBatch = {
  samples: [sampleOf({ numPromptTokens: 1, numAnswerTokens: 1 }, { index: 0, vocabularySize: 1 })],
  isOneOfSeveral: false,
}

interface Size {
  numPromptTokens: number
  numAnswerTokens: number
}

function sizesWithin({ numSequences, maxPromptTokens, maxResponseTokens, tokensPerMicroBatch }: BatchLimits): Size[] {
  const sizes: Size[] = []
  let left = tokensPerMicroBatch
  for (; left > 0 && sizes.length < numSequences; left -= sizes.at(-1)?.numAnswerTokens ?? 0)
    sizes.push({ numPromptTokens: 1, numAnswerTokens: Math.min(maxResponseTokens, left) })
  for (const size of sizes) {
    const more = Math.min(maxPromptTokens - 1, left)
    size.numPromptTokens += more
    left -= more
  }
  return sizes
}

/** Made-up tokens, all over the vocabulary. */
function sampleOf(
  { numPromptTokens, numAnswerTokens }: Size,
  { index, vocabularySize }: { index: number; vocabularySize: number },
): Sample {
  const tokens = (count: number) => Int32Array.from({ length: count }, (_, i) => (index + i) % vocabularySize)
  const zeros = new Float32Array(numAnswerTokens)
  return {
    promptTokens: tokens(numPromptTokens),
    answerTokens: tokens(numAnswerTokens),
    ...{ rolloutLogprobs: zeros, referenceLogprobs: zeros, advantage: 1 },
  }
}

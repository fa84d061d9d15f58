// Sequences one after the other, without padding.

import { checkOptions, type OptionKeys, requireArrays, requireEach } from '../arguments.js'
import { tensor } from '../create.js'
import { ArgumentError } from '../errors.js'
import type { Tensor } from '../tensor.js'

/** B sequences of T tokens in all, one after the other, without padding. */
export interface Batch {
  /** i32 [T]. */
  readonly tokens: Tensor
  /** i32 [T]: each token's place in its sequence, from 0. */
  readonly positions: Tensor
  /** i32 [B+1]: where sequences begin, and T. */
  readonly cuSeqlens: Tensor
  /** T. */
  readonly numTokens: number
  /** In tokens. */
  readonly maxSequenceLength: number
}

/**
 * A batch of these sequences, in order; its tensors belong to the scope around the call.
 *
 * @throws {@link ArgumentError} for no sequences, or one without tokens
 *
 * @example
 * ```ts
 * import { createModel, pack } from 'lengthen'
 *
 * const sizes = { vocabularySize: 10, width: 16, feedForwardWidth: 32, numLayers: 1, numHeads: 2 }
 * using model = createModel(sizes, { seed: 1 })
 * const hidden = model.forward(pack([[1, 2, 3], [4, 5]])) // [5, 16]
 * ```
 */
export function pack(sequences: readonly ArrayLike<number>[], options: { device?: string } = {}): Batch {
  requireArrays('pack', { sequences })
  requireEach('pack', 'arrays of tokens', { sequences }, () => sequences.every(hasLength))
  checkOptions('pack', options, optionKeys)
  const { device = 'cpu' } = options
  const lengths = sequences.map((sequence) => sequence.length)
  if (lengths.length === 0 || lengths.includes(0))
    throw new ArgumentError(
      `[pack] expected at least one sequence, each of at least one token, got lengths [${lengths.join(', ')}]`,
    )
  const cuSeqlens = new Int32Array(lengths.length + 1)
  lengths.forEach((length, i) => {
    cuSeqlens[i + 1] = (cuSeqlens[i] as number) + length
  })
  const numTokens = cuSeqlens[lengths.length] as number
  const tokens = new Int32Array(numTokens)
  const positions = new Int32Array(numTokens)
  sequences.forEach((sequence, i) => {
    const begin = cuSeqlens[i] as number
    tokens.set(sequence, begin)
    for (let position = 0; position < sequence.length; position++) positions[begin + position] = position
  })
  return {
    tokens: tensor(tokens, { device }),
    positions: tensor(positions, { device }),
    cuSeqlens: tensor(cuSeqlens, { device }),
    numTokens,
    maxSequenceLength: Math.max(...lengths),
  }
}

const optionKeys: OptionKeys<{ device?: string }> = { device: true }

const hasLength = (sequence: unknown): boolean => typeof (sequence as { length?: unknown } | null)?.length === 'number'

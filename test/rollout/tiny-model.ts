// A small random decoder, and an engine-free reference: each token from a forward pass over the whole sequence.
import { tensor } from '../../lib/create.js'
import { createModel } from '../../lib/models/create.js'
import type { Decoder } from '../../lib/models/decoder.js'
import type { DecoderConfig } from '../../lib/models/decoder-config.js'
import { pack } from '../../lib/models/pack.js'
import { gatherRows, type SamplingOptions, sampleToken, tokenLogprob } from '../../lib/ops/index.js'
import type { TextCodec } from '../../lib/rollout/request.js'
import { scope } from '../../lib/scope.js'
import { noGrad } from '../../lib/tape.js'

export const stopToken = 1

export const codec: TextCodec = {
  vocabSize: 30,
  eosIds: [stopToken],
  encode: (text) => [...text].map((letter) => letter.charCodeAt(0) - 95),
  decode: (ids) => [...ids].map((id) => String.fromCharCode(id + 95)).join(''),
}

export const tinyModel = (seed = 1, options: Partial<DecoderConfig> = {}): Decoder =>
  createModel(
    {
      vocabularySize: 33,
      width: 32,
      feedForwardWidth: 40,
      numLayers: 2,
      numHeads: 4,
      numKvHeads: 2,
      headSize: 8,
      maxPositions: 128,
      normEpsilon: 1e-6,
      ropeTheta: 10_000,
      isHeadTied: true,
      initializerRange: 0.25,
      ...options,
    },
    { seed },
  )

export const randomPrompts = (lengths: readonly number[]): number[][] =>
  lengths.map((length, p) => Array.from({ length }, (_, i) => 2 + ((7 * p + 5 * i + i * i * (p + 1)) % 31)))

export interface NaiveAnswer {
  tokens: number[]
  rolloutLogprobs: number[]
}

/** No cache, no batch. */
export async function naiveAnswer(
  model: Decoder,
  prompt: readonly number[],
  at: { sequenceId: number; maxResponseTokens: number },
  sampling: SamplingOptions,
): Promise<NaiveAnswer> {
  const { temperature = 1, topK = 0, topP = 1, seed = 0 } = sampling // all that generate() is told comes in here
  const tokens: number[] = []
  const rolloutLogprobs: number[] = []
  while (tokens.length < at.maxResponseTokens && tokens.at(-1) !== stopToken) {
    const sequence = [...prompt, ...tokens]
    const ints = (value: number) => tensor([value], { dtype: 'i32' })
    const drawn = noGrad(() =>
      scope(() => {
        const last = gatherRows(model.forward(pack([sequence])), ints(sequence.length - 1))
        const place = { sequenceIds: ints(at.sequenceId), positions: ints(sequence.length) }
        return sampleToken(last, model.head, place, { temperature, topK, topP, seed })
      }),
    )
    tokens.push(await drawn.tokens.item())
    rolloutLogprobs.push(await drawn.logprobs.item())
    drawn.tokens.dispose()
    drawn.logprobs.dispose()
  }
  return { tokens, rolloutLogprobs }
}

/** Log-probabilities of the answers in one packed forward, as training computes them. */
export async function packedLogprobs(
  model: Decoder,
  answers: readonly { promptTokens: ArrayLike<number>; tokens: readonly number[] }[],
  temperature: number,
): Promise<number[][]> {
  const sequences = answers.map(({ promptTokens, tokens }) => [...Array.from(promptTokens), ...tokens])
  const targets = sequences.flatMap((sequence) => [...sequence.slice(1), 0])
  const logprobs = noGrad(() =>
    scope(() => {
      const hidden = model.forward(pack(sequences))
      return tokenLogprob(hidden, model.head, tensor(Int32Array.from(targets)), { temperature }).logprobs
    }),
  )
  const values = await logprobs.toArray()
  logprobs.dispose()
  let begin = 0
  return answers.map(({ promptTokens, tokens }, i) => {
    const first = begin + promptTokens.length - 1
    begin += sequences[i]?.length ?? 0
    return Array.from(values.slice(first, first + tokens.length))
  })
}

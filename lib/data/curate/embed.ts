// Embeddings by any decoder: the mean of a text's last hidden states. A text's vector depends on the text alone, so that a pair's cosine
// is the same whatever else is compared. Such means all point much the same way: what cosine is close is the model's own.
import { noGrad } from '../../autograd.js'
import type { Decoder } from '../../models/decoder.js'
import { pack } from '../../models/pack.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'

const tokensAtOnce = 4096

/** A vector for each text, whatever the others. Of a text beyond the model's positions, the beginning counts. */
export async function embedTexts(
  texts: readonly string[],
  { model, tokenizer, signal }: { model: Decoder; tokenizer: Tokenizer; signal?: AbortSignal | undefined },
): Promise<Float32Array[]> {
  const { maxPositions } = model.config
  const vectors: Float32Array[] = []
  for (let begin = 0; begin < texts.length; ) {
    signal?.throwIfAborted()
    const batch: number[][] = []
    for (let numTokens = 0; begin < texts.length && (batch.length === 0 || numTokens < tokensAtOnce); begin++) {
      const tokens = tokenizer.encode(texts[begin] as string).slice(0, maxPositions)
      batch.push(tokens)
      numTokens += tokens.length
    }
    vectors.push(...(await meanStates(model, batch)))
  }
  return vectors
}

/** Zeros for a text without tokens. */
async function meanStates(model: Decoder, sequences: readonly number[][]): Promise<Float32Array[]> {
  const { width } = model.config
  const given = sequences.filter(({ length }) => length > 0)
  const means = sequences.map(() => new Float32Array(width))
  if (given.length === 0) return means
  const batch = pack(given, { device: model.head.device })
  using states = noGrad(() => model.forward(batch))
  for (const part of [batch.tokens, batch.positions, batch.cuSeqlens]) part.dispose()
  const values = await states.toArray()
  let place = 0
  for (const [i, { length }] of sequences.entries()) {
    const mean = means[i] as Float32Array
    for (const end = place + length * width; place < end; place += width)
      for (let c = 0; c < width; c++) mean[c] = (mean[c] as number) + (values[place + c] as number) / length
  }
  return means
}

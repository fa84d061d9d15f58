// One sampled answer as samples.jsonl keeps it: enough to list it, to sample it again, and to know that it is the same.
import { createHash } from 'node:crypto'
import type { ScoredAnswer } from '../../eval/answer-rows.js'

export interface SampleRecord {
  step: number
  /** Place among the step's samples, from 0. */
  sample: number
  /** Of the problem. */
  id: string
  /** Null where the reward failed. */
  reward: number | null
  /** Present where several rewards make one. */
  parts?: Record<string, number> | undefined
  numTokens: number
  finishReason: 'stop' | 'length'
  /** Of the tokens and of the bits of their log-probabilities: see answerHash. */
  hash: string
  /** Of the first prompts of a step. */
  prompt?: string
  text?: string
}

/** Of all answers of a step, those of the first prompts with their text. */
export function sampleRecords(
  groups: readonly (readonly ScoredAnswer[])[],
  { step, numWithText }: { step: number; numWithText: number },
): SampleRecord[] {
  const records: SampleRecord[] = []
  for (const [index, group] of groups.entries())
    for (const answer of group)
      records.push({
        ...bare(answer, { step, sample: records.length }),
        ...(index < numWithText && { prompt: answer.row.problem, text: answer.text }),
      })
  return records
}

/** 16 hexadecimal digits of the SHA-256 of the tokens (int32) and the log-probabilities (float32). */
export function answerHash({ tokens, rolloutLogprobs }: Pick<ScoredAnswer, 'tokens' | 'rolloutLogprobs'>): string {
  const { buffer, byteOffset, byteLength } = rolloutLogprobs
  const hash = createHash('sha256').update(new Uint8Array(Int32Array.from(tokens).buffer))
  return hash
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
    .slice(0, 16)
}

function bare(answer: ScoredAnswer, { step, sample }: { step: number; sample: number }): SampleRecord {
  const { row, score, verdict, tokens, finishReason } = answer
  return {
    ...{ step, sample, id: row.id, reward: score ?? null },
    ...(verdict?.parts && { parts: verdict.parts }),
    ...{ numTokens: tokens.length, finishReason, hash: answerHash(answer) },
  }
}

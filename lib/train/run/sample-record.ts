// One sampled answer as samples.jsonl keeps it: enough to list it, to sample it again, and to know that it is the same.
import { createHash } from 'node:crypto'
import { requireArrays, requireObjects } from '../../arguments.js'
import type { ScoredAnswer } from '../../eval/answer-rows.js'
import type { Collected } from '../collect-groups.js'

/** A line of samples.jsonl. */
export interface SampleRecord {
  /** Counted from 1 over the whole run. */
  step: number
  /** Place among the step's samples, from 0. */
  sample: number
  /** Round of the step's sampling, from 0: always 0 without dynamic sampling. */
  round: number
  /** Place of the problem in its round, from 0. */
  prompt: number
  /** Place among the answers to this problem, from 0. */
  answer: number
  /** Of the problem: its row's id. */
  id: string
  /** What the answer was learned from, weights and penalty included; null where the reward failed on it. */
  reward: number | null
  /** Where it is not the reward: how right the answer is, 1 being right. */
  outcome?: number | undefined
  /** By name, each without its weight; present where several rewards, or a penalty, make one. */
  parts?: Record<string, number> | undefined
  /** Of the answer, its end token included. */
  numTokens: number
  /** stop: it came to its end; length: it was cut at the stage's limit. */
  finishReason: 'stop' | 'length'
  /** Of the tokens and of the bits of their log-probabilities: see answerHash. */
  hash: string
  /** The problem's text: of the first problems of a step only, as many as numSampledPrompts. */
  problem?: string
  /** The answer's text, of the same. */
  text?: string
}

/** Of all answers of a step, those of the first prompts with their text. */
export function sampleRecords(
  { sampled, promptsOfRounds }: Pick<Collected, 'sampled' | 'promptsOfRounds'>,
  { step, numWithText }: { step: number; numWithText: number },
): SampleRecord[] {
  const places = promptsOfRounds.flatMap((count, round) =>
    Array.from({ length: count }, (_, prompt) => ({ round, prompt })),
  )
  const records: SampleRecord[] = []
  for (const [index, group] of sampled.entries())
    for (const [place, answer] of group.entries())
      records.push({
        ...{ step, sample: records.length, ...(places[index] as (typeof places)[number]), answer: place },
        ...bare(answer),
        ...(index < numWithText && { problem: answer.row.problem, text: answer.text }),
      })
  return records
}

/** The first 16 hexadecimal digits of the SHA-256 of the tokens (int32), then the log-probabilities (float32), in the machine's byte order. */
export function answerHash(answer: Pick<ScoredAnswer, 'tokens' | 'rolloutLogprobs'>): string {
  requireObjects('answer hash', { answer })
  const { tokens, rolloutLogprobs } = answer
  requireArrays('answer hash', { tokens })
  requireObjects('answer hash', { rolloutLogprobs })
  const { buffer, byteOffset, byteLength } = rolloutLogprobs
  const hash = createHash('sha256').update(new Uint8Array(Int32Array.from(tokens).buffer))
  return hash
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
    .slice(0, 16)
}

function bare(
  answer: ScoredAnswer,
): Pick<SampleRecord, 'id' | 'reward' | 'outcome' | 'parts' | 'numTokens' | 'finishReason' | 'hash'> {
  const { row, score, verdict, tokens, finishReason } = answer
  return {
    ...{ id: row.id, reward: score ?? null },
    ...(verdict?.outcome !== undefined && { outcome: verdict.outcome }),
    ...(verdict?.parts && { parts: verdict.parts }),
    ...{ numTokens: tokens.length, finishReason, hash: answerHash(answer) },
  }
}

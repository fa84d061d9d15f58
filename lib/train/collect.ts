// The first half of a step: sample answers to the step's problems and score them.
import { promptsOf } from '../data/prompt.js'
import type { Row } from '../data/row.js'
import type { Reward } from '../reward/reward.js'
import { requireScored, scoreSamples } from '../reward/score.js'
import type { Answer, RolloutEngine } from '../rollout/engine.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'

/** One answer with its score; undefined where the reward failed on it. */
export interface ScoredAnswer extends Answer {
  row: Row
  promptTokens: readonly number[]
  score: number | undefined
}

export interface CollectOptions {
  rows: readonly Row[]
  /** The user's turn, made of a row's fields. */
  turn: string
  numAnswers: number
  maxResponseTokens: number
  maxPromptTokens: number
  temperature: number
  topK: number
  topP: number
  seed: number
  reward: Reward
  rewardDeadlineMs: number
  /** More missing scores than this fail the run. */
  maxMissingShare: number
  signal?: AbortSignal | undefined
}

/** A group for each row, in order. Gives the cache back before it returns. */
export async function collect(
  { engine, tokenizer }: { engine: RolloutEngine; tokenizer: Tokenizer },
  options: CollectOptions,
): Promise<ScoredAnswer[][]> {
  const { rows, turn, numAnswers, maxResponseTokens, maxPromptTokens, temperature, topK, topP, seed, signal } = options
  const prompts = await promptsOf(rows, { turn, tokenizer, maxTokens: maxPromptTokens })
  const groups: Answer[][] = []
  const sampling = { numAnswers, maxResponseTokens, maxPromptTokens, temperature, topK, topP, seed }
  for await (const group of engine.generate(prompts, { ...sampling, ...(signal && { signal }) }))
    groups.push(group.answers)
  engine.release()
  signal?.throwIfAborted()
  const samples = groups.flatMap((answers, i) => answers.map(({ text }) => ({ row: rows[i] as Row, text })))
  const scoring = { deadlineMs: options.rewardDeadlineMs, signal }
  const { scores, report } = await scoreSamples(options.reward, samples, scoring)
  requireScored(report, options.maxMissingShare)
  return groups.map((answers, i) =>
    answers.map((answer, j) => ({
      ...answer,
      row: rows[i] as Row,
      promptTokens: prompts[i] as number[],
      score: scores[i * numAnswers + j],
    })),
  )
}

// Samples answers to problems and scores them: the first half of a training step, and all of an evaluation.
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

export interface AnswerOptions {
  /** The user's turn, made of a row's fields. */
  turn: string
  numAnswers: number
  maxResponseTokens: number
  /** Longer prompts are an error that names the row. */
  maxPromptTokens: number
  temperature: number
  topK: number
  topP: number
  seed: number
  reward: Reward
  rewardDeadlineMs: number
  /** More missing scores than this share are an error. */
  maxMissingShare: number
  signal?: AbortSignal | undefined
}

/**
 * A group of answers for each row, in order. An answer cut at the limit scores 0, whatever its text: the reward is not asked.
 * Gives the cache back before it returns.
 */
export async function answerRows(
  { engine, tokenizer }: { engine: RolloutEngine; tokenizer: Tokenizer },
  rows: readonly Row[],
  options: AnswerOptions,
): Promise<ScoredAnswer[][]> {
  const groups: ScoredAnswer[][] = []
  for await (const group of answerGroups({ engine, tokenizer }, rows, options)) groups.push(group)
  options.signal?.throwIfAborted()
  await scoreAnswers(groups.flat(), options)
  return groups
}

/** A group for each row as soon as it and those before are finished, not scored yet: all scores are 0. */
export async function* answerGroups(
  { engine, tokenizer }: { engine: RolloutEngine; tokenizer: Tokenizer },
  rows: readonly Row[],
  options: AnswerOptions,
): AsyncGenerator<ScoredAnswer[], void> {
  const { turn, numAnswers, maxResponseTokens, maxPromptTokens, temperature, topK, topP, seed, signal } = options
  const left = engine.maxPositions - maxResponseTokens
  const most =
    left < maxPromptTokens
      ? { maxTokens: left, limit: 'maxPositions - maxResponseTokens' }
      : { maxTokens: maxPromptTokens }
  const prompts = await promptsOf(rows, { turn, tokenizer, ...most })
  const sampling = { numAnswers, maxResponseTokens, temperature, topK, topP, seed, ...(signal && { signal }) }
  let index = 0
  for await (const { answers } of engine.generate(prompts, sampling)) {
    const of = { row: rows[index] as Row, promptTokens: prompts[index] as number[], score: 0 }
    index += 1
    yield answers.map((answer) => ({ ...answer, ...of }))
  }
  engine.release()
}

/** An answer cut at the limit keeps its 0. */
export async function scoreAnswers(answers: readonly ScoredAnswer[], options: AnswerOptions): Promise<void> {
  const finished = answers.filter(({ finishReason }) => finishReason === 'stop')
  const scoring = { deadlineMs: options.rewardDeadlineMs, signal: options.signal }
  const { scores, report } = await scoreSamples(options.reward, finished, scoring)
  requireScored({ ...report, numSamples: answers.length }, options.maxMissingShare)
  finished.forEach((answer, i) => {
    answer.score = scores[i]
  })
}

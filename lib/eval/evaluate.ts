// Samples answers to held-out problems and grades them.
import type { Row } from '../data/row.js'
import type { Reward } from '../reward/reward.js'
import type { RolloutEngine } from '../rollout/engine.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import {
  type AnswerOptions,
  answerGroups,
  answerRows,
  isRight,
  type ScoredAnswer,
  scoreAnswers,
} from './answer-rows.js'
import type { EvaluatedSample } from './statistics.js'

export interface EvaluateOptions {
  rows: readonly Row[]
  /** The user's turn, made of a row's fields. */
  turn?: string
  reward: Reward
  /** In milliseconds, for one answer. */
  rewardDeadlineMs?: number
  samplesPerProblem: number
  maxResponseTokens: number
  /** Longer prompts are an error that names the row. Default: what the model's positions leave. */
  maxPromptTokens?: number
  temperature: number
  topK?: number
  topP?: number
  seed: number
  signal?: AbortSignal | undefined
}

/** One graded answer. */
export interface GradedAnswer extends EvaluatedSample {
  text: string
  reward: number
}

const defaults = {
  turn: '{problem}',
  rewardDeadlineMs: 10_000,
  maxPromptTokens: Number.POSITIVE_INFINITY,
  topK: 0,
  topP: 1,
}

/** The graded answers of each row, in order. A reward that fails on an answer fails the evaluation: nothing counts as wrong unseen. */
export async function evaluate(
  parts: { engine: RolloutEngine; tokenizer: Tokenizer },
  options: EvaluateOptions,
): Promise<GradedAnswer[][]> {
  const groups = await answerRows(parts, options.rows, answerOptions(options))
  return groups.map((group) => group.map(graded))
}

/** evaluate() one row after another, each as soon as it and those before are answered. */
export async function* evaluateEach(
  parts: { engine: RolloutEngine; tokenizer: Tokenizer },
  options: EvaluateOptions,
): AsyncGenerator<{ row: Row; answers: GradedAnswer[] }, void> {
  const asked = answerOptions(options)
  let index = 0
  for await (const group of answerGroups(parts, options.rows, asked)) {
    await scoreAnswers(group, asked)
    yield { row: options.rows[index++] as Row, answers: group.map(graded) }
  }
}

const answerOptions = ({ rows: _, samplesPerProblem: numAnswers, ...options }: EvaluateOptions): AnswerOptions => ({
  ...defaults,
  ...options,
  numAnswers,
  maxMissingShare: 0,
})

const graded = (answer: ScoredAnswer): GradedAnswer => ({
  text: answer.text,
  reward: answer.score as number,
  isCorrect: isRight(answer),
  numTokens: answer.tokens.length,
  isFinished: answer.finishReason === 'stop',
})

// Samples answers to held-out problems and grades them.
import { promptsOf } from '../data/prompt.js'
import type { Row } from '../data/row.js'
import type { Reward } from '../reward/reward.js'
import { requireScored, scoreSamples } from '../reward/score.js'
import type { Answer, RolloutEngine } from '../rollout/engine.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { EvaluatedSample } from './statistics.js'

export interface EvaluateOptions {
  rows: readonly Row[]
  /** The user's turn, made of a row's fields. */
  turn: string
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

/** The graded answers of each row, in order. A reward that fails on an answer fails the evaluation: nothing counts as wrong unseen. */
export async function evaluate(
  { engine, tokenizer }: { engine: RolloutEngine; tokenizer: Tokenizer },
  options: EvaluateOptions,
): Promise<GradedAnswer[][]> {
  const { rows, turn, samplesPerProblem: numAnswers, maxResponseTokens, temperature, seed, signal } = options
  const { topK = 0, topP = 1, maxPromptTokens = Number.POSITIVE_INFINITY, rewardDeadlineMs: deadlineMs } = options
  const prompts = await promptsOf(rows, { turn, tokenizer, maxTokens: maxPromptTokens })
  const groups: Answer[][] = []
  const sampling = { numAnswers, maxResponseTokens, temperature, topK, topP, seed }
  for await (const { answers } of engine.generate(prompts, { ...sampling, ...(signal && { signal }) }))
    groups.push(answers)
  engine.release()
  const samples = groups.flatMap((answers, i) => answers.map(({ text }) => ({ row: rows[i] as Row, text })))
  const { scores, report } = await scoreSamples(options.reward, samples, {
    signal,
    ...(deadlineMs !== undefined && { deadlineMs }),
  })
  requireScored(report, 0)
  return groups.map((answers, i) => answers.map((answer, j) => graded(answer, scores[i * numAnswers + j] as number)))
}

const graded = (answer: Answer, reward: number): GradedAnswer => ({
  text: answer.text,
  reward,
  isCorrect: reward === 1,
  numTokens: answer.tokens.length,
  isFinished: answer.finishReason === 'stop',
})

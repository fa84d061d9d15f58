// Samples answers to held-out problems and grades them.
import { promptTokens } from '../data/prompt.js'
import type { Row } from '../data/row.js'
import { type Reward } from '../reward/reward.js'
import { requireScored, scoreSamples } from '../reward/score.js'
import type { Answer, RolloutEngine } from '../rollout/engine.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { EvaluatedSample } from './statistics.js'

export interface EvaluateOptions {
  rows: readonly Row[]
  /** The user's turn, made of a row's fields. */
  turn: string
  reward: Reward
  samplesPerProblem: number
  maxResponseTokens: number
  temperature: number
  topK?: number
  topP?: number
  seed: number
  signal?: AbortSignal | undefined
}

/** One graded answer. A problem that the reward failed on has no score and counts as wrong nowhere: it fails the evaluation. */
export interface GradedAnswer extends EvaluatedSample {
  text: string
  reward: number
}

/** The graded answers of each row, in order. */
export async function evaluate(
  { engine, tokenizer }: { engine: RolloutEngine; tokenizer: Tokenizer },
  options: EvaluateOptions,
): Promise<GradedAnswer[][]> {
  const { rows, turn, samplesPerProblem: numAnswers, maxResponseTokens, temperature, topK, topP, seed, signal } = options
  const prompts = await Promise.all(rows.map((row) => promptTokens(row, { turn, tokenizer })))
  const groups: Answer[][] = []
  const sampling = { numAnswers, maxResponseTokens, temperature, topK: topK ?? 0, topP: topP ?? 1, seed }
  for await (const { answers } of engine.generate(prompts, { ...sampling, ...(signal && { signal }) })) groups.push(answers)
  engine.release()
  const samples = groups.flatMap((answers, i) => answers.map(({ text }) => ({ row: rows[i] as Row, text })))
  const { scores, report } = await scoreSamples(options.reward, samples, { signal })
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

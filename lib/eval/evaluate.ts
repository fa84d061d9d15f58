// Samples answers to held-out problems and grades them.

import { checkOptions, type OptionKeys, requireArrays, requireFunctions } from '../arguments.js'
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
import { requireParts } from './parts.js'
import type { EvaluatedSample } from './statistics.js'

/** What is evaluated, and how. */
export interface EvaluateOptions {
  /** The problems. */
  rows: readonly Row[]
  /** The user's turn, made of a row's fields: `{problem}`, the default, is the field of that name. */
  turn?: string
  /** Says how right an answer is, 1 being right; not asked about one that was cut at the limit, which is wrong. */
  reward: Reward
  /** In milliseconds, for one answer; default 10,000. */
  rewardDeadlineMs?: number
  /** Answers to a problem. */
  samplesPerProblem: number
  /** The longest answer, the stop token included; a longer one is cut. */
  maxResponseTokens: number
  /** Longer prompts are an error that names the row. Default: what the model's positions leave. */
  maxPromptTokens?: number
  /** Of sampling; 0 takes the likeliest token. */
  temperature: number
  /** Only so many of the likeliest tokens are drawn from; default 0: all. */
  topK?: number
  /** Only the likeliest tokens that together reach this probability are drawn from; default 1: all. */
  topP?: number
  /** Names every draw, with the place of the row, of the answer and of the token. */
  seed: number
  /** Ends the evaluation at once. */
  signal?: AbortSignal | undefined
}

/** One graded answer. */
export interface GradedAnswer extends EvaluatedSample {
  /** As the model gave it, from the end of the prompt on. */
  text: string
  /** The reward's score; 0 where the answer was cut at the limit. */
  reward: number
}

const defaults = {
  turn: '{problem}',
  rewardDeadlineMs: 10_000,
  maxPromptTokens: Number.POSITIVE_INFINITY,
  topK: 0,
  topP: 1,
}

/**
 * The graded answers of each row, in order.
 * @param parts The engine that samples, over the model under test, and the tokenizer that its prompts are made with.
 * @throws {@link RewardError} where the reward fails on an answer: nothing counts as wrong unseen.
 * @throws {@link ArgumentError} for a prompt that is too long, with its row.
 *
 * @example
 * ```ts
 * import { evaluate, loadModel, mathReward, readRows, RolloutEngine, summarize } from 'lengthen'
 *
 * const { model, tokenizer } = await loadModel('models/qwen2.5-0.5b')
 * const parts = { engine: new RolloutEngine(model, tokenizer), tokenizer }
 * const answers = await evaluate(parts, {
 *   rows: await readRows('test.jsonl'),
 *   reward: mathReward(),
 *   samplesPerProblem: 4,
 *   maxResponseTokens: 1024,
 *   temperature: 0.6,
 *   seed: 1,
 * })
 * console.log(summarize(answers).passAt1)
 * ```
 */
export async function evaluate(
  parts: { engine: RolloutEngine; tokenizer: Tokenizer },
  options: EvaluateOptions,
): Promise<GradedAnswer[][]> {
  requireEvaluation(parts, options)
  const groups = await answerRows(parts, options.rows, answerOptions(options))
  return groups.map((group) => group.map(graded))
}

/**
 * evaluate() one row after another, each as soon as it and those before are answered.
 * @param parts As of evaluate().
 * @throws {@link ArgumentError} as evaluate()
 * @throws {@link RewardError} as evaluate()
 */
export async function* evaluateEach(
  parts: { engine: RolloutEngine; tokenizer: Tokenizer },
  options: EvaluateOptions,
): AsyncGenerator<
  {
    /** The problem. */
    row: Row
    /** As many as samplesPerProblem. */
    answers: GradedAnswer[]
  },
  void
> {
  requireEvaluation(parts, options)
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

function requireEvaluation(parts: { engine: RolloutEngine; tokenizer: Tokenizer }, options: EvaluateOptions): void {
  requireParts('evaluate', parts)
  checkOptions('evaluate', options, optionKeys)
  requireArrays('evaluate', { rows: options.rows })
  requireFunctions('evaluate', { reward: options.reward })
}

const optionKeys: OptionKeys<EvaluateOptions> = {
  rows: true,
  turn: true,
  reward: true,
  rewardDeadlineMs: true,
  samplesPerProblem: true,
  maxResponseTokens: true,
  maxPromptTokens: true,
  temperature: true,
  topK: true,
  topP: true,
  seed: true,
  signal: true,
}

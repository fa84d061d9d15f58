// Samples answers to problems and scores them: the first half of a training step, and all of an evaluation.

import { checkOptions, type OptionKeys, requireArrays, requireFunctions } from '../arguments.js'
import { promptsOf } from '../data/prompt.js'
import type { Row } from '../data/row.js'
import type { Reward } from '../reward/reward.js'
import { type RewardReport, requireScored, scoreSamples } from '../reward/score.js'
import { outcomeOf, type Verdict } from '../reward/verdict.js'
import type { Answer, RolloutEngine } from '../rollout/engine.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import { requireParts } from './parts.js'

/** One answer with its score; undefined where the reward failed on it. */
export interface ScoredAnswer extends Answer {
  /** The problem that it answers. */
  row: Row
  /** What the model was given, chat template included. */
  promptTokens: readonly number[]
  /** What it is worth, 0 where it was cut at the limit; undefined where the reward failed on it. */
  score: number | undefined
  /** What the score is made of, where that is known. */
  verdict?: Verdict
  /** Out of the loss and its denominator; the others of its group are compared with it all the same. */
  isMasked?: boolean
}

/** How rows are answered and scored. */
export interface AnswerOptions {
  /** The user's turn, made of a row's fields: `{problem}` is the field of that name. */
  turn: string
  /** Answers to a row. */
  numAnswers: number
  /** The longest answer, the stop token included; a longer one is cut. */
  maxResponseTokens: number
  /** Longer prompts, and those that leave no room for an answer among the model's positions, are an error that names the row. */
  maxPromptTokens: number
  /** Of sampling; 0 takes the likeliest token. */
  temperature: number
  /** Only so many of the likeliest tokens are drawn from; 0: all. */
  topK: number
  /** Only the likeliest tokens that together reach this probability are drawn from; 1: all. */
  topP: number
  /** Names every draw, with the place of the row, of the answer and of the token. */
  seed: number
  /** Asked about every answer that came to an end. */
  reward: Reward
  /** For one answer, in milliseconds: one that takes longer has no score. */
  rewardDeadlineMs: number
  /** More missing scores than this share, 0 to 1, are an error. */
  maxMissingShare: number
  /** Ends sampling and scoring at once. */
  signal?: AbortSignal | undefined
}

/** Answers that are there already, by row; undefined: they are to be sampled. */
export type KnownAnswers = (index: number) => readonly Answer[] | undefined

/**
 * A group of answers for each row, in order. An answer cut at the limit scores 0, whatever its text: the reward is not asked.
 * Gives the engine's cache back before it returns.
 * @param parts The engine that samples, and the tokenizer that its prompts are made with.
 * @throws {@link ArgumentError} for a prompt that is too long, with its row.
 * @throws {@link RewardError} where more scores are missing than maxMissingShare.
 */
export async function answerRows(
  parts: { engine: RolloutEngine; tokenizer: Tokenizer },
  rows: readonly Row[],
  options: AnswerOptions,
): Promise<ScoredAnswer[][]> {
  requireParts('answer rows', parts)
  requireArrays('answer rows', { rows })
  checkOptions('answer rows', options, optionKeys)
  requireFunctions('answer rows', { reward: options.reward })
  const groups: ScoredAnswer[][] = []
  for await (const group of answerGroups(parts, rows, options)) groups.push(group)
  options.signal?.throwIfAborted()
  await scoreAnswers(groups.flat(), options)
  return groups
}

/**
 * A group for each row as soon as it and those before are finished, not scored yet: all scores are 0. Rows whose answers are known
 * are not sampled; the others' answers are those that a call without known ones gives.
 */
export async function* answerGroups(
  { engine, tokenizer }: { engine: RolloutEngine; tokenizer: Tokenizer },
  rows: readonly Row[],
  { known = () => undefined, ...options }: SampleOptions & { known?: KnownAnswers },
): AsyncGenerator<ScoredAnswer[], void> {
  const prompts = await promptsOfRows({ engine, tokenizer }, rows, options)
  const had = rows.map((_, index) => known(index))
  const ids = had.flatMap((answers, index) => (answers ? [] : [index]))
  const groupAt = (index: number, answers: readonly Answer[]): ScoredAnswer[] => {
    const of = { row: rows[index] as Row, promptTokens: prompts[index] as number[], score: 0 }
    return answers.map((answer) => ({ ...answer, ...of }))
  }
  let index = 0
  for await (const { answers } of engine.generate(promptsAt(prompts, ids), samplingOf(options, ids))) {
    for (; had[index]; index++) yield groupAt(index, had[index] as readonly Answer[])
    yield groupAt(index++, answers)
  }
  for (; index < rows.length; index++) yield groupAt(index, had[index] as readonly Answer[])
  engine.release()
}

type SampleOptions = Omit<AnswerOptions, 'reward' | 'rewardDeadlineMs' | 'maxMissingShare'>

const promptsAt = (prompts: readonly number[][], ids: readonly number[]): number[][] =>
  ids.map((id) => prompts[id] as number[])

// A row's random streams are named by its place, whichever of the others are sampled beside it.
function samplingOf(options: SampleOptions, ids: readonly number[]) {
  const { numAnswers, maxResponseTokens, temperature, topK, topP, seed, signal } = options
  const sampling = { numAnswers, maxResponseTokens, temperature, topK, topP, seed, ...(signal && { signal }) }
  return { ...sampling, ids, streamsPerId: numAnswers }
}

async function promptsOfRows(
  { engine, tokenizer }: { engine: RolloutEngine; tokenizer: Tokenizer },
  rows: readonly Row[],
  { turn, maxResponseTokens, maxPromptTokens }: SampleOptions,
): Promise<number[][]> {
  const left = engine.maxPositions - maxResponseTokens
  const most =
    left < maxPromptTokens
      ? { maxTokens: left, limit: 'maxPositions - maxResponseTokens' }
      : { maxTokens: maxPromptTokens }
  return await promptsOf(rows, { turn, tokenizer, ...most })
}

/** Fails where more scores are missing than maxMissingShare. */
export async function scoreAnswers(answers: readonly ScoredAnswer[], options: AnswerOptions): Promise<void> {
  const { verdicts, report } = await verdictsOn(answers, options)
  requireScored(report, options.maxMissingShare)
  answers.forEach((answer, i) => {
    takeVerdict(answer, verdicts[i] as Verdict)
  })
}

/** The reward's verdict on each answer, in order. One cut at the limit scores 0 unasked. The report counts it among the samples. */
export async function verdictsOn(
  answers: readonly ScoredAnswer[],
  { reward, rewardDeadlineMs, signal }: Pick<AnswerOptions, 'reward' | 'rewardDeadlineMs' | 'signal'>,
): Promise<{ verdicts: Verdict[]; report: RewardReport }> {
  const finished = answers.filter(({ finishReason }) => finishReason === 'stop')
  const { verdicts, report } = await scoreSamples(reward, finished, { deadlineMs: rewardDeadlineMs, signal })
  let next = 0
  return {
    verdicts: answers.map(({ finishReason }) =>
      finishReason === 'stop' ? (verdicts[next++] as Verdict) : { score: 0 },
    ),
    report: { ...report, numSamples: answers.length },
  }
}

export function takeVerdict(answer: ScoredAnswer, verdict: Verdict): void {
  answer.verdict = verdict
  answer.score = verdict.score ?? undefined
}

/** How right an answer is, 1 being right, whatever else its score is made of; undefined where it has none. */
export const outcomeOfAnswer = ({ score, verdict }: Pick<ScoredAnswer, 'score' | 'verdict'>): number | undefined =>
  verdict ? outcomeOf(verdict) : score

/** False where it has no score. */
export const isRight = (answer: Pick<ScoredAnswer, 'score' | 'verdict'>): boolean => outcomeOfAnswer(answer) === 1

const optionKeys: OptionKeys<AnswerOptions> = {
  turn: true,
  numAnswers: true,
  maxResponseTokens: true,
  maxPromptTokens: true,
  temperature: true,
  topK: true,
  topP: true,
  seed: true,
  reward: true,
  rewardDeadlineMs: true,
  maxMissingShare: true,
  signal: true,
}

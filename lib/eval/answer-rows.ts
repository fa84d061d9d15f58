// Samples answers to problems and scores them: the first half of a training step, and all of an evaluation.
import { promptsOf } from '../data/prompt.js'
import type { Row } from '../data/row.js'
import type { Reward } from '../reward/reward.js'
import { type RewardReport, requireScored, scoreSamples } from '../reward/score.js'
import { outcomeOf, type Verdict } from '../reward/verdict.js'
import type { Answer, RolloutEngine } from '../rollout/engine.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'

/** One answer with its score; undefined where the reward failed on it. */
export interface ScoredAnswer extends Answer {
  row: Row
  promptTokens: readonly number[]
  score: number | undefined
  /** What the score is made of, where that is known. */
  verdict?: Verdict
  /** Out of the loss and its denominator; the others of its group are compared with it all the same. */
  isMasked?: boolean
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

/** Answers that are there already, by row; undefined: they are to be sampled. */
export type KnownAnswers = (index: number) => readonly Answer[] | undefined

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

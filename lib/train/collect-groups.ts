// What a step learns from: answers to its problems, scored, and, with dynamic sampling, more of them until enough groups have
// something to teach (DAPO: Yu et al. 2025, arXiv 2503.14476, section 3.2).
//
// The rows of a step are one list: batch dataSteps of the source, then batch dataSteps + 1, and so on. Round 0 samples the first
// promptsPerStep of them; each later round goes on where the one before ended, with as many as would fill the step if the share
// of groups kept stays what it was so far, and no more than promptsPerStep. So a round's rows are known from the verdicts before
// it, and a resumed step draws the same. What is left of the last batch that was begun is passed over.
import type { ProblemSource } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import { LengthenError } from '../errors.js'
import {
  type AnswerOptions,
  answerGroups,
  outcomeOfAnswer,
  type ScoredAnswer,
  takeVerdict,
  verdictsOn,
} from '../eval/answer-rows.js'
import { RandomStream } from '../random.js'
import { type RewardReport, requireScored } from '../reward/score.js'
import type { Verdict } from '../reward/verdict.js'
import type { RolloutEngine } from '../rollout/engine.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import { type OverlongPenalty, penalized, softPenalty } from './overlong.js'
import type { RolloutJournal } from './rollout-journal.js'

export type { Verdict } from '../reward/verdict.js'

export interface CollectParts {
  engine: RolloutEngine
  tokenizer: Tokenizer
  source: ProblemSource
  /** Nothing is remembered where left out. */
  journal?: RolloutJournal | undefined
}

export interface CollectOptions extends Omit<AnswerOptions, 'seed'> {
  /** The run's. */
  runSeed: number
  /** Of the run, from 0. */
  step: number
  /** Batches drawn from the source before this step. */
  dataSteps: number
  promptsPerStep: number
  /** Leaves out groups whose answers are all as right as each other, and samples others for them; all are kept where left out. */
  dynamicSampling?: { maxRounds: number } | undefined
  /** Whether answers cut at the limit are learned from; default 'keep'. */
  overlong?: 'keep' | 'mask' | undefined
  overlongPenalty?: OverlongPenalty | undefined
}

export interface Collected {
  /** What the step learns from, in prompt order: promptsPerStep groups, or fewer where the rounds were over before, even none. */
  groups: ScoredAnswer[][]
  /** Everything sampled, groups left out too, in prompt order. */
  sampled: ScoredAnswer[][]
  /** Batches of promptsPerStep rows drawn from the source, the last perhaps not to its end: 1 without dynamic sampling. */
  numBatches: number
  /** Of each round, in order, its prompts: with rolloutSeed, what names the random stream of any answer. One round without dynamic sampling. */
  promptsOfRounds: number[]
}

/** Gives the engine's cache back before it returns. Fails where more of the step's scores are missing than maxMissingShare. */
export async function collectGroups(parts: CollectParts, options: CollectOptions): Promise<Collected> {
  const { promptsPerStep, dynamicSampling } = options
  const maxRounds = dynamicSampling?.maxRounds ?? 1
  const sampled: ScoredAnswer[][] = []
  const promptsOfRounds: number[] = []
  let kept: ScoredAnswer[][] = []
  for (let round = 0; round < maxRounds && kept.length < promptsPerStep; round++) {
    const count = numPromptsOf({ promptsPerStep, numSampled: sampled.length, numKept: kept.length })
    const rows = rowsFrom(parts.source, { ...options, begin: sampled.length, count })
    sampled.push(...(await scoredRound(parts, rows, { ...options, round, before: sampled })))
    promptsOfRounds.push(count)
    kept = dynamicSampling ? sampled.filter(hasContrast) : sampled
  }
  const numBatches = Math.ceil(sampled.length / promptsPerStep)
  return { groups: kept.slice(0, promptsPerStep), sampled, numBatches, promptsOfRounds }
}

/** Whether some answer of a group is more right than another. One without a score is not compared. */
export function hasContrast(group: readonly ScoredAnswer[]): boolean {
  const outcomes = group.map(outcomeOfAnswer).filter((outcome) => outcome !== undefined)
  return outcomes.some((outcome) => outcome !== outcomes[0])
}

/**
 * The seed that a round samples with. Answer j of the prompt at place i of the round is drawn from the streams of id i, of which
 * numAnswers belong to an id.
 */
export const rolloutSeed = ({ runSeed, step, round }: { runSeed: number; step: number; round: number }): number =>
  new RandomStream(runSeed, `rollout of step ${step}${round === 0 ? '' : `, round ${round}`}`).word()

/** How many prompts the next round samples: as many as fill the step at the share kept so far. */
export function numPromptsOf({
  promptsPerStep,
  numSampled,
  numKept,
}: {
  promptsPerStep: number
  numSampled: number
  numKept: number
}): number {
  if (numKept === 0) return promptsPerStep
  return Math.min(promptsPerStep, Math.ceil(((promptsPerStep - numKept) * numSampled) / numKept))
}

/** Rows `begin` to `begin + count` of the step's list. */
export function rowsFrom(
  source: ProblemSource,
  { dataSteps, promptsPerStep, begin, count }: StepList & { begin: number; count: number },
): Row[] {
  const first = Math.floor(begin / promptsPerStep)
  const last = Math.floor((begin + count - 1) / promptsPerStep)
  const rows: Row[] = []
  for (let batch = first; batch <= last; batch++) rows.push(...source.rowsOf(dataSteps + batch, promptsPerStep))
  const skipped = begin - first * promptsPerStep
  return rows.slice(skipped, skipped + count)
}

/** Which rows a step's list begins with. */
export type StepList = Pick<CollectOptions, 'dataSteps' | 'promptsPerStep'>

interface RoundOptions extends CollectOptions {
  round: number
  /** What earlier rounds of the step sampled. */
  before: readonly (readonly ScoredAnswer[])[]
}

async function scoredRound(
  { engine, tokenizer, journal }: CollectParts,
  rows: readonly Row[],
  options: RoundOptions,
): Promise<ScoredAnswer[][]> {
  const { round, signal } = options
  const known = (index: number) => journal?.answers(round, index)
  const groups: ScoredAnswer[][] = []
  for await (const group of answerGroups({ engine, tokenizer }, rows, {
    ...options,
    known,
    seed: rolloutSeed(options),
  })) {
    const index = groups.push(group) - 1
    if (journal && !known(index)) journal.noteAnswers(round, index, group.map(bare))
  }
  signal?.throwIfAborted()
  const answers = groups.flat()
  const verdicts = await verdictsOf(answers, journal, options)
  answers.forEach((answer, i) => {
    takeVerdict(answer, verdicts[i] as Verdict)
    if (options.overlong === 'mask' && answer.finishReason === 'length') answer.isMasked = true
  })
  return groups
}

const bare = ({ tokens, text, rolloutLogprobs, finishReason }: ScoredAnswer) => ({
  ...{ tokens, text, rolloutLogprobs, finishReason },
})

/** The journal's, or the reward's once the journal has them. */
async function verdictsOf(
  answers: readonly ScoredAnswer[],
  journal: RolloutJournal | undefined,
  options: RoundOptions,
): Promise<readonly Verdict[]> {
  const noted = journal?.verdicts(options.round)
  if (noted) return requireCount(noted, answers.length, options)
  const { verdicts, report } = await stepVerdicts(answers, options)
  requireScored(reportOfStep(report, options.before), options.maxMissingShare)
  await journal?.noteVerdicts(options.round, verdicts)
  return verdicts
}

/** What a step makes of answers: the reward's verdicts, with the penalty for their length. */
export async function stepVerdicts(
  answers: readonly ScoredAnswer[],
  options: Pick<CollectOptions, 'reward' | 'rewardDeadlineMs' | 'signal' | 'overlongPenalty' | 'maxResponseTokens'>,
): Promise<{ verdicts: Verdict[]; report: RewardReport }> {
  const { verdicts, report } = await verdictsOn(answers, options)
  return { verdicts: verdicts.map((verdict, i) => withPenalty(verdict, answers[i] as ScoredAnswer, options)), report }
}

/** A late round may be small, so the share of missing scores is that of the step so far. */
function reportOfStep(report: RewardReport, before: RoundOptions['before']): RewardReport {
  const answers = before.flat()
  const numMissing = answers.filter(({ score }) => score === undefined).length
  return { ...report, numSamples: report.numSamples + answers.length, numMissing: report.numMissing + numMissing }
}

function withPenalty(
  verdict: Verdict,
  { tokens }: ScoredAnswer,
  { overlongPenalty, maxResponseTokens }: Pick<CollectOptions, 'overlongPenalty' | 'maxResponseTokens'>,
): Verdict {
  if (!overlongPenalty) return verdict
  const { bufferTokens, weight } = overlongPenalty
  return penalized(verdict, { penalty: softPenalty(tokens.length, { maxResponseTokens, bufferTokens }), weight })
}

function requireCount(verdicts: readonly Verdict[], count: number, { step, round }: RoundOptions): readonly Verdict[] {
  if (verdicts.length === count) return verdicts
  const at = `round ${round} of step ${step}`
  throw new LengthenError(`[rollout journal] expected ${count} verdicts for ${at}, got ${verdicts.length}`)
}

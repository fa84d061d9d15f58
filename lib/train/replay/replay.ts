// A sample of a run, decoded again from the weights of its step and the counters that it was drawn with: the same tokens and the same
// bits of their log-probabilities, and how it is graded.
import { join } from 'node:path'
import { promptsOf } from '../../data/prompt.js'
import type { Row } from '../../data/row.js'
import { ArgumentError } from '../../errors.js'
import type { ScoredAnswer } from '../../eval/answer-rows.js'
import type { AdamW } from '../../optim/adamw.js'
import { type Grade, gradeMath } from '../../reward/grade-math.js'
import type { Verdict } from '../../reward/verdict.js'
import type { Answer } from '../../rollout/engine.js'
import { buildData, buildModel, buildTokenizer } from '../build.js'
import { CheckpointStore } from '../checkpoint/checkpoint-store.js'
import type { Damage, LoadedCheckpoint } from '../checkpoint/content.js'
import { limitOf, type Rollback } from '../checkpoint/rollback.js'
import { type KeptState, readRollbacks } from '../checkpoint/run-keeper.js'
import { rolloutSeed, rowsFrom, stepVerdicts } from '../collect-groups.js'
import { distillByRecipe } from '../distill-recipe.js'
import type { StepPlace } from '../grpo-trainer.js'
import { type LoadedRecipe, loadRecipe, type Recipe } from '../recipe/recipe.js'
import { type RewardCode, recipeRewards, rewardCodeOf } from '../recipe-rewards.js'
import type { RolloutJournal } from '../rollout-journal.js'
import { requireSameBase } from '../run/base-weights.js'
import { firstRecipeFolder } from '../run/first-recipe-folder.js'
import { requireRun } from '../run/run-directory.js'
import { answerHash, type SampleRecord } from '../run/sample-record.js'
import { trainerOfRecipe } from '../run/trainer-of-recipe.js'
import { notedVerdicts } from './noted-verdicts.js'
import { findSample } from './samples.js'

export interface ReplayOptions {
  step: number
  sample: number
  signal?: AbortSignal | undefined
}

export interface ReplayedSample {
  /** As the run has listed it. */
  record: SampleRecord
  row: Row
  promptTokens: readonly number[]
  tokens: readonly number[]
  text: string
  rolloutLogprobs: Float32Array
  hash: string
  /** Whether tokens and log-probabilities have the bits of then. */
  isSame: boolean
  /** As the run's reward sees the answer now. */
  verdict: Verdict
  /** How the math grader came to it; undefined where it was not asked, as of an answer cut at the limit. */
  grade: Grade | undefined
}

export type ReplayEvent =
  | ({ type: 'code' } & RewardCode)
  /** The checkpoint that is gone on from, at or before the step; null: the run's beginning. */
  | { type: 'from'; step: number; checkpoint: string | null; damaged: string[] }
  /** A step between the checkpoint and the one asked for, done again. */
  | { type: 'again'; step: number; reward: number }
  | ({ type: 'replayed' } & ReplayedSample)

/** Reads the run's directory only, which may be of a run under way. */
export async function* replay(run: string, { step, sample, signal }: ReplayOptions): AsyncGenerator<ReplayEvent> {
  const loaded = await loadRecipe(await requireRun(run))
  await requireSameBase(loaded.recipe, run)
  const { record, index } = await findSample(run, { step, sample })
  const code = await rewardCodeOf(loaded, await firstRecipeFolder(run))
  for (const one of code) yield { type: 'code', ...one }
  const rollbacks = await readRollbacks(run)
  const { checkpoint, damaged } = await checkpointBefore(run, step, rollbacks)
  const damage = damaged.map(({ folder, why }) => `${folder}: ${why}`)
  yield { type: 'from', step: checkpoint?.step ?? 0, checkpoint: checkpoint?.folder ?? null, damaged: damage }
  const noted = await notedVerdicts(run, { after: checkpoint?.step ?? 0, before: step })
  const place = { step, from: checkpoint, rollbacks, noted, signal }
  yield { type: 'replayed', ...(yield* replayed(loaded, { record, index }, { code, ...place })) }
}

interface Place {
  code: readonly RewardCode[]
  step: number
  from: LoadedCheckpoint | undefined
  rollbacks: readonly Rollback[]
  noted: ReadonlyMap<number, RolloutJournal>
  signal: AbortSignal | undefined
}

async function* replayed(
  loaded: LoadedRecipe,
  { record, index }: { record: SampleRecord; index: number },
  { code, step, ...back }: Place,
): AsyncGenerator<ReplayEvent, ReplayedSample> {
  const { recipe } = loaded
  const data = await buildData(loaded)
  const tokenizer = await buildTokenizer(loaded)
  using model = await buildModel(loaded, tokenizer)
  const { reward } = await recipeRewards(loaded, code)
  if (!back.from && recipe.distill && data.synthetic) {
    const parts = { model, tokenizer, source: data.synthetic, turn: recipe.data.prompt }
    for await (const _ of distillByRecipe(recipe.distill, parts, back)) back.signal?.throwIfAborted()
  }
  const { trainer, optimizer } = trainerOfRecipe({ recipe, data, model, tokenizer, reward })
  using _optimizer: AdamW = optimizer
  const steps = trainer.backAt(step, back)
  let next = await steps.next()
  for (; !next.done; next = await steps.next())
    yield { type: 'again', step: next.value.step, reward: next.value.reward }
  const sample = await sampleAgain(next.value, { record, index })
  return { ...sample, grade: gradeOf(recipe, sample) }
}

async function sampleAgain(
  { settings, state, source, engine }: StepPlace,
  { record, index }: { record: SampleRecord; index: number },
): Promise<Omit<ReplayedSample, 'grade'>> {
  const { tokenizer, turn, maxPromptTokens, numAnswers, seed: runSeed, promptsPerStep } = settings
  const { maxResponseTokens, temperature, topK, topP } = settings
  const list = { dataSteps: state.schedule.dataSteps, promptsPerStep }
  const [row] = rowsFrom(source, { ...list, begin: index, count: 1 }) as [Row]
  const [promptTokens] = (await promptsOf([row], { turn, tokenizer, maxTokens: maxPromptTokens })) as [number[]]
  const seed = rolloutSeed({ runSeed, step: state.step, round: record.round })
  const sampling = { maxResponseTokens, temperature, topK, topP, seed, ids: [record.prompt], streamsPerId: numAnswers }
  let answer: Answer | undefined
  for await (const group of engine.generate([promptTokens], { ...sampling, numAnswers: record.answer + 1 }))
    answer = group.answers[record.answer]
  engine.release()
  if (!answer) throw new ArgumentError(`[replay] expected answer ${record.answer} of ${numAnswers}`)
  const scored: ScoredAnswer = { ...answer, row, promptTokens, score: 0 }
  const { verdicts } = await stepVerdicts([scored], settings)
  const { tokens, text, rolloutLogprobs } = answer
  const hash = answerHash(answer)
  const isSame = hash === record.hash
  return { record, row, promptTokens, tokens, text, rolloutLogprobs, hash, isSame, verdict: verdicts[0] as Verdict }
}

/** Of the recipe's first math reward, as it was asked. */
function gradeOf({ reward }: Recipe, { row, text, record }: Omit<ReplayedSample, 'grade'>): Grade | undefined {
  const part = (reward.parts ?? [reward]).find(({ kind }) => kind === 'math')
  if (!part || row.answer === undefined || record.finishReason !== 'stop') return undefined
  const { mode = reward.mode, needsThinkingClosed = reward.needsThinkingClosed } = part
  return gradeMath(text, [row.answer].flat().map(String), { mode, needsThinkingClosed })
}

/** The last whole one before the step, of this course of the run. */
async function checkpointBefore(
  run: string,
  step: number,
  rollbacks: readonly Rollback[],
): Promise<{ checkpoint: LoadedCheckpoint | undefined; damaged: readonly Damage[] }> {
  const store = await CheckpointStore.look(join(run, 'checkpoints'))
  let found = await store.latest({ atMost: step - 1 })
  while (found.checkpoint && isOvertaken(found.checkpoint, rollbacks))
    found = await store.latest({ atMost: found.checkpoint.step - 1 })
  return found
}

const isOvertaken = ({ step, state }: LoadedCheckpoint, rollbacks: readonly Rollback[]): boolean =>
  step > limitOf(rollbacks, (state as KeptState<unknown>).numRollbacks)

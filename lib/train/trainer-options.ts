// What a trainer is made of: its parts, and the settings that a recipe has too, under the recipe's rules and defaults.
import { z } from 'zod'
import type { ProblemSource } from '../data/problem-source.js'
import type { Row } from '../data/row.js'
import { ArgumentError } from '../errors.js'
import { Decoder } from '../models/decoder.js'
import { AdamW } from '../optim/adamw.js'
import { type LearningRateSchedule, rateProblem } from '../optim/learning-rate.js'
import type { Reward } from '../reward/reward.js'
import type { RolloutEngine } from '../rollout/engine.js'
import type { ContextSchedule } from '../schedule/context-schedule.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'
import type { RunKeeper } from './checkpoint/run-keeper.js'
import type { AdaptiveEntropy } from './entropy-weight.js'
import type { Guard } from './guard/index.js'
import type { OverlongPenalty } from './overlong.js'
import { collectProblems } from './recipe/collect.js'
import { type MethodSettings, type methodNames, type modeNames, withMethod } from './recipe/methods.js'
import { objectiveKeys, objectiveProblems } from './recipe/objective.js'
import { problemsOf } from './recipe/problems.js'
import { dataSection, optimizerSection, rewardSection, rolloutSection } from './recipe/sections.js'
import type { RunDirectory } from './run/run-directory.js'

interface Parts {
  model: Decoder
  tokenizer: Tokenizer
  /** Rows, seen in an order drawn from the seed, or a source of one's own. */
  data: readonly Row[] | ProblemSource
  reward: Reward
  schedule: ContextSchedule
  optimizer: AdamW
  /**
   * Where metrics and samples are written: a path for a new directory, or one made before; a RunKeeper writes checkpoints too. Nowhere
   * when left out.
   */
  out?: RunKeeper | RunDirectory | string | undefined
  /** Keys and values of sampling; made when left out. */
  engine?: RolloutEngine | undefined
  /** Watches for collapse; nothing does where left out. To go back it needs a RunKeeper's checkpoints. */
  guard?: Guard | undefined
}

export interface GrpoTrainerOptions extends Parts {
  seed?: number | undefined
  /** The user's turn, made of a row's fields. */
  turn?: string | undefined
  promptsPerStep?: number | undefined
  numAnswers?: number | undefined
  temperature?: number | undefined
  /** Default: what the optimizer has when the trainer is made. */
  learningRate?: number | undefined
  /** Counted in steps of the run, or from the stage that begins the rate anew. */
  learningRateSchedule?: LearningRateSchedule | undefined
  topK?: number | undefined
  topP?: number | undefined
  maxPromptTokens?: number | undefined
  /** A published objective: the defaults of the keys down to klEstimator. */
  method?: (typeof methodNames)[number] | undefined
  /** Repeats a published run where it departed from its own formula. */
  mode?: (typeof modeNames)[number] | undefined
  ratio?: MethodSettings['ratio'] | undefined
  surrogate?: MethodSettings['surrogate'] | undefined
  clipLow?: number | undefined
  /** Infinity: no upper clip. */
  clipHigh?: number | undefined
  /** Above 1; Infinity: none. */
  dualClip?: number | undefined
  aggregation?: MethodSettings['aggregation'] | undefined
  microBatches?: MethodSettings['microBatches'] | undefined
  baseline?: MethodSettings['baseline'] | undefined
  normalize?: MethodSettings['normalize'] | undefined
  maxGradNorm?: number | undefined
  /** Of the KL term to the weights that the run began with, or the last stage that resets the reference. */
  klWeight?: number | undefined
  klEstimator?: 'k1' | 'k2' | 'k3' | undefined
  /** Where it begins, with adaptiveEntropy. */
  entropyWeight?: number | undefined
  /** Moves entropyWeight so that entropy does not fall below a target. */
  adaptiveEntropy?: AdaptiveEntropy | undefined
  /** Leaves out groups whose answers are all as right as each other, and samples others for them. */
  dynamicSampling?: { maxRounds: number } | undefined
  /** Whether answers cut at the limit are learned from, as wrong ones. */
  overlong?: 'keep' | 'mask' | undefined
  /** On top of the reward, for answers near the limit. */
  overlongPenalty?: OverlongPenalty | undefined
  miniBatches?: number | undefined
  /** Over a step's answers. */
  passes?: number | undefined
  tokensPerMicroBatch?: number | undefined
  /** Recomputes the layers in backward: less memory, more time, the same bits. */
  useRecompute?: boolean | undefined
  rewardDeadlineMs?: number | undefined
  maxMissingShare?: number | undefined
  /** Prompts a step whose answers are kept in samples.jsonl. */
  numSampledPrompts?: number | undefined
}

const { cacheBytes: _, promptsPerStep, ...sampling } = rolloutSection.shape
const { learningRate, learningRateSchedule } = optimizerSection.shape

/** Every option but the parts. */
export const trainerKeys = {
  seed: z.int().min(0).default(1),
  turn: dataSection.shape.prompt,
  promptsPerStep: promptsPerStep.default(16),
  ...sampling,
  ...objectiveKeys,
  learningRate: learningRate.unwrap(),
  learningRateSchedule,
  rewardDeadlineMs: rewardSection.shape.deadlineMs,
  maxMissingShare: rewardSection.shape.maxMissingShare,
  overlongPenalty: rewardSection.shape.overlongPenalty,
  numSampledPrompts: z.int().min(0).default(1),
}

const settings = z.strictObject(trainerKeys)

type PartRule = { expected: string; isSound: (part: never) => boolean }
const partRules: Record<keyof Parts, PartRule> = {
  model: { expected: 'a Decoder', isSound: (part: unknown) => part instanceof Decoder },
  tokenizer: { expected: 'a Tokenizer', isSound: (part: Tokenizer) => typeof part?.encode === 'function' },
  data: { expected: 'rows, at least one, or a ProblemSource', isSound: isData },
  reward: { expected: 'a function of a sample', isSound: (part: unknown) => typeof part === 'function' },
  schedule: { expected: 'a contextSchedule', isSound: (part: ContextSchedule) => typeof part?.next === 'function' },
  optimizer: { expected: 'an AdamW', isSound: (part: unknown) => part instanceof AdamW },
  out: { expected: 'a path, a RunDirectory or a RunKeeper', isSound: isOut },
  engine: { expected: 'a RolloutEngine', isSound: isEngine },
  guard: { expected: 'what makeGuard makes', isSound: isGuard },
}

/** For messages: with the parts' names. */
const allOptions = settings.extend(Object.fromEntries(Object.keys(partRules).map((name) => [name, z.any()])))

/** Known to be sound, with every default filled in. */
export type TrainerSettings = z.output<typeof settings> & Parts

/** Throws an ArgumentError that tells of every option that is wrong. */
export function trainerSettings(options: GrpoTrainerOptions): TrainerSettings {
  const problems = partProblems(options)
  if (problems.length > 0) throw wrong(problems)
  const { model, tokenizer, data, reward, schedule, optimizer, out, engine, guard, ...given } = options
  const whole = { ...given, learningRate: given.learningRate ?? optimizer.learningRate }
  const { data: checked, error } = settings.safeParse(withMethod(whole), { reportInput: true })
  if (!checked) throw wrong(error.issues.flatMap((issue) => problemsOf(issue, allOptions)).map((p) => p.message))
  const problem = rateProblem(checked.learningRateSchedule ?? {})
  if (problem !== undefined) throw wrong([problem])
  const staged = { ...checked, stages: schedule.stages }
  const inconsistencies = [...objectiveProblems(staged, settingPlaces), ...collectProblems(staged, settingPlaces)]
  if (inconsistencies.length > 0) throw wrong(inconsistencies.map((p) => p.message))
  return { ...checked, ...{ model, tokenizer, data, reward, schedule, optimizer, out, engine, guard } }
}

const settingPlaces = { rollout: [], objective: [], reward: [], stages: ['stages'] }

const wrong = (problems: readonly string[]): ArgumentError => new ArgumentError(`[train] ${problems.join('; ')}`)

function partProblems(options: GrpoTrainerOptions): string[] {
  return Object.entries(partRules).flatMap(([name, { expected, isSound }]) => {
    const part = options[name as keyof Parts]
    return isSound(part as never) ? [] : [`expected ${expected} for ${name}, got ${kindOf(part)}`]
  })
}

function isData(part: Parts['data']): boolean {
  return Array.isArray(part) ? part.length > 0 : typeof (part as ProblemSource | undefined)?.rowsOf === 'function'
}

function isOut(part: Parts['out']): boolean {
  return part === undefined || typeof part === 'string' || 'writeStep' in part || 'directory' in part
}

function isEngine(part: Parts['engine']): boolean {
  return part === undefined || typeof part.generate === 'function'
}

function isGuard(part: Parts['guard']): boolean {
  return part === undefined || typeof part.next === 'function'
}

function kindOf(part: unknown): string {
  if (Array.isArray(part)) return `a list of ${part.length}`
  return typeof part === 'object' && part !== null ? `an object ${part.constructor?.name ?? ''}`.trim() : `${part}`
}

// What a trainer is made of: its parts, and the settings that a recipe has too, under the recipe's rules and defaults.
import { z } from 'zod'
import { requireObjects } from '../arguments.js'
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
  /** Trained in place; of one with adapters, these. */
  model: Decoder
  /** The model's own: renders prompts by its chat template, and says which tokens end an answer. */
  tokenizer: Tokenizer
  /** Rows, at least one, seen in an order drawn from the seed, or a source of one's own. */
  data: readonly Row[] | ProblemSource
  /** Scores each answer that came to an end; one cut at the limit is worth 0 unasked. */
  reward: Reward
  /** Says which limit a step has, and when the run is over. */
  schedule: ContextSchedule
  /** Of the model's trainable parameters. Its learning rate is set for each step, and is what it was before once the run ends. */
  optimizer: AdamW
  /**
   * Where metrics and samples are written: a path for a new directory, or one made before; a RunKeeper writes checkpoints too. Nowhere
   * when left out.
   */
  out?: RunKeeper | RunDirectory | string | undefined
  /** Samples the answers, and holds their keys and values; made with its defaults when left out. */
  engine?: RolloutEngine | undefined
  /** Watches for collapse; nothing does where left out. To go back it needs a RunKeeper's checkpoints. */
  guard?: Guard | undefined
}

/** The parts that a trainer is made of, and its settings: the rules and defaults of a recipe's keys of the same names. */
export interface GrpoTrainerOptions extends Parts {
  /** Of the order of the data and of every draw, a whole number of at least 0; 1 where left out. Equal seeds give equal runs. */
  seed?: number | undefined
  /** The user's turn, made of a row's fields: `{problem}`, the default, is the field of that name. */
  turn?: string | undefined
  /** Groups that a step learns from; 16 where left out. */
  promptsPerStep?: number | undefined
  /** Answers to a prompt, the size of a group; 8 where left out. */
  numAnswers?: number | undefined
  /** Of sampling, above 0, and of the log-probabilities that are learned with; 1 where left out. */
  temperature?: number | undefined
  /** Its peak, at least 0. Default: what the optimizer has when the trainer is made. */
  learningRate?: number | undefined
  /** Counted in steps of the run, or from the stage that begins the rate anew; constant where left out. */
  learningRateSchedule?: LearningRateSchedule | undefined
  /** Only so many of the likeliest tokens are drawn from; 0, the default: all. */
  topK?: number | undefined
  /** Only the likeliest tokens that together reach this probability, above 0, are drawn from; 1, the default: all. */
  topP?: number | undefined
  /** A prompt of more tokens than this, 1024 where left out, is an error that names its row. */
  maxPromptTokens?: number | undefined
  /** A published objective: the defaults of the keys down to klEstimator; docs/objectives.md has the formulas and sources. */
  method?: (typeof methodNames)[number] | undefined
  /** Repeats a published run where it departed from its own formula; `deepscaler` adds up the micro-batches' means. */
  mode?: (typeof modeNames)[number] | undefined
  /** Of the policy to the one that sampled: each token's own, the default; 'sequence': the geometric mean over the answer; 'product': the answer's. */
  ratio?: MethodSettings['ratio'] | undefined
  /** Whether clipping takes a token's gradient away ('clipped', the default) or bounds its weight ('cispo'). */
  surrogate?: MethodSettings['surrogate'] | undefined
  /** Above 0: ratios are clipped below 1 − clipLow; 0.2 where neither this nor a method says otherwise. */
  clipLow?: number | undefined
  /** Above 0: ratios are clipped above 1 + clipHigh; 0.2 where neither this nor a method says otherwise. Infinity: no upper clip. */
  clipHigh?: number | undefined
  /** Above 1: no loss of a negative advantage is more than this many times its size. Infinity, the default: none. Not beside 'cispo'. */
  dualClip?: number | undefined
  /**
   * What the loss is a mean over. 'token', the default: every token weighs the same. 'sequence': every answer does. 'constant': every token,
   * over answers times the stage's maxResponseTokens.
   */
  aggregation?: MethodSettings['aggregation'] | undefined
  /** One denominator for an update ('whole', the default), or the mean or the sum of the micro-batches' own means. */
  microBatches?: MethodSettings['microBatches'] | undefined
  /** What is subtracted from a reward: its group's mean ('group', the default), that of the group's others, or nothing. */
  baseline?: MethodSettings['baseline'] | undefined
  /**
   * What that is divided by: the deviation of the group's rewards ('group', the default; 'std' is an older name), of the step's ('batch'), or
   * nothing. 'tokens': mean and deviation over all tokens, the mean subtracted too. Without a baseline only 'tokens' and 'none'.
   */
  normalize?: MethodSettings['normalize'] | undefined
  /** A gradient whose norm is above this is scaled down to it; 1 where left out. */
  maxGradNorm?: number | undefined
  /** Of the KL term to the weights that the run began with, or the last stage that resets the reference; 0, the default: none. */
  klWeight?: number | undefined
  /** A token's KL, with x = log π − log π_ref: k1 is x, k2 is x²/2, k3, the default, is e^−x + x − 1. */
  klEstimator?: 'k1' | 'k2' | 'k3' | undefined
  /** Of the mean entropy a token, which the loss is lowered by; 0, the default: none. Where it begins, with adaptiveEntropy. */
  entropyWeight?: number | undefined
  /** Moves entropyWeight so that entropy does not fall below a target. */
  adaptiveEntropy?: AdaptiveEntropy | undefined
  /** Leaves out groups whose answers are all as right as each other, and samples others for them. */
  dynamicSampling?:
    | {
        /** Times that prompts are sampled in a step, at least 1; then it learns from the groups that it has. A recipe's default is 10. */
        maxRounds: number
      }
    | undefined
  /** Whether answers cut at the limit are learned from, as wrong ones: 'keep', the default; 'mask' leaves them out of the loss. */
  overlong?: 'keep' | 'mask' | undefined
  /** On top of the reward, for answers near the limit; nothing where left out. */
  overlongPenalty?: OverlongPenalty | undefined
  /** Updates of a pass over a step's answers; 1 where left out. Groups stay whole, so there are no more than groups. */
  miniBatches?: number | undefined
  /** Over a step's answers; 1 where left out. The old log-probabilities stay the rollout's. */
  passes?: number | undefined
  /** Tokens, prompts included, that go through the model at once; 32,768 where left out. A longer sequence goes alone. */
  tokensPerMicroBatch?: number | undefined
  /** Recomputes the layers in backward: less memory, more time, the same bits. False where left out. */
  useRecompute?: boolean | undefined
  /** For one answer, in milliseconds: one that takes longer has no score. 10,000 where left out. */
  rewardDeadlineMs?: number | undefined
  /** Share of a step's answers, 0 to 1, that may be without a score; more end the run with a RewardError. 0.05 where left out. */
  maxMissingShare?: number | undefined
  /** Prompts a step whose answers are kept with their text in samples.jsonl; 1 where left out. */
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
  requireObjects('train', { options })
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
  return (
    part === undefined ||
    typeof part === 'string' ||
    (typeof part === 'object' && part !== null && ('writeStep' in part || 'directory' in part))
  )
}

function isEngine(part: Parts['engine']): boolean {
  return part === undefined || typeof part?.generate === 'function'
}

function isGuard(part: Parts['guard']): boolean {
  return part === undefined || typeof part?.next === 'function'
}

function kindOf(part: unknown): string {
  if (Array.isArray(part)) return `a list of ${part.length}`
  return typeof part === 'object' && part !== null ? `an object ${part.constructor?.name ?? ''}`.trim() : `${part}`
}

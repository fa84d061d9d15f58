// The supervised phase before reinforcement learning: next-token training on worked solutions, the loss on the solution's
// tokens only, until a measured level is reached rather than for a number of steps.

import { checkOptions, type OptionKeys, requireFunctions, requireInstances } from '../arguments.js'
import { ArgumentError } from '../errors.js'
import { LossError } from '../grpo/objective.js'
import { Decoder } from '../models/decoder.js'
import * as ops from '../ops/index.js'
import { AdamW } from '../optim/adamw.js'
import { scheduledRate } from '../optim/learning-rate.js'
import { scope } from '../scope.js'
import { distillDefaults } from './distill-defaults.js'
import { learnedLogprobs } from './sft/forward.js'
import { type LearnedExample, packExamples } from './sft/layout.js'

/** A prompt and its worked solution. */
export interface WorkedExample {
  /** At least one; not learned. */
  promptTokens: readonly number[]
  /** At least one, the end token the last; each is learned. */
  solutionTokens: readonly number[]
}

/** How long the supervised phase is, and its optimizer: AdamW, whose weight decay leaves biases and norms alone. */
export interface DistillOptions {
  /** Updates at most, warm-up and cool-down included; at least as many as those two. */
  maxSteps: number
  /** Examples of an update. */
  batchSize: number
  /** The rate between warm-up and cool-down. */
  learningRate: number
  /** The rate climbs over the first steps in equal parts; 0, the default, is no warm-up. */
  warmupSteps?: number
  /** Once the level is reached, or there is just room for them: so many more steps with the rate falling linearly to 0. Default 0. */
  cooldownSteps?: number
  /** β₁, the decay of the first moment. Default 0.9. */
  beta1?: number
  /** β₂, the decay of the second moment. Default 0.98. */
  beta2?: number
  /** ε, added to the root of the second moment. Default 1e-8. */
  epsilon?: number
  /** Decoupled, of matrices alone. Default 0.01. */
  weightDecay?: number
  /** Largest L2 norm of an update's whole gradient: a longer one is scaled down to it; 0 clips nothing. Default 1. */
  maxGradNorm?: number
  /** The level that ends the phase, looked at from step `fromStep` on; without it the phase has maxSteps. */
  until?:
    | {
        /** The mean loss must be below, in nats a token. */
        loss: number
        /** Losses that the mean is over, the latest. */
        overSteps: number
        /** Steps that must be done first. */
        fromStep: number
      }
    | undefined
}

/** One update of the supervised phase. */
export interface DistillStep {
  /** Counted from 1. */
  step: number
  /** Mean negative log-likelihood of the solution's tokens, in nats. */
  loss: number
  /** That the update was made with. */
  learningRate: number
  /** That went through the model, prompts included. */
  numTokens: number
  /** Where `until` asks for a level. */
  level?: {
    /** Over the last `until.overSteps` losses, or as many as there are. */
    meanLoss: number
    /** Whether it has been below the level by now: once it has, it stays so. */
    isReached: boolean
  }
}

/**
 * Trains the model in place, the loss on the solutions' tokens alone. `examples(step, count)` gives the batch of a step, counted from 0,
 * and is asked for one more than there are steps. `signal` ends it between two steps, with its reason thrown.
 * @param given When it ends, its learning rate and its batches.
 * @throws {@link ArgumentError} where options do not fit each other.
 * @throws {@link LossError} where the loss is no number.
 */
export async function* distill(
  model: Decoder,
  examples: (step: number, count: number) => Promise<readonly WorkedExample[]>,
  given: DistillOptions,
  how: { signal?: AbortSignal | undefined } = {},
): AsyncGenerator<DistillStep> {
  requireInstances('distill', Decoder, { model })
  requireFunctions('distill', { examples })
  checkOptions('distill', given, optionKeys)
  checkOptions('distill', how, howKeys)
  const { signal } = how
  const options = { ...distillDefaults, ...given }
  requireOptions(options)
  const { learningRate, beta1, beta2, epsilon, weightDecay } = options
  using optimizer = new AdamW(model.parameters(), {
    learningRate,
    beta1,
    beta2,
    epsilon,
    weightDecay,
    useDecayOnVectors: false,
  })
  const losses: number[] = []
  let isReached = false
  let coolFrom = options.until ? Number.POSITIVE_INFINITY : options.maxSteps - options.cooldownSteps
  let batch = await examples(0, options.batchSize)
  for (let step = 0; step < Math.min(options.maxSteps, coolFrom + options.cooldownSteps); step++) {
    signal?.throwIfAborted()
    optimizer.learningRate = rateAt(step, coolFrom, options)
    using loss = trainStep(model, optimizer, batch, options.maxGradNorm)
    const numTokens = batch.reduce((sum, e) => sum + e.promptTokens.length + e.solutionTokens.length - 1, 0)
    batch = await examples(step + 1, options.batchSize) // made while the device works
    const value = await loss.item()
    if (!Number.isFinite(value)) throw new LossError(`[distill] the loss is ${value} at step ${step + 1}`)
    losses.push(value)
    const level = levelOf(losses, options, { wasReached: isReached })
    isReached = level?.isReached === true
    yield { step: step + 1, loss: value, learningRate: optimizer.learningRate, numTokens, ...(level && { level }) }
    const hasRoom = step + 1 < options.maxSteps - options.cooldownSteps
    if (coolFrom === Number.POSITIVE_INFINITY && (isReached || !hasRoom)) coolFrom = step + 1
  }
}

/** With nothing left out but the level. */
type Settings = DistillOptions & typeof distillDefaults

function requireOptions({ maxSteps, batchSize, warmupSteps, cooldownSteps, until }: Settings): void {
  const counts = { maxSteps, batchSize, ...(until && { 'until.overSteps': until.overSteps }) }
  for (const [name, value] of Object.entries(counts))
    if (!(Number.isInteger(value) && value >= 1))
      throw new ArgumentError(`[distill] expected a whole number of at least 1 for ${name}, got ${value}`)
  if (!(warmupSteps >= 0 && cooldownSteps >= 0 && warmupSteps + cooldownSteps <= maxSteps))
    throw new ArgumentError(
      `[distill] expected warmupSteps and cooldownSteps that fit into maxSteps = ${maxSteps}, got ${warmupSteps} and ` +
        `${cooldownSteps}`,
    )
}

function rateAt(step: number, coolFrom: number, { learningRate, warmupSteps, cooldownSteps }: Settings): number {
  if (step < Math.max(warmupSteps, coolFrom)) return scheduledRate(step, learningRate, { warmupSteps })
  return scheduledRate(step - coolFrom, learningRate, { decay: 'linear', steps: cooldownSteps })
}

function levelOf(
  losses: readonly number[],
  { until }: DistillOptions,
  { wasReached }: { wasReached: boolean },
): DistillStep['level'] {
  if (!until) return undefined
  const last = losses.slice(-until.overSteps)
  const meanLoss = last.reduce((sum, loss) => sum + loss, 0) / last.length
  const isLookedAt = losses.length >= Math.max(until.fromStep, until.overSteps)
  return { meanLoss, isReached: wasReached || (isLookedAt && meanLoss < until.loss) }
}

/** One update; the loss comes back unread, so that the queue does not run dry. */
function trainStep(model: Decoder, optimizer: AdamW, examples: readonly WorkedExample[], maxGradNorm: number) {
  return scope(() => {
    const loss = ops.neg(ops.mean(learnedLogprobs(model, packExamples(examples.map(solutionOf)))))
    loss.backward()
    optimizer.step({ maxGradNorm })
    optimizer.zeroGrad()
    return loss.detach()
  })
}

const solutionOf = ({ promptTokens, solutionTokens }: WorkedExample): LearnedExample => ({
  tokens: [...promptTokens, ...solutionTokens],
  answers: [{ begin: promptTokens.length, end: promptTokens.length + solutionTokens.length }],
})

const optionKeys: OptionKeys<DistillOptions> = {
  maxSteps: true,
  batchSize: true,
  learningRate: true,
  warmupSteps: true,
  cooldownSteps: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  weightDecay: true,
  maxGradNorm: true,
  until: true,
}

const howKeys: OptionKeys<{ signal?: AbortSignal | undefined }> = { signal: true }

// What a run would take: for every stage, evaluation and supervised phase its tokens, operations and seconds, once with every answer
// at its limit and once as expected.

import { engineDefaults } from '../../rollout/cache-size.js'
import type { ModelShape } from '../model-shape.js'
import { evaluationLimit } from '../recipe/limits.js'
import type { Recipe } from '../recipe/recipe.js'
import { adapterParameters } from './adapters.js'
import { numSetsOf } from './evaluation-size.js'
import type { Expectation, Worked } from './expectation.js'
import { totalFlops, trainingFlops } from './flops.js'
import type { MemoryLayout } from './layout.js'
import { allAtLimit, type Lengths } from './lengths.js'
import { blockBytes } from './memory.js'
import { noPass, type Pass, passOf, scaled, together } from './pass.js'
import type { StagePlan } from './plan.js'
import {
  addSeconds,
  learningSecondsOf,
  type Rates,
  type Seconds,
  samplingSeconds,
  timesSeconds,
  totalSeconds,
} from './rates.js'
import { type StepWork, samplingWork, stepWork } from './work.js'

/** Where a phase runs, and how fast. */
export interface Site {
  rates: Rates
  numDevices: number
  layout: MemoryLayout
  /** Dollars an hour for one device; null where nobody says. */
  price: number | null
}

/** One step, or one evaluation. */
export interface Case {
  /** Where its lengths come from, for people. */
  what: string
  /** Tokens of the answers that are sampled, in all rounds. */
  sampledTokens: number
  /** Tokens that go through the model in its updates, prompts included; 0 of an evaluation. */
  trainedTokens: number
  /** Operations, a multiplication and an addition being two. */
  flops: number
  /** By what they go to. */
  seconds: Seconds
}

/** What a phase of a run would take: one step of it, or one evaluation, and how many there are. */
export interface PhaseEstimate {
  /** `distill`, `stage 1` and so on, or `evaluations`. */
  name: string
  /** Steps, or evaluations; null where nothing says how many. */
  count: number | null
  /** Devices that it runs on. */
  numDevices: number
  /** Dollars for a device and hour; null where nobody says. */
  price: number | null
  /** With every prompt and answer as long as it may be, and every round of dynamic sampling. */
  atMost: Case
  /** With lengths and shares as they are expected. */
  expected: Case
}

export interface EstimateParts {
  recipe: Recipe
  shape: ModelShape
  stages: readonly StagePlan[]
  expectation: Expectation
  /** Of the supervised phase; undefined without one. */
  worked: Worked | undefined
  site(stage: number): Site
}

/** In the order in which they run, but for the evaluations, which are one phase. */
export function estimateRun(parts: EstimateParts): PhaseEstimate[] {
  const { stages } = parts
  const estimates = stages.map((stage, i) => stageEstimate(parts, stage, i))
  return [...distillEstimate(parts), ...estimates, evaluationEstimate(parts)]
}

/** Hours of a phase; null where its number of steps is open. */
export const hoursOf = ({ count }: PhaseEstimate, { seconds }: Case): number | null =>
  count === null ? null : (count * totalSeconds(seconds)) / 3600

export const dollarsOf = (phase: PhaseEstimate, of: Case): number | null => {
  const hours = hoursOf(phase, of)
  return hours === null || phase.price === null ? null : hours * phase.numDevices * phase.price
}

function stageEstimate(parts: EstimateParts, stage: StagePlan, index: number): PhaseEstimate {
  const { recipe, expectation } = parts
  const site = parts.site(index)
  const rounds = roundsOf(recipe, expectation)
  const learnsAlways = stage.klWeight > 0 || stage.entropyWeight > 0 || rounds.expected > 1
  const make = (of: Omit<StepOf, 'stage' | 'site'>) => stepCase(parts, { stage, site, ...of })
  return {
    name: `stage ${index + 1}`,
    count: stage.maxSteps,
    ...{ numDevices: site.numDevices, price: site.price },
    atMost: make({
      lengths: allAtLimit(stage.maxResponseTokens),
      promptTokens: recipe.rollout.maxPromptTokens,
      trainedShare: 1,
      rounds: rounds.atMost,
    }),
    expected: make({
      lengths: expectation.lengths(index, stage.maxResponseTokens),
      promptTokens: expectation.promptTokens,
      trainedShare: learnsAlways ? 1 : expectation.mixedShare,
      rounds: rounds.expected,
    }),
  }
}

/** Batches of prompts that a step draws. */
function roundsOf({ rollout }: Recipe, { mixedShare }: Expectation): { atMost: number; expected: number } {
  const most = rollout.dynamicSampling?.maxRounds ?? 1
  return { atMost: most, expected: Math.min(most, Math.max(1, Math.ceil(1 / Math.max(mixedShare, 1e-9)))) }
}

export interface StepOf {
  stage: StagePlan
  site: Site
  lengths: Lengths
  promptTokens: number
  trainedShare: number
  rounds: number
}

export function stepCase(parts: Pick<EstimateParts, 'recipe' | 'shape'>, of: StepOf): Case {
  const { lengths, site, rounds } = of
  const work = stepWorkOf(parts, of)
  const sampling = timesSeconds(samplingSeconds(work.sampling, site.rates, site.numDevices), rounds)
  const learning = learningSecondsOf(work.learning, site.rates, site.numDevices)
  const { trainingFlops: trained, referenceFlops } = work.learning
  return {
    what: lengths.what,
    sampledTokens: rounds * work.sampling.answerTokens,
    trainedTokens: work.learning.trained.tokens,
    flops: rounds * work.sampling.flops + trained + referenceFlops,
    seconds: addSeconds(sampling, learning),
  }
}

export function stepWorkOf(
  { recipe, shape }: Pick<EstimateParts, 'recipe' | 'shape'>,
  { stage, site, lengths, promptTokens, trainedShare }: Omit<StepOf, 'rounds'>,
): StepWork {
  const { objective } = recipe
  return stepWork(shape, {
    ...samplingOf(recipe, shape, site, { promptTokens, lengths }),
    ...{ numPrompts: stage.promptsPerStep, numAnswers: stage.numAnswers, trainedShare },
    passes: objective.passes,
    tokensPerMicroBatch: objective.tokensPerMicroBatch,
    numUpdates: stage.updatesPerStep,
    hasReference: stage.klWeight > 0,
    useRecompute: objective.useRecompute,
    hasWeightGradients: adapterParameters(recipe, shape) === 0,
  })
}

function samplingOf(
  { rollout }: Recipe,
  shape: ModelShape,
  { numDevices, layout }: Site,
  of: { promptTokens: number; lengths: Lengths },
) {
  const cacheBlocks = Math.floor(rollout.cacheBytes / blockBytes(shape, layout))
  return {
    ...of,
    promptTokens: Math.round(of.promptTokens),
    numDevices,
    cacheTokens: cacheBlocks * engineDefaults.blockSize,
  }
}

/** One before the first stage and one after each. */
function evaluationEstimate(parts: EstimateParts): PhaseEstimate {
  const { recipe, stages, expectation } = parts
  const { samplesPerProblem, numProblems } = recipe.evaluation
  const limit = evaluationLimit(recipe)
  const last = stages.length - 1
  const site = parts.site(last)
  const make = (lengths: Lengths, promptTokens: number): Case =>
    evaluationCase(parts, {
      site,
      lengths,
      promptTokens,
      numPrompts: numSetsOf(recipe) * numProblems,
      samplesPerProblem,
    })
  return {
    name: 'evaluations',
    count: stages.length + 1,
    ...{ numDevices: site.numDevices, price: site.price },
    atMost: make(allAtLimit(limit), recipe.rollout.maxPromptTokens),
    expected: make(expectation.lengths(last, limit), expectation.promptTokens),
  }
}

export interface EvaluationOf {
  site: Site
  lengths: Lengths
  promptTokens: number
  numPrompts: number
  samplesPerProblem: number
}

export function evaluationCase(
  { recipe, shape }: Pick<EstimateParts, 'recipe' | 'shape'>,
  { site, lengths, promptTokens, numPrompts, samplesPerProblem }: EvaluationOf,
): Case {
  const options = { numPrompts, numAnswers: samplesPerProblem }
  const work = samplingWork(shape, { ...samplingOf(recipe, shape, site, { promptTokens, lengths }), ...options })
  const seconds = samplingSeconds(work, site.rates, site.numDevices)
  return { what: lengths.what, sampledTokens: work.answerTokens, trainedTokens: 0, flops: work.flops, seconds }
}

function distillEstimate(parts: EstimateParts): PhaseEstimate[] {
  const { distill } = parts.recipe
  if (!distill || !parts.worked) return []
  const site = parts.site(0)
  const of = distillCase(parts, { site, pass: workedPass(parts.worked, distill.batchSize) })
  const phase = { name: 'distill', count: distill.maxSteps, numDevices: site.numDevices, price: site.price }
  return [{ ...phase, atMost: of, expected: of }]
}

/** Of a mean step. */
function workedPass({ prompts, solutions }: Worked, batchSize: number): Pass {
  const passes = solutions.map((solution, i) => passOf(prompts[i] as number, [solution]))
  return scaled(together(passes), batchSize / passes.length)
}

export function distillCase({ shape }: Pick<EstimateParts, 'shape'>, { site, pass }: { site: Site; pass: Pass }): Case {
  const kind = { useRecompute: false, hasWeightGradients: true }
  const work = { trained: pass, scored: noPass, numUpdates: 1, kind, trainingFlops: 0, referenceFlops: 0 }
  return {
    what: 'worked solutions',
    ...{ sampledTokens: 0, trainedTokens: pass.tokens },
    flops: totalFlops(trainingFlops(shape, pass, kind)),
    seconds: learningSecondsOf(work, site.rates, site.numDevices),
  }
}

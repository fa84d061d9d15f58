// A plan beside what happened: with the lengths that were expected, and with those that came. The second asks only whether the
// rates are right.
import { evaluationLimit } from '../../recipe/limits.js'
import { type EstimateParts, evaluationCase, type PhaseEstimate, stepCase } from '../estimate.js'
import { numSetsOf } from '../evaluation-size.js'
import { cutWeibull, type Lengths, meanOf } from '../lengths.js'
import { evaluationMemory } from '../memory.js'
import type { StagePlan } from '../plan.js'
import { learningSeconds, rolloutSeconds, type Seconds } from '../rates.js'
import type { Happened, HappenedStep } from './happened.js'

/** Seconds of rollouts, rewards included, and of learning. */
export interface Split {
  rollout: number
  learning: number
}

export interface ComparedPhase {
  name: string
  /** Steps or evaluations that happened. */
  count: number
  tokens: { expected: number; happened: number }
  trainedTokens: { expected: number; happened: number }
  seconds: {
    /** With the lengths that the plan expects. */
    expected: Split
    /** With those that came. */
    givenLengths: Split
    happened: Split
  }
  /** (Given the lengths − happened) / happened. */
  error: number
  /** Planned, and of the run's rehearsal of its worst batch, null where it wrote none down. */
  peakBytes: { planned: number; rehearsed: number | null }
}

export const sumOf = ({ rollout, learning }: Split): number => rollout + learning

export function comparePlan(parts: EstimateParts, plan: readonly PhaseEstimate[], happened: Happened): ComparedPhase[] {
  const stages = parts.stages.flatMap((stage, i) => {
    const steps = happened.steps.filter((step) => step.stage === i)
    const phase = plan.find(({ name }) => name === `stage ${i + 1}`)
    const rehearsed = rehearsedAt(happened, i)
    return steps.length > 0 && phase ? [compareStage(parts, { stage, index: i, phase, steps, rehearsed })] : []
  })
  const phase = plan.find(({ name }) => name === 'evaluations')
  return phase && happened.evaluations.length > 0 ? [...stages, compareEvaluations(parts, phase, happened)] : stages
}

interface StageOf {
  stage: StagePlan
  index: number
  phase: PhaseEstimate
  steps: readonly HappenedStep[]
  rehearsed: number | undefined
}

const rehearsedAt = ({ rehearsals }: Happened, stage: number | null): number | undefined =>
  rehearsals.find((rehearsal) => rehearsal.stage === stage)?.peakBytes

function compareStage(parts: EstimateParts, { stage, index, phase, steps, rehearsed }: StageOf): ComparedPhase {
  const planned = sumSeconds(steps.map((step) => secondsOfStep(parts, { stage, index, step })))
  const happened = {
    rollout: total(steps, 'rolloutSeconds'),
    learning: total(steps, 'learningSeconds'),
  }
  const { expected } = phase
  return {
    name: phase.name,
    count: steps.length,
    tokens: {
      expected: steps.length * expected.sampledTokens,
      happened: steps.reduce((sum, { meanTokens, numSamples }) => sum + meanTokens * numSamples, 0),
    },
    trainedTokens: { expected: steps.length * expected.trainedTokens, happened: total(steps, 'trainedTokens') },
    seconds: { expected: timesSplit(splitOf(expected.seconds), steps.length), givenLengths: planned, happened },
    error: errorOf(planned, happened),
    peakBytes: { planned: stage.memory.peak, rehearsed: rehearsed ?? null },
  }
}

/** Of the plan, had it known how long the answers of the step were, and how many of their tokens taught anything. */
function secondsOfStep(parts: EstimateParts, of: { stage: StagePlan; index: number; step: HappenedStep }): Split {
  const { stage, index, step } = of
  const { promptTokens } = parts.expectation
  const answers = step.numSamples * (promptTokens + step.meanTokens - 1) * parts.recipe.objective.passes
  const rounds = step.numSamples / (stage.promptsPerStep * stage.numAnswers)
  const { seconds } = stepCase(parts, {
    stage,
    site: parts.site(index),
    lengths: seenInStep(step),
    promptTokens,
    // Of one round's answers: those of further rounds that are kept stand for those that are not.
    trainedShare: (step.trainedTokens / answers) * rounds,
    rounds,
  })
  return splitOf(seconds)
}

const seenInStep = ({ meanTokens, maxTokens }: HappenedStep): Lengths =>
  cutWeibull({ mean: Math.min(meanTokens, maxTokens), limit: maxTokens })

function compareEvaluations(
  parts: EstimateParts,
  { expected, name }: PhaseEstimate,
  happenedAll: Happened,
): ComparedPhase {
  const { evaluations } = happenedAll
  const { recipe, stages, expectation } = parts
  const { numProblems, samplesPerProblem } = recipe.evaluation
  const numPrompts = numSetsOf(recipe) * numProblems
  const limit = evaluationLimit(recipe)
  const site = parts.site(stages.length - 1)
  const cases = evaluations.map(({ meanTokens }) =>
    evaluationCase(parts, {
      ...{ site, numPrompts, samplesPerProblem, promptTokens: expectation.promptTokens },
      lengths: cutWeibull({ mean: Math.max(1, Math.min(limit, meanTokens)), limit }),
    }),
  )
  const happened = { rollout: evaluations.reduce((sum, { seconds }) => sum + seconds, 0), learning: 0 }
  const planned = sumSeconds(cases.map(({ seconds }) => splitOf(seconds)))
  const meanTokens = meanOf(evaluations.map((evaluation) => evaluation.meanTokens))
  return {
    name,
    count: evaluations.length,
    tokens: {
      expected: evaluations.length * expected.sampledTokens,
      happened: evaluations.length * numPrompts * samplesPerProblem * meanTokens,
    },
    trainedTokens: { expected: 0, happened: 0 },
    seconds: { expected: timesSplit(splitOf(expected.seconds), evaluations.length), givenLengths: planned, happened },
    error: errorOf(planned, happened),
    peakBytes: {
      planned: evaluationMemory(recipe, parts.shape, site.layout).peak,
      rehearsed: rehearsedAt(happenedAll, null) ?? null,
    },
  }
}

/** All phases together. */
export function comparedTotal(phases: readonly ComparedPhase[]): Pick<ComparedPhase, 'seconds' | 'error'> {
  const seconds = {
    expected: sumSeconds(phases.map((phase) => phase.seconds.expected)),
    givenLengths: sumSeconds(phases.map((phase) => phase.seconds.givenLengths)),
    happened: sumSeconds(phases.map((phase) => phase.seconds.happened)),
  }
  return { seconds, error: errorOf(seconds.givenLengths, seconds.happened) }
}

const splitOf = (seconds: Seconds): Split => ({ rollout: rolloutSeconds(seconds), learning: learningSeconds(seconds) })

const sumSeconds = (splits: readonly Split[]): Split =>
  splits.reduce((a, b) => ({ rollout: a.rollout + b.rollout, learning: a.learning + b.learning }), {
    rollout: 0,
    learning: 0,
  })

const timesSplit = ({ rollout, learning }: Split, factor: number): Split => ({
  rollout: rollout * factor,
  learning: learning * factor,
})

const errorOf = (planned: Split, happened: Split): number => (sumOf(planned) - sumOf(happened)) / sumOf(happened)

const total = (steps: readonly HappenedStep[], key: 'rolloutSeconds' | 'learningSeconds' | 'trainedTokens'): number =>
  steps.reduce((sum, step) => sum + step[key], 0)

// model.create.ropeScaling: how rotary frequencies are stretched, by kind.
import { z } from 'zod'
import type { RopeScaling } from '../../models/rope-scaling.js'

const positive = z.number().gt(0)

/** Of another kind than `type` says, a key is an error: see ropeProblem. */
export const ropeScalingSection = z.strictObject({
  /** linear: position interpolation (Chen et al. 2023, arXiv 2306.15595); llama3: Llama 3.1's; yarn: Peng et al. 2023, arXiv 2309.00071. */
  type: z.enum(['linear', 'llama3', 'yarn']),
  /** By how much frequencies are slowed, at least 1: all of them (linear), those of long waves (llama3), those that turn seldom (yarn). */
  factor: z.number().min(1),
  /** Of the first training; llama3 and yarn. */
  originalMaxPositions: z.int().min(1).optional(),
  /** llama3; 1 where left out. */
  lowFrequencyFactor: positive.optional(),
  /** llama3; 4 where left out. */
  highFrequencyFactor: positive.optional(),
  /** yarn; 32 where left out. */
  betaFast: positive.optional(),
  /** yarn; 1 where left out. */
  betaSlow: positive.optional(),
})

type Section = z.output<typeof ropeScalingSection>

const keysOf: Record<Section['type'], readonly (keyof Section)[]> = {
  linear: ['type', 'factor'],
  llama3: ['type', 'factor', 'originalMaxPositions', 'lowFrequencyFactor', 'highFrequencyFactor'],
  yarn: ['type', 'factor', 'originalMaxPositions', 'betaFast', 'betaSlow'],
}

/** What is wrong with it beyond the types of its keys, if anything. */
export function ropeProblem(section: Section): string | undefined {
  const { type } = section
  const foreign = Object.keys(section).find((key) => !keysOf[type].includes(key as keyof Section))
  if (foreign !== undefined) return `expected no ${foreign} in ropeScaling of type ${type}`
  if (type !== 'linear' && section.originalMaxPositions === undefined)
    return `expected originalMaxPositions in ropeScaling of type ${type}`
  const { low, high, fast, slow } = defaulted(section)
  if (high <= low) return `expected highFrequencyFactor above lowFrequencyFactor = ${low}, got ${high}`
  return fast < slow ? `expected betaFast of at least betaSlow = ${slow}, got ${fast}` : undefined
}

/** In the model's own terms. */
export function ropeScalingOf(section: Section): RopeScaling {
  const { type, factor, originalMaxPositions = 1 } = section
  const { low, high, fast, slow } = defaulted(section)
  if (type === 'linear') return { type, factor }
  if (type === 'llama3')
    return { type, factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalMaxPositions }
  return { type, factor, betaFast: fast, betaSlow: slow, originalMaxPositions, isTruncated: true }
}

const defaulted = (section: Section) => ({
  low: section.lowFrequencyFactor ?? 1,
  high: section.highFrequencyFactor ?? 4,
  fast: section.betaFast ?? 32,
  slow: section.betaSlow ?? 1,
})

// Keys of a recipe that ask for less memory, of those that still can.
import type { AdamW } from '../../optim/adamw.js'
import type { WorstBatch } from './worst-batch.js'

export const rolloutRemedies = ['a smaller rollout.cacheBytes', 'a smaller rollout.promptsPerStep']
export const evaluationRemedies = ['a smaller rollout.cacheBytes', 'a smaller evaluation.numProblems']

export function standingRemedies(optimizer: AdamW): string[] {
  return optimizer.hasQuantizedMoments ? ['model.lora'] : ['optimizer.moments: 8bit', 'model.lora']
}

export function updateRemedies(
  optimizer: AdamW,
  { useRecompute }: { useRecompute: boolean },
  { samples }: WorstBatch,
): string[] {
  return [
    ...(useRecompute ? [] : ['objective.useRecompute: true']),
    ...(samples.length > 1 ? ['a smaller objective.tokensPerMicroBatch'] : []),
    ...(optimizer.hasQuantizedMoments ? [] : ['optimizer.moments: 8bit']),
  ]
}

// A recipe's optimizer in the terms of AdamW, but for the kinds of its moments.
import type { z } from 'zod'
import type { AdamWOptions } from '../optim/adamw.js'
import type { optimizerSection } from './recipe/sections.js'

type Section = Pick<z.output<typeof optimizerSection>, 'learningRate' | 'betas' | 'epsilon' | 'weightDecay'>

export function adamwOptions({ learningRate, betas, epsilon, weightDecay }: Section): AdamWOptions {
  const [beta1, beta2] = betas
  return { learningRate, beta1, beta2, epsilon, weightDecay }
}

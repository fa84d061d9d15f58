// An update's worst micro-batch, forward and backward, with everything beside it that a run has in memory then.
import { zeros } from '../../create.js'
import { accumulateGradients, type Objective } from '../../grpo/objective.js'
import type { Reference } from '../../grpo/reference.js'
import type { Decoder } from '../../models/decoder.js'
import { gradientNorm } from '../../ops/adamw-step.js'
import type { AdamW } from '../../optim/adamw.js'
import { noGrad } from '../../tape.js'
import type { Tensor } from '../../tensor.js'
import type { WorstBatch } from './worst-batch.js'

export interface UpdateLoad {
  batch: WorstBatch
  objective: Objective
  tokensPerMicroBatch: number
  maxResponseTokens: number
  useRecompute: boolean
  signal: AbortSignal | undefined
}

/** Gradients are made and let go; weights and moments stay as they are. */
export async function rehearseUpdate(
  { model, optimizer, reference }: { model: Decoder; optimizer: AdamW; reference: Reference | undefined },
  { batch, objective, tokensPerMicroBatch: maxTokens, signal, ...how }: UpdateLoad,
): Promise<void> {
  const { temperature } = objective
  const { samples } = batch
  if ((objective.klWeight ?? 0) > 0) await reference?.score(samples, { temperature, maxTokens, signal })
  try {
    optimizer.zeroGrad()
    if (batch.isOneOfSeveral) for (const parameter of optimizer.parameters) parameter.grad = zeroGradient(parameter)
    // The first estimator is finite whatever the model makes of these tokens; all take the same memory.
    const options = { maxTokens, mustBeOnPolicy: false, signal, ...how }
    await accumulateGradients(model, samples, { ...objective, klEstimator: 'k1' }, options)
    await allComputed(optimizer.parameters)
  } finally {
    optimizer.zeroGrad()
  }
}

const zeroGradient = ({ shape, device }: Tensor): Tensor => zeros(shape, { device })

/** Rejects with what any gradient failed with. */
async function allComputed(parameters: readonly Tensor[]): Promise<void> {
  const gradients = parameters.flatMap(({ grad }) => grad ?? [])
  using norm = noGrad(() => gradientNorm(gradients))
  await norm.item()
}

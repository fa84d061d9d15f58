// What a KL term holds the policy near: anything that gives an answer's tokens log-probabilities.

import { requireInstances } from '../arguments.js'
import { Decoder } from '../models/decoder.js'
import { type ScoringOptions, scoreAnswers } from './forward.js'
import type { Completion } from './sample.js'

/** What a KL term holds the policy near: anything that gives an answer's tokens log-probabilities. */
export interface Reference {
  /** The log-probabilities of each answer's tokens, in nats and in order, at the temperature of the rollout. */
  score(completions: readonly Completion[], options: ScoringOptions): Promise<Float32Array[]>
  /** Called once, when nothing will be scored any more. */
  dispose(): void
}

/**
 * A decoder as a reference: a copy of the policy, say. It is the reference's from now on, and goes with it.
 *
 * @throws {@link ArgumentError} for a model that is no Decoder
 */
export function modelReference(model: Decoder): Reference {
  requireInstances('reference', Decoder, { model })
  return {
    score: (completions, options) => scoreAnswers(model, completions, options),
    dispose: () => model.dispose(),
  }
}

// The weight of the entropy bonus, moved so that the policy's entropy does not fall below a target: the adaptive entropy control of
// Skywork-OR1 (He et al. 2025, arXiv 2505.22312, and the published training code). Pure; the state is plain JSON.

/**
 * Moves the weight of the entropy bonus by `delta` after each step, up while the entropy of what was sampled is below `target`, else down; the
 * loss has the bonus only after a step below the target (Skywork-OR1: He et al. 2025, arXiv 2505.22312).
 */
export interface AdaptiveEntropy {
  /** In nats a token, above 0; below it entropy is raised. */
  target: number
  /** By how much the weight moves each step, above 0. */
  delta: number
  /** The least weight; default 0. */
  min?: number | undefined
  /** The greatest weight, above 0; no less than entropyWeight, where the weight begins. */
  max: number
}

export interface EntropyWeightState {
  weight: number
  /** Whether the next step's loss has the bonus: the last step's entropy was below the target. */
  isApplied: boolean
}

/** Before the first step, of which no entropy is known: the weight counts as it is. */
export const initialEntropyWeight = (weight: number, { min = 0, max }: AdaptiveEntropy): EntropyWeightState => ({
  weight: within(weight, { min, max }),
  isApplied: true,
})

/**
 * After a step whose mean entropy a token was `entropy`: below the target the weight rises by delta, else it falls by delta, and
 * stays within its bounds. It keeps moving while entropy is at the target or above, but is left out of the loss.
 */
export function adaptEntropyWeight(
  { weight }: EntropyWeightState,
  entropy: number,
  { target, delta, min = 0, max }: AdaptiveEntropy,
): EntropyWeightState {
  const isBelow = entropy < target
  return { weight: within(isBelow ? weight + delta : weight - delta, { min, max }), isApplied: isBelow }
}

/** What the next step's loss has. */
export const appliedEntropyWeight = ({ weight, isApplied }: EntropyWeightState): number => (isApplied ? weight : 0)

const within = (value: number, { min, max }: { min: number; max: number }): number =>
  Math.min(max, Math.max(min, value))

import { checkOptions, type OptionKeys } from '../arguments.js'
import { call } from '../native.js'
import { Tensor } from '../tensor.js'
import { requireTensors } from '../tensor-arguments.js'

/** Against what a reward is measured, and in which unit. */
export interface GroupAdvantageOptions {
  /**
   * What is subtracted from a reward R of a group of n. 'group', the default: the group's mean (GRPO, Shao et al., 2024).
   * 'leave-one-out': the mean of the group's others (RLOO, Ahmadian et al., 2024). 'none': nothing; for `normalize` 'tokens'
   * and 'none' only.
   */
  baseline?: 'group' | 'leave-one-out' | 'none'
  /**
   * What the difference is divided by, each with 1e-6 added. 'group', the default ('std' is an older name of it): the deviation
   * of its group's rewards (Shao et al., 2024). 'batch': that of all rewards. 'none': nothing (Dr. GRPO, Liu et al., 2025).
   * 'tokens': mean and deviation over all tokens, each of which has its answer's advantage; the mean is subtracted too
   * (REINFORCE++, Hu et al., 2025).
   */
  normalize?: 'group' | 'std' | 'batch' | 'tokens' | 'none'
  /** i32 [B], the tokens of each answer; needed for 'tokens'. */
  lengths?: Tensor | undefined
}

/**
 * Each answer's reward against its group: rewards [B], groupOffsets i32 [P+1] rising from 0 to B → [B]; groups may have any
 * size. In float64; deviations are of n − 1. Where a mean is subtracted, equal rewards, or a group of one, give exactly 0
 * before 'tokens' takes its own. No gradient.
 *
 * @throws {@link ArgumentError} for a baseline or normalize of another name, 'tokens' without lengths, or no baseline where one is
 * needed; offsets that do not rise from 0 to B fail the op when it runs
 *
 * @example
 * ```ts
 * import { ops, tensor } from 'lengthen'
 *
 * // Two groups, of 3 answers and of 2.
 * const rewards = tensor([1, 0, 0, 1, 1])
 * const groupOffsets = tensor([0, 3, 5], { dtype: 'i32' })
 * const advantages = ops.groupAdvantage(rewards, groupOffsets)
 * ```
 */
export function groupAdvantage(rewards: Tensor, groupOffsets: Tensor, options: GroupAdvantageOptions = {}): Tensor {
  checkOptions('group_advantage', options, optionKeys)
  const { baseline = 'group', normalize = 'group', lengths } = options
  requireTensors('group_advantage', { rewards, groupOffsets }, { lengths })
  const names = { baseline, normalize }
  return Tensor.wrap(call('group_advantage', rewards.native, groupOffsets.native, lengths?.native ?? null, names))
}

const optionKeys: OptionKeys<GroupAdvantageOptions> = { baseline: true, normalize: true, lengths: true }

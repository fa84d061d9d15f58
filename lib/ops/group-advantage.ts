import { call } from '../native.js'
import { Tensor } from '../tensor.js'

export interface GroupAdvantageOptions {
  /** What is subtracted from a reward: the mean of its group, that of the group's others, or nothing. */
  baseline?: 'group' | 'leave-one-out' | 'none'
  /**
   * What the difference is divided by: the deviation of its group's rewards ('std' is an older name of 'group'), of all
   * rewards, or nothing. 'tokens': mean and deviation over all tokens, each of which has its answer's advantage; the mean is
   * subtracted too.
   */
  normalize?: 'group' | 'std' | 'batch' | 'tokens' | 'none'
  /** i32 [B], the tokens of each answer; needed for 'tokens'. */
  lengths?: Tensor | undefined
}

/**
 * Each answer's reward against its group: rewards [B], groupOffsets i32 [P+1] from 0 to B → [B]. Deviations are of n − 1, and
 * 1e-6 is added to them. With a baseline equal rewards, or a group of one, give 0 before 'tokens' takes its mean. No gradient.
 */
export function groupAdvantage(
  rewards: Tensor,
  groupOffsets: Tensor,
  { baseline = 'group', normalize = 'group', lengths }: GroupAdvantageOptions = {},
): Tensor {
  const options = { baseline, normalize }
  return Tensor.wrap(call('group_advantage', rewards.native, groupOffsets.native, lengths?.native ?? null, options))
}

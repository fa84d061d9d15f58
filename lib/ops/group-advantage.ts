import { call } from '../native.js'
import { Tensor } from '../tensor.js'

/**
 * Each answer's reward against its group: reward − mean, over the group's standard deviation + 1e-6 with 'std'. Equal rewards,
 * or a group of one, give 0. No gradient. rewards [B], groupOffsets i32 [P+1] from 0 to B → [B].
 */
export function groupAdvantage(
  rewards: Tensor,
  groupOffsets: Tensor,
  { normalize = 'std' }: { normalize?: 'std' | 'none' } = {},
): Tensor {
  return Tensor.wrap(call('group_advantage', rewards.native, groupOffsets.native, normalize))
}

// Rewards of groups to advantages of answers.
import { tensor } from '../create.js'
import { groupAdvantage } from '../ops/index.js'

/** Each answer's advantage over the others of its group, in the shape of the rewards. Groups may have any size. */
export async function groupAdvantages(
  rewards: readonly (readonly number[])[],
  { normalize, device = 'cpu' }: { normalize?: 'std' | 'none'; device?: string } = {},
): Promise<number[][]> {
  const offsets = new Int32Array(rewards.length + 1)
  rewards.forEach(({ length }, i) => {
    offsets[i + 1] = (offsets[i] as number) + length
  })
  using rewardTensor = tensor(Float32Array.from(rewards.flat()), { device })
  using offsetTensor = tensor(offsets, { device })
  using advantages = groupAdvantage(rewardTensor, offsetTensor, { ...(normalize && { normalize }) })
  const values = await advantages.toArray()
  return rewards.map((_, i) => Array.from(values.slice(offsets[i], offsets[i + 1])))
}

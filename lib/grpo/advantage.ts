// Rewards of groups to advantages of answers.

import { checkOptions, type OptionKeys, requireArrays } from '../arguments.js'
import { tensor } from '../create.js'
import { type GroupAdvantageOptions, groupAdvantage } from '../ops/index.js'

/** As `ops.GroupAdvantageOptions`, of plain arrays. */
export interface AdvantageOptions extends Pick<GroupAdvantageOptions, 'baseline' | 'normalize'> {
  /** The tokens of each answer, in the shape of the rewards; needed to normalize over 'tokens'. */
  lengths?: readonly (readonly number[])[] | undefined
  /** Where it is computed. Default 'cpu'. */
  device?: string
}

/**
 * Each answer's advantage over the others of its group, in the shape of the rewards; the formulas are at `ops.groupAdvantage`.
 * Groups may have any size, and stand in any number.
 *
 * @throws {@link ArgumentError} for options that do not go together
 */
export async function groupAdvantages(
  rewards: readonly (readonly number[])[],
  given: AdvantageOptions = {},
): Promise<number[][]> {
  requireArrays('group advantages', { rewards })
  for (const group of rewards) requireArrays('group advantages', { 'each group': group })
  checkOptions('group advantages', given, optionKeys)
  const { lengths, device = 'cpu', ...options } = given
  const offsets = new Int32Array(rewards.length + 1)
  rewards.forEach(({ length }, i) => {
    offsets[i + 1] = (offsets[i] as number) + length
  })
  using rewardTensor = tensor(Float32Array.from(rewards.flat()), { device })
  using offsetTensor = tensor(offsets, { device })
  using lengthTensor = lengths && tensor(Int32Array.from(lengths.flat()), { device })
  using advantages = groupAdvantage(rewardTensor, offsetTensor, { ...options, lengths: lengthTensor })
  const values = await advantages.toArray()
  return rewards.map((_, i) => Array.from(values.slice(offsets[i], offsets[i + 1])))
}

const optionKeys: OptionKeys<AdvantageOptions> = { baseline: true, normalize: true, lengths: true, device: true }

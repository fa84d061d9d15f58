// The rewards that a recipe names. Code among them is found first, told of, and run only then.
import { dirname, resolve } from 'node:path'
import { messageOf, RecipeError } from '../errors.js'
import { formatReward } from '../reward/format-reward.js'
import { mathReward } from '../reward/math-reward.js'
import type { Reward } from '../reward/reward.js'
import { findRewardModule, loadRewardModule, type RewardModule } from '../reward/reward-module.js'
import { weightedReward } from '../reward/weighted-reward.js'
import type { LoadedRecipe, Recipe } from './recipe/recipe.js'
import { nameOfPart, type RewardPart } from './recipe/reward.js'

/** Code that a recipe would run. */
export interface RewardCode extends RewardModule {
  /** Which of reward.parts, from 0. */
  part: number
  /** What the part is called in metrics. */
  name: string
}

/**
 * The code of the recipe's reward, none of it run. It must lie in `folder`, the recipe's own unless said otherwise, as for the
 * recipe that a run keeps, which is a copy of one that lies elsewhere. Other code than a sha256 says is refused.
 */
export async function rewardCodeOf(loaded: LoadedRecipe, folder = folderOf(loaded)): Promise<RewardCode[]> {
  const found: RewardCode[] = []
  for (const [part, section] of (loaded.recipe.reward.parts ?? []).entries())
    if (section.kind === 'module') found.push({ ...(await findCode(loaded, { part, section, folder })), part })
  return found
}

/** For people, before it is run: what, from where, and how to tell it from other code. */
export const codeText = ({ name, exportName, file, sha256, numBytes }: RewardCode): string =>
  `this recipe runs code: reward ${name} is ${exportName} of ${file} (${numBytes} bytes, sha256 ${sha256})`

export interface RecipeRewards {
  /** What is trained on. */
  reward: Reward
  /** What says how right an answer is, 1 being right: the first part alone. Evaluations ask it. */
  outcome: Reward
  /** The recipe's section with the sha256 of all code. */
  section: Recipe['reward']
}

/** Runs the modules among them: tell of `code` before. */
export async function recipeRewards(loaded: LoadedRecipe, code: readonly RewardCode[]): Promise<RecipeRewards> {
  const { reward: section } = loaded.recipe
  if (!section.parts) {
    const reward = mathReward({ mode: section.mode, needsThinkingClosed: section.needsThinkingClosed })
    return { reward, outcome: reward, section }
  }
  const rewards = await Promise.all(section.parts.map((_, index) => rewardOfPart(loaded, index, code)))
  const weighted = section.parts.map((part, i) => ({
    ...{ reward: rewards[i] as Reward, weight: part.weight, name: nameOfPart(part) },
  }))
  const parts = section.parts.map((part, index) => {
    const its = code.find((one) => one.part === index)
    return its ? { ...part, sha256: its.sha256 } : part
  })
  return { reward: weightedReward(weighted), outcome: rewards[0] as Reward, section: { ...section, parts } }
}

async function rewardOfPart(loaded: LoadedRecipe, index: number, code: readonly RewardCode[]): Promise<Reward> {
  const { reward: section } = loaded.recipe
  const part = section.parts?.[index] as RewardPart
  const { mode = section.mode, needsThinkingClosed = section.needsThinkingClosed } = part
  if (part.kind === 'math') return mathReward({ mode, needsThinkingClosed })
  if (part.kind === 'format') return formatReward({ needsThinkingClosed })
  const its = code.find((one) => one.part === index)
  if (!its) throw wrongPart(loaded, index, `expected the code of ${nameOfPart(part)} to have been found, got none`)
  return await loadRewardModule(its).catch((cause: unknown) => {
    throw wrongPart(loaded, index, messageOf(cause), { cause })
  })
}

async function findCode(
  loaded: LoadedRecipe,
  { part, section, folder }: { part: number; section: RewardPart; folder: string },
): Promise<RewardModule & { name: string }> {
  const { path = '', export: exportName = 'default', sha256 } = section
  const found = await findRewardModule(folder, { path, exportName }).catch((cause: unknown) => {
    throw wrongPart(loaded, part, messageOf(cause), { cause })
  })
  if (sha256 === undefined || sha256 === found.sha256) return { ...found, name: nameOfPart(section) }
  throw wrongPart(loaded, part, `expected code with the sha256 ${sha256}, got ${found.sha256} in ${found.file}`)
}

const folderOf = ({ file }: LoadedRecipe): string => dirname(resolve(file))

const wrongPart = ({ file }: LoadedRecipe, part: number, message: string, options?: ErrorOptions): RecipeError =>
  new RecipeError({ file, key: `reward.parts.${part}.path` }, message, options)

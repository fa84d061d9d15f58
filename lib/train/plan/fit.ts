// Whether a run fits into memory, and if not, what to change: changes are tried, the harmless ones first, until one fits.
import { engineDefaults } from '../../rollout/cache-size.js'
import { numBlocksAtMost } from '../../rollout/scheduler.js'
import type { ModelShape } from '../model-shape.js'
import { evaluationLimit, longestOf } from '../recipe/limits.js'
import type { Recipe } from '../recipe/recipe.js'
import type { Hardware } from './hardware/parse.js'
import { gpus } from './hardware/table.js'
import { gpuLayout, layoutOf, type MemoryLayout } from './layout.js'
import { blockBytes } from './memory.js'
import { planOf } from './plan.js'

/** Of a GPU's memory: the driver's own, and what is lost between tensors. */
const usableShare = 0.92

export interface Place {
  name: string
  layout: MemoryLayout
  /** Bytes that tensors may take. */
  capacity: number
}

/** Of each stage; the last goes on. */
export type Places = readonly Place[]

export const thisPlace = (recipe: Recipe, budgetBytes: number): Places => [
  { name: 'this machine', layout: layoutOf(recipe.device), capacity: budgetBytes },
]

export const hardwarePlaces = (entries: readonly Hardware[]): Places =>
  entries.map(({ gpu, count }) => ({
    name: `${count} × ${gpu.name}`,
    layout: gpuLayout(count),
    capacity: usableShare * gpu.memory,
  }))

export interface Excess {
  /** Index of the stage, or 'evaluation'. */
  phase: number | 'evaluation'
  place: string
  peak: number
  capacity: number
}

/** The phases that do not fit; none where all do. */
export function excesses(recipe: Recipe, shape: ModelShape, places: Places): Excess[] {
  const plan = planOf(
    recipe,
    shape,
    places.map(({ layout }) => layout),
  )
  const placeAt = (i: number) => places[Math.min(i, places.length - 1)] as Place
  const phases = [
    ...plan.stages.map(({ memory }, i) => ({ phase: i, place: placeAt(i), peak: memory.peak })),
    { phase: 'evaluation' as const, place: placeAt(plan.stages.length), peak: plan.evaluationMemory.peak },
  ]
  return phases
    .filter(({ peak, place }) => peak > place.capacity)
    .map(({ phase, place, peak }) => ({ phase, peak, place: place.name, capacity: place.capacity }))
}

export interface Proposal {
  /** As the command line takes them. */
  flags: string[]
  /** Most that a phase takes then. */
  peak: number
}

interface Lever {
  flag: string
  apply(recipe: Recipe): Recipe
}

/** The first set of changes with which everything fits, without those that it can do without; undefined where none does. */
export function proposal(
  recipe: Recipe,
  shape: ModelShape,
  entries: readonly Hardware[] | undefined,
  places: Places,
): Proposal | undefined {
  const fits = (levers: readonly Lever[], at: Places) => excesses(applied(recipe, levers), shape, at).length === 0
  const levers = leversOf(recipe, shape, places)
  for (const set of [...levers.map((lever) => [lever]), ...levers.map((_, i) => levers.slice(0, i + 1))])
    if (fits(set, places))
      return proposalOf(recipe, shape, { levers: pruned(set, (fewer) => fits(fewer, places)), places })
  for (const other of entries ? otherHardware(entries) : []) {
    const otherPlaces = hardwarePlaces([other])
    for (const set of [[], levers])
      if (fits(set, otherPlaces))
        return proposalOf(recipe, shape, {
          levers: pruned(set, (fewer) => fits(fewer, otherPlaces)),
          places: otherPlaces,
          hardware: other,
        })
  }
  return undefined
}

const applied = (recipe: Recipe, levers: readonly Lever[]): Recipe =>
  levers.reduce((changed, lever) => lever.apply(changed), recipe)

function pruned(set: readonly Lever[], fits: (fewer: readonly Lever[]) => boolean): readonly Lever[] {
  const without = set.find((lever) => fits(set.filter((other) => other !== lever)))
  return without
    ? pruned(
        set.filter((other) => other !== without),
        fits,
      )
    : set
}

function proposalOf(
  recipe: Recipe,
  shape: ModelShape,
  { levers, places, hardware }: { levers: readonly Lever[]; places: Places; hardware?: Hardware },
): Proposal {
  const layouts = places.map(({ layout }) => layout)
  const { peak } = planOf(applied(recipe, levers), shape, layouts).memory
  const flags = levers.map(({ flag }) => `--set ${flag}`)
  return { flags: hardware ? [...flags, `--hardware ${hardware.gpu.name}:${hardware.count}`] : flags, peak }
}

/** From those that cost time only to those that change what is trained. */
function leversOf(recipe: Recipe, shape: ModelShape, places: Places): Lever[] {
  const { objective, rollout, optimizer, model } = recipe
  const longest = rollout.maxPromptTokens + longestOf(recipe.schedule)
  const cacheBytes = leastCache(recipe, shape, places)
  const levers: Lever[] = []
  const add = (flag: string, apply: Lever['apply']) => levers.push({ flag, apply })
  if (objective.tokensPerMicroBatch > longest)
    add(`objective.tokensPerMicroBatch=${longest}`, (r) => ({
      ...r,
      objective: { ...r.objective, tokensPerMicroBatch: longest },
    }))
  if (rollout.cacheBytes > cacheBytes)
    add(`rollout.cacheBytes=${cacheBytes}`, (r) => ({ ...r, rollout: { ...r.rollout, cacheBytes } }))
  if (!objective.useRecompute)
    add('objective.useRecompute=true', (r) => ({ ...r, objective: { ...r.objective, useRecompute: true } }))
  if (optimizer.moments !== '8bit')
    add('optimizer.moments=8bit', (r) => ({ ...r, optimizer: { ...r.optimizer, moments: '8bit' } }))
  if (!model.lora && model.adapter === undefined && !recipe.distill)
    add('model.lora="{ rank: 32, alpha: 64 }"', (r) => ({ ...r, model: { ...r.model, lora } }))
  return levers
}

const lora: NonNullable<Recipe['model']['lora']> = {
  ...{ rank: 32, alpha: 64, dropout: 0, useRankStabilization: false, merge: false },
  targets: ['query', 'key', 'value', 'output', 'gate', 'up', 'down'],
}

/** Room for sixteen of the longest answers: fewer decode too slowly to be of use. */
function leastCache(recipe: Recipe, shape: ModelShape, places: Places): number {
  const longest = Math.max(longestOf(recipe.schedule), evaluationLimit(recipe))
  const blocks = numBlocksAtMost(recipe.rollout.maxPromptTokens, longest, engineDefaults.blockSize) + 1
  return 16 * blocks * Math.max(...places.map(({ layout }) => blockBytes(shape, layout)))
}

/** More of the same devices, then larger ones as many. */
function otherHardware(entries: readonly Hardware[]): Hardware[] {
  const { gpu, count } = entries.at(-1) as Hardware
  const more = [2, 4, 8].map((factor) => ({ gpu, count: count * factor }))
  const larger = gpus.filter(({ memory }) => memory > gpu.memory).sort((a, b) => a.memory - b.memory)
  return [...more, ...larger.map((gpu) => ({ gpu, count }))]
}

// Whether a run fits into memory, and if not, what to change: changes are tried, the harmless ones first, until one fits.
import { engineDefaults } from '../../rollout/cache-size.js'
import { numBlocksAtMost } from '../../rollout/scheduler.js'
import type { ModelShape } from '../model-shape.js'
import { evaluationLimit, longestOf } from '../recipe/limits.js'
import type { Recipe } from '../recipe/recipe.js'
import type { Hardware } from './hardware/parse.js'
import { gpus } from './hardware/table.js'
import { gpuLayout, layoutOf, type MemoryLayout } from './layout.js'
import { blockBytes, evaluationMemory } from './memory.js'
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

/** A phase that does not fit into memory. */
export interface Excess {
  /** Index of the stage, from 0, or 'evaluation'. */
  phase: number | 'evaluation'
  /** Where it does not fit, for people: this machine, or so many of a GPU. */
  place: string
  /** Bytes that it takes at most, on one device. */
  peak: number
  /** Bytes that there are for tensors, on one device. */
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

/** Changes with which a run fits into memory. */
export interface Proposal {
  /** As the command line takes them, such as `--set objective.useRecompute=true`. */
  flags: string[]
  /** Bytes that a phase takes then, at most, on one device. */
  peak: number
}

interface Lever {
  apply(recipe: Recipe, at: Places): Recipe
  /** Of the recipe that it was applied to. */
  flag(recipe: Recipe): string
}

interface Setting {
  levers: readonly Lever[]
  places: Places
  /** Where the places are not those that were asked for. */
  hardware?: Hardware
}

/**
 * The first set of changes with which everything fits, without those that it can do without; undefined where none does. First what
 * costs time at most, here and on other hardware; what is trained changes last.
 */
export function proposal(
  recipe: Recipe,
  shape: ModelShape,
  { places, entries = [] }: { places: Places; entries?: readonly Hardware[] | undefined },
): Proposal | undefined {
  const fits = ({ levers, places }: Setting) => excesses(applied(recipe, levers, places), shape, places).length === 0
  const found = settings(recipe, shape, { places, entries }).find(fits)
  if (!found) return undefined
  const { levers, hardware } = pruned(found, fits)
  const changed = applied(recipe, levers, found.places)
  const layouts = found.places.map(({ layout }) => layout)
  const flags = levers.map((lever) => `--set ${lever.flag(changed)}`)
  return {
    flags: hardware ? [...flags, `--hardware ${hardware.gpu.name}:${hardware.count}`] : flags,
    peak: planOf(changed, shape, layouts).memory.peak,
  }
}

function settings(
  recipe: Recipe,
  shape: ModelShape,
  { places, entries }: { places: Places; entries: readonly Hardware[] },
): Setting[] {
  const levers = leversOf(recipe, shape)
  const others = entries.length > 0 ? otherHardware(entries) : []
  const elsewhere = others.flatMap((hardware) =>
    [[], levers].map((set) => ({ levers: set, hardware, places: hardwarePlaces([hardware]) })),
  )
  const withAdapters = mayHaveAdapters(recipe)
    ? [adapterLevers.slice(0, 1), adapterLevers].map((more) => ({ levers: [...levers, ...more], places }))
    : []
  return [...levers.map((lever) => ({ levers: [lever], places })), { levers, places }, ...elsewhere, ...withAdapters]
}

const applied = (recipe: Recipe, levers: readonly Lever[], at: Places): Recipe =>
  levers.reduceRight((changed, lever) => lever.apply(changed, at), recipe)

function pruned(setting: Setting, fits: (setting: Setting) => boolean): Setting {
  const fewer = setting.levers.map((lever) => ({
    ...setting,
    levers: setting.levers.filter((other) => other !== lever),
  }))
  const found = fewer.find(fits)
  return found ? pruned(found, fits) : setting
}

/** Those that change no result, or hardly one. The cache is first and so applied last: it takes what the others leave. */
function leversOf(recipe: Recipe, shape: ModelShape): Lever[] {
  const { objective, rollout, optimizer } = recipe
  const longest = rollout.maxPromptTokens + longestOf(recipe.schedule)
  const levers: Lever[] = [cacheLever(shape)]
  if (objective.tokensPerMicroBatch > longest)
    levers.push(objectiveLever('tokensPerMicroBatch', { tokensPerMicroBatch: longest }))
  if (!objective.useRecompute) levers.push(objectiveLever('useRecompute', { useRecompute: true }))
  if (optimizer.moments !== '8bit')
    levers.push({
      apply: (r) => ({ ...r, optimizer: { ...r.optimizer, moments: '8bit' } }),
      flag: () => 'optimizer.moments=8bit',
    })
  return levers
}

const objectiveLever = (key: 'tokensPerMicroBatch' | 'useRecompute', values: Partial<Recipe['objective']>): Lever => ({
  apply: (r) => ({ ...r, objective: { ...r.objective, ...values } }),
  flag: (r) => `objective.${key}=${r.objective[key]}`,
})

const cacheLever = (shape: ModelShape): Lever => ({
  apply: (r, at) => ({ ...r, rollout: { ...r.rollout, cacheBytes: cacheRoom(r, shape, at) } }),
  flag: (r) => `rollout.cacheBytes=${r.rollout.cacheBytes}`,
})

const mayHaveAdapters = ({ model, distill }: Recipe): boolean =>
  !model.lora && model.adapter === undefined && distill === undefined

/** Adapters, and a base in half the memory, which only adapters allow. */
const adapterLevers: readonly Lever[] = [
  {
    apply: (r) => ({ ...r, model: { ...r.model, lora } }),
    flag: () => 'model.lora="{ rank: 32, alpha: 64 }"',
  },
  {
    apply: (r) => ({ ...r, model: { ...r.model, baseDtype: 'bf16' } }),
    flag: () => 'model.baseDtype=bf16',
  },
]

const lora: NonNullable<Recipe['model']['lora']> = {
  ...{ rank: 32, alpha: 64, dropout: 0, useRankStabilization: false, merge: false },
  targets: ['query', 'key', 'value', 'output', 'gate', 'up', 'down'],
}

/** What is left beside what stands in memory all the time; room for four of the longest answers at least, and no more than is asked for. */
function cacheRoom(recipe: Recipe, shape: ModelShape, places: Places): number {
  const rooms = places.map(({ layout, capacity }) => {
    const { peak, kvCache } = evaluationMemory(recipe, shape, layout)
    return capacity - (peak - kvCache)
  })
  const room = Math.min(...rooms)
  const longest = Math.max(longestOf(recipe.schedule), evaluationLimit(recipe))
  const blocks = numBlocksAtMost(recipe.rollout.maxPromptTokens, longest, engineDefaults.blockSize) + 1
  const least = 4 * blocks * Math.max(...places.map(({ layout }) => blockBytes(shape, layout)))
  const rounded = room > 1e9 ? Math.floor(room / 1e8) * 1e8 : Math.floor(room)
  return Math.min(recipe.rollout.cacheBytes, Math.max(least, rounded))
}

/** More of the same devices, then larger ones as many. */
function otherHardware(entries: readonly Hardware[]): Hardware[] {
  const { gpu, count } = entries.at(-1) as Hardware
  const more = [2, 4, 8].map((factor) => ({ gpu, count: count * factor }))
  const larger = gpus.filter(({ memory }) => memory > gpu.memory).sort((a, b) => a.memory - b.memory)
  return [...more, ...larger.map((gpu) => ({ gpu, count }))]
}

// A recipe's plan as a whole: sizes and memory, what it would take where, whether it fits, and beside it what others took.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { memoryStats } from '../../device.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import { buildTokenizer } from '../build.js'
import type { ModelShape } from '../model-shape.js'
import type { LoadedRecipe } from '../recipe/recipe.js'
import { calibrationKey, readCalibration, writeCalibration } from './calibration/cache.js'
import { calibrate } from './calibration/calibrate.js'
import type { Calibration } from './calibration/calibration.js'
import { type EstimateParts, estimateRun, type PhaseEstimate, type Site } from './estimate.js'
import { type Expectation, expectationOf, type Stated, workedExamples } from './expectation.js'
import { type Excess, excesses, hardwarePlaces, type Places, type Proposal, proposal, thisPlace } from './fit.js'
import type { Hardware } from './hardware/parse.js'
import type { Utilisation } from './hardware/rates.js'
import { type Plan, planOf } from './plan.js'
import { planRecipe, shapeOf } from './plan-recipe.js'
import { type Gap, gapOf } from './published/gap.js'
import { publishedRunOf } from './published/index.js'
import { hardwareSite, thisMachine } from './sites.js'

export interface PlanRequest {
  stated: Stated
  /** Of the table, one for every stage or one for each; this machine where left out. */
  hardware?: readonly Hardware[] | undefined
  utilisation: Utilisation
  /** Dollars for a device and hour. */
  price?: number | undefined
  /** Measures anew, whatever the cache has. */
  mustCalibrate?: boolean | undefined
  /** Called before the machine is measured. */
  onCalibrate?: (() => void) | undefined
  signal?: AbortSignal | undefined
}

export interface RunPlan {
  plan: Plan
  phases: PhaseEstimate[]
  expectation: Expectation
  hardware: readonly Hardware[] | undefined
  /** Of this machine; undefined for hardware of the table. */
  calibration: Calibration | undefined
  /** What does not fit, and what would. */
  excesses: Excess[]
  proposal: Proposal | undefined
  gap: Gap | undefined
  /** For a comparison with a run; undefined where it does not fit into this machine. */
  parts: EstimateParts | undefined
}

/** Reads a tokenizer and a config.json at most, never weights. Runs pieces of the model where this machine is not known yet. */
export async function planRun(loaded: LoadedRecipe, request: PlanRequest): Promise<RunPlan> {
  const { recipe } = loaded
  const { hardware } = request
  if (!hardware) await planRecipe(loaded) // refuses what this build or machine does not do
  const shape = await shapeOf(loaded)
  const places = placesOf(loaded, hardware)
  const layouts = places.map(({ layout }) => layout)
  const plan = planOf(recipe, shape, layouts)
  const published = publishedRunOf(shape, plan.stages)
  const tokenizer = await tokenizerIfThere(loaded)
  const expectation = await expectationOf(recipe, request.stated, { tokenizer, published })
  const of = { recipe, shape, stages: plan.stages, expectation, tokenizer }
  const tooLarge = excesses(recipe, shape, places)
  const calibration = hardware || tooLarge.length > 0 ? undefined : await calibrationFor(of, request)
  const worked = tokenizer && recipe.distill ? await workedExamples(recipe, tokenizer) : undefined
  const site = siteOf(shape, request, calibration)
  const parts: EstimateParts | undefined = site && { recipe, shape, stages: plan.stages, expectation, worked, site }
  return {
    ...{ plan, expectation, hardware, calibration, parts },
    phases: parts ? estimateRun(parts) : [],
    excesses: tooLarge,
    proposal: tooLarge.length > 0 ? proposal(recipe, shape, hardware, places) : undefined,
    gap: published && hardware ? gapOf(published, shape) : undefined,
  }
}

const placesOf = ({ recipe }: LoadedRecipe, hardware: readonly Hardware[] | undefined): Places =>
  hardware ? hardwarePlaces(hardware) : thisPlace(recipe, memoryStats({ device: recipe.device }).budgetBytes)

/** Undefined for what does not fit: nothing is measured then. */
function siteOf(
  shape: ModelShape,
  request: PlanRequest,
  calibration: Calibration | undefined,
): ((stage: number) => Site) | undefined {
  const { hardware, utilisation, price } = request
  if (hardware) return (stage) => hardwareSite(hardware, stage, { shape, utilisation, price })
  if (!calibration) return undefined
  const site = { ...thisMachine(calibration), price: price ?? null }
  return () => site
}

/** The generator's own, or that of a folder that is there. */
async function tokenizerIfThere(loaded: LoadedRecipe): Promise<Tokenizer | undefined> {
  const { model } = loaded.recipe
  const folder = model.tokenizer ?? model.path
  return folder === undefined || existsSync(join(folder, 'tokenizer.json')) ? buildTokenizer(loaded) : undefined
}

async function calibrationFor(of: Parameters<typeof calibrate>[0], request: PlanRequest): Promise<Calibration> {
  const key = calibrationKey(of)
  const known = request.mustCalibrate ? undefined : await readCalibration(key)
  if (known) return known
  request.onCalibrate?.()
  const calibration = await calibrate(of, { signal: request.signal })
  await writeCalibration(key, calibration)
  return calibration
}

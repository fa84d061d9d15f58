// A recipe's plan as a whole: sizes and memory, what it would take where, whether it fits, and beside it what others took.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkOptions, type OptionKeys } from '../../arguments.js'
import { memoryStats } from '../../device.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import { buildTokenizer } from '../build.js'
import { requireLoaded } from '../recipe/loaded.js'
import type { LoadedRecipe } from '../recipe/recipe.js'
import { withAdapterSizes } from './adapter-folder.js'
import { calibrationKey, readCalibration, writeCalibration } from './calibration/cache.js'
import { type CalibrateParts, calibrate } from './calibration/calibrate.js'
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

/** What a plan is asked for, beside the recipe. */
export interface PlanRequest {
  /** What is known of answers and prompts beforehand; {}: nothing. */
  stated: Stated
  /** Of the table, one for each stage in order, the last for those that follow; this machine where left out. */
  hardware?: readonly Hardware[] | undefined
  /** Of hardware of the table; without meaning for this machine, which is measured. */
  utilisation: Utilisation
  /** Dollars for a device and hour; the table's where left out, and of this machine none. */
  price?: number | undefined
  /** Measures anew, whatever the cache has. */
  mustCalibrate?: boolean | undefined
  /** Called before the machine is measured. */
  onCalibrate?: (() => void) | undefined
  /** Ends the measuring of the machine. */
  signal?: AbortSignal | undefined
}

/** What a run would take. */
export interface RunPlan {
  /** Its stages, and the memory that they take. */
  plan: Plan
  /** The supervised phase, the stages in order, then all evaluations together; none where the run does not fit. */
  phases: PhaseEstimate[]
  /** What lengths and shares were taken for granted, and where they come from. */
  expectation: Expectation
  /** As it was asked for; undefined: this machine. */
  hardware: readonly Hardware[] | undefined
  /** Of this machine; undefined for hardware of the table. */
  calibration: Calibration | undefined
  /** The phases that do not fit into memory; none where all do. */
  excesses: Excess[]
  /** What would fit; undefined where everything does, and where no change that is known of would. */
  proposal: Proposal | undefined
  /** What the published run of these sizes took; undefined where there is none, or for this machine. */
  gap: Gap | undefined
  /** @internal For a comparison with a run; undefined where it does not fit. */
  parts: EstimateParts | undefined
}

/**
 * What a run of the recipe would take: memory, tokens, operations, hours and cost; docs/planner.md says what the figures rest on. Reads a
 * tokenizer and a config.json at most, never weights. Where this machine is asked for and not known yet, pieces of the model are timed for
 * about a minute, and the times kept in $XDG_CACHE_HOME/lengthen/calibrations.
 * @param given The recipe, as loadRecipe() or parseRecipe() gives it.
 * @param request The hardware that is planned for, and what is expected of the answers.
 * @throws {@link UnsupportedError} for a dtype or a device that this build does not do, where this machine is asked for.
 * @throws {@link RecipeError} for a model that is not what the recipe counts on, and where neither config.json nor model.shape says how large it is.
 * @throws {@link ArgumentError} for a stated mean length below 1.
 */
export async function planRun(given: LoadedRecipe, request: PlanRequest): Promise<RunPlan> {
  requireLoaded('plan', given)
  checkOptions('plan', request, requestKeys, 'request')
  const loaded = await withAdapterSizes(given)
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
  const tooLarge = excesses(recipe, shape, places)
  const common = { plan, expectation, hardware }
  if (tooLarge.length > 0) {
    const what = proposal(recipe, shape, { places, entries: hardware })
    return {
      ...common,
      phases: [],
      excesses: tooLarge,
      proposal: what,
      calibration: undefined,
      gap: undefined,
      parts: undefined,
    }
  }
  const of = { recipe, shape, stages: plan.stages, expectation, tokenizer }
  const { site, calibration } = await siteOf(of, request)
  const worked = tokenizer && recipe.distill ? await workedExamples(recipe, tokenizer, { of: 'distill' }) : undefined
  const parts: EstimateParts = { recipe, shape, stages: plan.stages, expectation, worked, site }
  const gap = published && hardware ? gapOf(published, shape) : undefined
  return { ...common, calibration, parts, gap, phases: estimateRun(parts), excesses: [], proposal: undefined }
}

const placesOf = ({ recipe }: LoadedRecipe, hardware: readonly Hardware[] | undefined): Places =>
  hardware ? hardwarePlaces(hardware) : thisPlace(recipe, memoryStats({ device: recipe.device }).budgetBytes)

async function siteOf(
  of: CalibrateParts,
  request: PlanRequest,
): Promise<{ site: (stage: number) => Site; calibration: Calibration | undefined }> {
  const { hardware, utilisation, price } = request
  if (hardware) {
    const options = { shape: of.shape, utilisation, price }
    return { site: (stage) => hardwareSite(hardware, stage, options), calibration: undefined }
  }
  const calibration = await calibrationFor(of, request)
  const machine = { ...thisMachine(calibration), price: price ?? null }
  return { site: () => machine, calibration }
}

/** The generator's own, or that of a folder that is there. */
async function tokenizerIfThere(loaded: LoadedRecipe): Promise<Tokenizer | undefined> {
  const { model } = loaded.recipe
  const folder = model.tokenizer ?? model.path
  return folder === undefined || existsSync(join(folder, 'tokenizer.json')) ? buildTokenizer(loaded) : undefined
}

async function calibrationFor(of: CalibrateParts, request: PlanRequest): Promise<Calibration> {
  const key = calibrationKey(of)
  const known = request.mustCalibrate ? undefined : await readCalibration(key)
  if (known) return known
  request.onCalibrate?.()
  const calibration = await calibrate(of, { signal: request.signal })
  await writeCalibration(key, calibration)
  return calibration
}

const requestKeys: OptionKeys<PlanRequest> = {
  stated: true,
  hardware: true,
  utilisation: true,
  price: true,
  mustCalibrate: true,
  onCalibrate: true,
  signal: true,
}

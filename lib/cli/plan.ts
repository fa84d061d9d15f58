// lengthen plan <recipe or run directory>
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { comparedTotal, comparePlan } from '../train/plan/comparison/compare.js'
import { readHappened } from '../train/plan/comparison/happened.js'
import { type Hardware, parseHardware } from '../train/plan/hardware/parse.js'
import { defaultUtilisation } from '../train/plan/hardware/rates.js'
import { type PlanRequest, planRun, type RunPlan } from '../train/plan/plan-run.js'
import { loadRecipe } from '../train/recipe/recipe.js'
import { loadTinyRecipe } from '../train/recipe/tiny.js'
import { wholeNumber } from './arguments.js'
import { UsageError } from './failure.js'
import { interruptible } from './interrupt.js'
import { recipeOptions } from './own-recipe.js'
import { comparisonText } from './plan/comparison-text.js'
import { estimateText } from './plan/estimate-text.js'
import { fitText } from './plan/fit-text.js'
import { gapText } from './plan/gap-text.js'
import { planEvent } from './plan/plan-event.js'

interface PlanFlags {
  hardware?: Hardware[]
  set?: string[]
  tiny?: true
  meanTokens?: number[]
  meanPromptTokens?: number
  trainedShare?: number
  mfu: number
  bandwidthShare: number
  stepOverheadMs: number
  price?: number
  calibrate?: true
  json?: true
}

const help = `
Examples:
  $ lengthen plan quickstart
  $ lengthen plan deepscaler-1.5b --hardware a100-80g:8,a100-80g:32
  $ lengthen plan runs/quickstart-1

Without --hardware, pieces of the recipe's model are timed on this machine for about a minute at most; the times are kept in
$XDG_CACHE_HOME/lengthen/calibrations. Of a run's directory, the plan is shown beside what happened. What the figures rest on
is in docs/planner.md. Ends with 1 where the run does not fit into memory, and says what would.`

export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description('say what a recipe would take: memory, tokens, operations, hours, cost')
    .argument(
      '<recipe>',
      "a YAML file, the name of one of lengthen's own, or a run's directory to compare its plan with what happened",
    )
    .option('--hardware <list>', 'name:devices, one for every stage or one for each in order', hardware)
    .option('--set <key=value>', 'set a key of the recipe; may be repeated', collect)
    .option('--tiny', 'of the recipe shrunk as lengthen train --tiny does')
    .option('--mean-tokens <list>', 'mean answer that is expected, of every stage or of each', counts)
    .option('--mean-prompt-tokens <n>', 'mean prompt', wholeNumber({ least: 1 }))
    .option('--trained-share <x>', 'share of the groups that are neither all right nor all wrong', share)
    .option(
      '--mfu <x>',
      'share of the peak that products reach, on hardware of the table',
      share,
      defaultUtilisation.mfu,
    )
    .option(
      '--bandwidth-share <x>',
      'share of the bandwidth that decoding reaches',
      share,
      defaultUtilisation.bandwidthShare,
    )
    .option('--step-overhead-ms <ms>', 'of a decode step besides', positive, 1000 * defaultUtilisation.stepOverhead)
    .option('--price <dollars>', 'of a device and hour', positive)
    .option('--calibrate', 'time this machine anew')
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(plan)
}

async function plan(path: string, flags: PlanFlags): Promise<void> {
  const isRun = await isDirectory(path)
  const { set = [], tiny } = flags
  if (isRun && tiny) throw new UsageError(`expected a recipe beside --tiny, got the run ${path}`)
  const file = isRun ? join(path, 'recipe.yaml') : path
  const options = { set, ...(isRun ? {} : recipeOptions(file, 'run')) }
  const loaded = await (tiny ? loadTinyRecipe(file, options) : loadRecipe(file, { ...options, mayLackFiles: true }))
  const run = await interruptible((signal) => planRun(loaded, { ...requestOf(flags), signal }))
  const compared = isRun && run.parts ? comparePlan(run.parts, run.phases, await readHappened(path)) : undefined
  const unfit = run.excesses.length > 0 ? fitText(run.excesses, run.proposal) : undefined
  if (flags.json)
    print(
      JSON.stringify({
        ...planEvent(run),
        ...(compared && { phasesCompared: compared, total: comparedTotal(compared) }),
      }),
    )
  else
    print(
      [...sections(run, flags), compared && comparisonText(compared)].filter((part) => part !== undefined).join('\n\n'),
    )
  if (unfit === undefined) return
  process.stderr.write(`lengthen: ${unfit}\n`)
  process.exitCode = 1
}

function sections(run: RunPlan, flags: PlanFlags): string[] {
  const text = estimateText(run, requestOf(flags).utilisation)
  return run.gap ? [text, gapText(run.gap, run.phases)] : [text]
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

function requestOf(flags: PlanFlags): PlanRequest {
  const { meanTokens, meanPromptTokens, trainedShare, mfu, bandwidthShare, stepOverheadMs } = flags
  return {
    stated: { meanTokens, meanPromptTokens, trainedShare },
    hardware: flags.hardware,
    utilisation: { mfu, bandwidthShare, stepOverhead: stepOverheadMs / 1000 },
    price: flags.price,
    mustCalibrate: flags.calibrate,
    onCalibrate: () => process.stderr.write('timing this machine, about a minute at most …\n'),
  }
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

function hardware(text: string): Hardware[] {
  try {
    return parseHardware(text)
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message.replace('[plan] ', '') : String(error))
  }
}

const counts = (text: string): number[] => text.split(',').map((part) => wholeNumber({ least: 1 })(part.trim()))

function share(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a number above 0, at most 1.')
}

function positive(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('Expected a number of at least 0.')
}

const collect = (value: string, before: string[] = []): string[] => [...before, value]

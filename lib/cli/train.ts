// lengthen train <recipe>
import type { Command } from 'commander'
import type { RunEvent } from '../train/events.js'
import { planRecipe } from '../train/plan/plan-recipe.js'
import { type LoadedRecipe, loadRecipe } from '../train/recipe/recipe.js'
import { loadTinyRecipe } from '../train/recipe/tiny.js'
import { freeRunPath, requireFree, requireRun } from '../train/run/run-directory.js'
import { resumeRun, runRecipe } from '../train/run/run-recipe.js'
import { trainExamples } from './commands.js'
import { UsageError } from './failure.js'
import { interruptible } from './interrupt.js'
import { recipeOptions } from './own-recipe.js'
import { planText } from './plan-text.js'
import { jsonReporter } from './reporter.js'
import { savedStep, savedText, usable } from './run-out.js'
import { textReporter } from './text-reporter.js'

interface TrainFlags {
  out?: string
  resume?: string
  allowChanges?: true
  set?: string[]
  json?: true
  tiny?: true
  dryRun?: true
}

const help = `${trainExamples}

The run's directory holds the resolved recipe, metrics.jsonl (one object a step), samples.jsonl, phases.json, checkpoints
and the trained model as a Hugging Face folder. Ctrl-C ends a run after the step under way, with a checkpoint; once more ends
it at once. Killed or stopped, a run that is resumed ends with the weights of one that never was.`

export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('carry out a recipe: train a model by GRPO, stage by stage')
    .argument('[recipe]', "a YAML file, or the name of one of lengthen's own")
    .option('--out <dir>', 'the run directory, new or empty (default: runs/<recipe name>-<number>)')
    .option('--resume <dir>', 'go on with the run in this directory, from its last checkpoint')
    .option(
      '--allow-changes',
      'with --resume: go on though recipe.yaml in the directory has changed since the checkpoint',
    )
    .option(
      '--set <key=value>',
      'set a key of the recipe, such as seed=2 or rollout.numAnswers=16; may be repeated',
      collect,
    )
    .option(
      '--tiny',
      'shrink the recipe to a model and problems of nothing: every stage of it in seconds, without its model and data',
    )
    .option(
      '--dry-run',
      'print the plan only: stages, tokens of a step, memory by part; needs neither data nor weights',
    )
    .option('--json', 'print one JSON object a line, the last one the summary or the error')
    .addHelpText('after', help)
    .action(train)
}

async function train(file: string | undefined, flags: TrainFlags): Promise<void> {
  if (flags.resume !== undefined) return resume(flags.resume, file, flags)
  if (flags.allowChanges) throw new UsageError('expected --allow-changes with --resume only')
  if (file === undefined) throw new UsageError('expected a recipe, or --resume with a run directory')
  if (flags.dryRun) return printPlan(file, flags)
  const { set = [], tiny } = flags
  const options = { set, ...recipeOptions(file, 'run') }
  const loaded = await (tiny ? loadTinyRecipe(file, options) : loadRecipe(file, options))
  const out = (await givenOut(loaded, flags)) ?? (await freeRunPath('runs', loaded.recipe.name))
  await carryOut(out, flags, (stop) => runRecipe(loaded, { out, stop }))
}

/** The recipe is the run's own, as it was when the run began. */
async function resume(
  run: string,
  file: string | undefined,
  { set, out, tiny, dryRun, allowChanges, ...flags }: TrainFlags,
): Promise<void> {
  const beside = { 'a recipe': file, '--set': set, '--out': out, '--tiny': tiny, '--dry-run': dryRun }
  const [extra] = Object.entries(beside).find(([, value]) => value !== undefined) ?? []
  if (extra !== undefined) throw new UsageError(`expected --resume without ${extra}: the run has its own recipe`)
  await usable(() => requireRun(run))
  await carryOut(run, flags, (stop) => resumeRun(run, { stop, mayChange: allowChanges }))
}

async function carryOut(
  out: string,
  { json }: TrainFlags,
  events: (stop: AbortSignal) => AsyncIterable<RunEvent>,
): Promise<void> {
  const reporter = json ? jsonReporter(process.stdout) : textReporter(process.stdout)
  try {
    await interruptible(
      async (stop) => {
        for await (const event of events(stop)) reporter.report(event)
      },
      {
        done: () => `; ${savedText(out, 'train')}`,
        facts: () => ({ run: out, step: savedStep(out) ?? null }),
        patienceMs: Number.POSITIVE_INFINITY,
        told: () => reporter.report({ type: 'stopping' }),
      },
    )
  } finally {
    reporter.close()
  }
}

/** The run directory that the user or the recipe names, which must be free. */
async function givenOut({ recipe }: LoadedRecipe, flags: TrainFlags): Promise<string | undefined> {
  const out = flags.out ?? recipe.out
  if (out !== undefined) await usable(() => requireFree(out))
  return out
}

async function printPlan(file: string, flags: TrainFlags): Promise<void> {
  const { set = [], tiny, json } = flags
  const options = { set, ...recipeOptions(file, 'run') }
  const loaded = await (tiny ? loadTinyRecipe(file, options) : loadRecipe(file, { ...options, mayLackFiles: true }))
  await givenOut(loaded, flags) // nothing is made, but what a run would refuse is refused
  const plan = await planRecipe(loaded)
  process.stdout.write(`${json ? JSON.stringify(plan) : planText(plan)}\n`)
}

const collect = (value: string, before: string[] = []): string[] => [...before, value]

// lengthen train <recipe>
import { existsSync, readdirSync } from 'node:fs'
import type { Command } from 'commander'
import { messageOf } from '../errors.js'
import { planRecipe } from '../train/plan/plan-recipe.js'
import { type LoadedRecipe, loadRecipe } from '../train/recipe/recipe.js'
import { freeRunPath, requireFree } from '../train/run-directory.js'
import { runRecipe } from '../train/run-recipe.js'
import { UsageError } from './failure.js'
import { interruptible } from './interrupt.js'
import { planText } from './plan-text.js'
import { jsonReporter } from './reporter.js'
import { textReporter } from './text-reporter.js'

interface TrainFlags {
  out?: string
  set?: string[]
  json?: true
  dryRun?: true
}

export const example = `
Example:
  $ lengthen train recipes/quickstart.yaml --set seed=2 --out runs/seed-2`

const help = `${example}

The run's directory holds the resolved recipe, metrics.jsonl (one object a step), samples.jsonl, phases.json
and the trained model as a Hugging Face folder.`

export function addTrainCommand(program: Command): void {
  program
    .command('train')
    .description('carry out a recipe: train a model by GRPO, stage by stage')
    .argument('<recipe>', 'a YAML file')
    .option('--out <dir>', 'the run directory, new or empty (default: runs/<recipe name>-<number>)')
    .option(
      '--set <key=value>',
      'set a key of the recipe, such as seed=2 or rollout.numAnswers=16; may be repeated',
      collect,
    )
    .option(
      '--dry-run',
      'print the plan only: stages, tokens of a step, memory by part; needs neither data nor weights',
    )
    .option('--json', 'print one JSON object a line, the last one the summary or the error')
    .addHelpText('after', help)
    .action(train)
}

async function train(file: string, flags: TrainFlags): Promise<void> {
  if (flags.dryRun) return printPlan(file, flags)
  const loaded = await loadRecipe(file, { set: flags.set ?? [] })
  const out = (await givenOut(loaded, flags)) ?? (await freeRunPath('runs', loaded.recipe.name))
  const reporter = flags.json ? jsonReporter(process.stdout) : textReporter(process.stdout)
  try {
    await interruptible(
      async (signal) => {
        for await (const event of runRecipe(loaded, { out, signal })) reporter.report(event)
      },
      { done: () => `; ${savedText(out)}`, facts: () => ({ run: out, saved: savedIn(out) }) },
    )
  } finally {
    reporter.close()
  }
}

/** The run directory that the user or the recipe names, which must be free. */
async function givenOut({ recipe }: LoadedRecipe, flags: TrainFlags): Promise<string | undefined> {
  const out = flags.out ?? recipe.out
  if (out === undefined) return undefined
  try {
    await requireFree(out)
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
  return out
}

const savedIn = (out: string): string[] =>
  existsSync(out)
    ? readdirSync(out)
        .filter((name) => !name.startsWith('.'))
        .sort()
    : []

function savedText(out: string): string {
  const names = savedIn(out)
  return names.length > 0
    ? `what was done so far is in ${out}: ${names.join(', ')}`
    : 'it had not begun, and nothing was saved'
}

async function printPlan(file: string, flags: TrainFlags): Promise<void> {
  const { set = [], json } = flags
  const loaded = await loadRecipe(file, { set, mayLackFiles: true })
  await givenOut(loaded, flags) // nothing is made, but what a run would refuse is refused
  const plan = await planRecipe(loaded)
  process.stdout.write(`${json ? JSON.stringify(plan) : planText(plan)}\n`)
}

const collect = (value: string, before: string[] = []): string[] => [...before, value]

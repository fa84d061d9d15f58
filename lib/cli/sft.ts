// lengthen sft <recipe>
import type { Command } from 'commander'
import { freeRunPath, requireFree, requireRun } from '../train/run/run-directory.js'
import type { SftEvent } from '../train/sft/events.js'
import { planSft } from '../train/sft/plan.js'
import { type LoadedSftRecipe, loadSftRecipe } from '../train/sft/recipe/load.js'
import { resumeSft, runSft } from '../train/sft/run.js'
import { UsageError } from './failure.js'
import { interruptible } from './interrupt.js'
import { recipeOptions } from './own-recipe.js'
import { savedStep, savedText, usable } from './run-out.js'
import { sftJson, sftPlanText, sftText } from './sft-reporter.js'

interface SftFlags {
  out?: string
  resume?: string
  allowChanges?: true
  set?: string[]
  json?: true
  dryRun?: true
}

const help = `
Examples:
  $ lengthen sft sft-gsm8k --set model.path=my-model --dry-run
  $ lengthen sft sft-gsm8k --set model.path=my-model --out runs/sft
  $ lengthen sft --resume runs/sft

The run's directory holds the resolved recipe, metrics.jsonl (one object a step or evaluation), checkpoints, the model as a
Hugging Face folder in model, and the one with the lowest held-out loss in best. Ctrl-C ends a run after the step under way,
with a checkpoint; once more ends it at once.`

export function addSftCommand(program: Command): void {
  program
    .command('sft')
    .description('fine-tune a model on conversations, the loss on the answers alone')
    .argument('[recipe]', "a YAML file, or the name of one of lengthen's own")
    .option('--out <dir>', 'the run directory, new or empty (default: runs/<recipe name>-<number>)')
    .option('--resume <dir>', 'go on with the run in this directory, from its last checkpoint')
    .option(
      '--allow-changes',
      'with --resume: go on though recipe.yaml in the directory has changed since the checkpoint',
    )
    .option('--set <key=value>', 'set a key of the recipe, such as training.epochs=2; may be repeated', collect)
    .option(
      '--dry-run',
      'print the plan only: examples, tokens, steps, rows left out; needs data and tokenizer, no weights',
    )
    .option('--json', 'print one JSON object a line, the last one the summary or the error')
    .addHelpText('after', help)
    .action(sft)
}

async function sft(file: string | undefined, flags: SftFlags): Promise<void> {
  if (flags.resume !== undefined) return resume(flags.resume, file, flags)
  if (flags.allowChanges) throw new UsageError('expected --allow-changes with --resume only')
  if (file === undefined) throw new UsageError('expected a recipe, or --resume with a run directory')
  const loaded = await loadSftRecipe(file, { set: flags.set ?? [], ...recipeOptions(file, 'sft') })
  const given = await givenOut(loaded, flags) // nothing is made, but what a run would refuse a plan refuses too
  if (flags.dryRun) return printPlan(loaded, flags)
  const out = given ?? (await freeRunPath('runs', loaded.recipe.name))
  await carryOut(out, flags, (stop) => runSft(loaded, { out, stop }))
}

/** The recipe is the run's own, as it was when the run began. */
async function resume(
  run: string,
  file: string | undefined,
  { set, out, dryRun, allowChanges, ...flags }: SftFlags,
): Promise<void> {
  const beside = { 'a recipe': file, '--set': set, '--out': out, '--dry-run': dryRun }
  const [extra] = Object.entries(beside).find(([, value]) => value !== undefined) ?? []
  if (extra !== undefined) throw new UsageError(`expected --resume without ${extra}: the run has its own recipe`)
  await usable(() => requireRun(run))
  await carryOut(run, flags, (stop) => resumeSft(run, { stop, mayChange: allowChanges }))
}

async function carryOut(
  out: string,
  { json }: SftFlags,
  events: (stop: AbortSignal) => AsyncIterable<SftEvent>,
): Promise<void> {
  const reporter = json ? sftJson(process.stdout) : sftText(process.stdout)
  try {
    await interruptible(
      async (stop) => {
        for await (const event of events(stop)) reporter.report(event)
      },
      {
        done: () => `; ${savedText(out, 'sft')}`,
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
async function givenOut({ recipe }: LoadedSftRecipe, flags: SftFlags): Promise<string | undefined> {
  const out = flags.out ?? recipe.out
  if (out !== undefined) await usable(() => requireFree(out))
  return out
}

async function printPlan(loaded: LoadedSftRecipe, { json }: SftFlags): Promise<void> {
  const plan = await planSft(loaded)
  process.stdout.write(`${json ? JSON.stringify(plan) : sftPlanText(plan)}\n`)
}

const collect = (value: string, before: string[] = []): string[] => [...before, value]

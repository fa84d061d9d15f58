// lengthen eval <model> <dataset>
import type { Command } from 'commander'
import { type NumberedRow, placeOf, readNumberedRows } from '../data/rows.js'
import { FileFormatError } from '../errors.js'
import { evaluateEach, type GradedAnswer } from '../eval/evaluate.js'
import { meanPassAtK, summarize } from '../eval/statistics.js'
import { mathReward } from '../reward/math-reward.js'
import { RolloutEngine } from '../rollout/engine.js'
import { addSamplingOptions, type SamplingFlags, wholeNumber } from './arguments.js'
import { evalJson, evalText, type Measured } from './eval-reporter.js'
import { requireFit } from './fitting-rows.js'
import { plural } from './format.js'
import { interruptible } from './interrupt.js'
import { openModel, requirePositions, requireReadable } from './open-model.js'

interface EvalFlags extends SamplingFlags {
  samples: number
  limit?: number
  prompt: string
  json?: true
}

const mostTokensByDefault = 2048

const help = `
Example:
  $ lengthen eval runs/quickstart-1/model problems.jsonl --samples 4 --max-tokens 256

A line of the data set is {"problem": …, "answer": …}; an answer counts if its last \\boxed{…} equals the row's answer, and
never where it was cut. pass@1 has its standard error over problems; pass@k is the chance that one of k samples is right.`

export function addEvalCommand(program: Command): void {
  const command = program
    .command('eval')
    .description('answer the problems of a data set and grade the answers')
    .argument('<model>', 'a Hugging Face folder')
    .argument('<dataset>', 'a JSON Lines file')
    .option('--samples <k>', 'answers to each problem', wholeNumber({ least: 1 }), 1)
    .option('--limit <n>', 'only the first n problems', wholeNumber({ least: 1 }))
    .option('--prompt <text>', "the user's turn; a field's name in braces becomes the row's field", '{problem}')
    .option('--json', 'print one JSON object a problem, and a summary or the error at the end')
    .addHelpText('after', help)
    .action(evaluateModel)
  addSamplingOptions(command, { maxTokens: `${mostTokensByDefault}, at most half of the model's positions` })
}

async function evaluateModel(folder: string, dataset: string, flags: EvalFlags): Promise<void> {
  const reporter = flags.json ? evalJson(process.stdout) : evalText(process.stdout)
  const problems: GradedAnswer[][] = []
  let numProblems = 0
  const done = () => (numProblems > 0 ? ` after ${problems.length} of ${plural(numProblems, 'problem')}` : '')
  const facts = () => ({ numProblems, numDone: problems.length })
  const work = async (signal: AbortSignal) => {
    const numbered = await gradableRows(dataset, flags.limit)
    const rows = numbered.map(({ row }) => row)
    using opened = await openModel(folder)
    signal.throwIfAborted()
    const { model, tokenizer } = opened
    requirePositions(flags.maxTokens, model)
    numProblems = rows.length
    const { prompt: turn, samples: samplesPerProblem, temperature, topK, topP, seed } = flags
    const maxResponseTokens = flags.maxTokens ?? Math.min(mostTokensByDefault, model.config.maxPositions >> 1)
    const asked = { turn, samplesPerProblem, temperature, topK, topP, seed, maxResponseTokens }
    await requireFit({ file: dataset, rows: numbered }, opened, { ...asked, maxTokens: flags.maxTokens, signal })
    const started = performance.now()
    const parts = { engine: new RolloutEngine(model, tokenizer), tokenizer }
    for await (const { row, answers } of evaluateEach(parts, { ...asked, rows, reward: mathReward(), signal })) {
      problems.push(answers)
      reporter.problem({ row, answers }, { numProblems, soFar: () => summarize(problems) })
    }
    const seconds = (performance.now() - started) / 1000
    reporter.summary({ model: folder, dataset, ...asked, ...measure(problems, samplesPerProblem), seconds })
  }
  try {
    await interruptible(work, { done, facts })
  } finally {
    reporter.close()
  }
}

function measure(problems: readonly GradedAnswer[][], samplesPerProblem: number): Measured {
  const { standardError, ...summary } = summarize(problems)
  const passAtK = Array.from({ length: samplesPerProblem }, (_, i) => meanPassAtK(problems, i + 1))
  return { ...summary, standardError: Number.isNaN(standardError) ? null : standardError, passAtK }
}

async function gradableRows(file: string, limit: number | undefined): Promise<NumberedRow[]> {
  await requireReadable(file)
  const rows = (await readNumberedRows(file)).slice(0, limit)
  const lacking = rows.find(({ row }) => row.answer === undefined)
  if (!lacking) return rows
  throw new FileFormatError({ file, place: placeOf(lacking) }, 'expected an answer, got none')
}

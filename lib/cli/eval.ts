// lengthen eval <model> <dataset…>, or a recipe
import { type Command, InvalidArgumentError } from 'commander'
import { mostSamples } from '../eval/local-model.js'
import { type PublishedName, publishedNames } from '../eval/published.js'
import { addSamplingOptions, wholeNumber } from './arguments.js'
import { addPartOptions, addSourceOptions } from './data/sources.js'
import { type EvalFlags, whatIsAsked } from './eval/asked.js'
import { planEvaluation, planText } from './eval/plan.js'
import { evalJson, evalText } from './eval/reporter.js'
import { evaluateAsked } from './eval/run.js'
import { plural } from './format.js'
import { interruptible } from './interrupt.js'

const help = `
Examples:
  $ lengthen eval runs/quickstart-1/model problems.jsonl --samples 4 --max-tokens 256
  $ lengthen eval my-model aime=aime-2024.jsonl math=math-500.jsonl --samples 16 --out evals/my-model
  $ lengthen eval my-model openai/gsm8k --subset main --split test --columns problem=question --answer-after "####"
  $ lengthen eval eval-deepscaler --set model.path=my-model --out evals/deepscaler
  $ lengthen eval --server http://localhost:8000/v1 --model some-model problems.jsonl

A row of a data set is {"problem": …, "answer": …}; an answer counts if its final answer equals the row's, and never where it was cut.
pass@1 has its standard error, clustered by problem, and a bootstrap interval; pass@k is the chance that one of k samples is right,
majority@k that the answer most of k samples give is. --out keeps every sample in results.jsonl, and summary.json and report.md; the same
command goes on where it was stopped, and asks again for what a server failed to answer. lengthen compare sets two of them side by side.`

export function addEvalCommand(program: Command): void {
  const command = program
    .command('eval')
    .description('answer the problems of data sets and grade the answers')
    .argument(
      '[places...]',
      "a Hugging Face folder and data sets (a file, a folder or a downloaded name), also as name=file; or a recipe, also the name of one of lengthen's own",
    )
    .option('--samples <k>', 'answers to each problem', wholeNumber({ least: 1, most: mostSamples }), 1)
    .option('--limit <n>', 'only the first n problems of each set', wholeNumber({ least: 1 }))
    .option('--prompt <text>', "the user's turn; a field's name in braces becomes the row's field", '{problem}')
    .option('--no-thinking', 'an answer need not close its thinking with </think>')
    .option('--mode <rules>', 'how answers are graded: exact, or deepscaler as its authors did', mode, 'exact')
    .option('--out <dir>', 'where results and report are kept, new or of the same evaluation')
    .option('--beside <table>', `a published table for the report: ${publishedNames.join(', ')}`, publishedName)
    .option('--set <key=value>', 'set a key of the recipe, such as model.path=my-model; may be repeated', collect)
    .option('--dry-run', 'print the plan only; needs neither model nor data')
    .option('--batch <n>', 'sequences decoded together; changes the speed only', wholeNumber({ least: 1 }), 512)
    .option('--json', 'print one JSON object a problem, and a summary or the error at the end')
    .addHelpText('after', help)
  addSamplingOptions(command, { maxTokens: "2048, at most half of the model's positions" })
  addPartOptions(addSourceOptions(command))
  addServerOptions(command)
  command.action((places: string[], flags: EvalFlags) => {
    const given = Object.keys(flags).filter((name) => command.getOptionValueSource(name) === 'cli')
    return evaluateModel(places, flags, new Set(given))
  })
}

function addServerOptions(command: Command): void {
  command
    .option('--server <url>', "test a model behind OpenAI's chat completions, such as http://localhost:8000/v1")
    .option('--model <name>', "the server's name for it")
    .option('--key-from <variable>', 'the environment variable that holds the key', 'LENGTHEN_API_KEY')
    .option('--concurrency <n>', 'requests under way at once', wholeNumber({ least: 1 }), 16)
    .option('--timeout <seconds>', 'of one request', wholeNumber({ least: 1 }), 1200)
    .option(
      '--retries <n>',
      'of a request that meets a rate limit, an error of the server or none at all',
      wholeNumber({ least: 0 }),
      6,
    )
    .option('--per-request <n>', 'samples asked for at once (default: all of a problem)', wholeNumber({ least: 1 }))
}

async function evaluateModel(places: string[], flags: EvalFlags, given: ReadonlySet<string>): Promise<void> {
  const asked = await whatIsAsked(places, flags, given)
  if (flags.dryRun) {
    const plan = await planEvaluation(asked, flags.limit)
    process.stdout.write(`${flags.json ? JSON.stringify(plan) : planText(plan)}\n`)
    return
  }
  const reporter = flags.json ? evalJson(process.stdout) : evalText(process.stdout)
  const progress = { numProblems: 0, numDone: 0 }
  const done = () => {
    const { numDone, numProblems } = progress
    return numProblems > 0 ? ` after ${numDone} of ${plural(numProblems, 'problem')}` : ''
  }
  try {
    await interruptible((signal) => evaluateAsked(asked, { flags, reporter, progress, signal }), {
      done,
      facts: () => ({ ...progress }),
    })
  } finally {
    reporter.close()
  }
}

function mode(text: string): EvalFlags['mode'] {
  if (text === 'exact' || text === 'deepscaler') return text
  throw new InvalidArgumentError('Expected exact or deepscaler.')
}

function publishedName(text: string): PublishedName {
  const name = publishedNames.find((known) => known === text)
  if (name) return name
  throw new InvalidArgumentError(`Expected one of ${publishedNames.join(', ')}.`)
}

const collect = (value: string, before: string[] = []): string[] => [...before, value]

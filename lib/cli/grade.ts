// lengthen grade <file>
import { addAbortSignal, Readable } from 'node:stream'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { FileFormatError } from '../errors.js'
import { readJsonl } from '../io/jsonl.js'
import { type GradeMode, type GradeOptions, gradeModes } from '../reward/grade-math.js'
import { GraderPool } from '../reward/pool/grader-pool.js'
import { wholeNumber } from './arguments.js'
import { type GradedLine, gradeJson, gradeText } from './grade-reporter.js'
import { noPairs, withPair } from './grade-totals.js'
import { interruptible } from './interrupt.js'
import { requireReadable } from './open-model.js'

const kindsOfPred = ['text', 'answer', 'output'] as const
type Pred = (typeof kindsOfPred)[number]

interface GradeFlags {
  mode: GradeMode
  pred: Pred
  workers?: number
  json?: true
}

const help = `
Examples:
  $ lengthen grade pairs.jsonl
  $ zcat samples.jsonl.gz | lengthen grade - --pred output --json

A line is {"pred": …, "gold": …, "expected": …}: what was answered, what is right (of a list any one will do), and, where it is
there, true or false for whether the two are the same. What a line has besides is printed again with --json.

--pred says what pred is: "text", an answer or a text that ends in one, boxed or not; "answer", nothing but the final answer;
"output", all that a model wrote, of which the last \\boxed{…} after </think> counts, as in training. --mode deepscaler judges as the grader that DeepScaleR was trained with does, its faults included.`

export function addGradeCommand(program: Command): void {
  program
    .command('grade')
    .description('judge answers against gold answers, with totals')
    .argument('<file>', 'JSON Lines; - reads stdin')
    .addOption(new Option('--mode <mode>', 'whose rules').choices(gradeModes).default('exact'))
    .addOption(new Option('--pred <kind>', 'what pred is').choices(kindsOfPred).default('text'))
    .option('--workers <n>', 'processes to grade in (default: one a core, up to 4)', wholeNumber({ least: 1 }))
    .option('--json', 'print each line with its verdict and why, and a summary or the error at the end')
    .addHelpText('after', help)
    .action(grade)
}

/** Graded together; few enough that a slow file shows what is done. */
const linesAtOnce = 1000

async function grade(file: string, flags: GradeFlags): Promise<void> {
  const reporter = flags.json ? gradeJson(process.stdout) : gradeText(process.stdout)
  let totals = noPairs
  const done = () => ` after ${totals.numPairs} pairs`
  const work = async (signal: AbortSignal) => {
    if (file !== '-') await requireReadable(file)
    using pool = new GraderPool(flags.workers === undefined ? {} : { numWorkers: flags.workers })
    const grader = { pool, flags, signal }
    await pool.grade([{ answer: '1', gold: '1' }], { signal }) // A worker's start is no part of the time.
    let milliseconds = 0
    for await (const lines of inPortions(readPairs(file, signal), linesAtOnce)) {
      const started = performance.now()
      const graded = await gradeLines(lines, grader)
      milliseconds += performance.now() - started
      for (const line of graded) {
        totals = withPair(totals, line.grade, line.expected)
        reporter.pair(line)
      }
    }
    const seconds = milliseconds / 1000
    reporter.summary({ file, mode: flags.mode, ...totals, seconds, pairsPerSecond: totals.numPairs / (seconds || 1) })
  }
  await interruptible(work, { done, facts: () => ({ numDone: totals.numPairs }) })
}

interface PairLine extends Omit<GradedLine, 'grade'> {
  pred: string
  gold: string | string[]
}

async function gradeLines(
  lines: readonly PairLine[],
  { pool, flags, signal }: { pool: GraderPool; flags: GradeFlags; signal: AbortSignal },
): Promise<GradedLine[]> {
  const pairs = lines.map(({ pred, gold }) => ({ answer: pred, gold }))
  const grades = await pool.grade(pairs, { mode: flags.mode, ...readings[flags.pred], signal })
  return lines.map((line, i) => ({ ...line, grade: grades[i] as GradedLine['grade'] }))
}

const readings: Record<Pred, GradeOptions> = {
  text: { needsThinkingClosed: false, needsBox: false },
  answer: { isExtracted: true },
  output: {},
}

const textOrNumber = z.union([z.string(), z.number().transform(String)], 'expected text or a number')
const pairSchema = z.looseObject({
  pred: textOrNumber,
  gold: z.union([textOrNumber, z.array(textOrNumber).min(1)], 'expected text, a number or a list of them'),
  expected: z.boolean('expected true or false').optional(),
})

async function* readPairs(file: string, signal: AbortSignal): AsyncGenerator<PairLine> {
  const stream = file === '-' ? addAbortSignal(signal, Readable.from(process.stdin)) : undefined
  const name = file === '-' ? 'stdin' : file
  for await (const { line, value } of readJsonl(name, stream)) {
    signal.throwIfAborted()
    const { success, data, error } = pairSchema.safeParse(value)
    if (success) yield { line, fields: value as Record<string, unknown>, ...data, expected: data.expected }
    else throw new FileFormatError({ file: name, place: `line ${line}` }, problemText(error))
  }
}

function problemText(error: z.ZodError): string {
  const { path = [], message = 'unexpected content' } = error.issues[0] ?? {}
  return path.length > 0 ? `${path.join('.')}: ${message}` : message
}

/** Where the items end with an error, those before it come first. */
async function* inPortions<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<Item[]> {
  let portion: Item[] = []
  try {
    for await (const item of items) {
      portion.push(item)
      if (portion.length < size) continue
      yield portion
      portion = []
    }
  } catch (error) {
    if (portion.length > 0) yield portion
    throw error
  }
  if (portion.length > 0) yield portion
}

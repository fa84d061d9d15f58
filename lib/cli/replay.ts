// lengthen replay <run>
import type { Command } from 'commander'
import { messageOf } from '../errors.js'
import { codeText } from '../train/recipe-rewards.js'
import { type ReplayEvent, replay } from '../train/replay/replay.js'
import { samplesOf } from '../train/replay/samples.js'
import { requireRun } from '../train/run/run-directory.js'
import type { SampleRecord } from '../train/run/sample-record.js'
import { UsageError } from './failure.js'
import { modelTextWriter } from './harmless.js'
import { interruptible } from './interrupt.js'

interface ReplayFlags {
  step?: number | undefined
  sample?: number | undefined
  json?: true | undefined
}

const help = `
Examples:
  $ lengthen replay runs/quickstart-1                        list every sample of the run
  $ lengthen replay runs/quickstart-1 --step 12              those of one step
  $ lengthen replay runs/quickstart-1 --step 12 --sample 3   decode one again, bit for bit, and grade it

A sample is decoded from the last checkpoint before its step; steps between the two are done again first. The exit status is 1
where it does not come out as it was.`

export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('list the samples of a run, or decode one again and show how it was graded')
    .argument('<run>', 'the directory of a run')
    .option('--step <number>', 'a step, counted from 1', wholeNumber('--step', 1))
    .option('--sample <number>', 'a sample of the step, counted from 0', wholeNumber('--sample', 0))
    .option('--json', 'print one JSON object a line')
    .addHelpText('after', help)
    .action(run)
}

async function run(folder: string, { step, sample, json }: ReplayFlags): Promise<void> {
  await requireRun(folder).catch((error: unknown) => {
    throw new UsageError(messageOf(error))
  })
  if (sample === undefined) return list(folder, { step, json })
  if (step === undefined) throw new UsageError('expected --step beside --sample')
  const write = modelTextWriter(process.stdout)
  let isSame = true
  await interruptible(async (signal) => {
    for await (const event of replay(folder, { step, sample, signal })) {
      if (event.type === 'replayed') isSame = event.isSame
      write(`${json ? jsonOf(event) : textOf(event)}\n`)
    }
  })
  if (!isSame) process.exitCode = 1
}

async function list(folder: string, { step, json }: Pick<ReplayFlags, 'step' | 'json'>): Promise<void> {
  let numListed = 0
  if (!json) process.stdout.write(`${columns('step', 'sample', 'reward', 'tokens', 'end', 'hash', 'problem')}\n`)
  for await (const record of samplesOf(folder, { step })) {
    numListed++
    process.stdout.write(`${json ? JSON.stringify(record) : lineOf(record)}\n`)
  }
  if (numListed === 0 && step !== undefined)
    throw new UsageError(`expected a step that ${folder} has samples of, got ${step}`)
}

const lineOf = ({ step, sample, reward, numTokens, finishReason, hash, id }: SampleRecord): string =>
  columns(step, sample, rewardText(reward), numTokens, finishReason, hash, id)

/** With four decimals, which its column has room for; --json has all digits. */
function rewardText(reward: number | null): string {
  if (reward === null) return 'none'
  return Number.isInteger(reward) ? String(reward) : reward.toFixed(4)
}

const widths = [6, 7, 8, 7, 7, 17]
const columns = (...values: (string | number)[]): string =>
  values.map((value, i) => String(value).padEnd(widths[i] ?? 0)).join(' ')

/** Float32Array has no JSON of its own. */
const jsonOf = (event: ReplayEvent): string =>
  JSON.stringify(event.type === 'replayed' ? { ...event, rolloutLogprobs: [...event.rolloutLogprobs] } : event)

function textOf(event: ReplayEvent): string {
  if (event.type === 'code') return codeText(event)
  if (event.type === 'again') return `  step ${event.step} done again: reward ${event.reward.toFixed(4)}`
  if (event.type === 'replayed') return sampleText(event)
  const passedOver = event.damaged.map((problem) => `a damaged checkpoint was passed over: ${problem}\n`).join('')
  return `${passedOver}from ${event.checkpoint ?? "the run's beginning"}`
}

function sampleText(event: Extract<ReplayEvent, { type: 'replayed' }>): string {
  const { record, row, tokens, text, rolloutLogprobs, hash, isSame, verdict, grade } = event
  const logprob = rolloutLogprobs.reduce((sum, value) => sum + value, 0)
  const same = isSame
    ? `the same tokens and log-probabilities as then, bit for bit (${hash})`
    : `NOT the sample of then: ${hash}, listed as ${record.hash}`
  return [
    `problem ${row.id}: ${row.problem.trim()}`,
    `answer, ${tokens.length} tokens, ended by ${record.finishReason}, log-probability ${logprob.toPrecision(6)}:`,
    text,
    same,
    `reward then ${record.reward ?? 'none'}, now ${verdict.score ?? `none: ${verdict.why}`}${partsText(verdict.parts)}`,
    ...(grade ? [`graded: ${grade.verdict}, ${grade.why}`] : []),
    ...(row.answer === undefined ? [] : [`expected: ${[row.answer].flat().join(' or ')}`]),
  ].join('\n')
}

const partsText = (parts: Record<string, number> | undefined): string =>
  parts
    ? ` (${Object.entries(parts)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ')})`
    : ''

function wholeNumber(flag: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least) return value
    throw new UsageError(`expected a whole number of at least ${least} for ${flag}, got ${text}`)
  }
}

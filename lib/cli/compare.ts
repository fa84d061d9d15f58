// lengthen compare <first> <second>
import type { Command } from 'commander'
import { messageOf } from '../errors.js'
import { type Comparison, compareResults, type PairedDifference } from '../eval/compare.js'
import { type DifferingSetting, differingSettings } from '../eval/differing-settings.js'
import { readResults } from '../eval/result-file.js'
import { wholeNumber } from './arguments.js'
import { UsageError } from './failure.js'
import { plural, table } from './format.js'

const help = `
Example:
  $ lengthen compare evals/before evals/after

Two results of lengthen eval --out, each the folder or its results.jsonl, paired by problem: the difference of pass@1, its standard error
and 95% bootstrap interval, and the p-value of a sign-flip test: how often chance alone gives a difference as large.`

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('compare two evaluations of the same problems by a paired test')
    .argument('<first>', 'results of lengthen eval --out')
    .argument('<second>', 'the others')
    .option('--seed <n>', 'of the test and the interval', wholeNumber({ least: 0 }), 0)
    .option('--json', 'print one JSON object')
    .addHelpText('after', help)
    .action(compare)
}

async function compare(first: string, second: string, { seed, json }: { seed: number; json?: true }): Promise<void> {
  const [a, b] = [await resultsAt(first), await resultsAt(second)]
  const comparison = compareResults(a.problems, b.problems, { seed })
  const differing = differingSettings(a.about, b.about)
  const event = { type: 'comparison', first, second, seed, ...comparison, differing }
  process.stdout.write(
    `${json ? JSON.stringify(event) : comparisonText({ first, second, ...comparison, differing })}\n`,
  )
}

/** A place without results is wrong usage; results that are broken are not. */
async function resultsAt(path: string): ReturnType<typeof readResults> {
  try {
    return await readResults(path)
  } catch (error) {
    throw isAbsence(error) ? new UsageError(messageOf(error)) : error
  }
}

function isAbsence(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown }
  return code === 'ENOENT'
}

interface Shown extends Comparison {
  first: string
  second: string
  differing: readonly DifferingSetting[]
}

function comparisonText({ first, second, sets, all, numUnpaired, differing }: Shown): string {
  const rows = sets.map(({ name, ...difference }) => rowOf(name, difference))
  if (sets.length > 1) rows.push(rowOf('all problems', all))
  const lines = [
    `first: ${first}`,
    `second: ${second}`,
    '',
    table(['pass@1, %', 'problems', 'first', 'second', 'difference', '95% interval', 'p'], rows),
  ]
  const [a, b] = numUnpaired
  if (a + b > 0) lines.push('', `left out: ${plural(a, 'problem')} of the first only, ${b} of the second only`)
  if (differing.length > 0) lines.push('', 'the two were not made alike:')
  for (const { key, first, second } of differing) lines.push(`  ${key}: ${first} and ${second}`)
  return lines.join('\n')
}

function rowOf(
  name: string,
  { numProblems, passAt1, difference, standardError, interval, pValue }: PairedDifference,
): string[] {
  const error = standardError === null ? '' : ` ± ${points(standardError)}`
  return [
    ...[name, String(numProblems), ...passAt1.map(points)],
    `${difference > 0 ? '+' : ''}${points(difference)}${error}`,
    interval ? interval.map(points).join(' to ') : '–',
    pValue < 0.0001 ? '<0.0001' : pValue.toFixed(4),
  ]
}

const points = (share: number): string => (100 * share).toFixed(1)

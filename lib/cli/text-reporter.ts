// The same words for a terminal and for a log file; only a terminal gets a line that is rewritten in place.
import pc from 'picocolors'
import type { ExampleAnswer, PhaseReport, RunEvent, StepMetrics } from '../train/events.js'
import { count, duration, percent, table, withError } from './format.js'
import type { Output, Reporter } from './reporter.js'

const plainStepInterval = 5

/** Text for people. On a terminal progress stays on one line; elsewhere every fifth step gets a line of its own. */
export function textReporter(output: Output): Reporter {
  const live = output.isTTY === true
  const clearLine = live ? '\r\x1b[2K' : ''
  const say = (text: string) => void output.write(`${clearLine}${text}\n`)
  const progress = (text: string, isMilestone: boolean) => {
    if (live) output.write(`${clearLine}${text.slice(0, (output.columns ?? 80) - 1)}`)
    else if (isMilestone) say(text)
  }
  return {
    report: (event) => show(event, say, progress),
    close: () => void output.write(clearLine),
  }
}

type Say = (text: string) => void
type Progress = (text: string, isMilestone: boolean) => void

function show(event: RunEvent, say: Say, progress: Progress): void {
  switch (event.type) {
    case 'start':
      say(`${pc.bold(event.recipe)}: ${count(event.numParameters)} parameters on ${event.device}`)
      say(pc.dim(`${event.numThreads} threads, ${event.target} kernels; run in ${event.run}`))
      break
    case 'distill':
      progress(distillLine(event), event.step % 100 === 0)
      break
    case 'stage':
      say(pc.cyan(`stage ${event.stage + 1}: up to ${event.maxResponseTokens} response tokens (${event.why})`))
      break
    case 'step':
      progress(stepLine(event), event.step % plainStepInterval === 0)
      break
    case 'phase':
      say(phaseLine(event.phase))
      break
    case 'example':
      say(exampleText(event.problem, event.expected, event.before, event.after))
      break
    case 'summary':
      say(summaryText(event.run, event.phases, event.seconds))
  }
}

const distillLine = (e: Extract<RunEvent, { type: 'distill' }>): string =>
  `supervised step ${e.step} of at most ${e.maxSteps}  loss ${e.loss.toFixed(3)}  ` +
  `${count(e.tokensPerSecond)} tokens/s  ${duration(e.seconds)}`

const stepLine = (m: StepMetrics): string =>
  `  step ${String(m.step).padStart(3)}  reward ${m.reward.toFixed(3)}  length ${m.meanTokens.toFixed(1)}  ` +
  `truncated ${percent(m.truncatedShare)}  entropy ${m.entropy.toFixed(3)}  ${m.seconds.toFixed(1)} s`

function phaseLine(phase: PhaseReport): string {
  const own = phase.atOwnLimit
  const gain = own
    ? `; at its own limit of ${own.after.maxResponseTokens}: ${percent(own.before.passAt1)} → ${percent(own.after.passAt1)}`
    : ''
  return `${pc.green(phase.name)}: held-out pass@1 ${withError(phase.passAt1, phase.standardError)}${gain}`
}

function exampleText(problem: string, expected: string, before: ExampleAnswer, after: ExampleAnswer): string {
  const answer = (label: string, a: ExampleAnswer) =>
    `${pc.bold(label)} (${a.reward === 1 ? pc.green('right') : pc.red('wrong')}, ${a.numTokens} tokens)\n${a.text}`
  return [
    '',
    `${pc.bold('one held-out problem')}: ${problem}   ${pc.dim(`answer ${expected}`)}`,
    answer('before', before),
    answer('after', after),
  ].join('\n')
}

function summaryText(run: string, phases: readonly PhaseReport[], seconds: number): string {
  const rows = phases.map((p) => [
    p.name,
    withError(p.passAt1, p.standardError),
    p.atOwnLimit
      ? `${p.atOwnLimit.after.maxResponseTokens}: ${withError(p.atOwnLimit.before.passAt1, p.atOwnLimit.before.standardError)}` +
        ` → ${withError(p.atOwnLimit.after.passAt1, p.atOwnLimit.after.standardError)}`
      : '',
    p.meanTokens.toFixed(1),
    percent(p.truncatedShare),
  ])
  const header = ['phase', 'held-out pass@1, %', 'at its own limit, before → after', 'mean tokens', 'truncated']
  return ['', table(header, rows), '', `${duration(seconds)} in all; everything is in ${run}`].join('\n')
}

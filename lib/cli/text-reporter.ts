// The same words for a terminal and for a log file; only a terminal gets a line that is rewritten in place.

import type { ExampleAnswer, PhaseReport, RunEvent, StepMetrics } from '../train/events.js'
import { codeText } from '../train/recipe-rewards.js'
import { type Colours, coloursFor } from './colours.js'
import { bytes, count, duration, percent, table, withError } from './format.js'
import { harmless } from './harmless.js'
import type { Output, Reporter } from './reporter.js'

const plainStepInterval = 5

/** Text for people. On a terminal progress stays on one line; elsewhere every fifth step gets a line of its own. */
export function textReporter(output: Output): Reporter {
  const live = output.isTTY === true
  const colours = coloursFor(output)
  const clearLine = live ? '\r\x1b[2K' : ''
  const say = (text: string) => void output.write(`${clearLine}${text}\n`)
  const progress = (text: string, isMilestone: boolean) => {
    if (live) output.write(`${clearLine}${text.slice(0, (output.columns ?? 80) - 1)}`)
    else if (isMilestone) say(text)
  }
  return {
    report: (event) => show(event, { say, progress, colours, modelText: live ? harmless : (text) => text }),
    close: () => void output.write(clearLine),
  }
}

interface Display {
  say: (text: string) => void
  progress: (text: string, isMilestone: boolean) => void
  colours: Colours
  /** What came from elsewhere, as it may be shown. */
  modelText: (text: string) => string
}

function show(event: RunEvent, display: Display): void {
  const { say, progress, colours } = display
  switch (event.type) {
    case 'start':
      say(`${colours.bold(event.recipe)}: ${count(event.numParameters)} parameters on ${event.device}`)
      say(colours.dim(`${event.numThreads} threads, ${event.target} kernels; run in ${event.run}`))
      break
    case 'resumed':
      for (const problem of event.damaged) say(colours.yellow(`a damaged checkpoint was passed over: ${problem}`))
      for (const warning of event.warnings) say(colours.yellow(`warning: ${warning}`))
      say(colours.cyan(resumedText(event)))
      break
    case 'rehearsal':
      say(colours.dim(rehearsalLine(event)))
      break
    case 'code':
      say(colours.yellow(display.modelText(codeText(event))))
      break
    case 'note':
      say(colours.dim(`  ${event.text}`))
      break
    case 'guard':
      say(colours.yellow(event.text))
      break
    case 'stopping':
      say(colours.yellow('stopping after the step under way, with a checkpoint; once more ends the run at once'))
      break
    case 'badRows':
      for (const problem of event.problems) say(colours.yellow(`passed over: ${display.modelText(problem)}`))
      break
    case 'distill':
      progress(distillLine(event), event.step % 100 === 0)
      break
    case 'distillEnd':
      if (!event.isLevelReached) say(colours.yellow(levelMissed(event)))
      break
    case 'stage':
      say(colours.cyan(`stage ${event.stage + 1}: up to ${event.maxResponseTokens} response tokens (${event.why})`))
      break
    case 'runEnd':
      say(colours.yellow(event.why))
      break
    case 'step':
      progress(stepLine(event), event.step % plainStepInterval === 0)
      break
    case 'phase':
      say(phaseLine(event.phase, colours))
      break
    case 'example':
      say(exampleText(event, display))
      break
    case 'summary':
      say(summaryText(event.run, event.phases, event.seconds))
  }
}

function resumedText({ step, checkpoint, isOver }: Extract<RunEvent, { type: 'resumed' }>): string {
  if (isOver) return `the run is finished, after step ${step}: nothing is left to do`
  return checkpoint ? `resumed after step ${step}` : 'no checkpoint yet: from the beginning'
}

const rehearsalLine = ({ stage, peakBytes }: Extract<RunEvent, { type: 'rehearsal' }>): string =>
  `${stage === null ? 'the evaluation' : `stage ${stage + 1}`} will take ${bytes(peakBytes)} of memory at most`

const distillLine = (e: Extract<RunEvent, { type: 'distill' }>): string =>
  `supervised step ${e.step} of at most ${e.maxSteps}  loss ${e.loss.toFixed(3)}  ` +
  `${count(e.tokensPerSecond)} tokens/s  ${duration(e.seconds)}`

const levelMissed = (e: Extract<RunEvent, { type: 'distillEnd' }>): string =>
  `the supervised phase has not reached its level: mean loss ${e.meanLoss.toFixed(3)} after ${e.step} steps, ` +
  `distill.until.loss ${e.level}`

const stepLine = (m: StepMetrics): string =>
  `  step ${String(m.step).padStart(3)}  reward ${m.reward.toFixed(3)}  length ${m.meanTokens.toFixed(1)}  ` +
  `truncated ${percent(m.truncatedShare)}  entropy ${m.entropy.toFixed(3)}  ${m.seconds.toFixed(1)} s`

function phaseLine(phase: PhaseReport, colours: Colours): string {
  const own = phase.atOwnLimit
  const gain = own
    ? `; at its own limit of ${own.after.maxResponseTokens}: ${percent(own.before.passAt1)} → ${percent(own.after.passAt1)}`
    : ''
  const sets = (phase.sets ?? []).map((set) => `\n  ${set.name} ${withError(set.passAt1, set.standardError)}`)
  return `${colours.green(phase.name)}: held-out pass@1 ${withError(phase.passAt1, phase.standardError)}${gain}${sets.join('')}`
}

function exampleText(
  { problem, expected, before, after }: Extract<RunEvent, { type: 'example' }>,
  { colours, modelText }: Pick<Display, 'colours' | 'modelText'>,
): string {
  const answer = (label: string, a: ExampleAnswer) =>
    `${colours.bold(label)} (${a.reward === 1 ? colours.green('right') : colours.red('wrong')}, ${a.numTokens} tokens)\n${modelText(a.text)}`
  return [
    '',
    `${colours.bold('one held-out problem')}: ${modelText(problem)}   ${colours.dim(`answer ${expected}`)}`,
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

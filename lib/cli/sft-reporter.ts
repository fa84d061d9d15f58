// Shows a supervised run: the same words for a terminal and for a log file; only a terminal gets a line that is rewritten in place.
import type { SftEvent } from '../train/sft/events.js'
import type { SetPlan, SftPlan } from '../train/sft/plan.js'
import { type Colours, coloursFor } from './colours.js'
import { count, duration, plural, table } from './format.js'
import { harmless } from './harmless.js'
import type { Output } from './reporter.js'

export type ShownSftEvent = SftEvent | { type: 'stopping' }

export interface SftReporter {
  report(event: ShownSftEvent): void
  /** Ends the display; called once, also after a failure. */
  close(): void
}

/** One object a line; the last one is the summary. */
export const sftJson = (output: Output): SftReporter => ({
  report: (event) => void output.write(`${JSON.stringify(event)}\n`),
  close: () => {},
})

const plainStepInterval = 10

export function sftText(output: Output): SftReporter {
  const live = output.isTTY === true
  const colours = coloursFor(output)
  const clearLine = live ? '\r\x1b[2K' : ''
  let numSteps = 0
  return {
    report: (event) => {
      if (event.type === 'start') numSteps = event.numSteps
      if (event.type !== 'step') return void output.write(`${clearLine}${textOf(event, colours, { live })}\n`)
      const line = stepLine(event, numSteps)
      if (live) output.write(clearLine + line.slice(0, (output.columns ?? 80) - 1))
      else if (event.step % plainStepInterval === 0 || event.step === numSteps) output.write(`${line}\n`)
    },
    close: () => void output.write(clearLine),
  }
}

type Step = Extract<SftEvent, { type: 'step' }>

const stepLine = (e: Step, numSteps: number): string =>
  `  step ${String(e.step).padStart(String(numSteps).length)} of ${numSteps}  epoch ${e.epoch}  loss ${e.loss.toFixed(4)}  ` +
  `gradient ${e.gradientNorm.toFixed(2)}  rate ${e.learningRate.toExponential(1)}  ${count(e.tokensPerSecond)} tokens/s`

function textOf(event: Exclude<ShownSftEvent, Step>, colours: Colours, { live }: { live: boolean }): string {
  switch (event.type) {
    case 'start':
      return startText(event, colours)
    case 'badRows':
      // What a data set says may be in it.
      return event.problems.map((p) => colours.yellow(`passed over: ${live ? harmless(p) : p}`)).join('\n')
    case 'tooLong':
      return colours.yellow(`too long: ${plural(event.numDropped, 'example')} left out, ${event.numCut} cut`)
    case 'resumed':
      return resumedText(event, colours)
    case 'evaluation':
      return evaluationText(event, colours)
    case 'stopping':
      return colours.yellow('stopping after this step; once more ends at once')
    case 'summary':
      return summaryText(event)
  }
}

const startText = (e: Extract<SftEvent, { type: 'start' }>, { bold, dim }: Colours): string =>
  `${bold(e.recipe)}: ${count(e.numParameters)} parameters${e.numTrained < e.numParameters ? `, ${count(e.numTrained)} trained,` : ''} ` +
  `on ${e.device}; ${plural(e.numExamples, 'example')}, ${plural(e.numSteps, 'step')}\n` +
  dim(`${e.numThreads} threads, ${e.target} kernels; run in ${e.run}`)

function resumedText(
  { step, damaged, warnings }: Extract<SftEvent, { type: 'resumed' }>,
  { cyan, yellow }: Colours,
): string {
  const passedOver = damaged.map((damage) => yellow(`passed over a damaged checkpoint: ${damage}`))
  const from = step === 0 ? 'from the beginning: there is no checkpoint' : `from step ${step}`
  const noted = warnings.map((warning) => yellow(`warning: ${warning}`))
  return [...passedOver, ...noted, cyan(`going on ${from}`)].join('\n')
}

const evaluationText = (e: Extract<SftEvent, { type: 'evaluation' }>, { green, dim }: Colours): string =>
  `${green(e.step === 0 ? 'before' : `step ${e.step}`)}: held-out loss ${e.loss.toFixed(4)}, perplexity ${e.perplexity.toFixed(3)}` +
  `${e.step > 0 && e.isBest ? ' (best so far)' : ''}  ${dim(duration(e.seconds))}`

function summaryText({ run, numSteps, loss, best, isStoppedEarly, seconds }: Extract<SftEvent, { type: 'summary' }>) {
  const early = isStoppedEarly ? ', ended by evaluation.patience' : ''
  const where =
    best && best.step > 0
      ? `best after step ${best.step}: ${best.loss.toFixed(4)}, in best/`
      : 'none better than before'
  const heldOut = loss === null ? '' : `; held-out loss ${loss.toFixed(4)}, ${where}`
  return `\n${plural(numSteps, 'step')}${early}${heldOut}; ${duration(seconds)} in all; everything is in ${run}`
}

export function sftPlanText(plan: SftPlan): string {
  const sets = [['train', plan.train] as const, ...(plan.heldOut ? [['held out', plan.heldOut] as const] : [])]
  const every = plan.evaluateEverySteps === null ? '' : `, every ${plural(plan.evaluateEverySteps, 'step')}`
  return [
    `${plan.recipe}: ${count(plan.numParameters)} parameters on ${plan.device}; a plan, nothing is run`,
    '',
    table(
      ['set', 'examples', 'tokens', 'learned', 'mean', 'longest', 'too long: left out', 'cut'],
      sets.map(([name, set]) => [name, ...setCells(set)]),
    ),
    '',
    `${plural(plan.numSteps, 'step')} in ${plural(plan.epochs, 'epoch')}: ${count(plan.meanTokensPerStep)} tokens a step, at most ` +
      `${count(plan.maxTokensPerStep)}; ${count(plan.numTokens)} in all`,
    plan.heldOut ? `held-out loss before the first step${every} and at the end` : 'no held-out loss',
    plan.numBadRows > 0 ? `${plural(plan.numBadRows, 'row')} passed over` : 'no row passed over',
  ].join('\n')
}

const setCells = (set: SetPlan): string[] => [
  ...[`${set.numExamples}`, count(set.numTokens), count(set.numLearnedTokens)],
  ...[set.meanTokens.toFixed(1), `${set.maxTokens}`, `${set.numDropped}`, `${set.numCut}`],
]

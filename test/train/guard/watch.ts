// Feeds a guard with metrics, step by step, its state through JSON in between as in a checkpoint.
import {
  type FindingKind,
  type GuardMetrics,
  type GuardOptions,
  type GuardState,
  type GuardStep,
  makeGuard,
} from '../../../lib/train/guard/index.js'

export function watch(
  steps: readonly GuardMetrics[],
  options: Partial<GuardOptions> = { action: 'stop' },
): GuardStep[] {
  const guard = makeGuard(options)
  let state: GuardState = guard.initialState
  return steps.map((metrics) => {
    const result = guard.next(state, metrics)
    state = JSON.parse(JSON.stringify(result.state))
    return result
  })
}

/** The step of the first finding of a kind that is acted on; undefined: there is none. */
export function caughtAt(results: readonly GuardStep[], kind?: FindingKind): number | undefined {
  const isOf = (finding: { kind: FindingKind; severity: string }) =>
    finding.severity === 'bad' && (kind === undefined || finding.kind === kind)
  const index = results.findIndex(({ findings }) => findings.some(isOf))
  return index === -1 ? undefined : index + 1
}

/** A run in which nothing changes, but for noise; `changes` makes of it what a test needs. */
export function steadyRun(
  length: number,
  changes: (step: number) => Partial<GuardMetrics> = () => ({}),
): GuardMetrics[] {
  return Array.from({ length }, (_, i) => {
    const step = i + 1
    const noise = ((step * 7919) % 13) / 13 - 0.5 // between −0.5 and 0.5, the same in every run
    return { ...steady, step, reward: 0.5 + 0.1 * noise, gradientNorm: 0.1 * Math.exp(noise), ...changes(step) }
  })
}

const steady: GuardMetrics = {
  ...{ step: 1, stage: 0, maxResponseTokens: 1000, reward: 0.5, passRate: 0.5, meanTokens: 400, truncatedShare: 0.1 },
  ...{ entropy: 0.5, loss: 0.01, rolloutKl: 1e-4, referenceKl: 0, gradientNorm: 0.1, numSamples: 256, klWeight: 0 },
  ...{ repeatedShare: 0.01, unparsedShare: 0.02, uniformShare: 0.3 },
}

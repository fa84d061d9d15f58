// An episode goes from a first finding until it has been quiet for a while. The last good step is the one before it.
import type { Finding } from './findings.js'
import type { Episode, GuardState, Severity } from './state.js'

/** Without a finding, and the steps are good again. */
const quietStepsAfter = 5
/** With nothing new, and what was warned of is how this run is: it may have a good step again. */
const stepsUntilUsual = 20

interface Progress {
  episode: Episode | null
  lastGoodStep: number
  /** Those of a kind that was not told of before, or not as grave. */
  news: Finding[]
}

export function goOn(state: GuardState, findings: readonly Finding[], step: number): Progress {
  const { episode, lastGoodStep } = state
  if (findings.length === 0) return { ...quiet(state, step), news: [] }
  const told = episode?.told ?? {}
  const isNewKind = ({ kind }: Finding) => told[kind] === undefined
  const news = findings.filter(({ kind, severity }) => rank(severity) > rank(told[kind]))
  const steps = findings.some(isNewKind) ? 0 : (episode?.steps ?? 0) + 1
  const since = findings.filter(isNewKind).map((finding) => finding.since - 1)
  return {
    episode: { told: { ...told, ...severities(news) }, steps, quietSteps: 0 },
    lastGoodStep: steps > stepsUntilUsual ? step : Math.min(lastGoodStep, ...since),
    news,
  }
}

function quiet({ episode, lastGoodStep }: GuardState, step: number): Omit<Progress, 'news'> {
  const quietSteps = (episode?.quietSteps ?? 0) + 1
  if (!episode || quietSteps >= quietStepsAfter) return { episode: null, lastGoodStep: step }
  return { episode: { ...episode, quietSteps, steps: episode.steps + 1 }, lastGoodStep }
}

const rank = (severity: Severity | undefined): number => (severity === undefined ? 0 : { warn: 1, bad: 2 }[severity])

const severities = (findings: readonly Finding[]): Episode['told'] =>
  Object.fromEntries(findings.map(({ kind, severity }) => [kind, severity]))

// From the signs of single steps to findings: a sign counts once enough of the last steps had it.
import { detectors } from './detectors/index.js'
import { type GuardMetrics, isMeasured } from './metrics.js'
import type { Watch } from './options.js'
import type { Sign } from './sign.js'
import type { GuardState, NotedSign, Severity } from './state.js'
import type { FindingKind, Persistence } from './thresholds.js'

/** Something that is wrong with a step, as enough signs in the last steps say. */
export interface Finding {
  /** The detector that found it. */
  kind: FindingKind
  /** Whether it is only told of, or acted on. */
  severity: Severity
  /** The first step that may be part of it, counted from 1: the one before is still good. */
  since: number
  /** For people, with the numbers and the thresholds that they passed. */
  text: string
}

/** Findings of the window's last step, and the signs to remember. */
export function findingsOf(
  window: readonly GuardMetrics[],
  before: GuardState['signs'],
  { kinds, thresholds }: Watch,
): { findings: Finding[]; signs: GuardState['signs'] } {
  const findings: Finding[] = []
  const signs: GuardState['signs'] = {}
  const step = (window.at(-1) as GuardMetrics).step
  for (const [kind, sign] of signsOf(window, { kinds, thresholds })) {
    const persistence: Persistence = thresholds[kind]
    const noted = note(before[kind] ?? [], { step, sign, within: persistence.within })
    if (noted.length > 0) signs[kind] = noted
    const severity = sign && severityOf(noted, persistence)
    const since = Math.min(sign?.since ?? step, noted[0]?.step ?? step)
    if (sign && severity) findings.push({ kind, severity, since, text: sign.text })
  }
  return { findings, signs }
}

/** A step with a value that is no number is compared with nothing. */
function signsOf(window: readonly GuardMetrics[], { kinds, thresholds }: Watch): [FindingKind, Sign | undefined][] {
  const isComparable = isMeasured(window.at(-1) as GuardMetrics)
  const asked = (kind: FindingKind) => isComparable || kind === 'notANumber'
  return kinds.map((kind) => [kind, asked(kind) ? detectors[kind](window, thresholds) : undefined])
}

function note(
  before: readonly NotedSign[],
  { step, sign, within }: { step: number; sign: Sign | undefined; within: number },
): NotedSign[] {
  const kept = before.filter((noted) => noted.step > step - within)
  return sign ? [...kept, { step, isGrave: sign.isGrave }] : kept
}

function severityOf(noted: readonly NotedSign[], { warnAfter, badAfter }: Persistence): Severity | undefined {
  if (noted.filter(({ isGrave }) => isGrave).length >= badAfter) return 'bad'
  return noted.length >= warnAfter ? 'warn' : undefined
}

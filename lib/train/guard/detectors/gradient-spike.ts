// A gradient far above what its norm was: median and median absolute deviation of the norms' logarithms.
import { ofThisStage } from '../compare.js'
import type { GuardMetrics } from '../metrics.js'
import type { Sign } from '../sign.js'
import { median, robustDeviation } from '../statistics.js'
import type { Thresholds } from '../thresholds.js'
import { inWords, stepsInWords } from '../words.js'

export function gradientSpike(
  window: readonly GuardMetrics[],
  { gradientSpike: limits }: Thresholds,
): Sign | undefined {
  const { step, gradientNorm } = window.at(-1) as GuardMetrics
  const { earlier, factor } = earlierOf(window, limits)
  if (earlier.length < limits.fewestSteps || !(gradientNorm > 0)) return undefined
  const logs = earlier.map((metrics) => Math.log(metrics.gradientNorm))
  const usual = median(logs)
  const above = Math.max(limits.deviations * robustDeviation(logs), Math.log(factor))
  if (Math.log(gradientNorm) <= usual + above) return undefined
  const threshold = `above ${inWords(Math.exp(usual + above))}`
  const norms = `${inWords(gradientNorm)} in step ${step}, ${inWords(Math.exp(usual))} in the median of ${stepsInWords(earlier)}`
  return { since: step, isGrave: true, text: `the gradient's norm was ${norms} (${threshold})` }
}

/** Steps that learned, of this stage where they are enough; not the very last ones, lest one spike hides the next. */
function earlierOf(window: readonly GuardMetrics[], { fewestSteps, factor, factorAcrossStages }: Limits) {
  const learned = (steps: readonly GuardMetrics[]) => {
    const before = steps.slice(0, -1).filter((metrics) => metrics.gradientNorm > 0)
    return before.slice(0, Math.max(fewestSteps, before.length - gapSteps))
  }
  const earlier = learned(ofThisStage(window))
  return earlier.length >= fewestSteps ? { earlier, factor } : { earlier: learned(window), factor: factorAcrossStages }
}

const gapSteps = 2
type Limits = Thresholds['gradientSpike']

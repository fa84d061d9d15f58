// What a detector says of one step.
import type { GuardMetrics } from './metrics.js'
import type { Thresholds } from './thresholds.js'

export interface Sign {
  /** The first step that may be part of what is wrong: the one before is still good. */
  since: number
  /** What was seen, with the numbers: from what to what, over which steps, against which threshold. */
  text: string
  /** Enough of it is acted on; else it is only told. */
  isGrave: boolean
}

/** Looks at the last step of the window, and back as far as it needs; undefined where there is nothing to say. Pure. */
export type Detector = (window: readonly GuardMetrics[], thresholds: Thresholds) => Sign | undefined

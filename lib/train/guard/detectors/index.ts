// Every detector, by the kind of what it finds.
import type { Detector } from '../sign.js'
import type { FindingKind } from '../thresholds.js'
import { entropyCollapse, entropyRunaway } from './entropy.js'
import { equalRewards } from './equal-rewards.js'
import { gradientSpike } from './gradient-spike.js'
import { lengthRunaway } from './length-runaway.js'
import { notANumber } from './not-a-number.js'
import { referenceKl } from './reference-kl.js'
import { repetition } from './repetition.js'
import { rewardFall } from './reward-fall.js'
import { unparsed } from './unparsed.js'
import { updateSize } from './update-size.js'

export const detectors: Record<FindingKind, Detector> = {
  ...{ notANumber, equalRewards, unparsed, gradientSpike, updateSize, referenceKl },
  ...{ entropyCollapse, entropyRunaway, lengthRunaway, rewardFall, repetition },
}

import {
  formatReward,
  type Grade,
  GraderPool,
  gradeMath,
  mathReward,
  type PoolGrade,
  type Reward,
  type Row,
  type Score,
  weightedReward,
} from '../../../lib/index.js'
import { typed } from './typed.js'

const short: Reward = ({ text }) => (text.length < 100 ? 1 : 0)
const asked: Reward = async ({ row, text, signal }) => {
  typed(row).is<Row>()
  typed(row.source).is<unknown>()
  typed(text).is<string>()
  typed(signal).is<AbortSignal>()
  return 0.5
}
const batched: Reward = Object.assign(({ text }: { text: string }) => text.length, {
  scoreAll: async (samples: readonly { text: string }[]): Promise<Score[]> => samples.map(() => ({ why: 'no time' })),
})
// @ts-expect-error a verdict is a number, not a boolean
const wrong: Reward = ({ text }) => text === '42'
// @ts-expect-error an answer is `text`
const misspelt: Reward = ({ answer }) => answer.length
// @ts-expect-error scoreAll gives a promise
const hasty: Reward = Object.assign(() => 1, { scoreAll: () => [1] })
void [wrong, misspelt, hasty]

typed(mathReward()).is<Reward>()
typed(formatReward()).is<Reward>()
typed(
  weightedReward([
    { reward: mathReward(), weight: 1 },
    { reward: short, weight: -0.1, name: 'short' },
  ]),
).is<Reward>()
weightedReward([
  { reward: asked, weight: 1 },
  { reward: batched, weight: 0 },
])
// @ts-expect-error every part has a weight
weightedReward([{ reward: short }])
// @ts-expect-error there are two ways of grading
mathReward({ mode: 'lenient' })

typed(gradeMath('\\boxed{1}', '1')).is<Grade>()
using pool = new GraderPool({ numWorkers: 2 })
typed(pool.grade([{ answer: '1', gold: '1' }])).is<Promise<PoolGrade[]>>()
// @ts-expect-error a pair has a gold answer
pool.grade([{ answer: '1' }])

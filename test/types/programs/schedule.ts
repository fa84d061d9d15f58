import {
  type ContextSchedule,
  contextSchedule,
  type LearningRateSchedule,
  learningRateAt,
  type ScheduleState,
  type ScheduleStep,
  type Stage,
} from '../../../lib/index.js'
import { some, typed } from './typed.js'

const schedule = contextSchedule([
  { maxResponseTokens: 8192, until: { steps: 100 } },
  {
    maxResponseTokens: 16384,
    temperature: 0.6,
    reset: ['optimizer'],
    until: { truncatedShare: { above: 0.06, forSteps: 20 } },
  },
])
typed(schedule).is<ContextSchedule>()
typed(schedule.stages).is<readonly Stage[]>()

// A controller of one's own: a state goes in, the next one comes out.
const metrics = { truncatedShare: 0.1, meanTokens: 300, reward: 0.5 }
const step = schedule.next(schedule.initialState, metrics)
typed(step).is<ScheduleStep>()
typed(step.state).is<ScheduleState>()
typed(schedule.stageOf(step.state)).is<Stage | undefined>()
// @ts-expect-error the reward is missing
schedule.next(schedule.initialState, { truncatedShare: 0.1, meanTokens: 300 })

// @ts-expect-error a stage has a limit
contextSchedule([{ until: { steps: 1 } }])
// @ts-expect-error no such key
contextSchedule([{ maxResponseTokens: 1, steps: 3 }])
// @ts-expect-error no such condition
contextSchedule([{ maxResponseTokens: 1, until: { truncated: 0.1 } }])
// @ts-expect-error nothing of this name begins anew
contextSchedule([{ maxResponseTokens: 1, reset: ['model'] }])

const rate: LearningRateSchedule = { warmupSteps: 10, decay: 'cosine', steps: 100 }
typed(learningRateAt(3, { peak: 1e-6, decay: 'linear', steps: 10 })).is<number>()
// @ts-expect-error a peak has no default
learningRateAt(3, { decay: 'linear', steps: 10 })
// @ts-expect-error no such decay
const wrong: LearningRateSchedule = { decay: 'sudden' }
void [rate, wrong]
typed(some<Stage>().until?.steps).is<number | undefined>()

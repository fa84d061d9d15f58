// Made-up runs for the controller to steer: what a step would measure in the stage that it is in. Noise is counter-based, so that
// every run is the same each time.
import { RandomStream } from '../../lib/random.js'
import {
  type ContextSchedule,
  contextSchedule,
  type ScheduleMetrics,
  type ScheduleOptions,
  type Stage,
} from '../../lib/schedule/context-schedule.js'

/** Without noise: after so many steps of a stage, which was entered so often before. */
export interface Moment {
  stage: number
  /** Of the stage since it was entered, from 1. */
  stageStep: number
  /** Of the run, from 1. */
  step: number
  numVisits: number
}

export type World = (moment: Moment) => ScheduleMetrics

/** Standard deviations of a step's measures: those of about a thousand answers to 128 problems. */
const noise = { reward: 0.02, truncatedShare: 0.007, meanTokens: 60 }

export interface Move {
  /** The last step before it. */
  step: number
  /** Of the next step, from 1; 'end' of the run, 'reset' within the stage. */
  to: number | 'end' | 'reset'
  /** In words. */
  why: string
}

/** Every move that the schedule makes of a world, in so many steps at most. */
export function steer(stages: readonly Stage[], world: World, { seed, numSteps, ...options }: SteerOptions): Move[] {
  const schedule: ContextSchedule = contextSchedule(stages, options)
  const random = new RandomStream(seed, 'noise of a made-up run')
  const moves: Move[] = []
  const visits = stages.map(() => 0)
  let state = schedule.initialState
  for (let step = 1; step <= numSteps && schedule.stageOf(state); step++) {
    const { stage } = state
    const moment = { stage, step, stageStep: state.stageSteps + 1, numVisits: visits[stage] as number }
    const next = schedule.next(state, noisy(world(moment), random))
    const why = next.why ?? next.note
    if (why !== undefined) moves.push({ step, to: placeOf(next.state.stage, next.note, stages.length), why })
    if (next.state.stage !== stage) visits[stage] = moment.numVisits + 1
    // Now and then as it would be after a resume.
    state = step % 97 === 0 ? (JSON.parse(JSON.stringify(next.state)) as typeof state) : next.state
  }
  return moves
}

interface SteerOptions extends ScheduleOptions {
  seed: number
  numSteps: number
}

const placeOf = (stage: number, note: string | undefined, numStages: number): Move['to'] =>
  note !== undefined ? 'reset' : stage === numStages ? 'end' : stage + 1

function noisy({ reward, truncatedShare, meanTokens }: ScheduleMetrics, random: RandomStream): ScheduleMetrics {
  return {
    reward: within(reward + noise.reward * random.normal()),
    truncatedShare: within(truncatedShare + noise.truncatedShare * random.normal()),
    meanTokens: Math.max(1, meanTokens + noise.meanTokens * random.normal()),
  }
}

const within = (share: number): number => Math.min(1, Math.max(0, share))

/** From one value to another in even steps between two places, and flat before and behind them. */
export const ramp = (
  at: number,
  [begin, from]: readonly [number, number],
  [end, to]: readonly [number, number],
): number => from + (to - from) * within((at - begin) / (end - begin))

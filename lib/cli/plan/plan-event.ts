// A plan for programs: everything that the text says, and the numbers in full.
import { dollarsOf, hoursOf } from '../../train/plan/estimate.js'
import type { RunPlan } from '../../train/plan/plan-run.js'

export function planEvent({
  plan,
  phases,
  expectation,
  hardware,
  calibration,
  excesses,
  proposal,
  gap,
}: RunPlan): object {
  const { promptTokens, promptWhat, mixedShare, mixedWhat } = expectation
  const answers = plan.stages.map(({ maxResponseTokens }, i) => {
    const { mean, what } = expectation.lengths(i, maxResponseTokens)
    return { meanTokens: mean, what }
  })
  return {
    type: 'plan',
    ...plan,
    hardware: hardware ?? null,
    calibration: calibration ?? null,
    expectation: { promptTokens, promptWhat, answers, mixedShare, mixedWhat },
    phases: phases.map((phase) => ({
      ...phase,
      hours: { atMost: hoursOf(phase, phase.atMost), expected: hoursOf(phase, phase.expected) },
      dollars: { atMost: dollarsOf(phase, phase.atMost), expected: dollarsOf(phase, phase.expected) },
    })),
    fits: excesses.length === 0,
    excesses,
    proposal: proposal ?? null,
    published: gap ?? null,
  }
}

// A stage of the context schedule, and what makes a list of them sensible.

export interface Stage {
  /** The longest answer, in tokens; a longer one is cut. */
  maxResponseTokens: number
  /** Answers per prompt; the run's own where left out. */
  numAnswers?: number | undefined
  /** The run's own where left out. */
  learningRate?: number | undefined
  /** What begins anew with this stage. */
  reset?: readonly ('optimizer' | 'reference')[] | undefined
  /** Says that a limit below the stage before is meant. */
  mayShrink?: boolean | undefined
  /** When the stage is over, whichever comes first; only the last may go without, and then has no end. */
  until?: Until | undefined
}

export interface Until {
  /** Steps of this stage. */
  steps?: number | undefined
  /** The share of answers cut at the limit was above this in each of so many steps running. */
  truncatedShare?: { above: number; forSteps: number } | undefined
}

export interface StageProblem {
  /** Where in the list, from 0, and which of the stage's fields. */
  index: number
  key: keyof Stage
  message: string
}

/** Everything that is wrong with a list of stages beyond the types of its fields. */
export function stageProblems(stages: readonly Stage[]): StageProblem[] {
  return stages.flatMap((stage, index) => [
    ...limitProblems(stage, index, stages[index - 1]),
    ...untilProblems(stage, index, { isLast: index === stages.length - 1 }),
  ])
}

function limitProblems(stage: Stage, index: number, before: Stage | undefined): StageProblem[] {
  const key = 'maxResponseTokens'
  const limit = stage.maxResponseTokens
  if (!isCount(limit)) return [{ index, key, message: `expected a positive whole number for ${key}, got ${limit}` }]
  if (before === undefined || limit >= before.maxResponseTokens || stage.mayShrink === true) return []
  const expected = `expected at least ${before.maxResponseTokens} for ${key}, the limit of the stage before`
  return [{ index, key, message: `${expected}, got ${limit}; where a shorter context is meant, say mayShrink: true` }]
}

function untilProblems({ until }: Stage, index: number, { isLast }: { isLast: boolean }): StageProblem[] {
  const problem = (message: string): StageProblem[] => [{ index, key: 'until', message }]
  if (until === undefined) return isLast ? [] : problem('expected until: only the last stage may have no end')
  const { steps, truncatedShare } = until
  if (steps === undefined && truncatedShare === undefined) return problem('expected steps or truncatedShare in until')
  if (steps !== undefined && !isCount(steps)) {
    return problem(`expected a positive whole number for until.steps, got ${steps}`)
  }
  if (truncatedShare === undefined) return []
  const { above, forSteps } = truncatedShare
  if (!(above >= 0 && above < 1)) {
    return problem(`expected a share from 0 to below 1 for until.truncatedShare.above, got ${above}`)
  }
  if (isCount(forSteps)) return []
  return problem(`expected a positive whole number for until.truncatedShare.forSteps, got ${forSteps}`)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1
}

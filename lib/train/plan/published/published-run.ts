// What is known of a run that others have published, beside which a plan of the same sizes is shown.

export interface PublishedStage {
  limit: number
  numPrompts: number
  numAnswers: number
  steps: number
  numDevices: number
  /** Mean answer over the stage. */
  meanTokens: number
  /** Where that comes from. */
  what: string
  /** Steps between two evaluations, and the samples of each problem. */
  evaluation: { everySteps: number; numAnswers: number }
}

export interface PublishedRun {
  name: string
  gpu: string
  gpuHours: number
  dollars: number
  source: string
  numParameters: number
  promptTokens: number
  promptWhat: string
  mixedShare: number
  /** Longest answer of its evaluations. */
  evaluationLimit: number
  stages: readonly PublishedStage[]
}

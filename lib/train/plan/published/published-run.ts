// What is known of a run that others have published, beside which a plan of the same sizes is shown.

/** A stage of a published run. */
export interface PublishedStage {
  /** The longest answer, in tokens. */
  limit: number
  /** Prompts a step. */
  numPrompts: number
  /** Answers to a prompt. */
  numAnswers: number
  /** Steps of the stage. */
  steps: number
  /** GPUs that it ran on. */
  numDevices: number
  /** Mean answer over the stage, in tokens. */
  meanTokens: number
  /** Where that comes from. */
  what: string
  /** Its evaluations during training. */
  evaluation: {
    /** Steps between two of them. */
    everySteps: number
    /** Answers of one: problems times samples. */
    numAnswers: number
  }
}

/** A run that others have published. */
export interface PublishedRun {
  /** Of its model. */
  name: string
  /** As the table of hardware calls it. */
  gpu: string
  /** As published. */
  gpuHours: number
  /** As published. */
  dollars: number
  /** Where it was published. */
  source: string
  /** Of the model. */
  numParameters: number
  /** Mean prompt. */
  promptTokens: number
  /** Where that comes from. */
  promptWhat: string
  /** Of a step's groups, those that are neither all right nor all wrong, 0 to 1. */
  mixedShare: number
  /** Longest answer of its evaluations, in tokens. */
  evaluationLimit: number
  /** In the order in which they ran. */
  stages: readonly PublishedStage[]
}

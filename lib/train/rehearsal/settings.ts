// What a rehearsal is told of a run, with the defaults of a trainer's options for what is left out.
import { z } from 'zod'
import { ArgumentError } from '../../errors.js'
import type { objectiveOf } from '../objective.js'
import { withMethod } from '../recipe/methods.js'
import { problemsOf } from '../recipe/problems.js'
import { type GrpoTrainerOptions, type TrainerSettings, trainerKeys } from '../trainer-options.js'

type RolloutName = 'promptsPerStep' | 'numAnswers' | 'maxPromptTokens' | 'temperature' | 'topK' | 'topP'
type UpdateName = 'tokensPerMicroBatch' | 'miniBatches' | 'useRecompute' | keyof Parameters<typeof objectiveOf>[0]

interface Beside {
  /** The held-out evaluation, rehearsed after the stages; there is none where left out. */
  evaluation?:
    | {
        /** Problems that are answered at once. */
        numProblems: number
        /** Answers to each. */
        samplesPerProblem: number
        /** The limit on an answer, in tokens. */
        maxResponseTokens: number
      }
    | undefined
  /** Whether checkpoints are written behind the steps, from a copy of weights and moments. False where left out. */
  hasSnapshot?: boolean | undefined
  /** Looked at before every micro-batch and every sampling; the rehearsal then throws its reason. */
  signal?: AbortSignal | undefined
}

/** A trainer's options, or a recipe's rollout and objective: what memory does not depend on is passed over. */
export interface RehearsalOptions
  extends Pick<GrpoTrainerOptions, RolloutName | UpdateName | 'method' | 'mode'>,
    Beside {}

/** With every default filled in. */
export interface RehearsalSettings extends Pick<TrainerSettings, RolloutName | UpdateName>, Beside {}

// The rate is the one option without a default, and takes no memory.
const { learningRate: _, ...others } = trainerKeys
const keys = z.object(others)

/** Throws an ArgumentError that tells of every option that is wrong. */
export function rehearsalSettings({ evaluation, hasSnapshot, signal, ...given }: RehearsalOptions): RehearsalSettings {
  const { data, error } = keys.safeParse(withMethod(given), { reportInput: true })
  if (data) return { ...data, evaluation, hasSnapshot, signal }
  const problems = error.issues.flatMap((issue) => problemsOf(issue, keys)).map(({ message }) => message)
  throw new ArgumentError(`[rehearsal] ${problems.join('; ')}`)
}

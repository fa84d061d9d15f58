// The held-out evaluations of a run: the base's, and one after each stage. Every phase answers the same problems at one limit; a shorter
// limit is a cut of the same answers.
import { evaluate, type GradedAnswer } from '../../eval/evaluate.js'
import { cutAt, summarize } from '../../eval/statistics.js'
import { RandomStream } from '../../random.js'
import type { Reward } from '../../reward/reward.js'
import type { RolloutEngine } from '../../rollout/engine.js'
import type { Tokenizer } from '../../tokenizer/tokenizer.js'
import type { RunData } from '../build.js'
import type { AccuracyAtLimit, PhaseReport } from '../events.js'
import { setAccuracies } from '../held-out.js'
import { evaluationLimit } from '../recipe/limits.js'
import type { Recipe } from '../recipe/recipe.js'

export interface PhaseParts {
  recipe: Recipe
  data: RunData
  tokenizer: Tokenizer
  engine: RolloutEngine
  reward: Reward
}

/** A graded answer as a checkpoint keeps it: of a problem's answers only the first keeps its text. */
type KeptAnswer = Omit<GradedAnswer, 'text'> & { text?: string }

export interface PhasesState {
  phases: PhaseReport[]
  base: KeptAnswer[][]
  latest: KeptAnswer[][]
}

export class HeldOutPhases {
  readonly #parts: PhaseParts
  #phases: PhaseReport[] = []
  #base: KeptAnswer[][] = []
  #latest: KeptAnswer[][] = []

  constructor(parts: PhaseParts) {
    this.#parts = parts
  }

  get reports(): readonly PhaseReport[] {
    return this.#phases
  }

  /** Graded answers of the base, and of the latest phase, by problem. */
  get answers(): { base: readonly (readonly KeptAnswer[])[]; latest: readonly (readonly KeptAnswer[])[] } {
    return { base: this.#base, latest: this.#latest }
  }

  get state(): PhasesState {
    const kept = (problems: KeptAnswer[][]) => problems.map((answers) => answers.map(withoutText))
    return { phases: [...this.#phases], base: kept(this.#base), latest: kept(this.#latest) }
  }

  restore({ phases, base, latest }: PhasesState): void {
    this.#phases = [...phases]
    this.#base = base
    this.#latest = latest
  }

  /** `ownLimit` is that of the stage that has ended, in tokens. */
  async evaluate(name: string, ownLimit: number | undefined, signal: AbortSignal | undefined): Promise<PhaseReport> {
    const started = performance.now()
    const before = this.#latest
    const { sets } = this.#parts.data.heldOut
    const answers = await this.#answers(signal)
    const { passAt1, standardError, meanTokens, truncatedShare } = summarize(answers)
    const phase: PhaseReport = {
      ...{ name, passAt1, standardError, meanTokens, truncatedShare },
      ...(ownLimit !== undefined && {
        atOwnLimit: { before: accuracyAt(before, ownLimit), after: accuracyAt(answers, ownLimit) },
      }),
      ...(sets.length > 0 && { sets: setAccuracies(sets, answers) }),
      seconds: (performance.now() - started) / 1000,
    }
    this.#latest = answers
    if (this.#phases.length === 0) this.#base = answers
    this.#phases.push(phase)
    return phase
  }

  #answers(signal: AbortSignal | undefined): Promise<GradedAnswer[][]> {
    const { recipe, data, tokenizer, engine, reward } = this.#parts
    const { evaluation, rollout } = recipe
    return evaluate(
      { engine, tokenizer },
      {
        rows: data.heldOut.rows,
        turn: recipe.data.prompt,
        reward,
        rewardDeadlineMs: recipe.reward.deadlineMs,
        samplesPerProblem: evaluation.samplesPerProblem,
        maxResponseTokens: evaluationLimit(recipe),
        maxPromptTokens: rollout.maxPromptTokens,
        temperature: evaluation.temperature ?? rollout.temperature,
        topK: evaluation.topK,
        topP: evaluation.topP,
        seed: new RandomStream(recipe.seed, 'held-out evaluation').word(),
        signal,
      },
    )
  }
}

function withoutText(answer: KeptAnswer, index: number): KeptAnswer {
  if (index === 0) return answer
  const { text: _, ...rest } = answer
  return rest
}

function accuracyAt(problems: KeptAnswer[][], maxResponseTokens: number): AccuracyAtLimit {
  const { passAt1, standardError } = summarize(cutAt(problems, maxResponseTokens))
  return { maxResponseTokens, passAt1, standardError }
}

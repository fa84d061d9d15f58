// The rows of each stage: the run's source, or those of it that the stage selects. What was solved in a stage is counted here, as
// plain values that a checkpoint can hold.
import { isSelectable, type ProblemSource, type SelectableSource } from '../data/problem-source.js'
import { promptsOf } from '../data/prompt.js'
import type { Row } from '../data/row.js'
import { isSelected, needsPromptTokens } from '../data/select/select-rows.js'
import { beginStage, countAnswers, nothingSolved, type SolvedState } from '../data/select/solved.js'
import { ArgumentError } from '../errors.js'
import { isRight, type ScoredAnswer } from '../eval/answer-rows.js'
import type { RowSelection } from '../schedule/row-selection.js'
import type { Stage } from '../schedule/stage.js'
import type { Tokenizer } from '../tokenizer/tokenizer.js'

export interface StageRowsOptions {
  stages: readonly Stage[]
  tokenizer: Tokenizer
  /** The user's turn, made of a row's fields. */
  turn: string
  maxPromptTokens: number
}

export interface EnteredStage {
  /** Undefined where no row is left. */
  source: ProblemSource | undefined
  /** Undefined where all are admitted that the source has. */
  numRows: number | undefined
  /** Problems left out as solved, in this stage and before. */
  numLeftOut: number
}

export class StageRows {
  readonly #source: ProblemSource
  readonly #options: StageRowsOptions
  /** By row; filled where a selection asks for it. */
  #numPromptTokens = new Map<Row, number>()
  #state: SolvedState = nothingSolved
  readonly #countsSolved: boolean

  constructor(source: ProblemSource, options: StageRowsOptions) {
    this.#source = source
    this.#options = options
    this.#countsSolved = options.stages.some(({ select }) => select?.maxSolvedBefore !== undefined)
    requireSelectable(source, options.stages)
  }

  /** Counts the tokens that selections ask for, and finds stages that no row would be left for. */
  async prepare(): Promise<void> {
    const { stages } = this.#options
    if (stages.some(({ select }) => select && needsPromptTokens(select))) await this.#countPromptTokens()
    for (const [index, { select }] of stages.entries()) {
      if (!select || this.#selected(select).source) continue
      const { length } = (this.#source as SelectableSource).rows
      const expected = `expected a row for stage ${index + 1}, got none of ${length}`
      throw new ArgumentError(`[train] ${expected}: ${JSON.stringify(select)}`)
    }
  }

  /** Where the rows of a stage come from; called once when it begins. */
  enter(stage: Stage): EnteredStage {
    this.#state = beginStage(this.#state, stage.select?.maxSolvedBefore)
    return this.#entered(stage)
  }

  /** What was solved so far: plain JSON. */
  get state(): SolvedState {
    return this.#state
  }

  /** Where the rows of a stage come from that was entered before, in the life of the run that left this state. */
  resume(stage: Stage, state: SolvedState): EnteredStage {
    this.#state = state
    return this.#entered(stage)
  }

  /** An answer that has no score does not count. */
  note(groups: readonly (readonly ScoredAnswer[])[]): void {
    if (!this.#countsSolved) return
    const seen = groups.flatMap((group) => {
      const scored = group.filter(({ score }) => score !== undefined)
      const id = group[0]?.row.id
      const numRight = scored.filter(isRight).length
      return id === undefined ? [] : [{ id, numRight, numAnswers: scored.length }]
    })
    this.#state = countAnswers(this.#state, seen)
  }

  #entered({ select }: Stage): EnteredStage {
    const numLeftOut = this.#state.leftOut.length
    if (numLeftOut === 0 && !select) return { source: this.#source, numRows: undefined, numLeftOut }
    return { ...this.#selected(select ?? {}), numLeftOut }
  }

  #selected(select: RowSelection): Omit<EnteredStage, 'numLeftOut'> {
    const source = this.#source as SelectableSource
    const leftOut = new Set(this.#state.leftOut)
    const numPromptTokens = (row: Row) => this.#numPromptTokens.get(row) as number
    const keeps = (row: Row) => isSelected(row, select, { numPromptTokens, leftOut })
    const numRows = source.rows.filter(keeps).length
    return { source: numRows > 0 ? source.where(keeps) : undefined, numRows }
  }

  async #countPromptTokens(): Promise<void> {
    const { rows } = this.#source as SelectableSource
    const { turn, tokenizer, maxPromptTokens: maxTokens } = this.#options
    for (let i = 0; i < rows.length; i += rowsAtOnce) {
      const some = rows.slice(i, i + rowsAtOnce)
      const prompts = await promptsOf(some, { turn, tokenizer, maxTokens })
      for (const [j, row] of some.entries()) this.#numPromptTokens.set(row, prompts[j]?.length as number)
    }
  }
}

const rowsAtOnce = 1000

function requireSelectable(source: ProblemSource, stages: readonly Stage[]): void {
  const index = stages.findIndex(({ select }) => select !== undefined)
  if (index < 0 || isSelectable(source)) return
  throw new ArgumentError(
    `[train] expected rows, or a source with rows and where(), for data: stage ${index + 1} selects among them`,
  )
}

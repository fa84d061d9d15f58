// What an evaluation would do: the sets, how many answers, and how long they may be.
import { readRows } from '../../data/rows.js'
import { FileFormatError } from '../../errors.js'
import { count, plural, table } from '../format.js'
import { type Asked, type AskedSet, requireNumber } from './asked.js'

export interface EvalPlan {
  type: 'plan'
  model: Asked['model']
  protocol: Asked['protocol']
  /** numProblems: null where neither the data nor the recipe says. */
  sets: { name: string; path: string; isThere: boolean; numProblems: number | null; numAnswers: number | null }[]
  /** Of all sets whose size is known. */
  numAnswers: number
  /** null where the limit follows from the model. */
  mostTokens: number | null
  beside: string | null
}

export async function planEvaluation({ model, sets, protocol, beside }: Asked, limit?: number): Promise<EvalPlan> {
  const planned: EvalPlan['sets'] = []
  for (const set of sets) {
    const rows = await numRows(set)
    const all = rows ?? set.numProblems
    const numProblems = all === undefined ? null : Math.min(all, limit ?? all)
    const numAnswers = numProblems === null ? null : numProblems * protocol.samplesPerProblem
    planned.push({ name: set.name, path: set.source.path, isThere: rows !== undefined, numProblems, numAnswers })
  }
  const numAnswers = planned.reduce((sum, set) => sum + (set.numAnswers ?? 0), 0)
  const { maxResponseTokens } = protocol
  const mostTokens = maxResponseTokens === undefined ? null : numAnswers * maxResponseTokens
  return { type: 'plan', model, protocol, sets: planned, numAnswers, mostTokens, beside: beside ?? null }
}

export function planText({ model, protocol, sets, numAnswers, mostTokens, beside }: EvalPlan): string {
  const { samplesPerProblem, temperature, topP, topK, maxResponseTokens, mode, seed } = protocol
  const rows = sets.map(({ name, numProblems, numAnswers, isThere, path }) => [
    ...[name, String(numProblems ?? '?'), String(numAnswers ?? '?')],
    isThere ? path : `${path} (not there)`,
  ])
  const limit = maxResponseTokens === undefined ? "half of the model's positions" : plural(maxResponseTokens, 'token')
  return [
    'path' in model ? model.path : `${model.name} at ${model.server}`,
    `${plural(samplesPerProblem, 'sample')} a problem, temperature ${temperature}, top-p ${topP}${topK > 0 ? `, top-k ${topK}` : ''}, ` +
      `at most ${limit}; grading ${mode}; seed ${seed}`,
    '',
    table(['set', 'problems', 'answers', 'data'], rows),
    '',
    `${plural(numAnswers, 'answer')} in all${mostTokens === null ? '' : `, at most ${count(mostTokens)} tokens`}` +
      `${beside === null ? '' : `; reported beside what ${beside} published`}`,
  ].join('\n')
}

/** Undefined where the data is not there. */
async function numRows(set: AskedSet): Promise<number | undefined> {
  try {
    const { length } = await readRows(set.source)
    requireNumber(set, length)
    return length
  } catch (error) {
    if (error instanceof FileFormatError && isAbsence(error.cause)) return undefined
    throw error
  }
}

const isAbsence = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'

// The rows of a curation as they are written: the kept as a data set to train on, the dropped with their reasons.
import type { Row } from '../row.js'
import type { DroppedRow, FoundOverlap, KeptRow } from './types.js'

/** Gives each row that is kept an id of its own. */
export class OutputRows {
  readonly #ids = new Set<string>()

  /** As lengthen's readers take it: id, problem, answer, source, then what else the row says. */
  kept({ row, source, answers, isNamedByPlace = false, mappedColumns }: KeptRow): Row {
    const { id, problem, answer: whole, solution, ...rest } = row
    const answer = answers.length === 1 ? answers[0] : answers
    // A worked answer is kept where the final one was taken out of it.
    const worked = solution ?? (typeof whole === 'string' && whole.trim() !== answer ? whole : undefined)
    const others = Object.entries(rest).filter(([name]) => !mappedColumns?.has(name))
    const known = { id: this.#freeId(id, source, isNamedByPlace), problem, answer, source }
    return { ...known, ...(worked !== undefined && { solution: worked }), ...fresh(others, known) }
  }

  #freeId(id: string, source: string, isNamedByPlace: boolean): string {
    // A row that has no id is known by its place, which says nothing beside rows of other files.
    let name = isNamedByPlace || this.#ids.has(id) ? `${source}/${id}` : id
    for (let i = 2; this.#ids.has(name); i++) name = `${source}/${id} (${i})`
    this.#ids.add(name)
    return name
  }
}

const fresh = (fields: [string, unknown][], known: object): object =>
  Object.fromEntries(fields.filter(([name]) => !Object.hasOwn(known, name)))

export function droppedRecord({ row, source, place, reason, why, of }: DroppedRow): object {
  return { reason, why, source, place, ...(of && { of }), row }
}

/** A test problem and a row that overlaps it, with both texts. */
export function overlapRecord({ test, row, kind, similarity }: FoundOverlap): object {
  const side = ({ source, place, row: { id, problem, answer } }: FoundOverlap['test']) => ({
    ...{ source, place, id, problem },
    ...(answer !== undefined && { answer }),
  })
  return { kind, similarity, test: side(test), row: side(row) }
}

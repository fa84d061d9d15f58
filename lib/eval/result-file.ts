// Reads the file of an evaluation's results, whole or broken off.
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { z } from 'zod'
import { requireStrings } from '../arguments.js'
import { ArgumentError, FileFormatError } from '../errors.js'
import { type FileLine, fileLines } from '../io/file-lines.js'
import { parseJson } from '../io/json.js'
import { regularFileBytes } from '../io/read-file.js'
import { lineSchema, type ProblemRecord, type ProblemResult, type ResultAbout, withoutTexts } from './result-record.js'

export const resultsName = 'results.jsonl'
/** Until the evaluation has ended. */
export const partialName = `${resultsName}.partial`

/** Where a line is in its file. */
export interface LinePlace {
  offset: number
  /** Its end of line included. */
  numBytes: number
}

export interface ResultLines {
  about: ResultAbout
  /** A later line of a problem stands for an earlier one. */
  problems: Map<string, { place: LinePlace; result: ProblemResult }>
  /** Up to the end of the last whole line. */
  numBytes: number
}

/**
 * An evaluation's results without the texts of the answers; `path` is the file, or the folder it is in.
 * @throws {@link ArgumentError} where the evaluation has not ended.
 * @throws {@link FileFormatError} for what is no such file, with the line.
 */
export async function readResults(path: string): Promise<{
  /** What the evaluation is of. */
  about: ResultAbout
  /** In order of sets and problems. */
  problems: ProblemResult[]
}> {
  requireStrings('evaluation', { path })
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  const file = isFolder ? join(path, resultsName) : path
  await requireEnded(file)
  const { about, problems } = await readResultLines(file)
  return { about, problems: inOrder(about, problems).map(({ result }) => result) }
}

async function requireEnded(file: string): Promise<void> {
  const folder = dirname(file)
  const partial = join(folder, partialName)
  if (basename(file) !== resultsName || (await isThere(file)) || !(await isThere(partial))) return
  throw new ArgumentError(
    `[evaluation] expected one that has ended, got ${folder} with ${partialName} only: the command that began it goes on with it`,
  )
}

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Undefined only where `mayBeBroken` and not even the first line is whole. */
export async function readResultLines(path: string): Promise<ResultLines>
export async function readResultLines(path: string, options: { mayBeBroken: true }): Promise<ResultLines | undefined>
export async function readResultLines(path: string, { mayBeBroken = false } = {}): Promise<ResultLines | undefined> {
  await regularFileBytes(path)
  let about: ResultAbout | undefined
  const problems: ResultLines['problems'] = new Map()
  let numBytes = 0
  let line = 0
  for await (const { offset, bytes, isWhole } of fileLines(path)) {
    line++
    if (!isWhole && mayBeBroken) break
    const value = parseLine(bytes, { file: path, place: `line ${line}` }, about === undefined)
    numBytes = offset + bytes.length + 1
    if (value.type === 'evaluation') about = value
    else problems.set(keyOf(value), { place: { offset, numBytes: bytes.length + 1 }, result: withoutTexts(value) })
  }
  if (about) return { about, problems, numBytes }
  if (mayBeBroken) return undefined
  throw new FileFormatError({ file: path }, 'expected the results of an evaluation, got an empty file')
}

export const keyOf = ({ set, index }: { set: string; index: number }): string => `${index} ${set}`

/** By the order of the sets and of the problems in them. */
export function inOrder<T extends { result: ProblemResult }>(
  about: ResultAbout,
  problems: ReadonlyMap<string, T>,
): T[] {
  const setPlaces = new Map(about.sets.map(({ name }, place) => [name, place]))
  const placeOf = ({ result }: T) => setPlaces.get(result.set) ?? setPlaces.size
  return [...problems.values()].sort((a, b) => placeOf(a) - placeOf(b) || a.result.index - b.result.index)
}

/** One problem's line. */
export const parseProblem = (bytes: Buffer, file: string): ProblemRecord =>
  parseLine(bytes, { file, place: 'a problem' }, false) as ProblemRecord

function parseLine(
  bytes: FileLine['bytes'],
  at: { file: string; place: string },
  isFirst: boolean,
): z.output<typeof lineSchema> {
  const { success, data, error } = lineSchema.safeParse(parseJson(bytes.toString('utf8'), at))
  if (!success) {
    const issue = error.issues[0]
    throw new FileFormatError(at, `not a line of an evaluation's results: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  if ((data.type === 'evaluation') === isFirst) return data
  throw new FileFormatError(at, `expected a line of type ${isFirst ? 'evaluation' : 'problem'}, got ${data.type}`)
}

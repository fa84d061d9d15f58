// What an evaluation is to be of, as the command line or a recipe says it.
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { DataSource } from '../../data/source.js'
import { FileFormatError } from '../../errors.js'
import type { PublishedName } from '../../eval/published.js'
import type { Protocol } from '../../eval/result-record.js'
import { loadEvalRecipe } from '../../train/eval-recipe/load.js'
import type { SamplingFlags } from '../arguments.js'
import { type PartFlags, requireKnownNames, requireParts, type SourceFlags, sourceOfFlags } from '../data/sources.js'
import { UsageError } from '../failure.js'
import { isOwnRecipe, recipeOptions } from '../own-recipe.js'

export interface EvalFlags extends SamplingFlags, SourceFlags, PartFlags {
  samples: number
  limit?: number
  prompt: string
  thinking: boolean
  mode: Protocol['mode']
  batch: number
  out?: string
  beside?: PublishedName
  set?: string[]
  dryRun?: true
  json?: true
  server?: string
  model?: string
  keyFrom: string
  concurrency: number
  timeout: number
  retries: number
  perRequest?: number
}

export interface AskedSet {
  name: string
  source: DataSource
  /** As many as it must have, where that is known. */
  numProblems?: number | undefined
}

export interface Asked {
  model: { path: string } | { server: string; name: string }
  sets: AskedSet[]
  /** Of a model of ours the limit may follow from its positions. */
  protocol: Omit<Protocol, 'maxResponseTokens'> & { maxResponseTokens?: number | undefined }
  beside: PublishedName | undefined
}

/** A set of another size than it must have is another set. */
export function requireNumber({ name, source, numProblems }: AskedSet, numRows: number): void {
  if (numProblems === undefined || numRows === numProblems) return
  throw new FileFormatError({ file: source.path }, `expected ${numProblems} problems for ${name}, got ${numRows}`)
}

/** `given`: the names of the flags that were given. */
export async function whatIsAsked(
  places: readonly string[],
  flags: EvalFlags,
  given: ReadonlySet<string>,
): Promise<Asked> {
  if (flags.out !== undefined) await requireFolder(flags.out)
  const [first] = places
  const isRecipe = places.length === 1 && first !== undefined && (/\.ya?ml$/.test(first) || isOwnRecipe(first, 'eval'))
  return isRecipe ? askedByRecipe(first, flags, given) : askedByFlags(places, flags)
}

async function requireFolder(out: string): Promise<void> {
  const stats = await stat(out).catch(() => undefined)
  if (stats && !stats.isDirectory()) throw new UsageError(`--out ${out}: expected a folder, got a file`)
}

function askedByFlags(places: readonly string[], flags: EvalFlags): Asked {
  if (flags.set) throw new UsageError(`--set ${flags.set[0]}: expected a recipe to set it in, got none`)
  return { ...askedPlaces(places, flags), protocol: protocolOf(flags), beside: flags.beside }
}

async function askedByRecipe(file: string, flags: EvalFlags, given: ReadonlySet<string>): Promise<Asked> {
  const misplaced = saidByRecipe.find((name) => given.has(name))
  if (misplaced !== undefined)
    throw new UsageError(`${file}: a recipe says it all; change it with --set, not --${dashed(misplaced)}`)
  const options = { set: flags.set ?? [], mayLackFiles: flags.dryRun ?? false, ...recipeOptions(file, 'eval') }
  const { recipe, modelPath, sets } = await loadEvalRecipe(file, options)
  const { samplesPerProblem, maxResponseTokens, temperature, topK, topP, seed, grading, data } = recipe
  const { server = '', name = '' } = recipe.model
  return {
    model: modelPath === undefined ? { server, name } : { path: modelPath },
    sets,
    protocol: { samplesPerProblem, maxResponseTokens, temperature, topK, topP, seed, turn: data.prompt, ...grading },
    beside: flags.beside ?? recipe.beside,
  }
}

/** What a recipe has keys for. */
const saidByRecipe = [
  ...['samples', 'temperature', 'topK', 'topP', 'maxTokens', 'seed'],
  ...['prompt', 'thinking', 'mode', 'server', 'model'],
  ...['columns', 'subset', 'split', 'answerAfter', 'maxBadRows'],
]

const dashed = (name: string): string =>
  name === 'thinking' ? 'no-thinking' : name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function askedPlaces(places: readonly string[], flags: EvalFlags): Pick<Asked, 'model' | 'sets'> {
  const { server, model } = flags
  if ((server === undefined) !== (model === undefined))
    throw new UsageError('expected --server and --model together: the address, and its name for the model')
  const [path, ...others] = places
  const [subject, data] =
    server !== undefined && model !== undefined ? [{ server, name: model }, places] : [{ path: path ?? '' }, others]
  if (data.length === 0)
    throw new UsageError(
      server === undefined
        ? 'expected a model and at least one data set, or a recipe'
        : 'expected at least one data set',
    )
  const sets = data.map((text) => namedSet(text, flags))
  requireKnownNames(sets, flags)
  const paths = sets.map(({ source }) => source.path)
  requireParts(paths, { '--split': flags.split, '--subset': flags.subset })
  const twice = sets.find(({ name }, i) => sets.findIndex((other) => other.name === name) < i)
  if (twice)
    throw new UsageError(`expected sets of different names, got ${twice.name} twice; name=file gives one a name`)
  return { model: subject, sets }
}

/** `name=file`, or a file, which goes by its own name. */
function namedSet(text: string, flags: EvalFlags): AskedSet {
  const [, given, path = text] = /^([\w.-]+)=(.+)$/s.exec(text) ?? []
  const name = given ?? basename(path, extname(path))
  return { name, source: sourceOfFlags(path, { ...flags, name }) }
}

function protocolOf(flags: EvalFlags): Asked['protocol'] {
  const { samples: samplesPerProblem, maxTokens: maxResponseTokens, temperature, topK, topP, seed } = flags
  const { prompt: turn, thinking: needsThinkingClosed, mode } = flags
  return { samplesPerProblem, maxResponseTokens, temperature, topK, topP, seed, turn, needsThinkingClosed, mode }
}

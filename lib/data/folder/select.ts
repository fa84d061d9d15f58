// Which files of a data set's folder are asked for: a subset, as the README.md names them, and a split of it. Pure.
import { ArgumentError, FileFormatError } from '../../errors.js'
import { formatOf } from '../formats/index.js'
import type { DataSource } from '../source.js'
import type { Subset } from './card.js'
import { isGlobMatch } from './glob.js'
import { missingShard, splitsOf } from './splits.js'

/** What datasets itself writes beside the data, as JSON. */
const notData = new Set(['dataset_infos.json', 'dataset_info.json', 'dataset_dict.json', 'state.json'])

/** The names of the files to read, in order of name. `folder` is for errors. */
export function selectFiles(
  all: readonly string[],
  {
    folder,
    subsets,
    subset,
    split,
  }: { folder: string; subsets: readonly Subset[] } & Pick<DataSource, 'subset' | 'split'>,
): string[] {
  const names = all.filter(isData)
  const chosen = chooseSubset(subsets, subset, { folder, names })
  const splits = splitsIn(chosen, names)
  const files = splits.get(chooseName([...splits.keys()], split, { folder, what: 'split' })) ?? []
  requireWhole(files, folder)
  return files
}

function isData(name: string): boolean {
  const parts = name.split('/')
  return (
    formatOf(name) !== undefined && !parts.some((part) => /^(\.|__)/.test(part)) && !notData.has(parts.at(-1) ?? '')
  )
}

function chooseSubset(
  subsets: readonly Subset[],
  wanted: string | undefined,
  { folder, names }: { folder: string; names: readonly string[] },
): Subset {
  const whole: Subset = { name: 'default', isDefault: true, folder: '', splits: undefined }
  if (subsets.length > 0) {
    const first = subsets.find(({ isDefault, name }) => isDefault || name === 'default')
    const name = chooseName(
      subsets.map(({ name }) => name),
      wanted ?? first?.name,
      { folder, what: 'subset' },
    )
    return subsets.find((one) => one.name === name) ?? whole
  }
  if (wanted === undefined || wanted === 'default') return whole
  // A README.md that names none: the folders on top.
  const folders = [...new Set(names.flatMap((name) => (name.includes('/') ? [name.slice(0, name.indexOf('/'))] : [])))]
  return { ...whole, folder: chooseName(folders, wanted, { folder, what: 'subset' }) }
}

/** The one that is wanted, or the only one. */
function chooseName(
  names: readonly string[],
  wanted: string | undefined,
  { folder, what }: { folder: string; what: 'subset' | 'split' },
): string {
  const [first] = names
  if (first === undefined) throw new FileFormatError({ file: folder }, `expected files of a ${what}, got none`)
  if (wanted === undefined && names.length === 1) return first
  if (wanted !== undefined && names.includes(wanted)) return wanted
  const list = names.slice(0, 50).join(', ')
  throw new ArgumentError(`[data] expected a ${what} of ${folder}, one of ${list}, got ${wanted ?? 'none'}`)
}

function splitsIn({ folder, splits }: Subset, all: readonly string[]): Map<string, string[]> {
  const inside = folder === '' ? '' : `${folder}/`
  const names = all.filter((name) => name.startsWith(inside)).map((name) => name.slice(inside.length))
  const found = splits ? matching(splits, names) : names.length === 0 ? new Map<string, string[]>() : splitsOf(names)
  return new Map([...found].map(([split, files]) => [split, files.map((name) => inside + name)]))
}

function matching(splits: NonNullable<Subset['splits']>, names: readonly string[]): Map<string, string[]> {
  const fits = (globs: readonly string[]) =>
    names.filter((name) => globs.some((glob) => isGlobMatch(glob, name))).sort()
  const found = [...splits].map(([split, globs]): [string, string[]] => [split, fits(globs)])
  return new Map(found.filter(([, files]) => files.length > 0))
}

/** Shards that are not there, and the same rows in two formats, would go unnoticed. */
function requireWhole(files: readonly string[], folder: string): void {
  const shard = missingShard(files)
  if (shard !== undefined)
    throw new FileFormatError({ file: folder }, `expected all shards, got none of the name ${shard}`)
  const formats = new Set(files.map(formatOf))
  if (formats.size < 2) return
  const expected = `expected the files of a split in one format, got ${[...formats].join(' and ')}`
  throw new FileFormatError({ file: folder }, `${expected}: ${files.slice(0, 10).join(', ')}`)
}

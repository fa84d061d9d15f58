// What a data set's README.md says of its subsets: the YAML before its text, under `configs`.
import { parse } from 'yaml'
import { z } from 'zod'
import { FileFormatError, messageOf } from '../../errors.js'

export interface Subset {
  name: string
  isDefault: boolean
  /** Where its files are, from the data set's folder; empty for there. */
  folder: string
  /** The patterns of each split's files, from `folder`; where the card names none, the files' names tell. */
  splits: ReadonlyMap<string, readonly string[]> | undefined
}

const patterns = z.union([z.string().transform((one) => [one]), z.array(z.string())])
const dataFiles = z.union([
  patterns.transform((path) => [{ split: 'train', path }]),
  z.array(z.looseObject({ split: z.string(), path: patterns })),
])
const config = z.looseObject({
  config_name: z.string(),
  default: z.boolean().default(false),
  data_dir: z.string().optional(),
  data_files: dataFiles.optional(),
})
const card = z.looseObject({ configs: z.array(config).default([]) })

/** The subsets that the card lists; none where it lists none. `file` is its path, for errors. */
export function subsetsOf(readme: string, file: string): Subset[] {
  const header = /^---\r?\n(.*?)\r?\n---/s.exec(readme)?.[1]
  if (header === undefined) return []
  let found: unknown
  try {
    found = parse(header, { logLevel: 'error', maxAliasCount: 100 }) ?? {}
  } catch (cause) {
    throw new FileFormatError({ file }, `not YAML: ${messageOf(cause)}`, { cause })
  }
  const result = card.safeParse(found)
  const [issue] = result.error?.issues ?? []
  if (issue) throw new FileFormatError({ file, place: issue.path.join('.') }, issue.message)
  return (result.data?.configs ?? []).map(subsetOf)
}

function subsetOf({ config_name, default: isDefault, data_dir = '', data_files }: z.output<typeof config>): Subset {
  const splits = data_files && new Map(data_files.map(({ split, path }) => [split, path]))
  return { name: config_name, isDefault, folder: data_dir.replace(/^\.?\/+|\/+$/g, ''), splits }
}

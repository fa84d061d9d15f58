// Which split a file of a data set belongs to by its name, after the rules of Hugging Face's datasets: a folder data/ of numbered shards
// tells it first, else a folder's name, else a word in the file's name; where none does, every file is of the split train. Pure.

const keywords: readonly (readonly [split: string, words: readonly string[]])[] = [
  ['train', ['train', 'training']],
  ['validation', ['validation', 'valid', 'dev', 'val']],
  ['test', ['test', 'testing', 'eval', 'evaluation']],
]

type Rule = (name: string) => string | undefined

const shardOf: Rule = (name) => /^data\/(\w[\w.-]*)-\d{5,}-of-\d{5,}[^/]*$/.exec(name)?.[1]
const folderOf: Rule = (name) => splitNamed(name.split('/').slice(0, -1).flatMap(words))
const fileOf: Rule = (name) => splitNamed(words(name.split('/').at(-1) ?? ''))

/** The names of each split's files, in order of name. */
export function splitsOf(names: readonly string[]): Map<string, string[]> {
  for (const rule of [shardOf, folderOf, fileOf]) {
    const splits = grouped(names, rule)
    if (splits.size > 0) return splits
  }
  return new Map([['train', [...names].sort()]])
}

/** Numbered shards of which some are missing: the name of one. `a-00001-of-00003.parquet` */
export function missingShard(names: readonly string[]): string | undefined {
  const present = new Set(names)
  for (const name of names) {
    const [, before = '', digits = '', count = '0', after = ''] = /^(.*-)(\d{5,})-of-(\d{5,})([^/]*)$/s.exec(name) ?? []
    if (digits === '') continue
    for (let i = 0; i < Number(count) && i <= names.length; i++) {
      const shard = `${before}${String(i).padStart(digits.length, '0')}-of-${count}${after}`
      if (!present.has(shard)) return shard
    }
  }
  return undefined
}

function grouped(names: readonly string[], rule: Rule): Map<string, string[]> {
  const splits = new Map<string, string[]>()
  for (const name of [...names].sort()) {
    const split = rule(name)
    if (split !== undefined) splits.set(split, [...(splits.get(split) ?? []), name])
  }
  return splits
}

const words = (text: string): string[] => text.split(/[-._ 0-9]+/)

function splitNamed(found: readonly string[]): string | undefined {
  return keywords.find(([, words]) => words.some((word) => found.includes(word)))?.[0]
}

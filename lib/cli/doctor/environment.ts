// Environment variables that change what lengthen does. Only such values are told as cannot hold a secret. Pure.

export interface Variable {
  name: string
  /** null where it is set and not told. */
  value: string | null
}

/** Numbers, names of what we offer, and paths. */
const told = new Set([
  ...['LENGTHEN_ADDON', 'LENGTHEN_CUBLAS', 'LENGTHEN_ISA', 'LENGTHEN_PREBUILD', 'LENGTHEN_THREADS'],
  ...['HF_HOME', 'HF_HUB_CACHE', 'HF_HUB_OFFLINE'],
])

export function ourVariables(env: NodeJS.ProcessEnv): Variable[] {
  const isOurs = (name: string) => /^(LENGTHEN_|HF_)/.test(name) || name === 'NODE_OPTIONS'
  return Object.keys(env)
    .filter((name) => isOurs(name) && env[name])
    .sort()
    .map((name) => ({ name, value: shownValue(name, env[name] as string) }))
}

function shownValue(name: string, value: string): string | null {
  if (name === 'NODE_OPTIONS') return withoutValues(value)
  return told.has(name) ? value : null
}

/** Names of options, and values that are numbers: --max-old-space-size=4096 --require … */
export function withoutValues(options: string): string {
  const words = options.trim().split(/\s+/)
  return words.map((word) => (/^--?[a-z][a-z-]*(=\d+)?$/.test(word) ? word : hidden(word))).join(' ')
}

const hidden = (word: string): string => `${/^(--?[a-z][a-z-]*=)/.exec(word)?.[1] ?? ''}…`

export type Json = Record<string, unknown>

export const jsonLines = (text: string): Json[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

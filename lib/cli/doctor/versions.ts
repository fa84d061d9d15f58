// Versions, as far as a doctor needs them. Pure.

/** −1, 0 or 1: numbers between dots; what is not there counts as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.replace(/^v/, '').split(/[.-]/).map(Number)) as [number[], number[]]
  for (let i = 0; i < 3; i++) {
    const sign = Math.sign((left[i] ?? 0) - (right[i] ?? 0))
    if (sign !== 0) return sign
  }
  return 0
}

/** Of ranges as `engines` has them: >= and ^, joined by ||. Undefined of any other. */
export function isInRange(version: string, range: string): boolean | undefined {
  const answers = range.split('||').map((part) => {
    const [, sign, least] = /^\s*(>=|\^)\s*v?(\d+(?:\.\d+){0,2})\s*$/.exec(part) ?? []
    if (sign === undefined || least === undefined) return undefined
    const major = (text: string) => Number(text.replace(/^v/, '').split('.')[0])
    return compareVersions(version, least) >= 0 && (sign === '>=' || major(version) === major(least))
  })
  if (answers.includes(true)) return true
  return answers.includes(undefined) ? undefined : false
}

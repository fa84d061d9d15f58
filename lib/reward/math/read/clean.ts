// Takes off what is around an answer and is not part of it.

/** Dollar signs in pairs, \( \), \[ \], the full stop and stray backslash at the end, and the look of commas between digits. */
export function clean(text: string): string {
  let result = text.trim()
  if (result.includes('\\')) {
    result = result.replaceAll(/,\s*\\!\s*/g, '{,}').replaceAll(/(\d)\\,(?=\d{3}(?!\d))/g, '$1{,}')
    result = result.replace(/\\+$/, '').replaceAll(/(?<!\\)\\[()[\]]/g, ' ')
  }
  if (result.includes('{')) result = result.replaceAll(/\s*\{\s*,\s*\}\s*/g, '{,}')
  if (result.includes('$')) result = withoutDollars(result)
  return result.replace(/(?<=[^.])\.$/, '').trim()
}

/** Two dollar signs delimit mathematics; a single one is money, as is \$. */
function withoutDollars(text: string): string {
  const plain = text.replaceAll('$$', ' ')
  const numDollars = plain.match(/(?<!\\)\$/g)?.length ?? 0
  return numDollars % 2 === 0 ? plain.replaceAll(/(?<!\\)\$/g, ' ').trim() : plain
}

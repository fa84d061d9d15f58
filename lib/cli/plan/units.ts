// Times, money and large counts of a plan as people read them.

/** 45 → "45.0 s", 600 → "10.0 min", 9000 → "2.50 h", 900000 → "250 h". */
export function time(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
  if (seconds < 7200) return `${(seconds / 60).toFixed(1)} min`
  return `${hours(seconds / 3600)} h`
}

/** 2.5 → "2.50", 25 → "25.0", 2500 → "2,500". */
export function hours(value: number): string {
  if (value >= 100) return grouped(value)
  return value.toFixed(value < 10 ? 2 : 1)
}

/** 4500.4 → "4,500". */
export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')

export const dollars = (value: number): string => `$${value < 100 ? value.toFixed(2) : grouped(value)}`

/** 1.2e18 → "1.20E", with the letters for thousands of thousands of operations. */
export function operations(flops: number): string {
  const letters = ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
  const power = Math.max(0, Math.min(letters.length - 1, Math.floor(Math.log10(Math.max(1, flops)) / 3)))
  return `${(flops / 1000 ** power).toPrecision(3)}${letters[power]}`
}

/** A text as lines of at most so many characters, the second and all further ones set in. */
export function wrapped(text: string, { width = 100, indent = '  ' } = {}): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent + word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].join('\n')
}

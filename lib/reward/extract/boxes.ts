// Finds \boxed{…} and \fbox{…}.

export interface Box {
  /** Of the backslash, and just after the closing brace. */
  begin: number
  end: number
  content: string
}

const opening = /\\(?:boxed|fbox)\s{0,8}\{/y

/** The balanced boxes that hold no other balanced box, in order. `\{` and `\}` are letters, not braces. */
export function findBoxes(text: string): Box[] {
  if (!text.includes('\\boxed') && !text.includes('\\fbox')) return []
  // One pass, since a degenerate answer may open thousands. For each open brace: its box, if it is one.
  const open: (Omit<Box, 'end' | 'content'> & { start: number })[] = []
  const boxes: Box[] = []
  for (let i = 0; i < text.length; i++) {
    const letter = text.charAt(i)
    if (letter === '}') {
      const box = open.pop()
      if (box === undefined || box.start === -1 || (boxes.at(-1)?.begin ?? -1) > box.begin) continue
      boxes.push({ begin: box.begin, end: i + 1, content: text.slice(box.start, i) })
    } else if (letter === '{') open.push({ begin: i, start: -1 })
    else if (letter === '\\') i += skipCommand(text, i, open)
  }
  return boxes
}

/** How many letters after the backslash are read: a box's opening, an escaped letter, or none. */
function skipCommand(text: string, i: number, open: { begin: number; start: number }[]): number {
  opening.lastIndex = i
  const match = opening.exec(text)
  if (match !== null) {
    open.push({ begin: i, start: i + match[0].length })
    return match[0].length - 1
  }
  // A doubled backslash before a box belongs to the line above it.
  opening.lastIndex = i + 1
  return opening.test(text) ? 0 : 1
}

/** What the last balanced box holds. */
export function lastBoxed(text: string): string | undefined {
  return findBoxes(text).at(-1)?.content
}

const maxBetween = 60

/** The last box and those before it that are joined to it: by commas, by "and" or by "or", with no more than a phrase between. */
export function lastJoinedBoxes(text: string): { content: string; begin: number; end: number } | undefined {
  const boxes = findBoxes(text)
  const last = boxes.at(-1)
  if (last === undefined) return undefined
  const joined = [last]
  for (let i = boxes.length - 2; i >= 0; i--) {
    const [box, next] = [boxes[i] as Box, joined[0] as Box]
    if (!areJoined(text.slice(box.end, next.begin))) break
    joined.unshift(box)
  }
  const content = joined.map((box) => box.content.trim()).join(', ')
  return { content: content + percentAfter(text, last.end), begin: (joined[0] as Box).begin, end: last.end }
}

/** \\boxed{28}\% and $\boxed{28}$ percent say 28 %. */
function percentAfter(text: string, end: number): string {
  return /^\s?\$?\s?(?:\\?%|percent|pct)/.test(text.slice(end, end + 12)) ? '\\%' : ''
}

function areJoined(between: string): boolean {
  if (between.length > maxBetween || between.length === 0) return between.length === 0
  const words = between
    .replaceAll(/\\(?:quad|qquad|text|mbox|left|right|\W)/g, ' ')
    .replaceAll(/[^a-zA-Z]+/g, ' ')
    .trim()
  if (words === '') return !/[=<>]/.test(between)
  return /(?:^|\s)(?:and|or)(?: [a-z](?:_?\d)?)?$/i.test(words)
}

// A problem's text without what does not change its meaning: case, spacing, LaTeX's layout commands, sentence punctuation.

/** Commands that only lay out; what they stand around stays. */
const layout =
  /\\(?:left|right|displaystyle|textstyle|limits|quad|qquad|big|bigg|Big|Bigg|text|textbf|textit|mathrm|mathbf|operatorname)(?![a-z])\*?|\\[!,;:> ]|\\[()[\]]|[${}]/gi
const smallFractions = /\\[dt]frac(?![a-z])/g
const thousands = /(?<![\d.])\d{1,3}(?:,\d{3})+(?!\d)/g
const word = /\\?\p{L}+|\d+(?:\.\d+)?|[^\s\p{L}\d.,;:?"“”…]/gu

/** Lower-case words, numbers and signs, in order. The same for spellings that a reader would call the same text. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize('NFKC')
    .replaceAll(layout, ' ')
    .replaceAll(smallFractions, '\\frac')
    .replaceAll(thousands, (digits) => digits.replaceAll(',', ''))
  return plain.toLowerCase().match(word) ?? []
}

/** Two texts with the same key are exact duplicates. */
export const textKey = (words: readonly string[]): string => words.join(' ')

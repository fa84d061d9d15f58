// A problem's text without what does not change its meaning: case, spacing, LaTeX's layout commands, sentence punctuation.

/** Commands that only lay out; what they stand around stays. */
const layout =
  /\\(?:left|right|displaystyle|textstyle|limits|quad|qquad|big|bigg|Big|Bigg|text|textbf|textit|mathrm|mathbf|operatorname)(?![a-z])\*?|\\[!,;:> ]|\\[()[\]]|\$/gi
const texts = /\\(?:text|textbf|textit|mathrm|mathbf|operatorname\*?)\s*\{([^{}]*)\}/g
const smallFractions = /\\[dt]frac(?![a-z])/g
/** Braces that hold one word or number say nothing; `2^{x+1}` is another number than `2^x+1`. */
const loneBraces = /\{\s*(\\?\p{L}+|\d+(?:\.\d+)?)\s*\}/gu

/** Unicode's small raised and lowered signs, which NFKC would set on the line: 3² is not 32. */
const raised = /[²³¹⁰ⁱ⁴-ⁿʰ-ʸˠ-ˤᴬ-ᵡ]+/gu
const lowered = /[₀-ₜⱼᵢ-ᵪ]+/gu
/** ½ and ①, beside digits: 3½ is not 31/2. */
const otherNumbers = /\p{No}/gu

/** Not at the edge of brackets or after a comma: f(1,234) and {5, 1,234} hold two or three numbers. */
const thousands = /(?<![\d.,]|[([{]\s*|,\s*)\d{1,3}(?:,\d{3})+(?!\d|,\d|\s*[)\]}])/g
/** A colon or semicolon that stands between operands. */
const between = /(?<=\d|(?<!\p{L})\p{L}|[)\]}])(\s*)([:;])(?=\s*(?:\d|[([]|\\?\p{L}(?!\p{L})))/gu
const kept: Readonly<Record<string, string>> = { ':': '∶', ';': '⁏' }

const word = /\\?\p{L}+|\d+(?:\.\d+)?|[^\s\p{L}\d.,;:?"“”…]/gu

/**
 * Words, numbers and signs, in order. The same for spellings that a reader would call the same text. Words are in lower case, but for
 * single letters and LaTeX's commands: A and a, Δ and δ are different quantities.
 */
export function wordsOf(text: string): string[] {
  const plain = onTheLine(text)
    .replaceAll(texts, ' $1 ')
    .replaceAll(layout, ' ')
    .replaceAll(smallFractions, '\\frac')
    .replaceAll('{,}', ',')
    .replaceAll(thousands, (digits) => digits.replaceAll(',', ''))
    .replaceAll(loneBraces, ' $1 ')
    .replaceAll(between, (_, space: string, sign: string) => `${space}${kept[sign]}`)
  return (plain.match(word) ?? []).map(withoutCase)
}

/** In Unicode's compatible spelling, with powers and indices marked as such. */
const onTheLine = (text: string): string =>
  text
    .replaceAll(raised, (signs) => `^${signs.normalize('NFKC')} `)
    .replaceAll(lowered, (signs) => `_${signs.normalize('NFKC')} `)
    .replaceAll(otherNumbers, ' $& ')
    .normalize('NFKC')

/** A letter alone may be more than one UTF-16 unit. */
const withoutCase = (text: string): string =>
  text.startsWith('\\') || /^\p{L}$/u.test(text) ? text : text.toLowerCase()

/** Two texts with the same key are exact duplicates. */
export const textKey = (words: readonly string[]): string => words.join(' ')

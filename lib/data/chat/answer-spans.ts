// Where in a rendered conversation the answers are. Pure: texts in, tokens out.
//
// The conversation up to an answer, rendered with the generation prompt, is what the model is given when it answers; rendered
// with the answer, it is what the model should have made of that. So the answer is what the second has more than the first,
// provided that the first is how the second begins, and that this holds for the tokens too.
import type { TokenSpan } from './example.js'

/** What is needed of a tokenizer. */
export interface Encoding {
  /** Ids of a rendered text, nothing added. */
  encode(text: string): number[]
  /** The text of ids, for messages. */
  decode(ids: Iterable<number>): string
  /** Tokens that end an answer; the first one is put behind an answer that the template leaves open. */
  readonly eosIds: readonly number[]
}

/** The texts of one answer. */
export interface AnswerTexts {
  /** The answer's place in the conversation, from 1, for messages to people. */
  message: number
  /** Up to where the assistant begins to speak. */
  opened: string
  /** With the answer, before anything that follows it. */
  closed: string
}

/** `answers` in order, the last one's `closed` being the whole conversation. What the template breaks is returned as text. */
export function answerSpans(
  answers: readonly AnswerTexts[],
  encoding: Encoding,
): { tokens: number[]; answers: TokenSpan[] } | string {
  const whole = encoding.encode(answers.at(-1)?.closed ?? '')
  const spans: TokenSpan[] = []
  for (const { message, opened, closed } of answers) {
    const prompt = encoding.encode(opened)
    const isLast = spans.length === answers.length - 1
    const answered = isLast ? whole : encoding.encode(closed)
    if (!isPrefix(prompt, answered)) return brokenPrompt(message, { prompt, answered, encoding })
    if (!isPrefix(answered, whole)) return brokenHistory(message)
    spans.push({ begin: prompt.length, end: endOfAnswer(answered, prompt.length, encoding.eosIds) })
  }
  return withEnd({ tokens: whole, answers: spans }, encoding.eosIds)
}

/** The answer as it is written, behind the prompt, whatever the template would make of it. */
export function verbatimAnswer(
  { opened, content }: { opened: string; content: string },
  encoding: Encoding,
): { tokens: number[]; answers: TokenSpan[] } {
  const prompt = encoding.encode(opened)
  const tokens = [...prompt, ...encoding.encode(content.slice(saidTwice(opened, content)))]
  const end = endOfAnswer(tokens, prompt.length, encoding.eosIds)
  return withEnd({ tokens, answers: [{ begin: prompt.length, end }] }, encoding.eosIds)
}

const isPrefix = (beginning: readonly number[], whole: readonly number[]): boolean =>
  beginning.length <= whole.length && beginning.every((token, i) => token === whole[i])

/** The model stops at an end token: what a template puts behind it, such as a new line, is nobody's to say. */
function endOfAnswer(tokens: readonly number[], begin: number, eosIds: readonly number[]): number {
  const last = tokens.findLastIndex((token) => eosIds.includes(token))
  return last >= begin ? last + 1 : tokens.length
}

/** The last answer ends with an end token, the template's or the tokenizer's own; what nothing is learned from goes. */
function withEnd(
  { tokens, answers }: { tokens: number[]; answers: TokenSpan[] },
  eosIds: readonly number[],
): { tokens: number[]; answers: TokenSpan[] } {
  const last = answers.at(-1) as TokenSpan
  const learned = tokens.slice(0, last.end)
  const [eosId] = eosIds
  const hasEnd = last.end > last.begin && eosIds.includes(learned.at(-1) as number)
  if (eosId !== undefined && !hasEnd) learned.push(eosId)
  const spans = [...answers.slice(0, -1), { begin: last.begin, end: learned.length }]
  return { tokens: learned, answers: spans.map(afterFirst).filter(({ begin, end }) => begin < end) }
}

/** Nothing predicts the first token. */
const afterFirst = ({ begin, end }: TokenSpan): TokenSpan => ({ begin: Math.max(1, begin), end })

/** Letters that the prompt ends and the answer begins with, as <think> where the template has opened it already; spaces alone do not count. */
function saidTwice(opened: string, content: string): number {
  for (let length = Math.min(opened.length, content.length, longestOverlap); length > 0; length--) {
    const beginning = content.slice(0, length)
    if (/\S/.test(beginning) && opened.endsWith(beginning)) return length
  }
  return 0
}

const longestOverlap = 100

const brokenHistory = (message: number): string =>
  `message ${message}: the chat template renders this answer otherwise once turns follow it, as templates do that drop ` +
  'the thinking of earlier turns; learn from the last answer alone, by answers: last'

function brokenPrompt(
  message: number,
  { prompt, answered, encoding }: { prompt: number[]; answered: number[]; encoding: Encoding },
): string {
  const at = prompt.findIndex((token, i) => token !== answered[i])
  const shown = (tokens: number[]) => JSON.stringify(encoding.decode(tokens.slice(at, at + 8)).slice(0, 60))
  return (
    `message ${message}: the chat template does not render the answer behind its own prompt: from token ${at + 1} on the ` +
    `prompt reads ${shown(prompt)}, the conversation ${shown(answered)}; answers: verbatim puts the answer there as it is`
  )
}

// Text to tree.
import type { Budget } from '../budget.js'
import { lex } from '../lex/lexer.js'
import type { CommaReading } from '../lex/token.js'
import type { Node } from '../tree.js'
import { parseAnswer } from './answer.js'
import { Cursor } from './cursor.js'

/** @throws Unreadable where the text is not mathematics that is understood. */
export function parse(text: string, budget: Budget, commas: CommaReading = 'thousands'): Node {
  return parseAnswer(new Cursor(lex(text, budget, commas), budget))
}

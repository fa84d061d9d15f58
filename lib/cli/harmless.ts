// Text that a model made up, or a data set says, for a terminal: what it would take for a command, such as a colour, a title or the clipboard,
// is shown instead.
import type { Output } from './reporter.js'

/** Writes text as it is, but on a terminal harmlessly. */
export const modelTextWriter =
  (output: Output) =>
  (text: string): void =>
    void output.write(output.isTTY === true ? harmless(text) : text)

/** Every control character but newline and tab as a letter that stands for it: ESC as ␛. Nor is the direction of writing turned round. */
export function harmless(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, picture)
}

/** The same on one line: newlines and tabs too. */
export const harmlessLine = (text: string): string => harmless(text).replace(/[\n\t]/g, picture)

function picture(control: string): string {
  const code = control.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\ufffd' // the others have no picture
}

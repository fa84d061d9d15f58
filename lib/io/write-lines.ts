// JSON Lines of any length: a file may be larger than a string can be.
import { writeFileAtomically } from './write-file.js'

/** Bytes put together before they are written, about. */
const charactersAtOnce = 1 << 20

/** Each value on a line of its own, written as it comes; the file is there whole or not at all. */
export function writeJsonLines(path: string, values: Iterable<object>): Promise<void> {
  return writeFileAtomically(path, async (file) => {
    let lines = ''
    for (const value of values) {
      lines += `${JSON.stringify(value)}\n`
      if (lines.length < charactersAtOnce) continue
      await file.appendFile(lines)
      lines = ''
    }
    await file.appendFile(lines)
  })
}

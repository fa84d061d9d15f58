import { PassThrough } from 'node:stream'

/** Types the next of the given keys whenever a question is awaited, and Ctrl-D at the end. */
export function terminal(keys: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  let numTyped = 0
  output.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    if (text.includes('> ')) input.write(keys[numTyped++] ?? '\u0004')
  })
  return { input, output, shown: () => shown }
}

// The @example blocks of lib's comments, as programs of their own.
import { readSource, sourceFiles } from '../helpers/source-files.js'

/** By a name that says where a block stands: its file, with the line that it documents. */
export function docExamples(): Record<string, string> {
  const programs = sourceFiles('lib', /\.ts$/).flatMap((file) =>
    [...readSource(file).matchAll(block)].map(({ 1: code = '', 2: symbol = '' }) => [
      `examples/${symbol}.ts`,
      `${code.replaceAll(/^ *\* ?/gm, '')}\nexport {}\n`,
    ]),
  )
  return Object.fromEntries(programs)
}

// To the end of the comment, and on to the name of what it documents.
const block =
  /@example\n *\* ```ts\n(.*?)\n *\* ```\n *\*\/\n *(?:export |static |abstract |async |function\*? |class |const )*(\w+)/gs

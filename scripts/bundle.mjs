// Makes dist/ from what tsc has made of lib/: few files instead of hundreds, since Node takes longer to find and link
// many small modules than to run them, and with them what is needed of the libraries that the program imports.
// Readable, not minified: a stack trace names functions as the sources do.
import path from 'node:path'
import { rolldown } from 'rolldown'

/** Found by their place at run time, or programs of their own: they stay dependencies. */
const external = [/^node:/, 'node-gyp-build', '@huggingface/jinja']

/** What is started or imported by its file: the package, the command line, the programs of worker processes. */
const entries = {
  index: 'index.js',
  native: 'native.js',
  'cli/main': 'cli/main.js',
  'workers/grader': 'reward/pool/worker.js',
  'workers/grade-math': 'reward/grade-math.js',
  'workers/parquet': 'data/formats/parquet/worker.js',
}

/** @param {string} from folder of modules @param {string} to folder of the bundle @returns {Promise<void>} */
export async function bundle(from, to) {
  const input = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path.join(from, file)]))
  const build = await rolldown({ input, external, platform: 'node', onLog: refuse })
  await build.write({ dir: to, format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' })
  await build.close()
}

/** A warning is an error here as elsewhere: an import that is not found is only a warning. */
function refuse(level, log) {
  if (level === 'warn') throw new Error(log.message)
}

// Makes dist/ from what tsc has made of lib/: few files instead of hundreds, since Node takes longer to find and link
// many small modules than to run them, and with them what is needed of the libraries that the program imports, beside their
// licences. Readable, not minified: a stack trace names functions as the sources do.
import fs from 'node:fs'
import path from 'node:path'
import { rolldown } from 'rolldown'
import { root } from './stamp.mjs'

/** Found by their place at run time. */
const external = [/^node:/, 'node-gyp-build', '@huggingface/jinja']

/** What is started or imported by its file: the package, the command line, the addon's trial, the programs of worker processes. */
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
  const { output } = await build.write({
    dir: to,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
  })
  await build.close()
  const packages = packagesOf(output.flatMap((chunk) => Object.keys(chunk.modules ?? {})))
  fs.writeFileSync(path.join(to, 'LICENSES.txt'), packages.map(licenceOf).join('\n'))
}

/** A warning is an error here as elsewhere: an import that is not found is only a warning. */
function refuse(level, log) {
  if (level === 'warn') throw new Error(log.message)
}

/** @param {string[]} modules @returns {string[]} names of the packages that they are from, in order */
function packagesOf(modules) {
  const names = modules.map((module) => module.match(/.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}

/** @param {string} name @returns {string} */
function licenceOf(name) {
  const folder = path.join(root, 'node_modules', name)
  const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const file = fs.readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry))
  if (file === undefined) throw new Error(`expected a licence's text in ${folder}, found none`)
  return `==== ${name} ${version}: ${license} ====\n\n${fs.readFileSync(path.join(folder, file), 'utf8').trim()}\n`
}

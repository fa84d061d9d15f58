// npm run check:package [-- FILE.tgz]: what publint and "Are the types wrong?" say of the packed package; anything they say fails it.
// Without a file it packs one, from dist/ as it is current, and without prebuilds where there are none: neither tool reads those.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { packInto } from './release/stage.mjs'
import { root } from './stamp.mjs'

// The profile leaves out the resolution that does not read "exports" (moduleResolution node10): no Node that this package runs on
// resolves so. The rule says that require() of an ES module throws, and lets TypeScript 5.6 judge; from Node 20.19 on it does not
// throw, and from TypeScript 5.8 on the compiler knows. test/types compiles a CommonJS program, and check:install runs one on each
// Node. The rule is ignored rather than all of that resolution, so whatever else is wrong with it is still found.
const attwOptions = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm']

const given = process.argv[2]
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-package-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))

const tarball = given === undefined ? pack() : path.resolve(given)
const isClean = [await lint(), typesAreRight()].every(Boolean)
process.exitCode = isClean ? 0 : 1

function pack() {
  run(process.execPath, ['scripts/build-typescript.mjs'])
  return packInto(folder)
}

async function lint() {
  const data = fs.readFileSync(tarball)
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true, level: 'suggestion' })
  for (const message of messages) console.error(`publint: ${message.type}: ${formatMessage(message, pkg)}`)
  console.log(`publint: ${messages.length} messages`)
  return messages.length === 0
}

function typesAreRight() {
  const attw = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')
  const bin = path.join(path.dirname(attw), 'dist/index.js')
  const args = [bin, tarball, '--no-definitely-typed', '--no-emoji', '--no-color', '--format', 'table', ...attwOptions]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) console.error(stdout + stderr)
  console.log(`attw: ${status === 0 ? 'no problems' : 'problems'} (${attwOptions.join(' ')})`)
  return status === 0
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  if (result.status !== 0) process.exit(result.status ?? 1)
  return result
}

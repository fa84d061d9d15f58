// npm run check:speed [-- NAME…]: runs every file of scripts/check-speed/, or those named, each in a process of its own: bars that are
// timed, for a calm machine, and so no part of the tests. Fails where one does.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root } from './stamp.mjs'

const folder = path.join(root, 'scripts/check-speed')
const names = fs.readdirSync(folder).map((file) => path.basename(file, '.mjs'))
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !names.includes(name))
if (unknown !== undefined) {
  console.error(`expected ${names.join(', ')}, got ${unknown}`)
  process.exit(2)
}
for (const name of asked.length > 0 ? asked : names) {
  console.log(`== ${name}`)
  const { status } = spawnSync(process.execPath, [path.join(folder, `${name}.mjs`)], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}

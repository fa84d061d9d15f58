// node scripts/release/size.mjs: what the tarball holds, by folder, and whether it is small enough.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../stamp.mjs'
import { tarball } from './steps.mjs'

const largestBytes = 5e6

const packed = fs.statSync(path.join(root, tarball)).size
/** @type {Map<string, { files: number, bytes: number }>} */
const folders = new Map()
for (const { name, bytes } of filesIn(tarball)) {
  const folder = name.includes('/') ? `${name.split('/')[0]}/` : 'the root'
  const sum = folders.get(folder) ?? { files: 0, bytes: 0 }
  folders.set(folder, { files: sum.files + 1, bytes: sum.bytes + bytes })
}
for (const [folder, { files, bytes }] of [...folders].sort(([, a], [, b]) => b.bytes - a.bytes))
  console.log(`${folder.padEnd(12)} ${megabytes(bytes)} in ${files} files`)
console.log(`packed: ${megabytes(packed)} of at most ${megabytes(largestBytes)}`)
if (packed > largestBytes) process.exitCode = 1

/** @param {string} file @returns {{ name: string, bytes: number }[]} without npm's folder package/ */
function filesIn(file) {
  const { status, stdout, stderr } = spawnSync('tar', ['-tvzf', file], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`tar -tvzf ${file}: ${stderr}`)
  const lines = stdout.split('\n').filter(Boolean)
  return lines.map((line) => {
    const [, bytes = '', name = ''] = line.match(/^\S+ +\S+ +(\d+) +\S+ +\S+ package\/(.*)$/) ?? []
    return { name, bytes: Number(bytes) }
  })
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`
}

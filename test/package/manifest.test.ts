// What package.json says to npm's users.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { isInRange } from '../../lib/cli/doctor/versions.js'
import { root } from '../helpers/source-files.js'

interface Manifest {
  engines: { node: string }
  keywords: string[]
  author: string
}

const json = (file: string) => JSON.parse(readFileSync(root + file, 'utf8'))
const manifest = json('package.json') as Manifest

test.each([
  ['v20.18.3', false],
  ['v20.19.0', true],
  ['v21.7.3', false],
  ['v22.11.0', false],
  ['v22.12.0', true],
  ['v23.0.0', true],
  ['v26.0.0', true],
])('Node %s can require an ES module without a flag: %s', (version, can) => {
  expect(isInRange(version, manifest.engines.node)).toBe(can)
})

test('the lock and the examples ask for the same Node', () => {
  const lock = json('package-lock.json') as { packages: Record<string, Manifest> }
  expect(lock.packages['']?.engines).toEqual(manifest.engines)
  expect((json('examples/package.json') as Manifest).engines).toEqual(manifest.engines)
})

test('it is found by what it does, and says whose it is', () => {
  expect(manifest.keywords).toContain('grpo')
  expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length)
  expect(manifest.author).not.toBe('')
})

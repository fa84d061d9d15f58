import { expect, it } from 'vitest'
import { isInstalled } from '../../scripts/setup/lockfile.mjs'

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b-win32': { version: '2.0.0', integrity: 'sha512-b', optional: true },
  },
}
const a = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } }

it('an install is current when every package is there, another platform’s left out', () => {
  expect(isInstalled(lock, { packages: a })).toBe(true)
})

it('a package missing, of another version, or of other content makes it out of date', () => {
  expect(isInstalled(lock, { packages: {} })).toBe(false)
  expect(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } } })).toBe(false)
  expect(isInstalled(lock, { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-z' } } })).toBe(false)
})

it('a package that the lock file no longer names makes it out of date', () => {
  expect(isInstalled(lock, { packages: { ...a, 'node_modules/old': { version: '1.0.0' } } })).toBe(false)
})

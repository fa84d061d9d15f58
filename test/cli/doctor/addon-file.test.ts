import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addonFilesIn, describe } from '../../../lib/cli/doctor/addon-file.js'
import { addonFile } from '../../../lib/native.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const isElfMachine = process.platform === 'linux'

test.skipIf(!isElfMachine)('the addon of this machine is known for one, whole or cut', () => {
  const content = readFileSync(addonFile)
  const whole = describe(content)
  expect(whole).toMatchObject({ format: 'ELF', arch: process.arch, isCutShort: false, bytes: content.length })
  expect(whole.glibcNeeded).toMatch(/^2\.\d+$/)
  for (const length of [content.length - 1, content.length >> 1, 40])
    expect(describe(content.subarray(0, length))).toMatchObject({ format: 'ELF', isCutShort: true })
  const arm = Buffer.from(content)
  arm.writeUInt16LE(183, 18)
  expect(describe(arm).arch).toBe('arm64')
})

test('what is no addon is told from one', () => {
  expect(describe(Buffer.alloc(0))).toEqual({
    ...{ bytes: 0, format: 'unknown', arch: null, isCutShort: false, glibcNeeded: null },
  })
  expect(describe(Buffer.from('cffaedfe00', 'hex')).format).toBe('Mach-O')
  expect(describe(Buffer.from('MZ..')).format).toBe('PE')
  expect(describe(Buffer.from('<html>')).format).toBe('unknown')
  expect(describe(Buffer.from('\x7fELF', 'latin1'))).toMatchObject({ arch: null, isCutShort: true })
})

test('the newest glibc counts, by number', () => {
  const elf = Buffer.concat([
    Buffer.from('\x7fELF', 'latin1'),
    Buffer.alloc(60),
    Buffer.from('GLIBC_2.9\0GLIBC_2.34\0GLIBC_PRIVATE'),
  ])
  expect(describe(elf).glibcNeeded).toBe('2.34')
})

test('candidates are those that would be tried, in order', () => {
  const folder = temporaryFolder()
  expect(addonFilesIn(folder, 'linux-x64')).toEqual([])
  for (const place of ['prebuilds/linux-x64', 'prebuilds/darwin-arm64', 'build/Release']) {
    mkdirSync(join(folder, place), { recursive: true })
    writeFileSync(join(folder, place, 'a.node'), '')
    writeFileSync(join(folder, place, 'a.txt'), '')
  }
  const files = addonFilesIn(folder, 'linux-x64').map(({ file }) => file)
  expect(files).toEqual([join(folder, 'build/Release/a.node'), join(folder, 'prebuilds/linux-x64/a.node')])
})

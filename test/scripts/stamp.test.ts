import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fingerprint } from '../../scripts/stamp.mjs'

let folder = ''
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-stamp-'))
  fs.mkdirSync(path.join(folder, 'cpp'))
  write('CMakeLists.txt', 'project')
  write('cpp/a.cpp', 'a')
  write('cpp/b.cpp', 'b')
})
afterEach(() => fs.rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text)
const now = () => fingerprint(['CMakeLists.txt', 'cpp', 'not-there'], folder)

it('the fingerprint of unchanged sources stays', () => {
  expect(now()).toBe(now())
})

it('the fingerprint changes with an edit, also one that keeps the size or brings an older time', () => {
  const before = now()
  write('cpp/a.cpp', 'longer')
  const edited = now()
  fs.utimesSync(path.join(folder, 'cpp/a.cpp'), 1, 1)
  const older = now()
  expect(new Set([before, edited, older]).size).toBe(3)
})

it('the fingerprint changes when a file comes, goes or is renamed', () => {
  const before = now()
  write('cpp/c.cpp', 'c')
  const added = now()
  fs.renameSync(path.join(folder, 'cpp/c.cpp'), path.join(folder, 'cpp/d.cpp'))
  const renamed = now()
  fs.rmSync(path.join(folder, 'cpp/d.cpp'))
  fs.rmSync(path.join(folder, 'cpp/b.cpp'))
  expect(new Set([before, added, renamed, now()]).size).toBe(4)
})

// A run whose directory cannot be written, or is full.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './json-lines.js'
import { lengthen } from './lengthen.js'
import { writeTinyFolder } from './tiny-folder.js'

const folder = mkdtempSync(join(tmpdir(), 'lengthen-test-'))
const disk = join(folder, 'disk')
mkdirSync(disk)
const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]).status === 0
afterAll(() => {
  if (canMount) spawnSync('umount', [disk])
  rmSync(folder, { recursive: true, force: true })
})

const trainTo = (out: string) => lengthen(['train', 'run.yaml', '--json', '--out', out], { cwd: folder })

beforeAll(() => writeTinyFolder(folder))

test('a place where no directory can be made is named before any work', async () => {
  const { status, stdout, stderr } = await trainTo('problems.jsonl/run')
  expect(status).toBe(2)
  expect(jsonLines(stdout)).toEqual([expect.objectContaining({ type: 'error', code: 'UsageError' })])
  expect(stderr).toMatch(/^lengthen: .*problems\.jsonl\/run.*\n$/)
})

test.skipIf(!canMount)(
  'a full disk (needs the right to mount one) is a clear error, with no half of a model',
  async () => {
    const { status, stderr } = await trainTo('disk/run')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^lengthen: .*no space left on device.*\n$/i)
    expect(readdirSync(join(disk, 'run'))).not.toContain('model')
    expect(readdirSync(join(disk, 'run')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  },
)

// The doctor under Node's permission model: what it may not ask is told, and ends nothing.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Permission } from '../../../lib/cli/doctor/permissions.js'
import { root } from '../../helpers/source-files.js'
import { amiss, well } from './well.js'

const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission'

test('what may not be asked is a note, and the rest is told', () => {
  const program = [join(root, 'dist/cli/main.js'), 'doctor', '--json', '--no-measure']
  const args = ['--no-warnings', flag, '--allow-fs-read=*', '--allow-addons', ...program]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  const found = JSON.parse(stdout)
  expect(found).toMatchObject({ permissionsWithheld: ['--allow-child-process'], engineProblem: null })
  expect(found.engine.addon.file).toMatch(/lengthen(\.glibc)?\.node$/)
  expect(found.findings).toContainEqual(expect.objectContaining({ id: 'permissions', status: 'note', fix: null }))
})

test('where files may not be read either, the doctor says what that keeps from it', () => {
  const program = [join(root, 'dist/cli/main.js'), 'doctor', '--no-measure']
  const args = ['--no-warnings', flag, `--allow-fs-read=${root}`, '--allow-addons', ...program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout).toMatch(
    /^note \(permissions\): node --permission keeps the doctor from asking: without --allow-child-process /m,
  )
})

test('addons that are not allowed are not a fault of the file', () => {
  const program = [join(root, 'dist/cli/main.js'), 'doctor', '--json', '--no-measure']
  const { stdout } = spawnSync(process.execPath, ['--no-warnings', flag, '--allow-fs-read=*', ...program], {
    encoding: 'utf8',
  })
  const { findings } = JSON.parse(stdout)
  expect(findings.find(({ id }: { id: string }) => id === 'addon')).toEqual({
    ...{ id: 'addon', status: 'problem', fix: null },
    text: expect.stringMatching(/loading addons is disabled.*; node --permission has to allow it: --allow-addons/),
  })
})

test.each<[Permission[], RegExp]>([
  [['--allow-child-process'], /asking: without --allow-child-process no program was asked [^;]*$/],
  [['--allow-fs-read=*'], /asking: without --allow-fs-read=\* files that may not be read count as missing$/],
  [['--allow-child-process', '--allow-fs-read=*'], /trial; without --allow-fs-read=\* /],
])('each flag that is withheld has its consequence: %o', (permissionsWithheld, text) => {
  expect(amiss({ ...well, permissionsWithheld })).toEqual([
    { id: 'permissions', status: 'note', text: expect.stringMatching(text), fix: null },
  ])
})

// lengthen inside a bundle, away from its own folder: an error that names the bundle and what to do; left outside, it works.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'
import { UnsupportedError } from '../../lib/errors.js'
import { packageFolder, packageFolderOf } from '../../lib/package-folder.js'
import { packageVersion } from '../../lib/version.js'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

/** A program that prints a sum, bundled in an application with a package.json of its own, and run. */
async function bundleAndRun({ external, format }: { external: string[]; format: 'esm' | 'cjs' }) {
  const folder = temporaryFolder()
  mkdirSync(path.join(folder, 'node_modules'))
  symlinkSync(root, path.join(folder, 'node_modules/lengthen'))
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "app", "version": "9.9.9" }')
  const program =
    "import { ops, tensor } from 'lengthen'\nops.add(tensor([1]), 2).toArray().then((sum) => console.log(sum[0]))"
  writeFileSync(path.join(folder, 'app.mjs'), program)
  const input = path.join(folder, 'app.mjs')
  const build = await rolldown({ input, external, platform: 'node', logLevel: 'silent' })
  const file = path.join(folder, `out/app.${format === 'esm' ? 'mjs' : 'cjs'}`)
  const output = { file, format, codeSplitting: false } as const
  await build.write(output)
  await build.close()
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })
  return { file, status, stdout, stderr }
}

test.each(['esm', 'cjs'] as const)('bundled (%s) into an application, it says so and what to do', async (format) => {
  const { file, status, stderr } = await bundleAndRun({ external: [], format })
  expect(stderr).toContain(
    `[package] expected lengthen in its own folder in node_modules, got it bundled into ${file}: `,
  )
  expect(stderr).toContain('mark lengthen as external')
  expect(status).toBe(1)
})

test.each(['esm', 'cjs'] as const)('left out of the bundle (%s) as external, it works', async (format) => {
  const { status, stdout, stderr } = await bundleAndRun({ external: ['lengthen'], format })
  expect([status, stdout, stderr]).toEqual([0, '3\n', ''])
})

test('the folder is the nearest with a package.json, which must be ours', () => {
  const version: unknown = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8')).version
  expect([packageFolder, packageVersion]).toEqual([path.resolve(root), version])
  const within = (file: string) => pathToFileURL(path.join(packageFolder, file)).href
  for (const file of ['dist/index.js', 'build/js/index.js', 'a/b/c.js'])
    expect(packageFolderOf(within(file))).toBe(packageFolder)
})

test.each<[string, string | undefined, string]>([
  ['no manifest up to the root', 'file:///no-such-folder/app.js', '/no-such-folder/app.js'],
  ['a module in memory', 'data:text/javascript,1', 'data:text/javascript,1'],
  ['a module without a place', undefined, 'a file that does not know its place'],
])('%s is an error, not another package', (_, url, place) => {
  const find = () => packageFolderOf(url)
  expect(find).toThrow(UnsupportedError)
  expect(find).toThrow(`got it bundled into ${place}: mark lengthen as external`)
})

test.each(['{', 'null', '[]', '{ "name": "lengthened" }'])('a manifest that reads %s is not ours', (text) => {
  const folder = temporaryFolder()
  writeFileSync(path.join(folder, 'package.json'), text)
  expect(() => packageFolderOf(pathToFileURL(path.join(folder, 'dist/app.js')).href)).toThrow(UnsupportedError)
})

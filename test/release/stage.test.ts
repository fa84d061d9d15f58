// What is published is what npm would pack, but for what only a clone needs; and nothing of the working tree changes.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packInto, publishedManifest } from '../../scripts/release/stage.mjs'
import { readSource } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const manifest = {
  ...{ name: 'a', version: '1.2.3', bin: { a: 'dist/a.js' }, files: ['dist', '!dist/b.js'] },
  ...{ scripts: { prepare: 'exit 1', prepack: 'exit 1' }, devDependencies: { b: '1.0.0' }, binary: {} },
}

test('the published manifest has no scripts and no tools, and all that users need', () => {
  const published = publishedManifest(JSON.parse(readSource('package.json')))
  expect(Object.keys(published)).toEqual([
    ...[
      'name',
      'version',
      'description',
      'keywords',
      'author',
      'license',
      'type',
      'engines',
      'bin',
      'exports',
      'files',
    ],
    ...['dependencies', 'peerDependencies', 'peerDependenciesMeta'],
  ])
})

test('a tarball has the packed files beside that manifest, and the folder stays as it was', () => {
  const base = temporaryFolder()
  mkdirSync(join(base, 'dist'))
  const text = JSON.stringify(manifest)
  writeFileSync(join(base, 'package.json'), text)
  for (const name of ['dist/a.js', 'dist/b.js', 'README.md', 'c.js']) writeFileSync(join(base, name), name)
  const to = temporaryFolder()
  const tarball = packInto(to, base)
  const tar = (...args: string[]) => spawnSync('tar', args, { cwd: to, encoding: 'utf8' }).stdout
  expect(tar('-tzf', tarball).trim().split('\n').sort()).toEqual([
    ...['package/README.md', 'package/dist/a.js', 'package/package.json'],
  ])
  expect(JSON.parse(tar('-xzOf', tarball, 'package/package.json'))).toEqual({
    ...{ name: 'a', version: '1.2.3', bin: { a: 'dist/a.js' }, files: ['dist', '!dist/b.js'] },
  })
  expect(readFileSync(join(base, 'package.json'), 'utf8')).toBe(text)
})

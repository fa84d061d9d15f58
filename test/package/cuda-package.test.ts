// The CUDA package's manifest beside lengthen's, and that it is not packed without a CUDA build.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cudaPackage } from '../../lib/native-file.js'
import { root, sourceFiles } from '../helpers/source-files.js'

interface Manifest {
  name: string
  version: string
  engines: unknown
  license: string
  peerDependencies: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional: boolean }>
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  scripts: Record<string, string>
}

const folder = join(root, 'packages', cudaPackage)
const read = (place: string) => JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as Manifest
const [lengthen, cuda] = [read(root), read(folder)]

test('both packages have one version, and ask for each other’s', () => {
  expect(cuda).toMatchObject({ name: cudaPackage, version: lengthen.version, license: lengthen.license })
  expect(cuda.engines).toEqual(lengthen.engines)
  expect(cuda.peerDependencies).toEqual({ lengthen: lengthen.version })
  expect(lengthen.peerDependencies).toEqual({ [cudaPackage]: lengthen.version })
})

test('nobody gets it unasked', () => {
  expect(lengthen.peerDependenciesMeta).toEqual({ [cudaPackage]: { optional: true } })
  expect({ ...lengthen.dependencies, ...lengthen.optionalDependencies }).not.toHaveProperty(cudaPackage)
})

test('neither package runs anything where it is installed', () => {
  const names = [...Object.keys(lengthen.scripts), ...Object.keys(cuda.scripts)]
  expect(names.filter((name) => /^(pre|post)?install$/.test(name))).toEqual([])
})

test.skipIf(sourceFiles('cuda', /\.cu$/).length > 0)('it is not packed without CUDA kernels', () => {
  const { status, stderr } = spawnSync('npm', ['pack', '--dry-run'], { cwd: folder, encoding: 'utf8' })
  expect(status).not.toBe(0)
  expect(stderr).toContain(`[pack] ${cudaPackage}: there is no CUDA build: this source tree has no CUDA kernels yet`)
})

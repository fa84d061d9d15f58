// Which addon is loaded: with stand-ins for the CUDA package, which are copies of this build's addon.
import { copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ArgumentError, device, loadRecipe, runRecipe, tensor, UnsupportedError } from '../../lib/index.js'
import { loadDecoder } from '../../lib/models/load.js'
import { addonFile } from '../../lib/native.js'
import { cudaAddonFile, cudaPackage, howToGetCuda } from '../../lib/native-file.js'
import { packageVersion } from '../../lib/version.js'
import { root } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { thrownBy } from '../helpers/thrown.js'

/** A folder of an application; lengthen's own folder in it, with the CUDA package beside it where there is a version. */
function installed(cudaVersion?: string): { lengthen: string; cudaAddon: string } {
  const modules = join(realpathSync(temporaryFolder()), 'node_modules')
  const [lengthen, cuda] = [join(modules, 'lengthen'), join(modules, cudaPackage)]
  mkdirSync(lengthen, { recursive: true })
  const cudaAddon = join(cuda, 'lengthen.node')
  if (cudaVersion === undefined) return { lengthen, cudaAddon }
  mkdirSync(cuda)
  const manifest = { name: cudaPackage, version: cudaVersion, main: 'lengthen.node' }
  writeFileSync(join(cuda, 'package.json'), JSON.stringify(manifest))
  copyFileSync(addonFile, cudaAddon)
  return { lengthen, cudaAddon }
}

describe('the CUDA package', () => {
  test('is taken where it is installed, and nothing is where it is not', () => {
    const { lengthen, cudaAddon } = installed(packageVersion)
    expect(cudaAddonFile(lengthen, {})).toBe(cudaAddon)
    expect(cudaAddonFile(lengthen, { LENGTHEN_ADDON: '' })).toBe(cudaAddon)
    expect(cudaAddonFile(installed().lengthen, {})).toBeUndefined()
  })

  test('is passed over when asked, and for a folder in LENGTHEN_PREBUILD unless it was asked for', () => {
    const { lengthen, cudaAddon } = installed(packageVersion)
    expect(cudaAddonFile(lengthen, { LENGTHEN_ADDON: 'cpu' })).toBeUndefined()
    expect(cudaAddonFile(lengthen, { LENGTHEN_PREBUILD: 'build-asan' })).toBeUndefined()
    expect(cudaAddonFile(lengthen, { LENGTHEN_PREBUILD: 'build-asan', LENGTHEN_ADDON: 'cuda' })).toBe(cudaAddon)
  })

  test('of another version is an error that names both, unless it is passed over', () => {
    const { lengthen } = installed('9.8.7')
    const error = thrownBy(() => cudaAddonFile(lengthen, {}))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error?.message).toContain(
      `expected ${cudaPackage} ${packageVersion} beside lengthen ${packageVersion}, got 9.8.7`,
    )
    expect(error?.message).toContain(`npm install ${cudaPackage}@${packageVersion}, or LENGTHEN_ADDON=cpu`)
    expect(cudaAddonFile(lengthen, { LENGTHEN_ADDON: 'cpu' })).toBeUndefined()
  })

  test('that was insisted on and is not there is an error that says what to install', () => {
    const error = thrownBy(() => cudaAddonFile(installed().lengthen, { LENGTHEN_ADDON: 'cuda' }))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error?.message).toBe(`[addon] LENGTHEN_ADDON=cuda needs ${howToGetCuda()}`)
    expect(howToGetCuda('linux-x64')).toBe(
      `the package ${cudaPackage}, which is not published yet; once it is, npm install ${cudaPackage}@${packageVersion}`,
    )
    expect(howToGetCuda('darwin-arm64')).toBe('Linux on x86-64 with an NVIDIA GPU; this is darwin-arm64')
  })

  test('is asked for by cpu or cuda and no other word', () => {
    const error = thrownBy(() => cudaAddonFile(installed().lengthen, { LENGTHEN_ADDON: 'gpu' }))
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error?.message).toBe('[addon] expected cpu or cuda for LENGTHEN_ADDON, got gpu')
  })
})

describe('cuda without its package', () => {
  test.each<[string, () => unknown]>([
    ['a tensor', () => tensor([1], { device: 'cuda' })],
    ['a tensor on a numbered device', () => tensor([1], { device: 'cuda:1' })],
    ['a recording', () => device.record(() => {}, { device: 'cuda' })],
    ['memory', () => device.memoryStats({ device: 'cuda' })],
    ['a budget', () => device.setMemoryBudget(1e9, { device: 'cuda' })],
    ['giving back', () => device.trim({ device: 'cuda' })],
  ])('is refused with what to install: %s', (_, door) => {
    const error = thrownBy(door)
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error?.message).toBe(
      `[device] this build has no CUDA backend; supported devices: cpu; cuda needs ${howToGetCuda()}`,
    )
  })

  test('is refused with what to install: a model', async () => {
    const folder = join(root, 'test/fixtures/qwen2-tied-grouped')
    await expect(loadDecoder(folder, { device: 'cuda' })).rejects.toThrow(
      `supported devices: cpu; cuda needs ${howToGetCuda()}`,
    )
  })

  test('is refused with what to install: a recipe', async () => {
    const recipe = await loadRecipe(join(root, 'recipes/quickstart.yaml'), { set: ['device=cuda'] })
    const run = runRecipe(recipe, { out: join(temporaryFolder(), 'run') })
    await expect(run.next()).rejects.toThrow(`supported devices: cpu; cuda needs ${howToGetCuda()}`)
  })
})

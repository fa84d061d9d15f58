// lengthen in a vm context, as test runners with pools of them load it: Node's own errors and the engine's are of the main context's
// classes there.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './helpers/temporary-folder.js'

// Links dist/ into a context of its own, and all but our modules from outside.
const program = `
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'
const context = vm.createContext({ process, console, performance, Buffer, URL, setTimeout, AbortController, AbortSignal, structuredClone, TextDecoder, TextEncoder })
const modules = new Map()
function ours(url) {
  const made = new vm.SourceTextModule(readFileSync(fileURLToPath(url), 'utf8'), {
    context, identifier: url,
    initializeImportMeta: (meta) => Object.assign(meta, { url }),
    importModuleDynamically: async (name) => { const module = await found(name, url); await ready(module); return module },
  })
  modules.set(url, made)
  return made
}
async function outer(name) {
  const all = await import(name)
  return new vm.SyntheticModule(Object.keys(all), function () { for (const key of Object.keys(all)) this.setExport(key, all[key]) }, { context })
}
const found = async (name, from) => {
  if (!name.startsWith('.')) return outer(name)
  const url = new URL(name, from).href
  return modules.get(url) ?? ours(url)
}
async function ready(module) {
  if (module.status === 'unlinked') await module.link((name, from) => found(name, from.identifier))
  await module.evaluate()
}
const lengthen = ours(process.argv[2])
await ready(lengthen)
const { namespace: { tensor, ops, device, readRows, ArgumentError, UnsupportedError, OutOfMemoryError } } = lengthen
const caught = async (fn) => { try { await fn() } catch (error) { return error } }
const tell = (error, Class) => ({ name: error.name, code: error.code, op: error.op, message: error.message, isOfClass: error instanceof Class })
const isAnother = vm.runInContext('Error', context) !== Error
const dtypes = [new Int32Array(1), new Uint8Array(1), new Float32Array(1)].map((values) => tensor(values).dtype)
console.log(JSON.stringify({
  isAnother,
  dtypes,
  device: tell(await caught(() => tensor([1], { device: 'cuda' })), UnsupportedError),
  shape: tell(await caught(() => ops.add(tensor([1, 2]), tensor([1, 2, 3]))), ArgumentError),
  late: tell(await caught(() => ops.embedding(tensor([[1], [2]]), tensor([5], { dtype: 'i32' })).toArray()), ArgumentError),
  memory: tell(await caught(() => { device.setMemoryBudget(1000); return ops.add(tensor(new Array(1000).fill(0)), 1).toArray() }), OutOfMemoryError),
  file: (await caught(() => readRows('no.jsonl'))).message,
}))`

test('in a vm context typed arrays keep their types, errors of the engine their classes and what to do, and those of files their words', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'program.mjs')
  writeFileSync(file, program)
  const entry = new URL('../dist/index.js', import.meta.url).href
  const args = ['--no-warnings', '--experimental-vm-modules', file, entry]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toMatchObject({
    isAnother: true,
    dtypes: ['i32', 'u8', 'f32'], // of arrays of the main context
    device: {
      name: 'UnsupportedError',
      code: 'UnsupportedError',
      isOfClass: true,
      message: expect.stringMatching(/no CUDA backend.*; cuda needs /),
    },
    shape: { code: 'ArgumentError', isOfClass: true },
    late: { code: 'ArgumentError', op: 'embedding', isOfClass: true },
    memory: { code: 'OutOfMemoryError', isOfClass: true },
    file: expect.stringMatching(/^no\.jsonl: cannot be read: ENOENT/),
  })
})

// The layers of lib/: imports go down this list, never up. Files and folders of one line may import each other.
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { readSource, sourceFiles } from './helpers/source-files.js'

const layers = [
  ['index'],
  ['cli'],
  ['train'],
  ['eval', 'grpo', 'rollout', 'schedule', 'reward', 'data'],
  ['models'],
  ['nn', 'optim'],
  ['ops'],
  ['tensor'], // and all other files directly in lib/: autograd, scope, device, …
  ['native', 'native-errors', 'native-file', 'native-problem'],
  ['tokenizer'],
  ['io'],
  ['arguments', 'errors', 'nearest-name', 'package-folder', 'random', 'turn', 'version'],
]
const unrelated = [['grpo', 'rollout']]
const pure = [
  'lib/schedule/',
  'lib/optim/learning-rate.ts',
  'lib/rollout/scheduler.ts',
  'lib/rollout/block-table.ts',
  'lib/rollout/sequence.ts',
  'lib/rollout/request.ts',
]

const files = sourceFiles('lib', /\.ts$/)

function importsOf(file: string): string[] {
  return ts.preProcessFile(readSource(file)).importedFiles.map(({ fileName }) => fileName)
}

/** lib/ops/linear.ts and lib/ops/… are 'ops'; lib/native.ts is 'native'. */
function unitOf(file: string): string {
  const [, first = '', ...rest] = file.split('/')
  if (rest.length > 0) return first
  const name = path.basename(first, '.ts')
  return layers.flat().includes(name) ? name : 'tensor'
}

function layerOf(file: string): number {
  return layers.findIndex((units) => units.includes(unitOf(file)))
}

const edges = files.flatMap((from) =>
  importsOf(from)
    .filter((name) => name.startsWith('.'))
    .map((name) => ({ from, to: path.posix.join(path.posix.dirname(from), name).replace(/\.js$/, '.ts') })),
)
const show = ({ from, to }: { from: string; to: string }) => `${from} imports ${to}`

describe('the layers of lib/', () => {
  it('have a place for every folder', () => {
    expect(files.filter((file) => layerOf(file) < 0)).toEqual([])
  })

  it('are imported downwards only', () => {
    expect(edges.filter(({ from, to }) => layerOf(to) < layerOf(from)).map(show)).toEqual([])
  })

  it('are never left', () => {
    expect(edges.filter(({ to }) => !files.includes(to)).map(show)).toEqual([])
  })

  it.each(unrelated)('keep %s and %s apart', (a, b) => {
    const crosses = ({ from, to }: { from: string; to: string }) =>
      (unitOf(from) === a && unitOf(to) === b) || (unitOf(from) === b && unitOf(to) === a)
    expect(edges.filter(crosses).map(show)).toEqual([])
  })

  it('load the addon in native.ts alone', () => {
    const loads = (file: string) => /node-gyp-build|\.node['"`]|process\.dlopen/.test(readSource(file))
    expect(files.filter(loads)).toEqual(['lib/native.ts'])
  })
})

describe('pure parts', () => {
  const pureFiles = files.filter((file) => pure.some((place) => file.startsWith(place)))

  it('import neither Node, nor packages, nor tensors', () => {
    const bottom = layers.length - 1
    const isPure = (from: string, name: string) => {
      if (!name.startsWith('.')) return false
      const to = path.posix.join(path.posix.dirname(from), name).replace(/\.js$/, '.ts')
      return layerOf(to) === bottom || pureFiles.includes(to)
    }
    const impure = pureFiles.flatMap((from) =>
      importsOf(from)
        .filter((name) => !isPure(from, name))
        .map((to) => show({ from, to })),
    )
    expect(impure).toEqual([])
  })

  it('ask neither the clock nor chance', () => {
    expect(pureFiles.filter((file) => /Date\.now|new Date|performance\.|Math\.random/.test(readSource(file)))).toEqual(
      [],
    )
  })
})

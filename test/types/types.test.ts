// The types as users meet them. Each file of programs/ says what a part of the interface infers, and which uses are errors
// (@ts-expect-error fails where there is none). In the editor and under lint they speak of lib/; here of the built package.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../helpers/source-files.js'
import { compile, lines, type Resolution, writePrograms } from './compile.js'
import { docExamples } from './doc-examples.js'

const sources = join(root, 'test/types/programs')
const names = readdirSync(sources)
const fromLib = "'../../../lib/index.js'"
const forUsers = (name: string) => readFileSync(join(sources, name), 'utf8').replace(fromLib, "'lengthen'")

const examples = docExamples()

const commonJs = `import lengthen = require('lengthen')
const sum: lengthen.Tensor = lengthen.ops.sum(lengthen.ones([2]))
export = sum
`

const folder = mkdtempSync(join(tmpdir(), 'lengthen-types-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string) => join(folder, name)
const declarations = join(root, 'dist')
const runnable = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
let program: ts.Program

beforeAll(() => {
  const own = { ...Object.fromEntries(names.map((name) => [name, forUsers(name)])), 'common.cts': commonJs }
  writePrograms(folder, { ...own, ...examples })
  program = compile([...Object.keys(own), ...Object.keys(examples)].map(at), 'nodenext')
})

describe('a program', () => {
  it.each(names.filter((name) => name !== 'typed.ts'))(
    '%s infers what it should, and its wrong uses are errors',
    (name) => {
      const source = program.getSourceFile(at(name))
      expect(lines(program.getSemanticDiagnostics(source), folder)).toEqual([])
    },
  )

  it('in CommonJS requires the package', () => {
    expect(lines(program.getSemanticDiagnostics(program.getSourceFile(at('common.cts'))), folder)).toEqual([])
  })

  it('speaks of the built declarations', () => {
    const files = program.getSourceFiles().map(({ fileName }) => fileName)
    expect(files).toContain(join(declarations, 'index.d.ts'))
    expect(files.filter((file) => file.startsWith(join(root, 'lib')))).toEqual([])
  })
})

describe('an example of the documentation', () => {
  it.each(Object.keys(examples))('%s compiles', (name) => {
    expect(lines(program.getSemanticDiagnostics(program.getSourceFile(at(name))), folder)).toEqual([])
  })

  it('stands with every way into the package', () => {
    const named = Object.keys(examples).map((name) => name.replace(/^examples\/(.*)\.ts$/, '$1'))
    expect(named).toEqual(expect.arrayContaining(['tensor', 'AdamW', 'loadModel', 'load', 'GrpoTrainer', 'evaluate']))
  })

  it('that needs no file runs, and prints what it says', () => {
    const alone = Object.entries(examples).filter(([, code]) => !/loadModel|readRows|Tokenizer/.test(code))
    for (const [name, code] of alone) writeFileSync(at(name.replace('.ts', '.js')), ts.transpile(code, runnable))
    const all = alone.map(([name]) => `await import('./${name.replace('.ts', '.js')}')`).join('\n')
    writeFileSync(at('all.js'), all)
    const output = execFileSync(process.execPath, [at('all.js')], { encoding: 'utf8' })
    expect(alone.length).toBeGreaterThan(15)
    expect(output.split('\n')).toEqual(expect.arrayContaining(['5', 'correct', '4']))
  })
})

/** As the README says: node16 takes any require of an ES module for an error. */
const requireOfModule = 1471

describe('the declarations compile without skipLibCheck', () => {
  // Ours alone: those of the packages that ours name take three times as long to check, and are theirs.
  it.each<Resolution>(['nodenext', 'node16', 'bundler'])('under %s', (resolution) => {
    const all = resolution === 'nodenext' ? program : compile(['models.ts', 'common.cts'].map(at), resolution)
    const ours = all.getSourceFiles().filter(({ fileName }) => fileName.startsWith(declarations))
    expect(ours.length).toBeGreaterThan(100)
    const found = [...all.getGlobalDiagnostics(), ...ours.flatMap((file) => all.getSemanticDiagnostics(file))]
    expect(lines(found, folder)).toEqual([])
    const inCommonJs = all.getSemanticDiagnostics(all.getSourceFile(at('common.cts'))).map(({ code }) => code)
    expect(inCommonJs).toEqual(resolution === 'node16' ? [requireOfModule] : [])
  })
})

// The types that the built declarations write out are those that zod infers from the schemas, and nothing there needs zod.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSource, root, sourceFiles } from '../helpers/source-files.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { compile, lines, writePrograms } from './compile.js'

const types = {
  Recipe: 'train/recipe/schema',
  SftRecipe: 'train/sft/recipe/schema',
  Calibration: 'train/plan/calibration/calibration',
  Protocol: 'eval/result-record',
  ResultAbout: 'eval/result-record',
  AnswerRecord: 'eval/result-record',
  ProblemRecord: 'eval/result-record',
}
const declarations = sourceFiles('dist', /\.d\.ts$/)

test('each is the same type, in both directions and to the last optional key', () => {
  const folder = temporaryFolder()
  const checks = Object.entries(types).map(
    ([name, file]) =>
      `export const is${name}: Same<built.${name}, import('${root}lib/${file}.js').${name}> = true\n` +
      `export const isOther${name}: Same<built.${name} | 1, import('${root}lib/${file}.js').${name}> = false\n`,
  )
  const same = 'type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false\n'
  writePrograms(folder, { 'same.ts': `import type * as built from 'lengthen'\n${same}${checks.join('')}` })
  const program = compile([join(folder, 'same.ts')], 'nodenext')
  expect(lines(program.getSemanticDiagnostics(program.getSourceFile(join(folder, 'same.ts'))), folder)).toEqual([])
})

test('no declaration names zod', () => {
  expect(declarations.filter((file) => /\bzod\b|\bz\.[a-zA-Z]/.test(readSource(file)))).toEqual([])
})

test('a key has its comment', () => {
  expect(readSource('dist/train/recipe/schema.d.ts')).toMatch(/\/\*\* The policy: .* \*\/\n {4}model: \{\n/)
})

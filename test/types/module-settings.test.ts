// What the README says of TypeScript's `module: node16`.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { compile, lines, writePrograms } from './compile.js'

const code = "import { Tensor } from 'lengthen'\nexport const isTensor = (x: unknown): boolean => x instanceof Tensor\n"

test('under node16 an ES module imports the package, and a CommonJS file’s import is an error that names require', () => {
  const folder = temporaryFolder()
  writePrograms(folder, { 'module.mts': code, 'common.cts': code })
  const program = compile([join(folder, 'module.mts'), join(folder, 'common.cts')], 'node16')
  const found = (name: string) =>
    lines(program.getSemanticDiagnostics(program.getSourceFile(join(folder, name))), folder)
  expect(found('module.mts')).toEqual([])
  expect(found('common.cts')).toEqual([expect.stringMatching(/cannot be imported with 'require'/)])
})

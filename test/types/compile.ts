// The compiler as a user of the installed package runs it: 'lengthen' is what package.json exports, which is the built declarations.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'
import { root } from '../helpers/source-files.js'

export type Resolution = 'node16' | 'nodenext' | 'bundler'

const modules: Record<Resolution, [ts.ModuleKind, ts.ModuleResolutionKind]> = {
  node16: [ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
  nodenext: [ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext],
  bundler: [ts.ModuleKind.Preserve, ts.ModuleResolutionKind.Bundler],
}

/** A folder with programs, and the package in its node_modules. */
export function writePrograms(folder: string, programs: Record<string, string>): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/lengthen'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  for (const [name, code] of Object.entries(programs)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), code)
  }
}

/** The programs under a user's settings, declarations included: nothing is skipped. */
export function compile(files: readonly string[], resolution: Resolution): ts.Program {
  const [module, moduleResolution] = modules[resolution]
  const options: ts.CompilerOptions = {
    ...{ target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts'], module, moduleResolution, strict: true },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')], skipLibCheck: false, noEmit: true },
  }
  return ts.createProgram(files, options, hostOf(options))
}

// The programs share most of their files, which are read once for each way of parsing them: node16 and nodenext parse alike.
const parsed = new Map<string, ts.SourceFile | undefined>()

function hostOf(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true)
  const read = host.getSourceFile
  host.getSourceFile = (file, language, ...rest) => {
    const format = typeof language === 'object' ? language.impliedNodeFormat : undefined
    const key = `${file} ${format} ${options.module === ts.ModuleKind.Preserve}`
    if (!parsed.has(key)) parsed.set(key, read(file, language, ...rest))
    return parsed.get(key)
  }
  return host
}

/** As `file:line: message`. */
export const lines = (diagnostics: readonly ts.Diagnostic[], folder: string): string[] =>
  diagnostics.map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, '\n')
    return file
      ? `${place(file.fileName, folder)}:${file.getLineAndCharacterOfPosition(start).line + 1}: ${message}`
      : message
  })

const place = (file: string, folder: string): string => relative(file.startsWith(folder + sep) ? folder : root, file)

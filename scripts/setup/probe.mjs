// Looks at this machine: which of the build tools are there.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { cmakeProbe } from './tools.mjs'

export function probeTools() {
  const compiler = firstCompiler()
  const ninja = output('ninja', ['--version'])
  return {
    compiler: compilerProbe(compiler),
    cmake: cmakeProbe(output('cmake', ['--version']) ?? ''),
    ninja: { has: ninja !== undefined },
    doctest: { has: compiler !== undefined && preprocesses(compiler, hasDoctest) },
  }
}

/** @param {string} name */
export function hasCommand(name) {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return folders.some((folder) => isExecutable(path.join(folder, name)))
}

// The one CMake would take: it does not go on to the next when this one is too old.
function firstCompiler() {
  const asked = process.env.CXX
  return asked ? asked : ['c++', 'g++', 'clang++'].find(hasCommand)
}

/** @param {string | undefined} compiler */
function compilerProbe(compiler) {
  if (compiler === undefined) return { has: false }
  const has = preprocesses(compiler, '#include <concepts>\n#if __cplusplus < 202002L\n#error\n#endif\n')
  return { has, found: output(compiler, ['--version'])?.split('\n')[0] ?? compiler }
}

const hasDoctest = '#if !__has_include(<doctest/doctest.h>)\n#error\n#endif\n'

/** @param {string} compiler @param {string} source */
function preprocesses(compiler, source) {
  const [command, ...args] = compiler.split(' ')
  return spawnSync(command, [...args, '-std=c++20', '-E', '-x', 'c++', '-'], { input: source }).status === 0
}

/** @param {string} command @param {string[]} args */
function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout : undefined
}

/** @param {string} file */
function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

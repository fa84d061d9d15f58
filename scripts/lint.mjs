// npm run lint: formatting, lint rules and types of every language; a warning is an error. With --fix (npm run format)
// what can be mended is rewritten.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { format } from '@wasm-fmt/clang-format'
import { root } from './stamp.mjs'

const isFixing = process.argv.includes('--fix')
const require = createRequire(import.meta.url)

const isClean = [formatCpp(), biome(), types()].every(Boolean)
process.exitCode = isClean ? 0 : 1

function biome() {
  const bin = require.resolve('@biomejs/biome/bin/biome')
  return node(bin, 'check', '--error-on-warnings', ...(isFixing ? ['--write'] : []))
}

function types() {
  return node(require.resolve('typescript/bin/tsc'), '--noEmit')
}

function formatCpp() {
  const style = fs.readFileSync(path.join(root, '.clang-format'), 'utf8')
  const files = ['cpp', 'binding', 'cuda'].flatMap(cppFilesUnder)
  const wrong = files.filter((file) => {
    const text = fs.readFileSync(file, 'utf8')
    const formatted = format(text, file.endsWith('.h') || file.endsWith('.cuh') ? 'x.h' : 'x.cpp', style)
    if (formatted === text) return false
    if (isFixing) fs.writeFileSync(file, formatted)
    else console.error(`${path.relative(root, file)}:${firstDifference(text, formatted)}: not formatted`)
    return true
  })
  const result = isFixing ? 'formatted' : 'to format: npm run format'
  console.log(`clang-format: ${files.length} files, ${wrong.length} ${result}`)
  return isFixing || wrong.length === 0
}

/** @param {string} folder @returns {string[]} */
function cppFilesUnder(folder) {
  if (!fs.existsSync(path.join(root, folder))) return []
  const names = fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => /\.(h|cpp|cu|cuh)$/.test(name)).map((name) => path.join(root, folder, name))
}

/** @param {string} text @param {string} formatted @returns {number} the line */
function firstDifference(text, formatted) {
  const lines = formatted.split('\n')
  return text.split('\n').findIndex((line, i) => line !== lines[i]) + 1
}

/** @param {string[]} args */
function node(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

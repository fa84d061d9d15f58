// Run by scripts/sanitize.mjs: a program that uses the addon, and another that leaks on purpose (its first argument).
import { createRequire } from 'node:module'
import { full, ops } from '../../dist/index.js'

await ops.tanh(full([64, 64], 0.5)).toArray()
createRequire(import.meta.url)(process.argv[2])

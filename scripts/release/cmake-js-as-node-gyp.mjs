#!/usr/bin/env node
// Stands where prebuildify calls `node-gyp rebuild --target=… --devdir=… --arch=… --release`: in the folder that it takes the
// addon from. Builds with cmake-js, which does nothing when the build is current, and puts a copy there: prebuildify strips
// and moves what it finds, and a clone's own build must stay.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../stamp.mjs'

const asked = process.argv.find((argument) => argument.startsWith('--arch='))?.slice('--arch='.length) ?? process.arch
if (asked !== process.arch)
  fail(`expected ${process.arch} for --arch, got ${asked}: an addon is built where it is to run`)
const { status } = spawnSync(process.execPath, ['scripts/build-native.mjs'], { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
const cache = fs.readFileSync(path.join(root, 'build/CMakeCache.txt'), 'utf8')
if (/^LENGTHEN_HAS_CUDA:INTERNAL=ON$/m.test(cache))
  fail('build/ has CUDA kernels, which this package has not: node scripts/build-native.mjs --CDLENGTHEN_CUDA=OFF')
fs.rmSync('build', { recursive: true, force: true })
fs.mkdirSync('build/Release', { recursive: true })
fs.copyFileSync(path.join(root, 'build/Release/lengthen.node'), 'build/Release/lengthen.node')

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`[prebuilds] ${message}`)
  process.exit(1)
}

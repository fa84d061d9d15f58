// Compiles lib/ to modules in build/js, and bundles them, beside their public declarations, into dist/; does nothing when dist/ is current.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { bundle } from './bundle.mjs'
import { keepPublicDeclarations } from './declarations.mjs'
import { flattenSchemas } from './flatten-schemas.mjs'
import { isCurrent, root, runStep } from './stamp.mjs'

const modules = path.join(root, 'build/js')
const made = path.join(root, 'build/dist') // declarationDir of tsconfig.build.json
const dist = path.join(root, 'dist')

if (!isCurrent('typescript')) await runStep('typescript', build)

async function build() {
  for (const folder of [modules, made]) fs.rmSync(folder, { recursive: true, force: true }) // what has no source any more must not stay
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
  keepPublicDeclarations(made)
  flattenSchemas(made)
  keepPublicDeclarations(made) // those that were named for their schemas alone go
  await bundle(modules, made)
  fs.rmSync(dist, { recursive: true, force: true }) // Only now: what does not compile leaves the last one that did.
  fs.renameSync(made, dist)
}

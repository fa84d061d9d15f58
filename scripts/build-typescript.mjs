// Compiles lib/ to dist/; does nothing when dist/ is current.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { isCurrent, root, runStep } from './stamp.mjs'

if (!isCurrent('typescript')) runStep('typescript', build)

function build() {
  fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true }) // what has no source any more must not stay
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

// The package's own version, read from its package.json.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { packageFolder } from './package-folder.js'

const manifest: unknown = JSON.parse(readFileSync(path.join(packageFolder, 'package.json'), 'utf8'))

export const packageVersion: string =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown'

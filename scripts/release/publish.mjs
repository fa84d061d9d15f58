// node scripts/release/publish.mjs [--dry-run]: publishes the tarball that was checked, not a new one, with a statement of where it was
// built. A prerelease gets the tag `next`, so that nobody installs it unasked. A dry run needs no login and no network, and sends nothing.
import { spawnSync } from 'node:child_process'
import { root } from '../stamp.mjs'
import { tarball } from './steps.mjs'
import { versionOf } from './versions.mjs'

const version = versionOf()
const packed = JSON.parse(read('tar', ['-xzOf', tarball, 'package/package.json'])).version
if (packed !== version) throw new Error(`expected version ${version} in ${tarball}, got ${packed}`)
const isDry = process.argv.includes('--dry-run')
const tag = version.includes('-') ? 'next' : 'latest'
const how = isDry ? ['--dry-run', '--fetch-retries', '0'] : ['--provenance'] // npm asks for earlier versions, network or not
const args = ['publish', tarball, '--access', 'public', '--tag', tag, ...how]
const { status } = spawnSync('npm', args, { cwd: root, stdio: 'inherit' })
process.exitCode = status ?? 1

/** @param {string} command @param {string[]} args @returns {string} */
function read(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  return stdout
}

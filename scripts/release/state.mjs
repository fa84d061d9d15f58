// node scripts/release/state.mjs [--dry-run]: whether what stands here may be released. Versions that differ and a changelog that is
// wrong are refused; so are, but for a dry run, a tree with changes, a tag of another version, and a version that has no section yet.
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { root } from '../stamp.mjs'
import { readChangelog } from './changelog.mjs'
import { changelogOf, repositoryOf, versionOf, versionProblems } from './versions.mjs'

const isDry = process.argv.includes('--dry-run')
const version = versionOf()
const wrong = versionProblems()
const unready = [...treeProblems(), ...tagProblems(), ...sectionProblems(), ...repositoryProblems()]
for (const problem of wrong) console.error(`[release] ${problem}`)
for (const problem of unready) console.error(isDry ? `warning: ${problem}` : `[release] ${problem}`)
if (wrong.length > 0 || (unready.length > 0 && !isDry)) process.exitCode = 1
else console.log(`version ${version}`)

function treeProblems() {
  const changes = git('status', '--porcelain')
  return changes.length === 0
    ? []
    : [`${changes.length} files are changed or unknown to git: ${changes.slice(0, 5).join(', ')}`]
}

/** A release is a commit with the version's tag. */
function tagProblems() {
  const tags = git('tag', '--points-at', 'HEAD')
  return tags.includes(`v${version}`)
    ? []
    : [`expected the tag v${version} at this commit, got ${tags.join(', ') || 'none'}`]
}

function sectionProblems() {
  const { releases } = readChangelog(changelogOf())
  const isThere = releases.some(({ name }) => name === version)
  return isThere ? [] : [`CHANGELOG.md has no section for ${version}: node scripts/release/version.mjs ${version}`]
}

/** The registry compares it with where the workflow ran, and publishes nothing with provenance without it. */
function repositoryProblems() {
  return repositoryOf() === undefined ? ['package.json names no repository: provenance needs it'] : []
}

/** @param {string[]} args @returns {string[]} lines */
function git(...args) {
  const owned = ['-c', `safe.directory=${path.resolve(root)}`] // in a container the checkout may be another user's
  const { status, stdout, stderr, error } = spawnSync('git', [...owned, ...args], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout.split('\n').filter(Boolean)
}

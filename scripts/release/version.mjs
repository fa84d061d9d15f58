// node scripts/release/version.mjs X.Y.Z: what is unreleased in CHANGELOG.md becomes that version, of today, and every place that says
// the version says it. Commits nothing: it prints what comes next.
import fs from 'node:fs'
import path from 'node:path'
import { root } from '../stamp.mjs'
import { releaseUnreleased } from './changelog.mjs'
import { compareVersions, isSemver } from './semver.mjs'
import { changelogOf, repositoryOf, setVersions, versionOf, versionProblems } from './versions.mjs'

const usage = 'node scripts/release/version.mjs X.Y.Z'
const [version = '', base = root] = process.argv.slice(2) // another folder: for tests
try {
  release()
  console.log(
    `Now: git commit -am "Version ${version}" && git tag v${version} && git push --atomic origin HEAD v${version}`,
  )
} catch (error) {
  console.error(`[version] ${error.message}`)
  process.exitCode = 1
}

function release() {
  if (!isSemver(version)) throw new Error(`expected a semantic version, got "${version}": ${usage}`)
  const before = versionOf(base)
  const changelog = changelogOf(base)
  // A version that was set and never released may be released as it is.
  const isReleased = changelog.includes(`## [${before}]`)
  if (compareVersions(version, before) < (isReleased ? 1 : 0))
    throw new Error(`expected a version above ${before}, got ${version}`)
  const date = new Date().toISOString().slice(0, 10)
  const text = releaseUnreleased(changelog, { version, date, repository: repositoryOf(base) })
  setVersions(base, version)
  fs.writeFileSync(path.join(base, 'CHANGELOG.md'), text)
  const problems = versionProblems(base)
  if (problems.length > 0) throw new Error(`the files are written, and wrong: ${problems.join('; ')}`)
}

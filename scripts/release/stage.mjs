// The package as it is published: what npm would pack, copied to a folder of its own beside a manifest without what only a clone
// needs. npm packs a manifest as it stands, and warns a tarball's user of its "prepare"; this one is never in the working tree, so
// nothing has to be put back.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from '../stamp.mjs'

/** @param {Record<string, unknown>} manifest package.json @returns {Record<string, unknown>} */
export function publishedManifest({ scripts, binary, devDependencies, ...rest }) {
  return rest
}

/** @param {string} folder where the tarball is put @param {string} [base] @returns {string} its path */
export function packInto(folder, base = root) {
  const staging = fs.mkdtempSync(path.join(os.tmpdir(), 'lengthen-stage-'))
  try {
    for (const { path: name } of npmPack(base, '--dry-run').files)
      fs.cpSync(path.join(base, name), path.join(staging, name))
    const manifest = JSON.parse(fs.readFileSync(path.join(base, 'package.json'), 'utf8'))
    const text = `${JSON.stringify(publishedManifest(manifest), undefined, 2)}\n`
    fs.writeFileSync(path.join(staging, 'package.json'), text)
    return path.join(folder, npmPack(staging, '--pack-destination', path.resolve(folder)).filename)
  } finally {
    fs.rmSync(staging, { recursive: true, force: true })
  }
}

/** @param {string} cwd @param {string[]} args @returns {{ filename: string, files: { path: string }[] }} */
function npmPack(cwd, ...args) {
  const options = ['pack', '--ignore-scripts', '--json', '--loglevel=error', ...args]
  const { status, stdout, stderr } = spawnSync('npm', options, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm ${options.join(' ')} ended with ${status}:\n${stderr}`)
  return JSON.parse(stdout)[0]
}

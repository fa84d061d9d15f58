// What a data set was, in one hash: a run keeps it, and refuses other data under the same name.
import { createHash } from 'node:crypto'
import { fileSha256 } from '../io/file-hash.js'
import type { DataFile } from './locate.js'

/** Of one file its SHA-256; of several that of their names and hashes, as sha256sum lists them in the files' order. */
export async function fingerprint(files: readonly DataFile[]): Promise<string> {
  const hashes: string[] = []
  for (const { path } of files) hashes.push(await fileSha256(path))
  if (hashes.length === 1) return hashes[0] as string
  const list = files.map(({ name }, i) => `${hashes[i]}  ${name}\n`).join('')
  return createHash('sha256').update(list).digest('hex')
}

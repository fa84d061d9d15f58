// The list of a checkpoint's files with their sizes and hashes, written last: without it there is no checkpoint, and whatever
// differs from it is damage.
import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../errors.js'
import { fileSha256 } from '../../io/file-hash.js'
import { parseJson } from '../../io/json.js'
import { readTextFile } from '../../io/read-file.js'
import { writeFileAtomically } from '../../io/write-file.js'
import { packageVersion } from '../../version.js'

const manifestName = 'manifest.json'

export interface Manifest {
  step: number
  score: number | null
  /** The version that wrote it; absent where that was before manifests named it. */
  lengthen?: string
  files: Record<string, FileEntry>
}

export interface FileEntry {
  bytes: number
  sha256: string
}

/** Of all files that the folder holds; those in `known` are not read again. */
export async function writeManifest(
  folder: string,
  about: Pick<Manifest, 'step' | 'score'>,
  known: Manifest['files'] = {},
): Promise<void> {
  const files: Manifest['files'] = {}
  for (const name of (await readdir(folder)).sort()) files[name] = known[name] ?? (await entryOf(join(folder, name)))
  const manifest: Manifest = { ...about, lengthen: packageVersion, files }
  const text = JSON.stringify({ ...manifest, sha256: hashOf(manifest) }, null, 2)
  await writeFileAtomically(join(folder, manifestName), `${text}\n`)
}

/** The manifest of a folder; unless only a look is wanted, every file is held to it. Throws what differs. */
export async function readManifest(folder: string, { isChecked }: { isChecked: boolean }): Promise<Manifest> {
  const path = join(folder, manifestName)
  const { sha256, ...manifest } = parseJson(await readTextFile(path), { file: path }) as Manifest & { sha256: string }
  if (sha256 !== hashOf(manifest)) throw new Error(`${manifestName} is not as it was written`)
  if (isChecked) for (const [name, file] of Object.entries(manifest.files)) await checkFile(folder, name, file)
  return manifest
}

/** Whether a file is as an entry says. */
export async function sameFile(path: string, entry: FileEntry | undefined): Promise<boolean> {
  const { bytes, sha256 } = await entryOf(path)
  return entry?.bytes === bytes && entry.sha256 === sha256
}

const entryOf = async (path: string): Promise<FileEntry> => ({
  bytes: (await stat(path)).size,
  sha256: await fileSha256(path),
})

async function checkFile(folder: string, name: string, { bytes, sha256 }: FileEntry): Promise<void> {
  const path = join(folder, name)
  const found = await stat(path).catch((error: unknown) => {
    throw new Error(`${name} cannot be read: ${messageOf(error)}`)
  })
  if (found.size !== bytes) throw new Error(`${name} has ${found.size} bytes, ${bytes} were written`)
  if ((await fileSha256(path)) !== sha256) throw new Error(`${name} is not as it was written: its hash differs`)
}

const hashOf = ({ step, score, lengthen, files }: Manifest): string =>
  createHash('sha256').update(JSON.stringify({ step, score, lengthen, files })).digest('hex')

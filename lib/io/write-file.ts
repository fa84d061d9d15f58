// A file is either there and whole, or not there: written under a temporary name, synced, then renamed.
import { type FileHandle, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { namedWrite } from './named-write.js'
import { temporaryName, withTemporary } from './temporary.js'

export type FileContent = string | Uint8Array | ((file: FileHandle) => Promise<void>)

/** Replaces `path` by `content`, given whole or written in pieces by a function. On failure the old file is untouched. */
export async function writeFileAtomically(path: string, content: FileContent): Promise<void> {
  const temporary = temporaryName(path)
  await withTemporary(temporary, async () => {
    await namedWrite(path, () => writeAndSync(temporary, content))
    await rename(temporary, path)
  })
  await syncFolder(dirname(path))
}

async function writeAndSync(path: string, content: FileContent): Promise<void> {
  const file = await open(path, 'wx')
  try {
    if (typeof content === 'function') await content(file)
    else await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes renames in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

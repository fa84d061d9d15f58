// Reading whole files of a folder that came from elsewhere: a pipe or a device under a file's name would never end.
import { readFile, stat } from 'node:fs/promises'
import { FileFormatError, messageOf } from '../errors.js'

/** Node holds no longer strings than twice this. */
const maxTextBytes = 2 ** 28

/** The text of a file. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await regularFileBytes(path)
  if (bytes > maxTextBytes)
    throw new FileFormatError({ file: path }, `expected at most ${maxTextBytes} bytes of text, got ${bytes}`)
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw cannotBeRead(path, cause)
  })
}

/** As readTextFile; undefined where there is no such file. */
export async function readTextFileIfPresent(path: string): Promise<string | undefined> {
  const isThere = await stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  return isThere ? readTextFile(path) : undefined
}

/** The size of a file. What is missing, or no regular file, is an error: opening a pipe alone may wait for ever. */
export async function regularFileBytes(path: string): Promise<number> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw cannotBeRead(path, cause)
  })
  if (stats.isFile()) return stats.size
  throw new FileFormatError(
    { file: path },
    `expected a file, got a ${stats.isDirectory() ? 'folder' : 'pipe or device'}`,
  )
}

const cannotBeRead = (file: string, cause: unknown): FileFormatError =>
  new FileFormatError({ file }, `cannot be read: ${messageOf(cause)}`, { cause })

// Hashes of files, read as streams.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** In hexadecimal digits, as sha256sum prints it. */
export const fileSha256 = (path: string): Promise<string> => hashOf(path, 'sha256')

/** The name that git gives to a file's content: SHA-1 of a header with its size and of its bytes. */
export async function gitBlobSha1(path: string): Promise<string> {
  return hashOf(path, 'sha1', `blob ${(await stat(path)).size}\0`)
}

async function hashOf(path: string, algorithm: string, header = ''): Promise<string> {
  const hash = createHash(algorithm).update(header)
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}

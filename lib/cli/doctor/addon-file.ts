// What the file of an addon is, read from its bytes: for when it does not load.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn } from './system.js'

export interface AddonFile {
  file: string
  bytes: number
  format: 'ELF' | 'Mach-O' | 'PE' | 'unknown'
  /** As Node names them; null where the file does not say or the name is not known. Of ELF alone. */
  arch: string | null
  /** Its own header speaks of bytes that are not there. */
  isCutShort: boolean
  /** The newest glibc that it asks for; null where it asks for none. */
  glibcNeeded: string | null
}

/** The files that could be loaded from a folder, in the order in which they are tried. */
export function addonFilesIn(folder: string, platform: string): AddonFile[] {
  return ['build/Release', 'build/Debug', `prebuilds/${platform}`].flatMap((place) =>
    namesIn(join(folder, place))
      .filter((name) => /\.node$/.test(name))
      .map((name) => readAddonFile(join(folder, place, name))),
  )
}

export function readAddonFile(file: string): AddonFile {
  return { file, ...describe(bytesOf(file)) }
}

// One that may not be read counts as empty: it cannot be loaded either.
function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}

export function describe(content: Buffer): Omit<AddonFile, 'file'> {
  const format = formatOf(content)
  const isElf = format === 'ELF'
  return {
    bytes: content.length,
    format,
    arch: isElf ? archOf(content) : null,
    isCutShort: isElf && isShorterThanSaid(content),
    glibcNeeded: isElf ? newestGlibc(content.toString('latin1')) : null,
  }
}

function formatOf(content: Buffer): AddonFile['format'] {
  const magic = content.subarray(0, 4).toString('hex')
  if (magic === '7f454c46') return 'ELF'
  if (['cffaedfe', 'cefaedfe', 'cafebabe'].includes(magic)) return 'Mach-O'
  return magic.startsWith('4d5a') ? 'PE' : 'unknown'
}

const archs = new Map([
  [3, 'ia32'],
  [40, 'arm'],
  [62, 'x64'],
  [183, 'arm64'],
  [243, 'riscv64'],
])

/** e_machine, at byte 18. */
const archOf = (elf: Buffer): string | null => (elf.length < 20 ? null : (archs.get(elf.readUInt16LE(18)) ?? null))

/** The table of sections stands last in the file: e_shoff at byte 40, e_shentsize and e_shnum at 58 and 60. */
function isShorterThanSaid(elf: Buffer): boolean {
  if (elf.length < 64) return true
  const is64 = elf[4] === 2
  return is64 && Number(elf.readBigUInt64LE(40)) + elf.readUInt16LE(58) * elf.readUInt16LE(60) > elf.length
}

function newestGlibc(text: string): string | null {
  const minors = [...text.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor))
  return minors.length === 0 ? null : `2.${Math.max(...minors)}`
}

// How far a command has come: on a terminal, one line of stderr that is written over; nothing elsewhere.

export interface ProgressLine {
  show(text: string): void
  clear(): void
}

export function progressLine(): ProgressLine {
  const isLive = process.stderr.isTTY === true
  const write = (text: string) => void (isLive && process.stderr.write(`\r\x1b[2K${text}`))
  return { show: write, clear: () => write('') }
}

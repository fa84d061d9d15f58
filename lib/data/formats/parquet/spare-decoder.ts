// One decoder process that is done with its file waits a while for the next: a folder may have many small ones.
import { DecoderProcess } from './decoder-process.js'

const waitsMs = 5000

let spare: DecoderProcess | undefined
let timer: NodeJS.Timeout | undefined

export function takeDecoder(): { decoder: DecoderProcess; isNew: boolean } {
  const decoder = spare
  spare = undefined
  clearTimeout(timer)
  return decoder?.isAlive ? { decoder, isNew: false } : { decoder: new DecoderProcess(), isNew: true }
}

/** For a process that has told how its file ended. */
export function keepDecoder(decoder: DecoderProcess): void {
  if (spare?.isAlive) {
    decoder.kill()
    return
  }
  spare = decoder
  clearTimeout(timer)
  timer = setTimeout(() => {
    if (spare === decoder) spare = undefined
    decoder.kill()
  }, waitsMs).unref()
}

// Numbers on the command line, and the options that every sampling command has.
import { type Command, InvalidArgumentError } from 'commander'

/** A whole number from `least` to `most`, for commander. */
export const wholeNumber =
  ({ least, most = Number.MAX_SAFE_INTEGER }: { least: number; most?: number }) =>
  (text: string): number => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    throw new InvalidArgumentError(`Expected a whole number ${range}.`)
  }

function temperature(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('Expected a number of at least 0; 0 takes the likeliest token.')
}

function share(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a number above 0, at most 1.')
}

export interface SamplingFlags {
  temperature: number
  topK: number
  topP: number
  maxTokens?: number
  seed: number
}

export function addSamplingOptions(command: Command, { maxTokens }: { maxTokens: string }): Command {
  return command
    .option('--temperature <t>', '0 takes the likeliest token', temperature, 1)
    .option('--top-k <k>', 'only the k likeliest tokens; 0 is all', wholeNumber({ least: 0 }), 0)
    .option('--top-p <p>', 'only the likeliest tokens that together reach p', share, 1)
    .option('--max-tokens <n>', `the longest answer (default: ${maxTokens})`, wholeNumber({ least: 1 }))
    .option('--seed <n>', 'the same seed gives the same answers', wholeNumber({ least: 0 }), 0)
}

// lengthen data download <name>
import { type Command, Option } from 'commander'
import { isRepositoryName, isRevision, type RepositoryType } from '../../data/hub/cache.js'
import { type Downloaded, type DownloadProgress, downloadFromHub } from '../../data/hub/download.js'
import { UsageError } from '../failure.js'
import { bytes, plural } from '../format.js'
import { interruptible } from '../interrupt.js'

interface DownloadFlags {
  type: RepositoryType
  revision: string
  include: string[]
  json?: true
}

const help = `
Examples:
  $ lengthen data download openai/gsm8k --include "main/*"
  $ lengthen data download deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B --type model

Files go into the Hugging Face cache (HF_HOME, HF_HUB_CACHE) as Python lays it out, and recipes find data sets there by name. What is there
already is not fetched again, and what was broken off goes on where it was. HF_TOKEN opens private and gated ones, HF_ENDPOINT names
another hub, and with HF_HUB_OFFLINE=1 the cache has to do.`

export function addDownloadCommand(data: Command): void {
  const collect = (glob: string, globs: string[]) => [...globs, glob]
  data
    .command('download')
    .description('download a data set or a model from the Hugging Face hub')
    .argument('<name>', 'org/name')
    .addOption(new Option('--type <type>', 'what it is').choices(['dataset', 'model']).default('dataset'))
    .option('--revision <revision>', 'a branch, a tag or a commit', 'main')
    .option('--include <glob>', 'only files whose names fit, such as *.parquet; may be repeated', collect, [])
    .option('--json', 'print one JSON object: the folder, the commit and the files, or the error')
    .addHelpText('after', help)
    .action(run)
}

async function run(name: string, { type, revision, include, json }: DownloadFlags): Promise<void> {
  if (!isRepositoryName(name)) throw new UsageError(`expected org/name, got ${JSON.stringify(name)}`)
  if (!isRevision(revision))
    throw new UsageError(`expected a branch, a tag or a commit for --revision, got ${JSON.stringify(revision)}`)
  const onProgress = process.stderr.isTTY === true ? showProgress : undefined
  const done = () => '; what was downloaded so far is kept, and the same command goes on from there'
  const work = (signal: AbortSignal) => downloadFromHub(name, { type, revision, include, signal, onProgress })
  const downloaded = await interruptible(work, { done })
  if (onProgress) process.stderr.write(clearLine)
  process.stdout.write(
    json ? `${JSON.stringify({ type: 'summary', name, kind: type, ...downloaded })}\n` : textOf(downloaded),
  )
}

const clearLine = '\r\x1b[2K'

function showProgress({ numBytes, totalBytes, numFiles, totalFiles }: DownloadProgress): void {
  process.stderr.write(
    `${clearLine}${numFiles} of ${plural(totalFiles, 'file')}, ${bytes(numBytes)} of ${bytes(totalBytes)}`,
  )
}

function textOf({ folder, commit, files }: Downloaded): string {
  if (files.length === 0) return `commit ${commit}, as the cache has it\n${folder}\n`
  const numBytes = files.reduce((sum, file) => sum + file.numBytes, 0)
  const numNew = files.filter(({ isNew }) => isNew).length
  return `commit ${commit}: ${plural(files.length, 'file')}, ${bytes(numBytes)}, ${numNew} of them new\n${folder}\n`
}

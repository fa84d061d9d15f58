// Writes a curation as a folder: kept.jsonl, dropped.jsonl, overlaps.jsonl, summary.json, report.md and report.html.
import { mkdir, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ArgumentError } from '../../errors.js'
import { makeFolder } from '../../io/make-folder.js'
import { withTemporary } from '../../io/temporary.js'
import { writeFileAtomically } from '../../io/write-file.js'
import { droppedRecord, OutputRows, overlapRecord } from './output.js'
import { type ReportInput, reportBlocks } from './report/document.js'
import { htmlOf } from './report/html.js'
import { markdownOf } from './report/markdown.js'

export interface WriteOptions extends ReportInput {
  title: string
  /** Columns that other fields were taken from; they are not written a second time. */
  mappedColumns?: ReadonlySet<string> | undefined
}

/** The folder is there whole or not at all. No time and no path of this machine is written: the same curation, the same bytes. */
export async function writeCuration(folder: string, options: WriteOptions): Promise<void> {
  await requireFreeFolder(folder)
  await makeFolder(dirname(folder))
  const temporary = join(dirname(folder), `.${basename(folder)}.${process.pid}.tmp`)
  await withTemporary(temporary, async () => {
    await mkdir(temporary)
    for (const [name, text] of filesOf(options)) await writeFileAtomically(join(temporary, name), text)
    await rename(temporary, folder)
  })
}

/** Throws where something is in the way. */
export async function requireFreeFolder(folder: string): Promise<void> {
  const found = await readdir(folder).then(
    ([entry]) => entry && `${entry} in it`,
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : error.message),
  )
  if (found !== undefined)
    throw new ArgumentError(`[curate] expected a new or empty folder, got ${folder} with ${found}`)
}

function filesOf({ title, mappedColumns, ...input }: WriteOptions): [string, string][] {
  const { curation, summary } = input
  const rows = new OutputRows(mappedColumns)
  const blocks = reportBlocks(input)
  return [
    ['kept.jsonl', jsonl(curation.kept.map((row) => rows.kept(row)))],
    ['dropped.jsonl', jsonl(curation.dropped.map(droppedRecord))],
    ['overlaps.jsonl', jsonl(curation.overlaps.map(overlapRecord))],
    ['summary.json', `${JSON.stringify(summary, null, 2)}\n`],
    ['report.md', markdownOf(blocks, { title })],
    ['report.html', htmlOf(blocks, { title })],
  ]
}

const jsonl = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('')

// Writes a curation as a folder: kept.jsonl, dropped.jsonl, overlaps.jsonl, summary.json, report.md and report.html.
import { mkdir, readdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ArgumentError } from '../../errors.js'
import { makeFolder } from '../../io/make-folder.js'
import { withTemporary } from '../../io/temporary.js'
import { writeFileAtomically } from '../../io/write-file.js'
import { writeJsonLines } from '../../io/write-lines.js'
import { ownWriter } from '../../io/writer.js'
import { droppedRecord, OutputRows, overlapRecord } from './output.js'
import { type ReportInput, reportBlocks } from './report/document.js'
import { htmlOf } from './report/html.js'
import { markdownOf } from './report/markdown.js'

export interface WriteOptions extends ReportInput {
  title: string
}

/** The folder is there whole or not at all. No time and no path of this machine is written: the same curation, the same bytes. */
export async function writeCuration(folder: string, options: WriteOptions): Promise<void> {
  await requireFreeFolder(folder)
  await makeFolder(dirname(folder))
  const temporary = join(dirname(folder), `.${basename(folder)}.${ownWriter}.tmp`)
  await withTemporary(temporary, async () => {
    await mkdir(temporary)
    await writeFiles(temporary, options)
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

async function writeFiles(folder: string, { title, ...input }: WriteOptions): Promise<void> {
  const { curation, summary } = input
  const rows = new OutputRows()
  const blocks = reportBlocks(input)
  await writeJsonLines(
    join(folder, 'kept.jsonl'),
    each(curation.kept, (row) => rows.kept(row)),
  )
  await writeJsonLines(join(folder, 'dropped.jsonl'), each(curation.dropped, droppedRecord))
  await writeJsonLines(join(folder, 'overlaps.jsonl'), each(curation.overlaps, overlapRecord))
  await writeFileAtomically(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
  await writeFileAtomically(join(folder, 'report.md'), markdownOf(blocks, { title }))
  await writeFileAtomically(join(folder, 'report.html'), htmlOf(blocks, { title }))
}

function* each<Value>(values: readonly Value[], record: (value: Value) => object): Generator<object> {
  for (const value of values) yield record(value)
}

// Conversations of a data set, in any of the formats that rows are read from.
import { FileFormatError } from '../../errors.js'
import { type PlacedRow, type ReadRecordOptions, readRecords } from '../read-records.js'
import { type DataSource, dataSource } from '../source.js'
import { type Conversation, type ConversationOptions, conversationOf } from './conversation.js'

/** Every conversation, with its file and its place there. A record that is none is an error, or passed over as maxBadRows allows. */
export async function readConversations(
  from: string | DataSource,
  options: ConversationOptions & ReadRecordOptions = {},
): Promise<PlacedRow<Conversation>[]> {
  const rows: PlacedRow<Conversation>[] = []
  for await (const row of readRecords(from, (value, at) => conversationOf(value, at, options), options)) rows.push(row)
  if (rows.length > 0) return rows
  throw new FileFormatError({ file: dataSource(from).path }, 'expected at least one conversation')
}

// Conversations that a program has in memory, as examples.

import { requireArrays } from '../../arguments.js'
import { FileFormatError } from '../../errors.js'
import type { Conversation } from './conversation.js'
import type { ChatExample } from './example.js'
import { chatExamples, requireTokenize, type TokenizeOptions } from './tokenize.js'

/**
 * The example of each conversation, in order.
 * @throws {@link FileFormatError} for the first that the template cannot render, or that has no answer, by its id.
 */
export async function conversationExamples(
  conversations: readonly Conversation[],
  options: TokenizeOptions,
): Promise<ChatExample[]> {
  requireArrays('examples', { conversations })
  requireTokenize(options)
  const rows = conversations.map((row) => ({ row, file: 'conversations', place: JSON.stringify(row.id) }))
  const examples: ChatExample[] = []
  for await (const made of chatExamples(rows, options)) {
    if (made instanceof FileFormatError) throw made
    examples.push(made)
  }
  return examples
}

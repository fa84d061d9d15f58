// Text to tokens and back, and the chat template that makes a prompt of messages.
export { type ChatMessage, ChatTemplate, type ConversationToRender, type RenderOptions } from './chat-template.js'
export type { IncrementalDecoder } from './incremental-decoder.js'
export type { Rendered } from './template-process.js'
export { Tokenizer } from './tokenizer.js'
export { type WordLevelOptions, writeWordLevelTokenizer } from './word-level.js'

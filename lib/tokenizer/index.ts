// Text to tokens and back, and the chat template that makes a prompt of messages.
export { type ChatMessage, ChatTemplate, type RenderOptions } from './chat-template.js'
export { Tokenizer } from './tokenizer.js'
export { type WordLevelOptions, writeWordLevelTokenizer } from './word-level.js'

// Conversations as examples for supervised training: which tokens the assistant says.
export type { Encoding as ChatEncoding } from './answer-spans.js'
export type { Conversation, ConversationOptions } from './conversation.js'
export { conversationExamples } from './conversation-examples.js'
export { type ChatExample, numLearnedTokensOf, type TokenIds, type TokenSpan } from './example.js'
export { type ExampleOptions, type ExampleSet, readChatExamples } from './read-examples.js'
export { chatExamples, type LearnedAnswers, type TokenizeOptions } from './tokenize.js'

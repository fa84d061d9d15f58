// A model's chat template. It is a program that came with a download: it runs in a process of its own, with a deadline and
// little memory, and an endless one costs that process and nothing else.
import { join } from 'node:path'
import { TokenizerError } from '../errors.js'
import { type Rendered, TemplateProcess } from './template-process.js'
import type { TokenizerConfig } from './tokenizer-files.js'

export interface ChatMessage {
  role: string
  content: string
}

export interface RenderOptions {
  /** Ends the prompt where the assistant begins to speak. */
  addGenerationPrompt: boolean
}

export interface ConversationToRender extends RenderOptions {
  messages: readonly ChatMessage[]
}

const defaultDeadlineMs = 2000

export class ChatTemplate {
  private readonly process: TemplateProcess

  /** `variables` are what the template may read beside the messages, such as bos_token. */
  constructor(
    readonly source: string,
    private readonly variables: Record<string, unknown> = {},
    options: { deadlineMs: number } = { deadlineMs: defaultDeadlineMs },
  ) {
    this.process = new TemplateProcess(source, options.deadlineMs)
  }

  /** chat_template.jinja goes before the template in tokenizer_config.json, of several templates the one named default. */
  static from(folder: string, jinjaFile: string | undefined, config: TokenizerConfig): ChatTemplate {
    const source = jinjaFile ?? defaultTemplate(config.chat_template)
    if (source === undefined) {
      const places = `${join(folder, 'chat_template.jinja')}, nor in tokenizer_config.json`
      throw new TokenizerError(`[chat template] none found: not as ${places}`)
    }
    const { bos_token, eos_token, pad_token, unk_token } = config
    return new ChatTemplate(source, { bos_token, eos_token, pad_token, unk_token })
  }

  render(messages: readonly ChatMessage[], options: RenderOptions): Promise<string> {
    return this.process.render(this.contextOf({ messages, ...options }))
  }

  /** What each conversation gives, in their order: its text, or what the template raises on it. For many it is far faster. */
  renderAll(conversations: readonly ConversationToRender[]): Promise<Rendered[]> {
    return this.process.renderAll(conversations.map((conversation) => this.contextOf(conversation)))
  }

  private contextOf({ messages, addGenerationPrompt }: ConversationToRender): Record<string, unknown> {
    return { ...this.variables, messages, add_generation_prompt: addGenerationPrompt }
  }
}

function defaultTemplate(template: TokenizerConfig['chat_template']): string | undefined {
  if (typeof template === 'string') return template
  return template?.find(({ name }) => name === 'default')?.template
}

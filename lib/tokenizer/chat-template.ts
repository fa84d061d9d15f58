// A model's chat template. It is a program that came with a download: it runs in a process of its own, with a deadline and
// little memory, and an endless one costs that process and nothing else.
import { join } from 'node:path'
import { checkOptions, type OptionKeys, requireArrays, requireStrings } from '../arguments.js'
import { TokenizerError } from '../errors.js'
import { type Rendered, TemplateProcess } from './template-process.js'
import type { TokenizerConfig } from './tokenizer-files.js'

/** One turn of a conversation. Further fields go to the template with it. */
export interface ChatMessage {
  /** 'system', 'user', 'assistant', or what else the template knows. */
  role: string
  /** Its text. */
  content: string
}

/** How a conversation ends. */
export interface RenderOptions {
  /** Ends the prompt where the assistant begins to speak. */
  addGenerationPrompt: boolean
}

/** Messages, and whether the assistant is to speak after them. */
export interface ConversationToRender extends RenderOptions {
  /** In order. */
  messages: readonly ChatMessage[]
}

const renderKeys: OptionKeys<RenderOptions> = { addGenerationPrompt: true }

const optionKeys: OptionKeys<{ deadlineMs: number }> = { deadlineMs: true }

const defaultDeadlineMs = 2000

/**
 * A model's chat template, Jinja as Python's transformers renders it. It is a program that came with a download: it runs in a
 * process of its own, with a deadline and little memory, and an endless one costs that process and nothing else.
 */
export class ChatTemplate {
  private readonly process: TemplateProcess

  /**
   * `variables` are what the template may read beside the messages, such as bos_token; `deadlineMs` is for one rendering, 2000
   * unless given.
   *
   * @throws {@link ArgumentError} for a template that is no text, or an option of another name
   */
  constructor(
    /** The template's text. */
    readonly source: string,
    private readonly variables: Record<string, unknown> = {},
    options: { deadlineMs: number } = { deadlineMs: defaultDeadlineMs },
  ) {
    requireStrings('chat template', { source })
    checkOptions('chat template', options, optionKeys)
    this.process = new TemplateProcess(source, options.deadlineMs)
  }

  /**
   * The template of a tokenizer's folder: chat_template.jinja goes before the template in tokenizer_config.json, of several
   * templates the one named default.
   * @param folder For messages.
   * @param jinjaFile What chat_template.jinja holds; undefined where there is none.
   * @param config What tokenizer_config.json holds.
   * @throws {@link TokenizerError} where there is none
   */
  static from(folder: string, jinjaFile: string | undefined, config: TokenizerConfig): ChatTemplate {
    const source = jinjaFile ?? defaultTemplate(config.chat_template)
    if (source === undefined) {
      const places = `${join(folder, 'chat_template.jinja')}, nor in tokenizer_config.json`
      throw new TokenizerError(`[chat template] none found: not as ${places}`)
    }
    const { bos_token, eos_token, pad_token, unk_token } = config
    return new ChatTemplate(source, { bos_token, eos_token, pad_token, unk_token })
  }

  /**
   * The conversation as text, to be encoded as it is.
   *
   * @throws {@link ArgumentError} for messages that are no list, or an option of another name
   * @throws {@link TokenizerError} where the template raises an error, is not done by the deadline, or takes too much memory
   */
  async render(messages: readonly ChatMessage[], options: RenderOptions): Promise<string> {
    requireArrays('chat template', { messages })
    checkOptions('chat template', options, renderKeys)
    return this.process.render(this.contextOf({ messages, ...options }))
  }

  /**
   * What each conversation gives, in their order: its text, or what the template raises on it. For many it is far faster than
   * render().
   *
   * @throws {@link TokenizerError} where the process itself fails: one of them is endless, say
   */
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

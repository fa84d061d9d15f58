// Chat templates of the kinds that model families have, each with the special tokens it needs; the first ends an answer.
import type { ByteTokenizerOptions } from './byte-tokenizer.js'

/** Turns between markers, a new line behind each: Qwen2. */
export const chatml: ByteTokenizerOptions = {
  special: ['<|im_end|>', '<|im_start|>'],
  template:
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
}

/** A header and two new lines before each turn, nothing behind it: Llama 3. */
export const headers: ByteTokenizerOptions = {
  special: ['<|eot|>', '<|begin|>', '<|header|>', '<|/header|>'],
  template:
    '<|begin|>{% for m in messages %}' +
    "{{ '<|header|>' + m.role + '<|/header|>\\n\\n' + m.content | trim + '<|eot|>' }}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|header|>assistant<|/header|>\\n\\n' }}{% endif %}",
}

/** The user's turn in brackets, no prompt of the assistant's own: Mistral. */
export const brackets: ByteTokenizerOptions = {
  special: ['</s>', '<s>'],
  template:
    "<s>{% for m in messages %}{% if m.role == 'assistant' %}{{ ' ' + m.content + '</s>' }}" +
    "{% elif m.role == 'user' %}{{ '[INST] ' + m.content + ' [/INST]' }}" +
    "{% else %}{{ raise_exception('no place for ' + m.role) }}{% endif %}{% endfor %}",
}

/** The thinking of all answers but the last is dropped: Qwen3. */
export const forgetful: ByteTokenizerOptions = {
  special: ['<|im_end|>', '<|im_start|>'],
  template:
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}" +
    "{% if m.role == 'assistant' and not loop.last %}{{ m.content.split('</think>')[-1] | trim }}" +
    "{% else %}{{ m.content }}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
}

/** The prompt opens the thinking, which no rendered answer has: R1's distillations. */
export const opening: ByteTokenizerOptions = {
  special: ['<|end|>', '<|user|>', '<|assistant|>'],
  template:
    "{% for m in messages %}{% if m.role == 'assistant' %}" +
    "{{ '<|assistant|>' + m.content.split('</think>')[-1] + '<|end|>' }}" +
    "{% else %}{{ '<|user|>' + m.content }}{% endif %}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|assistant|><think>\\n' }}{% endif %}",
}

/** What is said alone; no token ends an answer. */
export const bare: ByteTokenizerOptions = {
  special: ['<end>'],
  template: '{% for m in messages %}{{ m.content }}{% endfor %}',
}

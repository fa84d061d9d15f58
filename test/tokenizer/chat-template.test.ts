import { describe, expect, test } from 'vitest'
import { ChatTemplate } from '../../lib/tokenizer/chat-template.js'
import { runScript } from '../helpers/script.js'

const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: '1+1?' },
]

const chatml = `{{ bos_token }}{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content | trim }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
<think>
{% endif %}`

test('messages, the generation prompt and the special tokens reach the template', async () => {
  const template = new ChatTemplate(chatml, { bos_token: '<s>' })
  const body = '<s><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n1+1?<|im_end|>\n'
  const opened = `${body}<|im_start|>assistant\n<think>\n`
  expect(await template.render(messages, { addGenerationPrompt: true })).toBe(opened)
  expect(await template.render(messages, { addGenerationPrompt: false })).toBe(body)
})

test('many renders at once come back in order', async () => {
  const template = new ChatTemplate('{{ messages[0].content }}')
  const contents = Array.from({ length: 200 }, (_, i) => `row ${i}`)
  const renders = contents.map((content) =>
    template.render([{ role: 'user', content }], { addGenerationPrompt: false }),
  )
  expect(await Promise.all(renders)).toEqual(contents)
})

test('what a template raises, and a template that does not parse, is an error; the next render is not harmed', async () => {
  const template = new ChatTemplate(
    "{% if messages|length > 1 %}{{ raise_exception('one turn only') }}{% endif %}{{ messages[0].content }}",
  )
  const failing = template.render(messages, { addGenerationPrompt: true })
  await expect(failing).rejects.toMatchObject({ code: 'TokenizerError', message: '[chat template] one turn only' })
  expect(await template.render(messages.slice(0, 1), { addGenerationPrompt: true })).toBe('Be brief.')
  const broken = new ChatTemplate('{% for x in %}')
  await expect(broken.render(messages, { addGenerationPrompt: true })).rejects.toMatchObject({ code: 'TokenizerError' })
})

test('an endless template is cut at the deadline, the event loop runs on, and the next render gets a new process', async () => {
  const endless =
    '{% if messages|length > 1 %}{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}{% endif %}ok'
  const template = new ChatTemplate(endless, {}, { deadlineMs: 200 })
  let numTicks = 0
  const ticking = setInterval(() => numTicks++, 10)
  await expect(template.render(messages, { addGenerationPrompt: true })).rejects.toMatchObject({
    code: 'TokenizerError',
    message: '[chat template] rendering failed: not done within 200 ms',
  })
  clearInterval(ticking)
  expect(numTicks).toBeGreaterThan(5)
  expect(await template.render(messages.slice(1), { addGenerationPrompt: true })).toBe('ok')
})

test('a template that takes all memory costs its own process, not ours', async () => {
  const hungry =
    '{% set ns = namespace(s=[1]) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}'
  const template = new ChatTemplate(hungry, {}, { deadlineMs: 20_000 })
  await expect(template.render(messages, { addGenerationPrompt: true })).rejects.toMatchObject({
    code: 'TokenizerError',
    message: expect.stringMatching(/memory/),
  })
})

test('a list so long that one allocation fails costs its own process, not ours', async () => {
  const template = new ChatTemplate(
    '{% if messages|length > 1 %}{{ range(9999999999) }}{% endif %}ok',
    {},
    { deadlineMs: 20_000 },
  )
  await expect(template.render(messages, { addGenerationPrompt: true })).rejects.toMatchObject({
    code: 'TokenizerError',
    message: expect.stringMatching(/memory/),
  })
  expect(await template.render(messages.slice(1), { addGenerationPrompt: true })).toBe('ok')
})

test('text without measure is an error', async () => {
  const doubling =
    '{% set n = namespace(s="x") %}{% for i in range(27) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}'
  await expect(new ChatTemplate(doubling).render(messages, { addGenerationPrompt: true })).rejects.toThrow(
    /expected at most 16777216 letters of text, got 134217728/,
  )
})

test('renders in a process that was given its script as a module on the command line', async () => {
  const rendered = await runScript(`
    import { ChatTemplate } from 'lengthen'
    const template = new ChatTemplate('{{ messages[0].content }}')
    console.log(JSON.stringify(await template.render([{ role: 'user', content: 'hi' }], { addGenerationPrompt: true })))`)
  expect(rendered).toBe('hi')
})

describe('many conversations at once', () => {
  const turn = (content: string) => ({ messages: [{ role: 'user', content }], addGenerationPrompt: false })

  test('come back in order, those on which the template raises as errors among the others', async () => {
    const template = new ChatTemplate(
      "{% if messages[0].content == '70' %}{{ raise_exception('not seventy') }}{% endif %}<{{ messages[0].content }}>",
    )
    const contents = Array.from({ length: 200 }, (_, i) => String(i))
    const rendered = await template.renderAll(contents.map(turn))
    expect(rendered).toEqual(contents.map((c) => (c === '70' ? { error: 'not seventy' } : { text: `<${c}>` })))
    expect(await template.renderAll([])).toEqual([])
  })

  test('have the deadline each, not together', async () => {
    const slow = '{% for i in range(60) %}{% for j in range(60) %}{% endfor %}{% endfor %}{{ messages[0].content }}'
    const contents = Array.from({ length: 40 }, (_, i) => String(i))
    const one = new ChatTemplate(slow, {}, { deadlineMs: 60_000 })
    await one.renderAll([turn('x')]) // the first one parses
    const started = performance.now()
    await one.renderAll([turn('x')])
    const deadlineMs = Math.ceil(15 * (performance.now() - started) + 100) // far less than all of them take
    const template = new ChatTemplate(slow, {}, { deadlineMs })
    expect(await template.renderAll(contents.map(turn))).toEqual(contents.map((text) => ({ text })))
  })

  test('fail together where one of them does not end', async () => {
    const endless =
      "{% if messages[0].content == '3' %}{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}{% endif %}ok"
    const template = new ChatTemplate(endless, {}, { deadlineMs: 1000 })
    const conversations = Array.from({ length: 5 }, (_, i) => turn(String(i)))
    await expect(template.renderAll(conversations)).rejects.toThrow('not done within 1000 ms')
    expect(await template.renderAll([turn('4')])).toEqual([{ text: 'ok' }])
  })
})

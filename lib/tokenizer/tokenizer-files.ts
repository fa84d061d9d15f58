// The files of a Hugging Face folder that make up its tokenizer, kept as they were read, so that saving gives them back.
import { join } from 'node:path'
import { z } from 'zod'
import { FileFormatError } from '../errors.js'
import { parseJson } from '../io/json.js'
import { readTextFile, readTextFileIfPresent } from '../io/read-file.js'
import { writeFileAtomically } from '../io/write-file.js'

const requiredNames = ['tokenizer.json', 'tokenizer_config.json'] as const
const optionalNames = ['chat_template.jinja', 'generation_config.json', 'special_tokens_map.json'] as const

type FileName = (typeof requiredNames)[number] | (typeof optionalNames)[number]
export type TokenizerFiles = Partial<Record<FileName, string>>

export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const files: TokenizerFiles = {}
  for (const name of requiredNames) files[name] = await readTextFile(join(folder, name))
  for (const name of optionalNames) {
    const text = await readTextFileIfPresent(join(folder, name))
    if (text !== undefined) files[name] = text
  }
  return files
}

/** generation_config.json belongs to the model and is left to its writer. */
export async function writeTokenizerFiles(folder: string, files: TokenizerFiles): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    if (name !== 'generation_config.json') await writeFileAtomically(join(folder, name), text)
  }
}

/** A file's JSON, checked against a schema that lists what is read of it; other fields are kept. */
export function parseTokenizerFile<T>(text: string, file: string, schema: z.ZodType<T>): T {
  const result = schema.safeParse(parseJson(text, { file }))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new FileFormatError({ file, place: issue?.path.join('.') }, issue?.message ?? 'unexpected content')
}

const tokenName = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]).nullish()

export const tokenizerConfigSchema = z.looseObject({
  bos_token: tokenName,
  eos_token: tokenName,
  pad_token: tokenName,
  unk_token: tokenName,
  chat_template: z.union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))]).nullish(),
})
export type TokenizerConfig = z.infer<typeof tokenizerConfigSchema>

/** A table with a place for each id is made of them. */
const id = z
  .int()
  .min(0)
  .max(2 ** 22)

export const tokenizerJsonSchema = z.looseObject({
  decoder: z.looseObject({ type: z.string() }).nullable(),
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]),
  }),
  added_tokens: z.array(z.looseObject({ id, content: z.string(), special: z.boolean() })),
})

export const generationConfigSchema = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() })

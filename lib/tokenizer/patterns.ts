// The regular expressions that a tokenizer.json brings along: whoever wrote one decides how long it backtracks.

/** They take time in proportion to a text, whatever it is: those of GPT-2, Llama 3, and Qwen2 and 3, as published. */
export const wellBehavedPatterns: readonly string[] = [
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  ...['{1,3}', ''].map(
    (digits) =>
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" +
      `${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
  ),
]

/** The others among a file's patterns. */
export function doubtfulPatterns({
  normalizer,
  pre_tokenizer,
}: {
  normalizer?: unknown
  pre_tokenizer?: unknown
}): string[] {
  const found = new Set<string>()
  const pending: unknown[] = [normalizer, pre_tokenizer] // No recursion: a file nests as deep as it likes.
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (key === 'Regex' && typeof child === 'string') found.add(child)
      else pending.push(child)
    }
  }
  for (const pattern of wellBehavedPatterns) found.delete(pattern)
  return [...found]
}

// A table to look words of an answer up in: "constructor" is in it only if somebody put it there.

export function dictionary<Value>(entries: Record<string, Value>): Readonly<Record<string, Value>> {
  return Object.assign(Object.create(null), entries)
}

// What can begin anew while a run goes on.

/** The names of what can begin anew. */
export const resettable = ['optimizer', 'dataOrder', 'reference'] as const satisfies readonly Reset[]

/** The optimizer with its learning rate's schedule; the order of the data; the reference, as a copy of the weights of now. */
export type Reset = 'optimizer' | 'dataOrder' | 'reference'

export function resetsProblem(where: string, resets: readonly Reset[]): string | undefined {
  const wrong = resets.find((name) => !resettable.includes(name))
  return wrong && `expected ${resettable.join(', ')} in ${where}, got ${wrong}`
}

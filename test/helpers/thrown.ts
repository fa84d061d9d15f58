/** The error that fn throws, if any. */
export function thrownBy(fn: () => unknown): Error | undefined {
  try {
    fn()
    return undefined
  } catch (error) {
    return error as Error
  }
}

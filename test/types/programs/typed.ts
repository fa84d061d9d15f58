// Statements about types. The programs beside this file are compiled and never run.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

interface Typed<A> {
  /** Compiles where the type is B itself, neither wider nor narrower; the error shows both. */
  is<B>(this: Same<A, B> extends true ? unknown : { got: A; expected: B }): void
}

export declare function typed<A>(value: A): Typed<A>

/** A value of a type, from nowhere. */
export declare function some<T>(): T

// Statements about types. The programs beside this file are compiled and never run.

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** `typed(value).is<T>()` compiles where the value's type is T itself: neither wider nor narrower. */
export declare function typed<A>(value: A): {
  is<B>(...differs: Same<A, B> extends true ? [] : [got: A, expected: B]): void
}

/** A value of a type, from nowhere. */
export declare function some<T>(): T

/**
 * For editors: the method of numbers that contracts use. The compiler's own types give numbers a class that
 * TypeScript does not take for theirs.
 */
interface Number {
  toString(radix?: i32): string
}

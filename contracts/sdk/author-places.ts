/**
 * Where in the author's files a mistake is that the compiler finds elsewhere: in the SDK or the standard library, in code
 * that was made for a call of theirs with types that it cannot take. It gets the place of that call as its related
 * range. And where one is on which the compiler itself breaks, which would end the process.
 */
import type { Program, Range } from 'assemblyscript'
import { type Compiler, complain, stepInto } from './compiler-inside.ts'
import { isOfAuthor } from './entry-file.ts'
import { isUserSource } from './syntax.ts'

/** By the program: the author's statement that is being compiled. */
const statements = new WeakMap<Program, { range: Range | undefined }>()
const isEnrolled = (program: Program): boolean => statements.has(program)

/** Has the mistakes in this program placed. To be called before it is compiled. */
export const placeMistakes = (program: Program): void => void statements.set(program, { range: undefined })

/** Compiles what is written at `range`. */
export const placed = <T>({ diagnostics }: Compiler, range: Range, compile: () => T): T => {
  const before = diagnostics.length
  const code = compile()
  if (isOfAuthor(range.source))
    for (const diagnostic of diagnostics.slice(before))
      // The innermost call comes first.
      if (diagnostic.range !== null && !isUserSource(diagnostic.range.source))
        diagnostic.relatedRange ??= range
  return code
}

stepInto('compileCallExpression', isEnrolled, (compiler, proceed, expression, type, constraints) =>
  placed(compiler, expression.range, () => proceed(expression, type, constraints)),
)
stepInto('compileNewExpression', isEnrolled, (compiler, proceed, expression, type, constraints) =>
  placed(compiler, expression.range, () => proceed(expression, type, constraints)),
)

stepInto('compileStatement', isEnrolled, (compiler, proceed, statement, isLast) => {
  const current = statements.get(compiler.program)
  if (current !== undefined && isOfAuthor(statement.range.source)) current.range = statement.range
  return proceed(statement, isLast)
})
stepInto('compile', isEnrolled, (compiler, proceed) => {
  try {
    return proceed()
  } catch (error) {
    const range = statements.get(compiler.program)?.range
    if (range === undefined) throw error
    const reason = error instanceof Error ? error.message : String(error)
    complain(compiler, range, `the compiler breaks on this (${reason}): write it another way`)
    return compiler.module
  }
})

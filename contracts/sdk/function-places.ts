/**
 * Where the author declared each function of a module: for code in it that the optimizer left without a line of its own,
 * such as an SDK function that it put in place of the author's first call.
 */
import type { ClassDeclaration, DeclarationStatement, Program } from 'assemblyscript'
import { positionAt, type SourcePosition } from './compile-error.ts'
import { ENTRY_FILE, isOfAuthor } from './entry-file.ts'
import { decoratorNames } from './syntax.ts'

/** What a function's internal name leads to. */
interface Declared {
  readonly declaration: DeclarationStatement
  readonly parent: { readonly declaration?: DeclarationStatement } | null
}

const EXPORT = `${ENTRY_FILE.replace(/\.ts$/, '')}/$`
/** Methods that an author may call otherwise. */
const LIFECYCLE: readonly string[] = ['init', 'migrate']

/** Calls another contract: its body is not the author's (callers.ts). */
const isCaller = ({ parent }: Declared): boolean =>
  (parent?.declaration as ClassDeclaration | undefined)?.extendsType?.range.toString() === '$vex.Callee'

/** The contract's method that the module exports as `name`. */
const findMethod = (program: Program, contract: string, name: string): Declared | undefined => {
  const found = program.elementsByName.get(contract) as
    | { readonly instanceMembers: ReadonlyMap<string, Declared> | null }
    | undefined
  const members = [...(found?.instanceMembers?.values() ?? [])]
  return LIFECYCLE.includes(name)
    ? members.find(({ declaration }) => decoratorNames(declaration).includes(name))
    : members.find(({ declaration }) => declaration.name.text === name)
}

/**
 * By the names of the functions, `null` for those of the SDK and the compiler. `contract` is the internal name of the
 * contract's class. `program` has been compiled.
 */
export const functionPlaces = (
  program: Program,
  contract: string,
  names: readonly string[],
): (SourcePosition | null)[] =>
  names.map(name => {
    const found = name.startsWith(EXPORT)
      ? findMethod(program, contract, name.slice(EXPORT.length))
      : (program.instancesByName.get(name) as Declared | undefined)
    if (found === undefined || isCaller(found)) return null
    const { source, start } = found.declaration.name.range
    return isOfAuthor(source) ? positionAt(source.normalizedPath, source.text, start) : null
  })

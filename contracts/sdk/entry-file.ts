/** The generated file that holds the module's exports: one function of type () -> () for each method. */
import type { ClassDeclaration, Source } from 'assemblyscript'
import type { Method } from './contract-class.ts'
import { isUserSource } from './syntax.ts'
import { toAssemblyScript } from './type-names.ts'

/** Its name, as errors show it. */
export const ENTRY_FILE = 'exports-of-the-contract.ts'
/** Generated names start with `$`, which no method's name may. */
export const IMPORT_SDK = `import * as $vex from 'vex/entry'`

/** Whether the author wrote the file: neither library nor generated. */
export const isOfAuthor = (source: Source): boolean =>
  isUserSource(source) && source.normalizedPath !== ENTRY_FILE

const importAs = (node: ClassDeclaration, name: string): string =>
  `import { ${node.name.text} as ${name} } from './${node.range.source.internalPath}'`

const writeExport = ({ abi, property }: Method): string => {
  const { name, params, payable, returns } = abi
  const run = `$contract.${property}(${params.map((_, i) => `$${i}`).join(', ')})`
  return [
    `function $${name}(): void {`,
    `  const $arguments = $vex.enter('${name}', ${payable})`,
    ...params.map(({ type }, i) => `  const $${i} = $vex.decode<${toAssemblyScript(type)}>($arguments)`),
    `  $arguments.end()`,
    ...(property === undefined
      ? []
      : [returns === 'void' ? run : `  $vex.respond<${toAssemblyScript(returns)}>(${run})`]),
    `}`,
    `export { $${name} as ${name} }`,
  ].join('\n')
}

export const writeEntryFile = (
  contract: ClassDeclaration,
  structs: ReadonlyMap<string, ClassDeclaration>,
  methods: readonly Method[],
): string =>
  [
    IMPORT_SDK,
    importAs(contract, '$Contract'),
    ...[...structs].map(([name, node]) => importAs(node, `$${name}`)),
    'const $contract = new $Contract()',
    ...methods.map(writeExport),
    '',
  ].join('\n')

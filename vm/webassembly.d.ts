/** The part of the WebAssembly JavaScript API the VM uses; neither lib.es nor Node's types declare it. */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    initial: number
    maximum?: number
  }

  class Memory {
    constructor(descriptor: MemoryDescriptor)
    readonly buffer: ArrayBuffer
  }

  class Global {
    constructor(descriptor: { value: 'i32' | 'i64'; mutable: boolean }, value: number | bigint)
    value: number | bigint
  }

  class Table {
    constructor(descriptor: { element: 'anyfunc'; initial: number })
    set(index: number, entry: ExportedFunction): void
  }

  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
    private readonly opaque: never
  }

  type ExportedFunction = (...args: (number | bigint)[]) => unknown
  type Imports = Record<string, Record<string, (...args: never[]) => unknown>>
  type Exports = Readonly<Record<string, ExportedFunction | Memory | Global | Table | undefined>>

  class Instance {
    constructor(module: Module, imports: Imports)
    readonly exports: Exports
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  class RuntimeError extends Error {}

  function validate(bytes: Uint8Array<ArrayBuffer>): boolean
}

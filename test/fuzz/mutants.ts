/** Real contracts and published malformed modules, changed at random. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Random } from '../sim/random.ts'
import { loadSuite } from '../spec/suite.ts'

const MUTANTS_A_CASE = 60
const MOST_CHANGES = 6

let corpus: readonly Uint8Array[] | undefined

/** In an order that does not depend on the disk. */
function loadCorpus(): readonly Uint8Array[] {
  const built = new URL('../../contracts/build/', import.meta.url)
  const contracts = readdirSync(built)
    .filter(name => name.endsWith('.wasm'))
    .sort()
    .map(name => new Uint8Array(readFileSync(new URL(name, built))))
  const { cases } = JSON.parse(
    readFileSync(new URL('../vectors/wasm/malformed.json', import.meta.url), 'utf8'),
  ) as { cases: { hex: string }[] }
  const malformed = cases.map(({ hex }) => new Uint8Array(Buffer.from(hex, 'hex')))
  const spec = loadSuite().files.flatMap(({ modules }) =>
    Object.values(modules)
      .slice(0, 3)
      .map(base64 => new Uint8Array(Buffer.from(base64, 'base64'))),
  )
  // Contracts as often as all the rest.
  const often = Math.ceil((malformed.length + spec.length) / contracts.length)
  return [...Array.from({ length: often }, () => contracts).flat(), ...malformed, ...spec]
}

export function mutants(random: Random): Uint8Array[] {
  corpus ??= loadCorpus()
  const pick = (): Uint8Array =>
    (corpus as readonly Uint8Array[])[random.below(corpus?.length ?? 0)] as Uint8Array
  return Array.from({ length: MUTANTS_A_CASE }, () => {
    let bytes = pick()
    for (let changes = 1 + random.below(MOST_CHANGES); changes > 0; changes--)
      bytes = change(bytes, pick, random)
    return bytes
  })
}

/** Bytes that mean something: ends of number ranges, sections, opcodes of other proposals. */
const INTERESTING = [0x00, 0x01, 0x0b, 0x0e, 0x11, 0x40, 0x41, 0x60, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff]

function change(bytes: Uint8Array, pick: () => Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1)
  const length = Math.min(1 + random.below(random.chance(0.2) ? 200 : 8), bytes.length - at)
  const splice = (removed: number, inserted: ArrayLike<number>): Uint8Array =>
    Uint8Array.from([...bytes.subarray(0, at), ...Array.from(inserted), ...bytes.subarray(at + removed)])
  switch (random.below(8)) {
    case 0:
    case 1:
      return splice(1, [random.below(256)])
    case 2:
      return splice(1, [INTERESTING[random.below(INTERESTING.length)] as number])
    case 3:
      return splice(1, [(bytes[at] ?? 0) ^ (1 << random.below(8))])
    case 4:
      return splice(length, [])
    case 5:
      return splice(0, bytes.subarray(at, at + length))
    case 6: {
      const other = pick()
      const from = random.below(other.length + 1)
      return splice(length, other.subarray(from, from + length))
    }
    default:
      return random.chance(0.1) ? bytes.subarray(0, at) : splice(0, [0x80, 0x80, 0x00])
  }
}

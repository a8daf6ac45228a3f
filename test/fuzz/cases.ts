/** A case of the fuzzer: modules made from a seed, the same on every machine. */
import { createRandom } from '../sim/random.ts'
import { wat } from '../unit/vm/wat.ts'
import { mutants } from './mutants.ts'
import { randomProgram } from './programs.ts'
import { translatedProgram } from './translated.ts'

export const CASE_KINDS = ['mutants', 'program', 'translated'] as const
export type CaseKind = (typeof CASE_KINDS)[number]

export interface FuzzCase {
  readonly seed: number
  readonly kind: CaseKind
  readonly modules: readonly Uint8Array[]
}

/** In turn; one in eight costs a process of its own to make. */
const KIND_BY_SEED: readonly CaseKind[] = [
  'program',
  'mutants',
  'program',
  'program',
  'mutants',
  'program',
  'translated',
  'program',
]

export function makeCase(seed: number): FuzzCase {
  const random = createRandom(Math.imul(seed, 0x9e37_79b1))
  const kind = KIND_BY_SEED[seed % KIND_BY_SEED.length] as CaseKind
  switch (kind) {
    case 'mutants':
      return { seed, kind, modules: mutants(random) }
    case 'program':
      return { seed, kind, modules: [wat(randomProgram(random))] }
    case 'translated':
      return { seed, kind, modules: [wat(translatedProgram(random))] }
  }
}

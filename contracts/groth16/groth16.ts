/**
 * Checks Groth16 proofs on the curve BN254 (Groth, "On the size of pairing-based non-interactive arguments", 2016):
 * whoever proves that it knows a witness for a circuit is written down, without anybody learning the witness.
 *
 * A proof (A, B, C) for public inputs x holds if
 *
 *     e(A, B) = e(alpha, beta) * e(IC[0] + x[0]*IC[1] + x[1]*IC[2] + ..., gamma) * e(C, delta)
 *
 * which is checked as one product of four pairings that must be 1, with A negated. Points are encoded as in EIP-196
 * and EIP-197: big-endian, G1 in 64 bytes, G2 in 128 (imaginary part first), as snarkjs exports them.
 *
 * An input must be below the order of the curve's group: x and x + r would pass the same check, and one proof would
 * count twice.
 */
import {
  Address,
  Indexed,
  Mapping,
  Value,
  Writer,
  addBn254,
  caller,
  emit,
  encode,
  multiplyBn254,
  pairingBn254,
  require,
  revert,
  sha256,
  u256,
} from 'vex'

const G1_BYTES = 64
const G2_BYTES = 128
const MAX_INPUTS = 16

/** What the circuit's set-up published. */
@struct
export class VerifyingKey {
  constructor(
    public alpha: Uint8Array,
    public beta: Uint8Array,
    public gamma: Uint8Array,
    public delta: Uint8Array,
    /** One point more than the circuit has public inputs. */
    public ic: Uint8Array[],
  ) {}
}

@struct
export class Proof {
  constructor(
    public a: Uint8Array,
    public b: Uint8Array,
    public c: Uint8Array,
  ) {}
}

@event
export class Proven {
  constructor(
    public by: Indexed<Address>,
    public statement: Indexed<Uint8Array>,
  ) {}
}

@error
export class WrongInputs {
  constructor(
    public given: u32,
    public needed: u32,
  ) {}
}

@contract
export class Groth16 {
  private readonly key: Value<VerifyingKey>
  /** Who proved a statement first, by the hash of its inputs. */
  private readonly provers: Mapping<Uint8Array, Address>

  @init
  init(key: VerifyingKey): void {
    require(key.alpha.length == G1_BYTES, 'alpha takes 64 bytes')
    require(key.beta.length == G2_BYTES, 'beta takes 128 bytes')
    require(key.gamma.length == G2_BYTES, 'gamma takes 128 bytes')
    require(key.delta.length == G2_BYTES, 'delta takes 128 bytes')
    require(key.ic.length >= 1 && key.ic.length <= MAX_INPUTS + 1, 'ic takes 1 to 17 points')
    for (let i = 0; i < key.ic.length; i++) require(key.ic[i].length == G1_BYTES, 'a point of ic takes 64 bytes')
    this.key.set(key)
  }

  /** Whether the proof holds for the inputs. */
  @view
  verify(proof: Proof, inputs: u256[]): bool {
    return check(this.key.get(), proof, inputs)
  }

  /** Writes down that the caller was the first to prove this. */
  @call
  prove(proof: Proof, inputs: u256[]): void {
    const statement = statementOf(inputs)
    require(!this.provers.has(statement), 'this statement is proven already')
    require(check(this.key.get(), proof, inputs), 'the proof does not hold')
    this.provers.set(statement, caller())
    emit(new Proven(caller(), statement))
  }

  /** Who proved a statement first; the zero address: nobody. */
  @view
  proverOf(inputs: u256[]): Address {
    return this.provers.get(statementOf(inputs))
  }
}

/** Ends the call if a point or an input is malformed; false if the equation does not hold. */
function check(key: VerifyingKey, proof: Proof, inputs: u256[]): bool {
  const needed = key.ic.length - 1
  require(inputs.length == needed, new WrongInputs(inputs.length, needed))
  require(proof.a.length == G1_BYTES && proof.c.length == G1_BYTES, 'a and c take 64 bytes')
  require(proof.b.length == G2_BYTES, 'b takes 128 bytes')
  let sum = key.ic[0]
  for (let i = 0; i < inputs.length; i++) sum = addTerm(sum, key.ic[i + 1], inputs[i])
  const pairs = new Writer(4 * (G1_BYTES + G2_BYTES))
  pair(pairs, negate(proof.a), proof.b)
  pair(pairs, key.alpha, key.beta)
  pair(pairs, sum, key.gamma)
  pair(pairs, proof.c, key.delta)
  return pairingBn254(pairs.toBytes())
}

/** sum + input * point */
function addTerm(sum: Uint8Array, point: Uint8Array, input: u256): Uint8Array {
  require(input < order(), 'an input is not below the order of the group')
  const term = multiplyBn254(point, input.toBigEndian())
  if (term === null) return offCurve()
  const total = addBn254(sum, term)
  return total === null ? offCurve() : total
}

function offCurve(): Uint8Array {
  revert('a point of ic is not on the curve')
  return new Uint8Array(0)
}

/** The point with the other sign: (x, q - y); the point at infinity, all zeros, is its own. */
function negate(point: Uint8Array): Uint8Array {
  const y = u256.fromBigEndian(point.slice(32))
  require(y < field(), 'a coordinate is not below the order of the field')
  const negated = point.slice(0)
  if (y != new u256()) negated.set(field().minus(y).toBigEndian(), 32)
  return negated
}

function pair(pairs: Writer, g1: Uint8Array, g2: Uint8Array): void {
  pairs.raw(g1.dataStart, G1_BYTES)
  pairs.raw(g2.dataStart, G2_BYTES)
}

/** r: how many points each group has. */
function order(): u256 {
  return new u256(0x43e1f593f0000001, 0x2833e84879b97091, 0xb85045b68181585d, 0x30644e72e131a029)
}

/** q: the coordinates are numbers modulo q. */
function field(): u256 {
  return new u256(0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029)
}

function statementOf(inputs: u256[]): Uint8Array {
  const bytes = new Writer()
  encode<u256[]>(bytes, inputs)
  return sha256(bytes.toBytes())
}

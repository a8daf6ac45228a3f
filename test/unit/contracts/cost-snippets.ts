/**
 * Code that uses each function of the SDK once, to measure what it takes: its name, what stands before, and what is
 * measured. `n` is 7, `m` is 1,000,003; `sink` keeps a result from being left out. A name with a word after it is the
 * same function with other arguments.
 */
export type Snippet = readonly [name: string, before: string, measured: string]

const LONG = "'0123456789'.repeat(10)"
const OTHER = 'const to = Address.fromBytes(new Uint8Array(32).fill(8))'
const entriesOf = (call: string): Snippet => [
  `OrderedMap.${call}`,
  'for (let i: u64 = 0; i < 8; i++) this.ordered.set(n + i, i)',
  `sink = this.ordered.${call}.length`,
]
const membersOf = (call: string): Snippet => [
  `OrderedSet.${call}`,
  'for (let i: u64 = 0; i < 8; i++) this.members.add(n + i)',
  `sink = this.members.${call}.length`,
]
const PAGES = ['first(', 'after(n, ', 'last(', 'before(m, ', 'range(n, m, ']
const pages = (of: (call: string) => Snippet): Snippet[] =>
  PAGES.flatMap(start => [1, 5, 9].map(limit => of(`${start}${limit})`)))

const STORAGE: readonly Snippet[] = [
  ['Value.get', 'this.one.set(n)', 'sink = this.one.get()'],
  ['Value.get text', `this.text.set(${LONG})`, 'sink = this.text.get().length'],
  ['Value.set', '', 'this.one.set(n)'],
  ['Value.set text', `const text = ${LONG}`, 'this.text.set(text)'],
  ['Value.has', 'this.one.set(n)', 'sink = u64(this.one.has())'],
  ['Value.delete', 'this.one.set(n)', 'sink = u64(this.one.delete())'],
  ['Mapping.get', 'this.map.set(n, n)', 'sink = this.map.get(n)'],
  ['Mapping.get text', `this.texts.set(n, ${LONG})`, 'sink = this.texts.get(n).length'],
  ['Mapping.set', '', 'this.map.set(n, n)'],
  ['Mapping.set text', `const text = ${LONG}`, 'this.texts.set(n, text)'],
  ['Mapping.has', '', 'sink = u64(this.map.has(n))'],
  ['Mapping.delete', 'this.map.set(n, n)', 'sink = u64(this.map.delete(n))'],
  ['PairMapping.get', 'this.pairs.set(n, n, n)', 'sink = this.pairs.get(n, n)'],
  ['PairMapping.get text', `this.pairTexts.set(n, n, ${LONG})`, 'sink = this.pairTexts.get(n, n).length'],
  ['PairMapping.set', '', 'this.pairs.set(n, n, n)'],
  ['PairMapping.set text', `const text = ${LONG}`, 'this.pairTexts.set(n, n, text)'],
  ['PairMapping.has', '', 'sink = u64(this.pairs.has(n, n))'],
  ['PairMapping.delete', 'this.pairs.set(n, n, n)', 'sink = u64(this.pairs.delete(n, n))'],
  ['OrderedMap.get', 'this.ordered.set(n, n)', 'sink = this.ordered.get(n)'],
  ['OrderedMap.get text', `this.orderedTexts.set(n, ${LONG})`, 'sink = this.orderedTexts.get(n).length'],
  ['OrderedMap.set', '', 'this.ordered.set(n, n)'],
  ['OrderedMap.set text', `const text = ${LONG}`, 'this.orderedTexts.set(n, text)'],
  ['OrderedMap.has', '', 'sink = u64(this.ordered.has(n))'],
  ['OrderedMap.delete', 'this.ordered.set(n, n)', 'sink = u64(this.ordered.delete(n))'],
  ...pages(entriesOf),
  ['OrderedSet.add', '', 'sink = u64(this.members.add(n))'],
  ['OrderedSet.add again', 'this.members.add(n)', 'sink = u64(this.members.add(n))'],
  ['OrderedSet.has', '', 'sink = u64(this.members.has(n))'],
  ['OrderedSet.delete', 'this.members.add(n)', 'sink = u64(this.members.delete(n))'],
  ...pages(membersOf),
  ['Vector.length', 'this.list.push(n)', 'sink = this.list.length'],
  ['Vector.get', 'this.list.push(n)', 'sink = this.list.get(0)'],
  ['Vector.set', 'this.list.push(n)', 'this.list.set(0, n)'],
  ['Vector.push', '', 'this.list.push(n)'],
  ['Vector.pop', 'this.list.push(n)', 'sink = this.list.pop()'],
  ['Vector.swapRemove', 'this.list.push(n)\nthis.list.push(n)', 'sink = this.list.swapRemove(0)'],
  ...[1, 5].map(
    (limit): Snippet => [
      `Vector.page ${limit}`,
      'for (let i = 0; i < 8; i++) this.list.push(n)',
      `sink = this.list.page(0, ${limit}).length`,
    ],
  ),
]

const ME = 'const me = caller()'
const COMPONENTS: readonly Snippet[] = [
  ['Ownership.init', ME, 'this.owner.init(me)'],
  ['Ownership.get', `${ME}\nthis.owner.init(me)`, 'sink = u64(this.owner.get() == me)'],
  ['Ownership.only', 'this.owner.init(caller())', 'this.owner.only()'],
  ['Ownership.offer', `${ME}\nthis.owner.init(me)`, 'this.owner.offer(me)'],
  ['Ownership.accept', `${ME}\nthis.owner.init(me)\nthis.owner.offer(me)`, 'this.owner.accept()'],
  ['Ownership.renounce', 'this.owner.init(caller())', 'this.owner.renounce()'],
  ['Roles.has', ME, 'sink = u64(this.roles.has(1, me))'],
  ['Roles.only', 'this.roles.grant(1, caller())', 'this.roles.only(1)'],
  ['Roles.grant', ME, 'this.roles.grant(1, me)'],
  ['Roles.revoke', `${ME}\nthis.roles.grant(1, me)`, 'this.roles.revoke(1, me)'],
  ['Pause.isPaused', '', 'sink = u64(this.switch.isPaused())'],
  ['Pause.whenRunning', '', 'this.switch.whenRunning()'],
  ['Pause.pause', '', 'this.switch.pause()'],
  ['Pause.resume', 'this.switch.pause()', 'this.switch.resume()'],
]

const bytes = (name: string, length: number): string => `const ${name} = new Uint8Array(${length})`
const keys = (count: number): string => Array.from({ length: count }, () => 'new Uint8Array(48)').join(', ')
const verifyBls = (name: string, count: number, length: number): Snippet => [
  `verifyBls12381 ${name}`,
  `const keys = [${keys(count)}]\n${bytes('data', length)}\n${bytes('signature', 96)}`,
  'sink = u64(verifyBls12381(keys, data, signature))',
]
const CONTEXT: readonly Snippet[] = [
  ...['caller', 'origin', 'self'].map((name): Snippet => [name, '', `sink = u64(${name}().isZero)`]),
  ...['value', 'blockHeight', 'blockTimeMs', 'gasLeft'].map(
    (name): Snippet => [name, '', `sink = ${name}()`],
  ),
  ['chainId', '', 'sink = chainId().length'],
  ['balanceOf', 'const who = self()', 'sink = balanceOf(who)'],
  ['randomness', '', 'sink = randomness()[0]'],
  ...['sha256', 'sha512', 'keccak256', 'blake3'].flatMap(name => [
    [name, bytes('data', 0), `sink = ${name}(data)[0]`] as const,
    [`${name} 1000`, bytes('data', 1000), `sink = ${name}(data)[0]`] as const,
  ]),
  ...[0, 1000].map(
    (length): Snippet => [
      length === 0 ? 'verifyEd25519' : 'verifyEd25519 1000',
      `${bytes('key', 32)}\n${bytes('data', length)}\n${bytes('signature', 64)}`,
      'sink = u64(verifyEd25519(key, data, signature))',
    ],
  ),
  [
    'recoverSecp256k1',
    `${bytes('hash', 32)}\n${bytes('signature', 64)}`,
    'sink = u64(recoverSecp256k1(hash, signature, 0) == null)',
  ],
  verifyBls('1', 1, 0),
  verifyBls('5', 5, 0),
  verifyBls('1000', 1, 1000),
  ['pairingBls12381', bytes('pairs', 0), 'sink = u64(pairingBls12381(pairs))'],
  ['pairingBls12381 1', bytes('pairs', 144), 'sink = u64(pairingBls12381(pairs))'],
  ['addBn254', bytes('point', 64), 'sink = u64(addBn254(point, point) == null)'],
  [
    'multiplyBn254',
    `${bytes('point', 64)}\n${bytes('scalar', 32)}`,
    'sink = u64(multiplyBn254(point, scalar) == null)',
  ],
  ['pairingBn254', bytes('pairs', 0), 'sink = u64(pairingBn254(pairs))'],
  ['pairingBn254 1', bytes('pairs', 192), 'sink = u64(pairingBn254(pairs))'],
  ...[0, 1000].map(
    (length): Snippet => [
      length === 0 ? 'verifyEcvrf' : 'verifyEcvrf 1000',
      `${bytes('key', 32)}\n${bytes('data', length)}\n${bytes('proof', 80)}`,
      'sink = u64(verifyEcvrf(key, data, proof) == null)',
    ],
  ),
  ['addressOf', bytes('key', 32), 'sink = u64(addressOf(key).isZero)'],
  ['Address.fromBytes', bytes('key', 32), 'sink = u64(Address.fromBytes(key).isZero)'],
  ['Address.isZero', ME, 'sink = u64(me.isZero)'],
  ['Address.equals', `${ME}\nconst other = self()`, 'sink = u64(me.equals(other))'],
  ['Address.differs', `${ME}\nconst other = self()`, 'sink = u64(me != other)'],
  ['Address.toBytes', ME, 'sink = me.toBytes()[0]'],
  ['Address.toString', ME, 'sink = me.toString().length'],
  ['emit', '', 'emit(new None0())'],
  ['emit numbers', '', 'emit(new Pair2(n, m))'],
  ['emit text', `const text = ${LONG}`, 'emit(new Text1(text))'],
]

const CALLS: readonly Snippet[] = [
  ['pay', OTHER, 'pay(to, 1)'],
  ['Call', OTHER, "sink = changetype<usize>(new Call(to, 'nothing'))"],
  ['Call.send', `${OTHER}\nconst call = new Call(to, 'nothing')`, 'call.send<void>()'],
  ['Call.send value', `${OTHER}\nconst call = new Call(to, 'paid').value(1)`, 'call.send<void>()'],
  ['Call.view', `${OTHER}\nconst call = new Call(to, 'seen')`, 'sink = call.view<u64>()'],
  ['Call.attempt', `${OTHER}\nconst call = new Call(to, 'nothing')`, 'sink = u64(call.attempt().isReturned)'],
  [
    'Call.attempt value',
    `${OTHER}\nconst call = new Call(to, 'paid').value(1)`,
    'sink = u64(call.attempt().isReturned)',
  ],
  ['Call.arg', "const call = new Call(caller(), 'x')", 'call.arg<u64>(n)'],
  [
    'Call.rawArguments',
    `const call = new Call(caller(), 'x')\n${bytes('data', 32)}`,
    'call.rawArguments(data)',
  ],
  [
    'Outcome.isReturned',
    `${OTHER}\nconst outcome = new Call(to, 'seen').attempt()`,
    'sink = u64(outcome.isReturned)',
  ],
  ['Outcome.data', `${OTHER}\nconst outcome = new Call(to, 'seen').attempt()`, 'sink = outcome.data.length'],
  [
    'Outcome.unwrap',
    `${OTHER}\nconst outcome = new Call(to, 'seen').attempt()`,
    'sink = outcome.unwrap<u64>()',
  ],
  ['Deploy', 'const hash = this.hash.get()', 'sink = changetype<usize>(new Deploy(hash))'],
  ['Deploy.arg', 'const made = new Deploy(this.hash.get())', 'made.arg<u64>(n)'],
  ['Deploy.send', 'const made = new Deploy(this.hash.get())', 'sink = u64(made.send().isZero)'],
  [
    'Deploy.send value',
    'const made = new Deploy(this.hash.get()).value(1)',
    'sink = u64(made.send().isZero)',
  ],
  ['Deploy.attempt', 'const made = new Deploy(this.hash.get())', 'sink = u64(made.attempt().isReturned)'],
  [
    'Deploy.attempt value',
    'const made = new Deploy(this.hash.get()).value(1)',
    'sink = u64(made.attempt().isReturned)',
  ],
]

/** Of 64 bits, and of as many as there are. */
const SMALL128 = 'const a = u128.from(m), b = u128.from(n)'
const SMALL256 = 'const a = u256.from(m), b = u256.from(n)'
const LARGE128: Readonly<Record<string, string>> = {
  dividedBy: 'const a = new u128(m, u64.MAX_VALUE - n), b = new u128(m, n)',
  modulo: 'const a = new u128(m, u64.MAX_VALUE - n), b = new u128(m, n)',
}
const LARGE256: Readonly<Record<string, string>> = {
  times: 'const a = new u256(m, m << 20), b = new u256(m, m, 1)',
  dividedBy: 'const a = new u256(m, m, m, u64.MAX_VALUE - n), b = new u256(m, u64.MAX_VALUE - n)',
  modulo: 'const a = new u256(m, m, m, u64.MAX_VALUE - n), b = new u256(m, u64.MAX_VALUE - n)',
}
const COMPARISONS = ['equals', 'differs', 'isLess', 'isGreater', 'isAtMost', 'isAtLeast']
const NUMBERS: readonly Snippet[] = [
  ['checkedAdd', '', 'sink = checkedAdd<u64>(n, m)'],
  ['checkedSub', '', 'sink = checkedSub<u64>(m, n)'],
  ['checkedMul', '', 'sink = checkedMul<u64>(m, n)'],
  ...['U8', 'U16', 'U32', 'U64', 'I8', 'I16', 'I32', 'I64'].map(
    (type): Snippet => [`to${type}`, '', `sink = u64(to${type}(n) ^ 0)`],
  ),
  ['mulDiv', '', 'sink = mulDiv(n, m, m)'],
  ['mulDiv large', 'const most = u64.MAX_VALUE - n', 'sink = mulDiv(most, most, most)'],
  ['sqrt', 'const square = u128.product(u64.MAX_VALUE - n, u64.MAX_VALUE - m)', 'sink = sqrt(square)'],
  ['mulDiv128', SMALL128, 'sink = mulDiv128(a, b, b).high'],
  [
    'mulDiv128 large',
    'const a = new u128(m, u64.MAX_VALUE - n), b = new u128(m, m << 40)',
    'sink = mulDiv128(a, b, b).high',
  ],
  ...['plus', 'minus', 'times', 'dividedBy', 'modulo'].flatMap(name => [
    [`u128.${name}`, SMALL128, `const c = a.${name}(b)\nsink = c.low ^ c.high`] as const,
    [`u256.${name}`, SMALL256, `const c = a.${name}(b)\nsink = c.w0 ^ c.w1`] as const,
  ]),
  ...Object.entries(LARGE128).map(
    ([name, before]): Snippet => [
      `u128.${name} large`,
      before,
      `const c = a.${name}(b)\nsink = c.low ^ c.high`,
    ],
  ),
  ...Object.entries(LARGE256).map(
    ([name, before]): Snippet => [`u256.${name} large`, before, `const c = a.${name}(b)\nsink = c.w0 ^ c.w1`],
  ),
  ...COMPARISONS.flatMap(name => [
    [`u128.${name}`, SMALL128, `sink = u64(a.${name}(b))`] as const,
    [`u256.${name}`, SMALL256, `sink = u64(a.${name}(b))`] as const,
  ]),
  ['u128.compare', SMALL128, 'sink = u64(a.compare(b) & 1)'],
  ['u256.compare', SMALL256, 'sink = u64(a.compare(b) & 1)'],
  ['u128', '', 'sink = changetype<usize>(new u128(n, m))'],
  ['u256', '', 'sink = changetype<usize>(new u256(n, m, n, m))'],
  ['u128.from', '', 'sink = changetype<usize>(u128.from(n))'],
  ['u256.from', '', 'sink = changetype<usize>(u256.from(n))'],
  ['u128.product', '', 'sink = u128.product(n, m).high'],
  ['u256.product', 'const a = new u128(m << 40, m << 40)', 'sink = u256.product(a, a).w3'],
  ['u128.fromBigEndian', bytes('data', 16), 'sink = u128.fromBigEndian(data).high'],
  ['u256.fromBigEndian', bytes('data', 32), 'sink = u256.fromBigEndian(data).w3'],
  ['u128.toBigEndian', SMALL128, 'sink = a.toBigEndian()[0]'],
  ['u256.toBigEndian', SMALL256, 'sink = a.toBigEndian()[0]'],
  ['u128.isZero', SMALL128, 'sink = u64(a.isZero)'],
  ['u256.isZero', SMALL256, 'sink = u64(a.isZero)'],
  ['u128.toU64', SMALL128, 'sink = a.toU64()'],
  ['u256.toU64', SMALL256, 'sink = a.toU64()'],
  ['u256.toU128', SMALL256, 'sink = a.toU128().high'],
]

const WRITER = 'const writer = new Writer(512)'
const written = (type: string, value: string): string =>
  `${WRITER}\nencode<${type}>(writer, ${value})\nconst reader = Reader.of(writer.toBytes())`
const BCS: readonly Snippet[] = [
  ['encode', WRITER, 'encode<u64>(writer, n)'],
  ['encode text', `${WRITER}\nconst text = ${LONG}`, 'encode<string>(writer, text)'],
  ['encode bytes', `${WRITER}\n${bytes('data', 100)}`, 'encode<Uint8Array>(writer, data)'],
  ['decode', written('u64', 'n'), 'sink = decode<u64>(reader)'],
  ['decode text', written('string', LONG), 'sink = decode<string>(reader).length'],
  ['decode bytes', written('Uint8Array', 'new Uint8Array(100)'), 'sink = decode<Uint8Array>(reader).length'],
  ['Writer', '', 'sink = changetype<usize>(new Writer())'],
  ['Writer.pointer', WRITER, 'sink = writer.pointer'],
  ['Writer.length', `${WRITER}\nwriter.u8(1)`, 'sink = writer.length'],
  ['Writer.clear', `${WRITER}\nwriter.u8(1)`, 'writer.clear()'],
  ['Writer.reserve', WRITER, 'sink = writer.reserve(8)'],
  ['Writer.reserve grow', 'const writer = new Writer()', 'sink = writer.reserve(100)'],
  ['Writer.drop', `${WRITER}\nwriter.u8(1)`, 'writer.drop(1)'],
  ['Writer.u8', WRITER, 'writer.u8(1)'],
  ['Writer.count', WRITER, 'writer.count(300)'],
  ['Writer.raw', WRITER, 'writer.raw(memory.data(32), 32)'],
  ['Writer.bytes', `${WRITER}\n${bytes('data', 32)}`, 'writer.bytes(data)'],
  ['Writer.string', `${WRITER}\nconst text = ${LONG}`, 'writer.string(text)'],
  ['Writer.text', `${WRITER}\nconst text = ${LONG}`, 'writer.text(text)'],
  ['Writer.toBytes', `${WRITER}\nencode<u64>(writer, n)`, 'sink = writer.toBytes().length'],
  ['Reader.of', bytes('data', 100), 'sink = changetype<usize>(Reader.of(data))'],
  ['Reader.take', 'const reader = Reader.of(new Uint8Array(100))', 'sink = reader.take(8)'],
  ['Reader.bool', 'const reader = Reader.of(new Uint8Array(100))', 'sink = u64(reader.bool())'],
  ['Reader.count', 'const reader = Reader.of(new Uint8Array(100))', 'sink = reader.count()'],
  ['Reader.bytes', written('Uint8Array', 'new Uint8Array(100)'), 'sink = reader.bytes().length'],
  ['Reader.string', written('string', LONG), 'sink = reader.string().length'],
  ['Reader.end', 'const reader = Reader.of(new Uint8Array(0))', 'reader.end()'],
]

export const SNIPPETS: readonly Snippet[] = [
  ...STORAGE,
  ...COMPONENTS,
  ...CONTEXT,
  ...CALLS,
  ...NUMBERS,
  ...BCS,
]

const FIELDS = [
  'one: Value<u64>',
  'text: Value<string>',
  'map: Mapping<u64, u64>',
  'texts: Mapping<u64, string>',
  'pairs: PairMapping<u64, u64, u64>',
  'pairTexts: PairMapping<u64, u64, string>',
  'ordered: OrderedMap<u64, u64>',
  'orderedTexts: OrderedMap<u64, string>',
  'members: OrderedSet<u64>',
  'list: Vector<u64>',
  'owner: Ownership',
  'roles: Roles',
  'switch: Pause',
  'hash: Value<Uint8Array>',
]

/** A contract with a method for each of `snippets`, `m0` and so on, that gives the gas it measured. */
export const measuringContract = (snippets: readonly Snippet[], sdkNames: readonly string[]): string =>
  `import { ${sdkNames.join(', ')} } from 'vex'
@event export class None0 {}
@event export class Pair2 { constructor(public a: u64, public b: u64) {} }
@event export class Text1 { constructor(public a: string) {} }
@contract export class Main {
${FIELDS.join('\n')}
@call keep(hash: Uint8Array): void { this.hash.set(hash) }
@view silent(): u64 { if (gasLeft() > 0) revert(''); return 1 }
@view loud(): u64 { if (gasLeft() > 0) revert('${'0123456789'.repeat(10)}'); return 1 }
@view quiet(): u64 { return u64(gasLeft() > 0) }
${snippets
  .map(
    ([, before, measured], i) => `@call m${i}(n: u64, m: u64): u64[] {
let sink: u64 = 0
${before}
const atFirst = gasLeft()
${measured}
const used = atFirst - gasLeft()
return [used, sink]
}`,
  )
  .join('\n')}
}`
/** What the calls go to. */
export const CALLED = `@contract export class Called {
@call nothing(): void {}
@payable @call paid(): void {}
@view seen(): u64 { return 7 }
@payable @init start(): void {}
}`

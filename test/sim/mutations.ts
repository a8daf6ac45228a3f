/**
 * Guards of consensus, each broken alone: the simulator has to notice every one of them. `find` stands exactly once in
 * the file. What a mutation takes away is named in words, since the code's words change.
 */
export interface Mutation {
  readonly name: string
  readonly guard: string
  readonly file: string
  readonly find: string
  readonly replace: string
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'quorum-of-half',
    guard: 'a quorum is more than two thirds of the power',
    file: 'node/types/validator-set.ts',
    find: 'isQuorum: power => 3n * power > 2n * totalPower',
    replace: 'isQuorum: power => 2n * power > totalPower',
  },
  {
    name: 'quorum-of-exactly-two-thirds',
    guard: 'two thirds exactly are not enough',
    file: 'node/types/validator-set.ts',
    find: 'isQuorum: power => 3n * power > 2n * totalPower',
    replace: 'isQuorum: power => 3n * power >= 2n * totalPower',
  },
  {
    name: 'finalize-after-nullify',
    guard: 'no F in a view that was voted L',
    file: 'node/consensus/machine.ts',
    find: 'if (own.nullify || own.finalize !== undefined) return',
    replace: 'if (own.finalize !== undefined) return',
  },
  {
    name: 'second-notarize',
    guard: 'one N a view',
    file: 'node/consensus/machine.ts',
    find: 'if (own.notarize !== undefined || own.nullify) return\n    const judgement',
    replace: 'if (own.nullify) return\n    const judgement',
  },
  {
    name: 'notarize-after-nullify',
    guard: 'no N in a view that was given up',
    file: 'node/consensus/machine.ts',
    find: 'if (own.notarize !== undefined || own.nullify) return\n    const judgement',
    replace: 'if (own.notarize !== undefined) return\n    const judgement',
  },
  {
    name: 'second-proposal-counts',
    guard: 'the first proposal of a view counts, and a vote for it is not forgotten when another comes',
    file: 'node/consensus/machine.ts',
    find: 'if (view < this.#view || this.#proposals.has(view)) {',
    replace: 'if (view < this.#view) {',
  },
  {
    name: 'anybody-proposes',
    guard: 'a proposal comes from the leader of its view',
    file: 'node/consensus/machine.ts',
    find: 'if (from !== this.#config.leaderOf(view) || from === this.#config.self) return',
    replace: 'if (from === this.#config.self) return',
  },
  {
    name: 'skip-without-nullification',
    guard: 'every view between a block and its parent holds C[L] (ava-labs/Simplex#281)',
    file: 'node/consensus/ledger.ts',
    find: `    for (let u = view - 1n; u > parentView; u--)
      if (this.certificates.get('nullify', u) === undefined) return { kind: 'certificate', view: u }
    const lack`,
    replace: '    const lack',
  },
  {
    name: 'parent-not-compared',
    guard: 'the parent is the block certified in the view that the block names',
    file: 'node/consensus/ledger.ts',
    find: "if (!bytesEqual(parent, parentHash)) return 'never'",
    replace: '',
  },
  {
    name: 'verdict-ignored',
    guard: 'N only for a block that the application found valid',
    file: 'node/consensus/ledger.ts',
    find: "if (known.status === 'invalid') return 'never'\n    return known.status === 'valid' ? 'yes' : { kind: 'verdict', block: known }",
    replace: "return 'yes'",
  },
  {
    name: 'votes-not-logged',
    guard: 'a vote is in the log before it is sent',
    file: 'node/consensus/voter.ts',
    find: "this.#emit({ kind: 'append', record: { kind: 'vote', statement } })",
    replace: '',
  },
  {
    name: 'votes-forgotten-on-restart',
    guard: 'own votes come back from the log',
    file: 'node/consensus/restore.ts',
    find: 'if (statement.epoch === epoch.epoch && statement.view > own.sealedView) own.add(statement)',
    replace: '',
  },
  {
    name: 'own-votes-not-sent-again',
    guard: 'a standstill repeats own votes, which a crash may have kept from everybody (commonware#4275)',
    file: 'node/consensus/exchange.ts',
    find: 'statements: this.#own.statements().slice(-STANDSTILL_ITEMS)',
    replace: 'statements: []',
  },
  {
    name: 'standstill-without-a-limit',
    guard: 'what a standstill repeats is bounded',
    file: 'node/consensus/exchange.ts',
    find: '...this.#ledger.above().slice(-STANDSTILL_ITEMS)',
    replace: '...this.#ledger.above()',
  },
  {
    name: 'bad-votes-stay',
    guard: 'votes with a bad signature are taken out of a quorum',
    file: 'node/consensus/tally.ts',
    find: 'ballot.signers.delete(signer)',
    replace: '',
  },
  {
    name: 'certificates-not-verified',
    guard: "a peer's certificate is verified before it counts",
    file: 'node/consensus/replica.ts',
    find: 'if (!this.#config.isValidCertificate(certificate, this.#validators)) {',
    replace: 'if (Math.sign(1) === 0) {',
  },
  {
    name: 'votes-without-a-window',
    guard: 'votes are kept for views near the current one alone',
    file: 'node/consensus/machine.ts',
    find: 'return view > this.#view - VIEW_WINDOW && view <= this.#view + VIEW_WINDOW',
    replace: 'return view > 0n',
  },
  {
    name: 'votes-of-anybody',
    guard: 'a vote comes from its signer',
    file: 'node/consensus/replica.ts',
    find: 'if (vote.signer !== this.#positionOf(from.voteKey)) return this.#onWitness(from, vote)',
    replace: '',
  },
  {
    name: 'no-witness',
    guard: "who votes for one of a leader's two blocks is shown its vote for the other",
    file: 'node/consensus/replica.ts',
    find: 'this.#bearWitness(vote)\n',
    replace: '',
  },
  {
    name: 'witness-too-late-for-the-leader',
    guard: "a leader's vote that comes last is shown to those who have voted before",
    file: 'node/consensus/witnesses.ts',
    find: '[...(vote === ofLeader ? votes.values() : [vote])]',
    replace: '[vote]',
  },
  {
    name: 'witness-passed-on-unverified',
    guard: "a leader's vote is verified before it is passed on, so that it makes no honest node a forger",
    file: 'node/consensus/witnesses.ts',
    find: ' || !this.#isGenuine(ofLeader)',
    replace: '',
  },
  {
    name: 'missing-blocks-not-fetched',
    guard: 'a block with a certificate that is not here is asked for',
    file: 'node/consensus/exchange.ts',
    find: "if (this.#asks.addBlock(hash, now)) this.#emit({ kind: 'fetchBlocks', hash, above })",
    replace: '',
  },
  {
    name: 'block-after-the-last',
    guard: "nothing stands on an epoch's last block within the epoch",
    file: 'node/consensus/ledger.ts',
    find: ' || height > this.#lastHeight',
    replace: '',
  },
  {
    name: 'boundary-again-unchecked',
    guard: 'the boundary block is proposed again only after a certificate for it',
    file: 'node/consensus/ledger.ts',
    find: 'if (certified !== undefined && bytesEqual(certified, block.hash))\n        return',
    replace: 'if (certified === undefined || bytesEqual(certified, block.hash))\n        return',
  },
]

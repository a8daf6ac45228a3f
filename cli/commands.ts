/**
 * Every command of `vex`: what `vex --help` shows, and where it is. A command's file is loaded only when its
 * name is on the command line, so that asking for help costs nothing.
 */
import type { Command } from 'commander'

export interface CommandModule {
  /** Adds arguments, options, examples and the action. */
  readonly define: (command: Command) => void
}

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<CommandModule>
  /** It runs a node in this process if the line goes on with these words. */
  readonly runsNodeWith?: readonly string[]
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'tour',
    summary: 'start a chain, deploy a token, move some, and watch',
    load: () => import('./commands/tour.ts'),
    runsNodeWith: [],
  },
  {
    name: 'new',
    summary: 'make a project: a contract, its tests, a client',
    load: () => import('./commands/new.ts'),
  },
  {
    name: 'dev',
    summary: 'run a local chain with funded accounts; in a project, with its contracts',
    load: () => import('./commands/dev.ts'),
    runsNodeWith: [],
  },
  {
    name: 'devnet',
    summary: 'run several nodes on this machine, as one chain',
    load: () => import('./commands/devnet.ts'),
  },
  {
    name: 'dashboard',
    summary: 'a node’s chain on the terminal: blocks, contracts, peers, validators',
    load: () => import('./commands/dashboard.ts'),
  },
  {
    name: 'build',
    summary: 'compile contracts',
    load: () => import('./commands/build.ts'),
  },
  {
    name: 'test',
    summary: 'run a project’s tests on chains in memory; gas reports',
    load: () => import('./commands/test.ts'),
  },
  {
    name: 'deploy',
    summary: 'put a contract on the chain',
    load: () => import('./commands/deploy.ts'),
  },
  {
    name: 'upgrade',
    summary: 'replace a contract’s code; compares and rehearses first',
    load: () => import('./commands/upgrade.ts'),
  },
  {
    name: 'owner',
    summary: 'give a contract to another owner, or to nobody',
    load: () => import('./commands/owner.ts'),
  },
  {
    name: 'call',
    summary: 'call a contract’s method in a transaction',
    load: () => import('./commands/call.ts'),
  },
  {
    name: 'view',
    summary: 'ask a contract something; costs nothing',
    load: () => import('./commands/view.ts'),
  },
  {
    name: 'send',
    summary: 'send VEX to an account',
    load: () => import('./commands/send.ts'),
  },
  {
    name: 'stake',
    summary: 'delegate, validate, claim rewards, accuse: everything about stakes',
    load: () => import('./commands/stake.ts'),
  },
  {
    name: 'validators',
    summary: 'show who validates, who leads the next views, and why',
    load: () => import('./commands/validators.ts'),
  },
  {
    name: 'wallet',
    summary: 'accounts of your own, in a file under a password',
    load: () => import('./commands/wallet.ts'),
  },
  {
    name: 'accounts',
    summary: 'show accounts: balance, nonce, contract',
    load: () => import('./commands/accounts.ts'),
  },
  {
    name: 'contracts',
    summary: 'list the contracts of the chain: class, address, owner, storage',
    load: () => import('./commands/contracts.ts'),
  },
  {
    name: 'block',
    summary: 'show a block',
    load: () => import('./commands/block.ts'),
  },
  {
    name: 'tx',
    summary: 'show a transaction and what it did',
    load: () => import('./commands/tx.ts'),
  },
  {
    name: 'trace',
    summary: 'show what a transaction did call by call; gas flame graphs',
    load: () => import('./commands/trace.ts'),
  },
  {
    name: 'genesis',
    summary: 'begin a chain: its genesis, and the validators that start it',
    load: () => import('./commands/genesis.ts'),
  },
  {
    name: 'node',
    summary: 'make the data directory of a node, and run it',
    load: () => import('./commands/node.ts'),
    runsNodeWith: ['start'],
  },
  {
    name: 'keys',
    summary: 'a validator’s keys: show, encrypt, move to another directory',
    load: () => import('./commands/keys.ts'),
  },
  {
    name: 'state',
    summary: 'verify, measure, snapshot and restore the state of a stopped node',
    load: () => import('./commands/state.ts'),
  },
  {
    name: 'doctor',
    summary: 'check this machine and a data directory; name what repairs it',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'schema',
    summary: 'show what a command’s --json prints, as JSON Schema',
    load: () => import('./commands/schema.ts'),
  },
  {
    name: 'completion',
    summary: 'print what makes a shell complete vex: bash, zsh, fish',
    load: () => import('./commands/completion.ts'),
  },
]

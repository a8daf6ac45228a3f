#!/usr/bin/env node
/**
 * The command `vex` of an installed package and of a clone: runs vex.js, or vex.ts, on a Node that Vex knows.
 * On an older one it starts the pinned Node, which npm installed as a package of its own, and passes signals
 * and the exit code on. This file keeps to syntax that an old Node can read.
 */
const OLDEST = 20
/** From here on Node strips types without a flag and has what Vex calls. */
const NEEDED = [24, 11]

const [major, minor] = process.versions.node.split('.').map(Number)

if (major < OLDEST) {
  console.error(
    'Vex needs Node.js ' + OLDEST + ' or newer to start itself; this is ' + process.versions.node + '.',
  )
  process.exit(1)
}

const isEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])

void import('./setup/start.mjs').then(({ runHere, runOnPinnedNode }) =>
  isEnough ? runHere() : runOnPinnedNode(NEEDED.join('.'), process.argv.slice(2)),
)

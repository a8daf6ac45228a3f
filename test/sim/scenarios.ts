/** Every scenario, by its number: what the simulator plays, and what `--scenario` takes. */
import type { Scenario } from './plan.ts'
import { allCrashAfterNotarize } from './scenarios/all-crash-after-notarize.ts'
import { allCrashAfterNullify } from './scenarios/all-crash-after-nullify.ts'
import { allOnline } from './scenarios/all-online.ts'
import { asymmetricPartition } from './scenarios/asymmetric-partition.ts'
import { badAggregate } from './scenarios/bad-aggregate.ts'
import { badKeys } from './scenarios/bad-keys.ts'
import { bitFlip } from './scenarios/bit-flip.ts'
import { boundaryNullified } from './scenarios/boundary-nullified.ts'
import { carefulSplit } from './scenarios/careful-split.ts'
import { clockSkew } from './scenarios/clock-skew.ts'
import { crashAfterSync } from './scenarios/crash-after-sync.ts'
import { crashBeforeSync } from './scenarios/crash-before-sync.ts'
import { earlyMessages } from './scenarios/early-messages.ts'
import { evidenceAge } from './scenarios/evidence-age.ts'
import { farBehind } from './scenarios/far-behind.ts'
import { finalWithoutBlock } from './scenarios/final-without-block.ts'
import { flood } from './scenarios/flood.ts'
import { forgedParent } from './scenarios/forged-parent.ts'
import { heavyCrash } from './scenarios/heavy-crash.ts'
import { leadersOffline } from './scenarios/leaders-offline.ts'
import { lightClientFork } from './scenarios/light-client-fork.ts'
import { nonceWithheld } from './scenarios/nonce-withheld.ts'
import { oldDisk } from './scenarios/old-disk.ts'
import { roughNetwork } from './scenarios/rough-network.ts'
import { selfNullifyingLeader } from './scenarios/self-nullifying-leader.ts'
import { silentThird } from './scenarios/silent-third.ts'
import { slashUnbonding } from './scenarios/slash-unbonding.ts'
import { snapshotJoin } from './scenarios/snapshot-join.ts'
import { splitProposal } from './scenarios/split-proposal.ts'
import { tornLog } from './scenarios/torn-log.ts'
import { tornView } from './scenarios/torn-view.ts'
import { twinsSampled } from './scenarios/twins-sampled.ts'
import { twinsSustained } from './scenarios/twins-sustained.ts'
import { twoProcesses } from './scenarios/two-processes.ts'
import { wholeSetReplaced } from './scenarios/whole-set-replaced.ts'
import { swarm } from './swarm.ts'

export const SCENARIOS: readonly Scenario[] = [
  swarm,
  allOnline,
  silentThird,
  leadersOffline,
  twinsSampled,
  twinsSustained,
  splitProposal,
  selfNullifyingLeader,
  forgedParent,
  tornView,
  finalWithoutBlock,
  farBehind,
  crashBeforeSync,
  crashAfterSync,
  tornLog,
  bitFlip,
  allCrashAfterNullify,
  allCrashAfterNotarize,
  oldDisk,
  twoProcesses,
  asymmetricPartition,
  roughNetwork,
  clockSkew,
  badAggregate,
  badKeys,
  boundaryNullified,
  wholeSetReplaced,
  earlyMessages,
  evidenceAge,
  slashUnbonding,
  nonceWithheld,
  flood,
  heavyCrash,
  snapshotJoin,
  lightClientFork,
  carefulSplit,
]

/** Of ten seeds in a row, so many are swarms; the others take the scenarios in turn. */
const SWARMS_OF_TEN = 3

/** By name or number. */
export const findScenario = (text: string): Scenario | undefined =>
  SCENARIOS.find(({ number, name }) => name === text || String(number) === text)

/** What a seed plays unless told otherwise. */
export const scenarioOf = (seed: number): Scenario => {
  const scripted = SCENARIOS.filter(scenario => scenario !== swarm)
  const [tens, rest] = [Math.floor(seed / 10), seed % 10]
  if (rest < SWARMS_OF_TEN) return swarm
  const turn = tens * (10 - SWARMS_OF_TEN) + rest - SWARMS_OF_TEN
  return scripted[turn % scripted.length] ?? swarm
}

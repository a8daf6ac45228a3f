/**
 * The order of the files: those that take longest begin first, so that the workers end together. A clean checkout has no
 * times of earlier runs, and goes by size otherwise: a small file that takes minutes may then be the last.
 */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes some ten seconds or more, longest first. A file that is not here may be late, and nothing else. */
const LONGEST: readonly string[] = [
  'e2e/network',
  'e2e/cli',
  'e2e/simulation',
  'e2e/full-files',
  'e2e/validator-faults',
  'e2e/keys',
  'e2e/new',
  'e2e/validators',
  'e2e/upgrade',
  'e2e/wallet',
  'e2e/trace',
  'e2e/dashboard',
  'e2e/disk-full',
  'e2e/stake',
  'unit/chain/history',
  'e2e/corruption',
  'e2e/crash',
  'e2e/snapshot',
  'unit/network/network',
  'e2e/settle',
  'e2e/low-disk',
  'e2e/pruning',
  'e2e/genesis',
  'e2e/doctor',
  'unit/contracts/forbidden-code',
  'unit/contracts/checked-arithmetic',
  'unit/contracts/unchecked',
  'unit/vm/observed-corpora',
  'e2e/clock',
  'e2e/block-control',
  'e2e/subscriptions',
  'unit/execution/pruning-client',
  'e2e/lost-blocks',
  'unit/sync/sync-state',
  'unit/consensus/simulation',
  'unit/transition/leaders',
  'unit/transition/staking/history',
]

const rankOf = ({ moduleId, project }: TestSpecification): number => {
  const name = relative(project.config.root, moduleId).replace(/^test\/(.*)\.test\.ts$/, '$1')
  const at = LONGEST.indexOf(name)
  return at === -1 ? LONGEST.length : at
}

export class LongestFirst extends BaseSequencer {
  /** By projects, as before: files that share a process have to follow one another. */
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const projects = [...new Set(sorted.map(({ project }) => project))]
    return projects.flatMap(project =>
      sorted.filter(file => file.project === project).sort((a, b) => rankOf(a) - rankOf(b)),
    )
  }
}

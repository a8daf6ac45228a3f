/** Where a V8 CPU profile says the time went: self time by function, and what V8 counts apart. */

/** The part of a `.cpuprofile` that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      /** From 0. */
      readonly lineNumber: number
    }
    /** Ids of what it called. */
    readonly children?: readonly number[]
  }[]
  /** The node that ran at each sample. */
  readonly samples: readonly number[]
  /** Microseconds before each sample; a few are negative. */
  readonly timeDeltas: readonly number[]
}

type ProfileNode = CpuProfile['nodes'][number]

export interface ProfiledFunction {
  /**
   * `name file:line`, the file from the repository's root or the package's name on. What is not JavaScript has
   * no file: it is told apart by who called it, `name < name file:line`.
   */
  readonly name: string
  readonly selfMs: number
}

export interface ProfileSummary {
  readonly totalMs: number
  /** The thread waited. */
  readonly idleMs: number
  readonly gcMs: number
  /** V8 and libuv themselves, and native code without a JavaScript frame. */
  readonly programMs: number
  /** The most expensive first. */
  readonly functions: readonly ProfiledFunction[]
}

const SPECIAL = { '(idle)': 'idleMs', '(garbage collector)': 'gcMs', '(program)': 'programMs' } as const

const shortUrl = (url: string, root: string): string => {
  const inPackage = url.lastIndexOf('/node_modules/')
  if (inPackage >= 0) return url.slice(inPackage + '/node_modules/'.length)
  return url.startsWith(root) ? url.slice(root.length) : url
}

const nameNodes = ({ nodes }: CpuProfile, root: string): Map<number, string> => {
  const callers = new Map(nodes.flatMap(node => (node.children ?? []).map(child => [child, node] as const)))
  const nameOf = ({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string => {
    const name = functionName === '' ? '(anonymous)' : functionName
    return url === '' ? name : `${name} ${shortUrl(url, root)}:${lineNumber + 1}`
  }
  return new Map(
    nodes.map(node => {
      const caller = callers.get(node.id)
      const isNative = node.callFrame.url === '' && caller !== undefined && caller.callFrame.url !== ''
      return [node.id, isNative ? `${nameOf(node)} < ${nameOf(caller)}` : nameOf(node)]
    }),
  )
}

/** `root`: the URL of the repository's folder, with its slash. */
export const summariseProfile = (profile: CpuProfile, root: string, top: number): ProfileSummary => {
  const names = nameNodes(profile, root)
  const selfUs = new Map<string, number>()
  let totalUs = 0
  // A delta is the time since the sample before it, so it belongs to that one.
  for (let i = 0; i + 1 < profile.samples.length; i++) {
    const name = names.get(profile.samples[i] as number) ?? '(unknown)'
    const deltaUs = Math.max(0, profile.timeDeltas[i + 1] ?? 0)
    totalUs += deltaUs
    selfUs.set(name, (selfUs.get(name) ?? 0) + deltaUs)
  }
  const special = { idleMs: 0, gcMs: 0, programMs: 0 }
  for (const [name, field] of Object.entries(SPECIAL)) {
    special[field] = (selfUs.get(name) ?? 0) / 1e3
    selfUs.delete(name)
  }
  const functions = [...selfUs]
    .map(([name, us]) => ({ name, selfMs: us / 1e3 }))
    .sort((a, b) => b.selfMs - a.selfMs)
    .slice(0, top)
  return { totalMs: totalUs / 1e3, ...special, functions }
}

export const formatProfile = (summary: ProfileSummary): string => {
  const line = (ms: number, name: string) =>
    `  ${ms.toFixed(0).padStart(7)} ms ${((100 * ms) / summary.totalMs).toFixed(1).padStart(5)} %  ${name}`
  return [
    line(summary.totalMs, 'in all, on the main thread'),
    line(summary.idleMs, '(idle)'),
    line(summary.gcMs, '(garbage collector)'),
    line(summary.programMs, '(program)'),
    ...summary.functions.map(({ name, selfMs }) => line(selfMs, name)),
  ].join('\n')
}

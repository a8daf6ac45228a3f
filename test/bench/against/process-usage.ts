/** What a process of somebody else’s making has used, as Linux tells it. */
import { readFileSync } from 'node:fs'
import type { NodeUsage } from '../node-child.ts'

/** Of Linux, a second. */
const CLOCK_TICKS = 100

const cpuSeconds = (path: string): number => {
  const text = readFileSync(path, 'utf8')
  // The name, which comes before, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
}

const bytesOf = (status: string, field: string): number =>
  Number(new RegExp(String.raw`^${field}:\s+(\d+) kB`, 'm').exec(status)?.[1]) * 1024

export const processUsage = (pid: number): NodeUsage => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    cpuSeconds: cpuSeconds(`/proc/${pid}/stat`),
    mainCpuSeconds: cpuSeconds(`/proc/${pid}/task/${pid}/stat`),
    rssBytes: bytesOf(status, 'VmRSS'),
    peakRssBytes: bytesOf(status, 'VmHWM'),
  }
}

/** A way to a server that can be cut: every connection through it breaks at once, new ones get through. */
import { startLinkProxy } from '../../cli/devnet/link-proxy.ts'

export interface CutProxy {
  readonly url: string
  /** How many connections came so far. */
  readonly connections: number
  cut(): void
  close(): Promise<void>
}

export const startCutProxy = async (target: string): Promise<CutProxy> => {
  const link = await startLinkProxy(() => Number(new URL(target).port))
  return {
    url: `http://127.0.0.1:${link.port}`,
    get connections() {
      return link.connections
    },
    cut() {
      link.setCut(true)
      link.setCut(false)
    },
    close: () => link.close(),
  }
}

/** Server-sent events as a browser takes them: comes back after a break with the last id that it saw. */
export interface ServerEvent {
  readonly id: string | undefined
  readonly name: string
  readonly data: string
}

const toEvent = (block: string): ServerEvent | undefined => {
  const fields = block
    .split('\n')
    .filter(line => line !== '' && !line.startsWith(':'))
    .map(line => {
      const [, name = '', value = ''] = /^([^:]*): ?(.*)$/s.exec(line) ?? []
      return [name, value] as const
    })
  const find = (name: string) => fields.find(([field]) => field === name)?.[1]
  const data = find('data')
  return data === undefined ? undefined : { id: find('id'), name: find('event') ?? 'message', data }
}

/** Of one connection. An event that was cut off is none. */
export async function* readEvents(
  url: string,
  { lastEventId, signal }: { lastEventId?: string | undefined; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<ServerEvent> {
  const response = await fetch(url, {
    headers: {
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    ...(signal === undefined ? {} : { signal }),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = toEvent(block)
      if (event !== undefined) yield event
    }
  }
}

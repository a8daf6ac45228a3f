/**
 * Reads XML as strictly as a test of what writes it needs: elements, attributes in double quotes, text, and the five
 * entities of XML itself. Whatever else there is, or is not well-formed, throws.
 */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** Directly in it. */
  readonly text: string
}

type Open = { -readonly [K in keyof XmlElement]: XmlElement[K] } & { children: XmlElement[] }

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
/** What XML 1.0 allows. */
const CHARACTERS = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const TAG = /<(\/?)([a-z][\w:-]*)((?:\s+[a-z][\w:-]*="[^"<]*")*)\s*(\/?)>/gi
const ATTRIBUTE = /([a-z][\w:-]*)="([^"<]*)"/gi

const decode = (text: string): string => {
  if (/[<>]/.test(text)) throw new Error(`not well-formed near ${JSON.stringify(text.slice(0, 80))}`)
  return text.replaceAll(/&([^;]*;?)/g, (_, entity: string) => {
    const character = ENTITIES[entity.slice(0, -1)]
    if (!entity.endsWith(';') || character === undefined) throw new Error(`not an entity: &${entity}`)
    return character
  })
}

export const parseXml = (text: string): XmlElement => {
  if (!CHARACTERS.test(text)) throw new Error('it holds characters that XML does not know')
  const document: Open = { name: '', attributes: {}, children: [], text: '' }
  const open: Open[] = [document]
  let at = 0
  for (const tag of text.matchAll(TAG)) {
    const [whole, slash, name = '', attributes = '', isEmpty] = tag
    const parent = open.at(-1) ?? document
    parent.text += decode(text.slice(at, tag.index))
    at = tag.index + whole.length
    if (slash === '/') {
      if (parent.name !== name) throw new Error(`</${name}> closes <${parent.name}>`)
      open.pop()
      continue
    }
    const pairs = [...attributes.matchAll(ATTRIBUTE)].map(
      ([, key = '', value = '']) => [key, decode(value)] as const,
    )
    if (new Set(pairs.map(([key]) => key)).size < pairs.length)
      throw new Error(`<${name}> has an attribute twice`)
    const element: Open = { name, attributes: Object.fromEntries(pairs), children: [], text: '' }
    parent.children.push(element)
    if (isEmpty !== '/') open.push(element)
  }
  document.text += decode(text.slice(at))
  const [root] = document.children
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> is not closed`)
  if (root === undefined || document.children.length > 1 || document.text.trim() !== '')
    throw new Error('a document is one element')
  return root
}

// The address of an OPC UA node as text: "ns=2;s=Tower.Level", "i=2258", or with the URI of its namespace, which keeps its
// meaning when the server numbers its namespaces anew: "nsu=urn:works:plc;s=Tower.Level" (OPC 10000-6, 5.3.1.10 and 5.3.1.11).
export const MAX_NODE_TEXT = 1000

export interface NodeText {
  /** The namespace, by its number or by its URI. */
  namespace: number | string
  /** The identifier with the letter of its kind, for example "s=Tower.Level". */
  identifier: string
}

/** The parts of the address, or undefined when the text is none. */
export function parseNode(text: string): NodeText | undefined {
  if (text.length > MAX_NODE_TEXT) return undefined
  const [, uri, number, identifier = ''] = /^(?:nsu=([^;]+);|ns=(\d{1,5});)?([isgb]=.+)$/s.exec(text) ?? []
  const namespace = uri === undefined ? Number(number ?? 0) : unescaped(uri)
  if (namespace === undefined || (typeof namespace === 'number' && namespace > 0xffff)) return undefined
  return isIdentifier(identifier) ? { namespace, identifier } : undefined
}

/** The text by which the library knows the node, once the namespaces of the server are known; undefined when it has no such one. */
export function nodeOf({ namespace, identifier }: NodeText, namespaces: readonly string[]): string | undefined {
  const index = typeof namespace === 'number' ? namespace : namespaces.indexOf(namespace)
  return index < 0 ? undefined : `ns=${index};${identifier}`
}

function isIdentifier(identifier: string): boolean {
  const value = identifier.slice(2)
  switch (identifier.charAt(0)) {
    case 'i':
      return /^\d{1,10}$/.test(value) && Number(value) <= 0xffffffff
    case 'g':
      return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value)
    case 'b':
      return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)
    default:
      return value.length > 0
  }
}

// In a namespace URI, ";" and "%" are written as %3B and %25.
function unescaped(uri: string): string | undefined {
  return /%(?!3B|25)/i.test(uri) ? undefined : uri.replace(/%3B/gi, ';').replace(/%25/g, '%')
}

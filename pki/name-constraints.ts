// Which host names an authority may sign for: written into its certificate, so that nobody who steals its key can pose as a bank.
import { BlockList, isIP } from 'node:net'
import { PkiFault } from './fault.ts'

// Names and addresses that never belong to the public Internet: RFC 6762, 6761, 8375, 1918, 4193, 3927.
export const ALWAYS_PERMITTED = [
  'localhost',
  'local',
  'lan',
  'internal',
  'intranet',
  'home.arpa',
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10'
] as const

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

export function isHostName(text: string): boolean {
  return HOST.test(text) && isIP(text) === 0 && !/(^|\.)\d+$/.test(text)
}

/** A host name stands for itself and all below it; a range is written 10.1.0.0/16. */
export function checkPermitted(text: string): string {
  const range = rangeOf(text)
  if (range !== null || isHostName(text)) return text
  throw new PkiFault(
    'PKI_NAME',
    `${text} 既不是主机名或域名，也不是 10.1.0.0/16 这样的地址段`,
    `${text} is neither a host name or domain nor a range of addresses such as 10.1.0.0/16`
  )
}

export function isPermitted(host: string, permitted: readonly string[]): boolean {
  const version = isIP(host)
  if (version === 0) return permitted.some((name) => host === name || host.endsWith(`.${name}`))
  const list = new BlockList()
  for (const text of permitted) {
    const range = rangeOf(text)
    if (range !== null) list.addSubnet(range.address, range.bits, range.version === 4 ? 'ipv4' : 'ipv6')
  }
  return list.check(host, version === 4 ? 'ipv4' : 'ipv6')
}

/** RFC 5280, 4.2.1.10: NameConstraints with permitted subtrees only. */
export function nameConstraints(permitted: readonly string[]): Uint8Array<ArrayBuffer> {
  const subtrees = permitted.map((text) => {
    const range = rangeOf(text)
    return der(0x30, range === null ? der(0x82, Buffer.from(text, 'ascii')) : der(0x87, addressAndMask(range)))
  })
  return new Uint8Array(der(0x30, der(0xa0, Buffer.concat(subtrees))))
}

interface Range {
  version: 4 | 6
  address: string
  bits: number
}

function rangeOf(text: string): Range | null {
  const [address = '', bits = '', ...rest] = text.split('/')
  const version = isIP(address)
  if ((version !== 4 && version !== 6) || rest.length > 0 || !/^\d{1,3}$/.test(bits)) return null
  return Number(bits) <= (version === 4 ? 32 : 128) ? { version, address, bits: Number(bits) } : null
}

function addressAndMask({ version, address, bits }: Range): Buffer {
  const length = version === 4 ? 4 : 16
  const mask = Buffer.from(Array.from({ length }, (_, i) => 0xff & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i)))))
  const bytes = addressBytes(version, address).map((byte, i) => byte & (mask[i] ?? 0))
  return Buffer.concat([bytes, mask])
}

function addressBytes(version: 4 | 6, address: string): Buffer {
  if (version === 4) return Buffer.from(address.split('.').map(Number))
  // The URL parser writes every IPv6 address in its one short form, without dotted ends.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const words = (text: string) => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)))
  const [front, back] = [words(head), words(tail)]
  const all = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]))
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

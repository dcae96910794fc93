// Whole packets of MQTT 3.1.1 out of a stream of bytes, and what a PUBLISH says. No more than somebody on the way needs.

// As much as our own messages may have, and the room for their topic.
const MAX_PACKET_BYTES = 5 << 20
const PUBLISH = 3

export class PacketSplitter {
  #rest: Buffer = Buffer.alloc(0)

  /** The packets that are complete now. Throws when what came is not MQTT or too long. */
  take(chunk: Buffer): Buffer[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const packets: Buffer[] = []
    let at = 0
    for (let end = endOf(bytes, at); end !== null && end <= bytes.length; end = endOf(bytes, at)) {
      packets.push(bytes.subarray(at, end))
      at = end
    }
    this.#rest = bytes.subarray(at)
    return packets
  }
}

// MQTT 3.1.1, 2.2.3: seven bits of the remaining length in each byte, at most four of them.
function endOf(bytes: Buffer, at: number): number | null {
  let length = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + 1 + i]
    if (byte === undefined) return null
    length += (byte & 0x7f) * 128 ** i
    if (length > MAX_PACKET_BYTES) throw new RangeError(`a packet of ${length} bytes`)
    if (byte < 0x80) return at + 2 + i + length
  }
  throw new RangeError('the length of a packet has more than four bytes')
}

export interface Publish {
  topic: string
  payload: Buffer
  /** Null at QoS 0, which nobody acknowledges. */
  id: number | null
}

/** Null for every other packet. */
export function publishOf(packet: Buffer): Publish | null {
  const first = packet[0] ?? 0
  if (first >> 4 !== PUBLISH) return null
  let at = 1
  while ((packet[at] ?? 0) >= 0x80) at++
  at++
  if (at + 2 > packet.length) return null
  const topicEnd = at + 2 + packet.readUInt16BE(at)
  const hasId = ((first >> 1) & 3) > 0
  const start = topicEnd + (hasId ? 2 : 0)
  if (start > packet.length) return null
  return {
    topic: packet.toString('utf8', at + 2, topicEnd),
    payload: packet.subarray(start),
    id: hasId ? packet.readUInt16BE(topicEnd) : null
  }
}

export function pubackOf(id: number): Buffer {
  return Buffer.of(0x40, 2, id >> 8, id & 0xff)
}

/** A PUBLISH at QoS 0. */
export function publishPacket(topic: string, payload: Buffer): Buffer {
  const name = Buffer.from(topic)
  const body = Buffer.concat([Buffer.of(name.length >> 8, name.length & 0xff), name, payload])
  const length: number[] = []
  let rest = body.length
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.concat([Buffer.of(PUBLISH << 4, ...length), body])
}

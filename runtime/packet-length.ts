// Watches the lengths of MQTT packets as their bytes go by, so that an overlong one is refused before it is gathered in memory.
export type LengthWatch = (chunk: Buffer) => void

export function watchLengths({ maxBytes, tooLong }: { maxBytes: () => number; tooLong: (bytes: number) => void }): LengthWatch {
  let bodyLeft = 0
  let inHeader = false
  let length = 0
  let shift = 0
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (bodyLeft > 0) {
        const step = Math.min(bodyLeft, chunk.length - at)
        bodyLeft -= step
        at += step
        continue
      }
      const byte = chunk.readUInt8(at++)
      if (!inHeader) {
        inHeader = true
        length = 0
        shift = 0
        continue
      }
      // MQTT 3.1.1, 2.2.3: seven bits a byte, least significant first; what goes on after the fourth is for the parser to refuse.
      length += (byte & 0x7f) * 2 ** shift
      shift += 7
      if (byte >= 0x80 && shift < 28) continue
      inHeader = false
      bodyLeft = length
      if (length > maxBytes()) tooLong(length)
    }
  }
}

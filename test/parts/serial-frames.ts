// RTU and ASCII frames as a device makes them: written for the tests, so that no mistake is shared with the agent.

// CRC-16 of Modbus by table.
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xa001 ^ (crc >>> 1) : crc >>> 1
  return crc
})

export function rtuFrame(unit: number, pdu: Iterable<number>): Buffer {
  const body = [unit, ...pdu]
  const crc = body.reduce((sum, byte) => (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8), 0xffff)
  return Buffer.from([...body, crc & 0xff, crc >>> 8])
}

export function asciiFrame(unit: number, pdu: Iterable<number>): Buffer {
  const body = [unit, ...pdu]
  const lrc = (256 - (body.reduce((sum, byte) => sum + byte, 0) % 256)) % 256
  const digits = [...body, lrc].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase())
  return Buffer.from(`:${digits.join('')}\r\n`)
}

/** How long the RTU request that begins here is, by its function code; undefined while too little of it is there. */
export function rtuRequestLength(bytes: Buffer): number | undefined {
  const functionCode = bytes[1]
  if (functionCode === undefined) return undefined
  if (functionCode === 43) return 7
  if (functionCode === 17) return 4
  return 8
}

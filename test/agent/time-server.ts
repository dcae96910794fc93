// A time server on loopback for tests: a real UDP socket that answers as told.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const EPOCH_SECONDS = 2_208_988_800

export interface TimeServer extends AsyncDisposable {
  port: number
  asked: Buffer[]
}

/** Answers each question with what `answer` makes of it: packets to send, in order. */
export async function startTimeServer(answer: (question: Buffer) => readonly Buffer[]): Promise<TimeServer> {
  const socket = createSocket('udp4')
  const asked: Buffer[] = []
  socket.on('message', (question, { port, address }) => {
    asked.push(question)
    for (const packet of answer(question)) socket.send(packet, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    port: socket.address().port,
    asked,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()))
    }
  }
}

export interface Answer {
  first?: number
  stratum?: number
  code?: string
  receivedAt?: number
  answeredAt?: number
  origin?: Buffer
}

/** An answer as RFC 4330, section 4, lays it out. */
export function answerTo(question: Buffer, { first = 0x24, stratum = 2, code, origin, ...times }: Answer): Buffer {
  const packet = Buffer.alloc(48)
  packet[0] = first
  packet[1] = stratum
  if (code !== undefined) packet.write(code, 12, 'latin1')
  const copied = origin ?? question.subarray(40, 48)
  copied.copy(packet, 24)
  const receivedAt = times.receivedAt ?? Date.now()
  writeTime(packet, 32, receivedAt)
  writeTime(packet, 40, times.answeredAt ?? receivedAt)
  return packet
}

function writeTime(packet: Buffer, at: number, ms: number): void {
  const seconds = Math.floor(ms / 1000)
  packet.writeUInt32BE((seconds + EPOCH_SECONDS) % 2 ** 32, at)
  packet.writeUInt32BE(Math.floor(((ms - seconds * 1000) / 1000) * 2 ** 32), at + 4)
}

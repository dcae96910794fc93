// Clients that mean no good, over real sockets: any bytes cut anyhow, trickles, halves, resets and crowds. Others are answered as ever.
import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ModbusPlc, ModbusServerConfig } from '../../../simulators/plc/modbus-plc.ts'
import { rtuFrame } from '../../../simulators/plc/modbus-rtu.ts'
import { RegisterImage } from '../../../simulators/plc/register-image.ts'
import { frame, type RawClient, rawClient } from '../../parts/raw-modbus.ts'
import { until } from '../../parts/wait.ts'

type Framing = 'tcp' | 'rtu-over-tcp'
const FRAMINGS = ['tcp', 'rtu-over-tcp'] as const
const WITNESSED = 199

const started: ModbusPlc[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const plc of started.splice(0)) await plc.stop()
})

async function serve(framing: Framing, config: object = {}): Promise<ModbusPlc> {
  const image = new RegisterImage({
    coils: [[0, 9]],
    discreteInputs: [[0, 9]],
    inputRegisters: [[0, 9]],
    holdingRegisters: [[0, WITNESSED]]
  })
  const identity = { vendor: 'Siyuan', product: 'RTU-7', revision: '2' }
  const plc = new ModbusPlc({ image, config: ModbusServerConfig.parse({ port: 0, framing, maxConnections: 50, ...config }), identity })
  await plc.start()
  started.push(plc)
  return plc
}

const framed = (framing: Framing, pdu: readonly number[], id = 1) =>
  framing === 'tcp' ? frame(id, 1, pdu) : rtuFrame(1, Uint8Array.from(pdu))

/** A client that behaves reads a register that nobody else writes. */
async function isServed(client: RawClient, framing: Framing): Promise<boolean> {
  client.send(framed(framing, [3, 0, WITNESSED, 0, 1]))
  const reply = await client.take(framing === 'tcp' ? 11 : 7)
  return reply[framing === 'tcp' ? 7 : 1] === 3
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1)
    parts.push(bytes.subarray(at, at + size))
    at += size
  }
  return parts
}

// Without diagnostics, which may rightly silence the PLC or end its connections.
const pdu = fc.uint8Array({ minLength: 1, maxLength: 253 }).filter(([code]) => code !== 8)
const bytesFor = (framing: Framing) =>
  fc.oneof(
    fc.uint8Array({ maxLength: 700 }),
    pdu.map((one) => framed(framing, [...one])),
    // Whole frames with one byte wrong.
    fc.tuple(pdu, fc.nat(), fc.nat({ max: 255 })).map(([one, at, value]) => {
      const whole = Buffer.from(framed(framing, [...one]))
      whole[at % whole.length] = value
      return whole
    })
  )
const storm = (framing: Framing) =>
  fc.record({
    blocks: fc.array(bytesFor(framing), { minLength: 1, maxLength: 6 }),
    sizes: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
    leaves: fc.constantFrom('stays', 'ends', 'resets')
  })

describe.each(FRAMINGS)('over %s', (framing) => {
  it('any bytes, cut anyhow, harm nobody else', async () => {
    const plc = await serve(framing)
    await using witness = await rawClient(plc.port)
    await fc.assert(
      fc.asyncProperty(storm(framing), async ({ blocks, sizes, leaves }) => {
        await using client = await rawClient(plc.port)
        for (const part of cut(Buffer.concat(blocks), sizes)) {
          client.send(part)
          await new Promise((resolve) => setImmediate(resolve))
        }
        if (leaves === 'ends') client.socket.end()
        else if (leaves === 'resets') client.socket.resetAndDestroy()
        expect(await isServed(witness, framing)).toBe(true)
      }),
      { numRuns: 60 }
    )
    await until(() => plc.station.connected === 1, { what: 'the others to be gone' })
  })

  it('halves of frames that come by turns are not mixed up', async () => {
    const plc = await serve(framing)
    const clients = await Promise.all(Array.from({ length: 20 }, () => rawClient(plc.port)))
    sockets.push(...clients.map(({ socket }) => socket))
    const requests = clients.map((_, i) => framed(framing, [6, 0, i, 0x11, i], i))
    for (let at = 0; at < 12; at += 3) {
      for (const [i, client] of clients.entries()) client.send(requests[i]?.subarray(at, at + 3) ?? new Uint8Array())
      await new Promise((resolve) => setImmediate(resolve))
    }
    // The reply to a write of one register is the request.
    for (const [i, client] of clients.entries()) {
      const request = requests[i] ?? Buffer.alloc(0)
      expect([...(await client.take(request.length))]).toEqual([...request])
    }
  })

  it('a trickle, a half frame and a silent client hold up nobody', async () => {
    const plc = await serve(framing)
    const [trickle, half, silent, witness] = await Promise.all([1, 2, 3, 4].map(() => rawClient(plc.port)))
    if (trickle === undefined || half === undefined || silent === undefined || witness === undefined) throw new Error('no clients')
    sockets.push(...[trickle, half, silent, witness].map(({ socket }) => socket))
    half.send(framed(framing, [3, 0, 0, 0, 1]).subarray(0, 5))
    for (const byte of framed(framing, [16, 0, 0, 0, 2, 4, 0, 1, 0, 2])) {
      trickle.send(Uint8Array.of(byte))
      expect(await isServed(witness, framing)).toBe(true)
    }
    half.socket.end()
    await until(() => half.closed() === 'end', { what: 'the half frame to be given up' })
    expect([silent.closed(), await isServed(witness, framing)]).toEqual([null, true])
  })

  it.each(['refuse-new', 'close-oldest'] as const)('a crowd gets no more than its places: %s', async (whenFull) => {
    const plc = await serve(framing, { maxConnections: 20, whenFull })
    let most = 0
    for (let i = 0; i < 10; i++) {
      await Promise.all(Array.from({ length: 100 }, () => knock(plc.port)))
      most = Math.max(most, plc.station.connected)
    }
    await until(() => plc.counts.connections === 1000, { what: 'all to have knocked' })
    expect([most <= 20, plc.counts.turnedAway]).toEqual([true, 980])
    for (const socket of sockets.splice(0)) socket.destroy()
    await until(() => plc.station.connected === 0, { what: 'the crowd to be gone' })
    await using next = await rawClient(plc.port)
    expect(await isServed(next, framing)).toBe(true)
  })
})

/** Connects and stays as long as it is let. */
function knock(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve())
    socket.on('error', () => resolve())
    sockets.push(socket)
  })
}

// OPC UA servers that show ever new certificates, or want to be talked to without protection; and address spaces without an end for
// whoever browses them.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { OpcUaDevice } from '../../agent/opcua/config.ts'
import { ENDLESS_SPACES, manyCertificates, showing } from '../parts/opcua-endless.ts'
import { RawOpcuaServer, type Trick } from '../parts/opcua-raw-server.ts'
import { type DeviceLog, openDevice, type ReadingAll, readAll } from '../parts/opcua-reading.ts'
import { temporaryFolder, until } from '../parts/wait.ts'

const protectedDevice = (endpoint: string) => openDevice('plc-1', endpoint, { security: {} })
const BAD_CERTIFICATE_UNTRUSTED = 0x801a0000
const BAD_POLICY_REJECTED = 0x80550000
// Of the rejected, and two of our own.
const MOST_FILES = 110

async function meet(trick: Trick, judge: (reading: ReadingAll, log: DeviceLog, server: RawOpcuaServer) => Promise<void>) {
  await using server = await RawOpcuaServer.start(trick)
  await using reading = await readAll([protectedDevice(server.endpoint)], { backoff: { firstMs: 1, mostMs: 5 } })
  await judge(reading, reading.of('plc-1'), server)
  // Whoever is not trusted gets no session, and never a user.
  expect(server.services.get('CreateSessionRequest')).toBeUndefined()
}
const lastQuality = ({ readings }: DeviceLog) => readings.at(-1)?.qualities[0]

describe('a server that nobody has trusted', () => {
  it('with a new certificate at each connection does not fill the disk, and is told of once for each', async () => {
    const next = await manyCertificates()
    await meet(showing(next), async (reading, log, server) => {
      await until(() => server.connections > 160, { what: 'many certificates', timeoutMs: 60_000 })
      expect(lastQuality(log)).toBe(BAD_CERTIFICATE_UNTRUSTED)
      expect(await reading.certificates()).toBeLessThan(MOST_FILES)
      expect(log.events.length).toBeLessThan(server.connections + 10)
      const { requests, failures } = log.source.health()
      expect(Object.keys({ ...requests, ...failures }).length).toBeLessThan(20)
    })
  })

  it('with a chain of ten thousand certificates is refused by the first', async () => {
    const next = await manyCertificates()
    const chain = Buffer.concat(Array.from({ length: 10_000 }, next))
    await meet(
      showing(() => chain),
      async (reading, log) => {
        await until(() => lastQuality(log) === BAD_CERTIFICATE_UNTRUSTED, { what: 'the refusal' })
        expect(await reading.certificates()).toBeLessThan(6)
      }
    )
  })

  it('with something else in place of a certificate is refused too', async () => {
    await meet(
      showing(() => Buffer.alloc(1 << 20, 0x30)),
      async (reading, log) => {
        await until(() => log.readings.length > 0, { what: 'bad samples' })
        expect(log.readings.flatMap(({ values }) => values).every((value) => value === null)).toBe(true)
        expect(await reading.certificates()).toBeLessThan(4)
      }
    )
  })

  it('that offers no protection where protection is wanted gets nothing', async () => {
    await meet(
      () => false,
      async (_, log) => {
        await until(() => lastQuality(log) === BAD_POLICY_REJECTED, { what: 'the refusal' })
        expect(log.events.some(({ kind }) => kind === 'endpoint')).toBe(true)
      }
    )
  })
})

describe('an address space without an end', () => {
  it.concurrent.each(Object.entries(ENDLESS_SPACES))('%s', async (_name, make) => {
    const { browseServer } = await import('../../agent/opcua/browse.ts')
    await using server = await RawOpcuaServer.start(make())
    const config = OpcUaDevice.parse({ ...openDevice('plc-1', server.endpoint), budget: { requestsPerSecond: 500 } })
    const folder = join(await temporaryFolder(), 'opcua')
    const begun = performance.now()
    const walk = browseServer({ config, folder, log: quietLog(), signal: AbortSignal.timeout(30_000), nodes: 300, depth: 20, ms: 4000 })
    const outcome = await walk.then(
      ({ nodes, cutBy }) => ({ nodes, cutBy, fault: undefined }),
      (fault: Error) => ({ nodes: [], cutBy: [], fault })
    )
    expect(performance.now() - begun).toBeLessThan(25_000)
    expect(outcome.nodes.length).toBeLessThan(2000)
    expect(outcome.nodes.every(({ name, node }) => name.length <= 200 && node.length <= 1_000_100)).toBe(true)
    // Either the walk says what cut it short, or there were few nodes, or the server was left.
    expect(outcome.cutBy.length > 0 || outcome.nodes.length < 20 || outcome.fault !== undefined).toBe(true)
    expect((server.services.get('BrowseRequest') ?? 0) + (server.services.get('BrowseNextRequest') ?? 0)).toBeLessThan(2500)
    await until(() => server.open === 0, { what: 'the walker to leave' })
  })
})

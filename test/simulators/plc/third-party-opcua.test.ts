// A stack that others wrote, open62541, browses, reads, writes and watches the PLC of every plant.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quietLog } from '#runtime/log.ts'
import { PLANTS } from '../../../simulators/plants/plant.ts'
import { OpcuaServerConfig } from '../../../simulators/plc/opcua-config.ts'
import { OpcuaPlc } from '../../../simulators/plc/opcua-plc.ts'
import type { Point } from '../../../simulators/plc/opcua-point.ts'
import { pointsOf } from '../../../simulators/plc/opcua-points.ts'
import { createWorks, type Works } from '../../../simulators/works.ts'
import { startCapture } from '../../parts/capture.ts'
import { type Open62541Client, open62541Client } from '../../parts/third-party/open62541.ts'
import { tshark } from '../../parts/tshark.ts'
import { temporaryFolder } from '../../parts/wait.ts'

const PASSWORD = 'water under the bridge'
process.env['PENSTOCK_TEST_HAND'] = PASSWORD

async function serve(works: Works, pki: string): Promise<OpcuaPlc> {
  const config = OpcuaServerConfig.parse({
    ...{ port: 0, pki, refreshMs: 20, anonymous: 'operator' },
    security: {
      policies: ['Basic256Sha256', 'Aes256_Sha256_RsaPss', 'None'],
      modes: ['SignAndEncrypt', 'None'],
      acceptUnknownClients: true
    },
    users: [{ name: 'hand', password: { env: 'PENSTOCK_TEST_HAND' }, role: 'operator' }]
  })
  const { map, plc, alarms } = works
  const server = new OpcuaPlc({ name: 'third-party', points: pointsOf(map, plc.image), alarms, config, log: quietLog() })
  await server.start()
  return server
}

// 1 is read, 2 is write, 4 is history (OPC 10000-3, 8.57).
const levelOf = ({ write, history }: Point): number => 1 + (write === undefined ? 0 : 2) + (history === true ? 4 : 0)

const shown = (point: Point): number => {
  const value = Number(point.read())
  return point.type === 'Float' ? Math.fround(value) : value
}

describe.each(PLANTS)('open62541 and the %s plant', (plant) => {
  let works: Works
  let server: OpcuaPlc
  let client: Open62541Client

  beforeAll(async () => {
    works = await createWorks(plant, { seed: 5 })
    for (let i = 0; i < 100; i++) works.plc.scan()
    server = await serve(works, join(await temporaryFolder(), 'pki'))
    client = await open62541Client({ port: server.port })
  }, 60_000)
  afterAll(async () => {
    await client[Symbol.asyncDispose]()
    await server.stop()
  })

  const setpoint = () => server.points.find(({ kind }) => kind === 'setpoint')?.tag ?? ''

  it('browses every tag, with what it means and what may be done with it', async () => {
    const seen = (await client.ask('browse')).filter(([tag = '']) => server.points.some((point) => point.tag === tag))
    const expected = server.points.map((point) => [point.tag, String(levelOf(point)), point.title.en])
    expect(seen.sort()).toEqual(expected.sort())
  })

  it('reads every tag as what stands in the registers', async () => {
    for (const point of server.points) {
      const [[status, type, text] = []] = await client.ask(`read ${point.tag}`)
      expect([status, type, Number(text)], point.tag).toEqual(['Good', point.type, shown(point)])
    }
    expect(await client.ask('read no.such-tag')).toEqual([['BadNodeIdUnknown', 'nothing', '']])
  })

  it('writes what people may write, and nothing else', async () => {
    for (const point of server.points.filter(({ write }) => write !== undefined)) {
      const before = shown(point)
      const wanted = point.type === 'Boolean' ? 1 - before : (point.range?.low ?? before)
      expect(await client.ask(`write ${point.tag} ${wanted}`), point.tag).toEqual([['Good']])
      const [[, , text] = []] = await client.ask(`read ${point.tag}`)
      expect(Number(text), point.tag).toBe(shown(point))
      expect(Number(text), point.tag).toBeCloseTo(wanted, 2)
      expect(await client.ask(`write ${point.tag} ${before}`)).toEqual([['Good']])
      if (point.type !== 'Boolean' && point.accepted !== undefined)
        expect(await client.ask(`write ${point.tag} ${point.accepted.high * 1.5 + 1}`), point.tag).not.toEqual([['Good']])
      expect(shown(point), point.tag).toBeCloseTo(before, 2)
    }
    const measurement = server.points.find(({ write }) => write === undefined)
    expect(await client.ask(`write ${measurement?.tag} 1`)).toEqual([['BadNotWritable']])
  }, 60_000)

  it('is told when a value moves', async () => {
    const moving = server.points.find(({ kind, history }) => kind === 'measurement' && history === true)
    const watching = client.ask(`watch ${moving?.tag}`)
    const scanning = setInterval(() => works.plc.scan(), 20)
    const told = await watching.finally(() => clearInterval(scanning))
    expect(told.map(([status]) => status)).toEqual(['Good', 'Good'])
    expect(told[0]?.[2]).not.toBe(told[1]?.[2])
  })

  it('says nothing that tshark calls malformed, from hello to goodbye', async () => {
    await using capture = await startCapture([server.port])
    const guest = await open62541Client({ port: server.port })
    await guest.ask('browse')
    const [[, , before] = []] = await guest.ask(`read ${setpoint()}`)
    await guest.ask(`write ${setpoint()} ${before}`)
    await guest.ask('read no.such-tag')
    await guest[Symbol.asyncDispose]()
    const file = await capture.file()
    const asOpcua = ['-d', `tcp.port==${server.port},opcua`]
    expect(await tshark(file, ...asOpcua, '-Y', '_ws.malformed')).toEqual([])
    const services = await tshark(file, ...asOpcua, '-Y', 'opcua', '-T', 'fields', '-e', 'opcua.servicenodeid.numeric')
    // OPC 10000-6, A.3: create and activate a session, browse, read, write, close the session, each asked and answered.
    expect([461, 464, 467, 470, 527, 530, 631, 634, 673, 676, 473, 476].filter((id) => !services.includes(String(id)))).toEqual([])
  }, 60_000)

  it('comes in signed and encrypted, as somebody with a password', async () => {
    const secured = { port: server.port, trusted: server.certificate }
    await using hand = await open62541Client({ ...secured, user: { name: 'hand', password: PASSWORD } })
    const [[, , before] = []] = await hand.ask(`read ${setpoint()}`)
    expect(await hand.ask(`write ${setpoint()} ${before}`)).toEqual([['Good']])
    await expect(open62541Client({ ...secured, user: { name: 'hand', password: 'guessed' } })).rejects.toThrow(/^Bad/)
  }, 60_000)
})

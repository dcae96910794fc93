// The commands that speak to an OPC UA server: see its certificate, trust it, browse, identify, read once.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { browse } from '../../../agent/commands/browse.ts'
import { identify } from '../../../agent/commands/identify.ts'
import { once } from '../../../agent/commands/once.ts'
import { BrowseResult, IdentifyResult, OnceResult, TrustResult } from '../../../agent/commands/results.ts'
import { trustJudge, trustList } from '../../../agent/commands/trust.ts'
import { agentFile } from '../../parts/command.ts'
import { type OpcuaPlcProcess, startOpcuaPlc } from '../../parts/opcua-plc-process.ts'

const language = 'en'
let plc: OpcuaPlcProcess
let file = ''
const base = { device: 'plc-2', language, timeout: 30_000 } as const

beforeAll(async () => {
  plc = await startOpcuaPlc({
    values: 3,
    opcua: { anonymous: 'observer', security: { policies: ['Basic256Sha256'], modes: ['SignAndEncrypt'], acceptUnknownClients: true } }
  })
  const tags = [{ name: 'a', node: 'ns=1;s=v.0' }]
  const security = { policy: 'Basic256Sha256', mode: 'SignAndEncrypt' }
  file = await agentFile([{ id: 'plc-2', protocol: 'opcua', endpoint: plc.endpoint, security, tags, connectTimeoutMs: 20_000 }])
}, 60_000)
afterAll(() => plc?.[Symbol.asyncDispose]())

const certificates = async () => TrustResult.parse((await trustList({ file, language })).data).certificates

it('trusts a server only after a person has said so', async () => {
  expect(await certificates()).toEqual([])
  await expect(identify({ file, ...base })).rejects.toThrow(/not trusted.*penstock agent trust list/)
  const [waiting] = await certificates()
  expect(waiting).toMatchObject({ state: 'rejected' })
  const thumbprint = waiting?.thumbprint ?? ''
  const judged = await trustJudge({ file, verdict: 'accept', thumbprint: thumbprint.toUpperCase(), language })
  expect(TrustResult.parse(judged.data).certificates).toMatchObject([{ state: 'trusted', thumbprint }])
  expect((await certificates()).map(({ state }) => state)).toEqual(['trusted'])
  const unknown = await trustJudge({ file, verdict: 'accept', thumbprint: '0'.repeat(40), language })
  expect([unknown.trouble, unknown.text]).toEqual([true, `no certificate ${'0'.repeat(40)} was shown`])
  await expect(trustJudge({ file, verdict: 'accept', thumbprint: 'abc', language })).rejects.toMatchObject({ exitCode: 2 })
}, 60_000)

it('identifies it, with its state and what it offers', async () => {
  const { facts } = IdentifyResult.parse((await identify({ file, ...base })).data)
  const names = facts.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['productName', 'state', 'startTime', 'currentTime', 'connection', 'endpoint']))
  expect(facts).toContainEqual({ name: 'state', value: 'running' })
  expect(facts).toContainEqual({ name: 'connection', value: 'Basic256Sha256 SignAndEncrypt' })
}, 60_000)

it('browses within limits, and gives tags to paste', async () => {
  const { data, text } = await browse({ file, ...base, node: 'i=85', depth: 6, max: 500 })
  const all = BrowseResult.parse(data)
  const values = all.nodes.filter(({ node }) => /;s=v\.\d$/.test(node))
  expect(values).toHaveLength(3)
  expect(values[0]).toMatchObject({ nodeClass: 'variable', readable: true })
  expect(text).toContain(values[0]?.node)
  const yaml = await browse({ file, ...base, node: 'i=85', depth: 6, max: 500, yaml: true })
  const pasted = parse(yaml.text) as { tags: { name: string; node: string; type: string }[] }
  expect(pasted.tags.filter(({ node }) => values.some((one) => one.node === node))).toHaveLength(3)
  const cut = BrowseResult.parse((await browse({ file, ...base, node: 'i=85', depth: 1, max: 500 })).data)
  expect(cut.cutBy).toEqual(['depth'])
  expect(cut.nodes.every(({ depth }) => depth === 0)).toBe(true)
}, 60_000)

it('reads it once, with the times of the server', async () => {
  const { nodes } = BrowseResult.parse((await browse({ file, ...base, node: 'i=85', depth: 6, max: 500 })).data)
  const tags = nodes.filter(({ node }) => /;s=v\.\d$/.test(node)).map(({ name, node }) => ({ name: `v.${name}`, node }))
  const security = { policy: 'Basic256Sha256', mode: 'SignAndEncrypt' }
  const device = { id: 'plc-2', protocol: 'opcua', endpoint: plc.endpoint, security, tags, connectTimeoutMs: 20_000 }
  const other = await agentFile([device], { opcua: { folder: file.replace('agent.yaml', 'data/opcua') } })
  const { data, text } = await once({ file: other, timeout: 40_000, language })
  const result = OnceResult.parse(data)
  expect(result.readings.map(({ qualityName }) => qualityName)).toEqual(['Good', 'Good', 'Good'])
  for (const { value, sourceTime } of result.readings) {
    expect(typeof value).toBe('number')
    expect(Math.abs((sourceTime ?? 0) - Date.now())).toBeLessThan(60_000)
  }
  expect(text).toContain('ms old)')
}, 90_000)

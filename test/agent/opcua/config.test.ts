// The config of OPC UA devices: what is refused, what is inherited, what a plan says.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OpcUaDevice } from '../../../agent/opcua/config.ts'
import { faultsOfOpcUa } from '../../../agent/opcua/faults.ts'
import { nodeOf, parseNode } from '../../../agent/opcua/node-text.ts'
import { opcUaPlanLines } from '../../../agent/opcua/plan-lines.ts'
import { resolveOpcUa } from '../../../agent/opcua/resolve.ts'

const DEFAULTS = { cadenceMs: 1000, heartbeatMs: 60_000, deadband: 0 }
const TAG = { name: 'level', node: 'ns=2;s=Tower.Level' }
const device = (more: object = {}) => ({ id: 'ua-1', protocol: 'opcua', endpoint: 'opc.tcp://10.0.0.7:4840', tags: [TAG], ...more })
const issuesOf = (more: object) => OpcUaDevice.safeParse(device(more)).error?.issues.map(({ path }) => path.join('.')) ?? []

describe('a device', () => {
  it('is protected as well as can be when it says nothing', () => {
    const { security, user, read } = OpcUaDevice.parse(device())
    expect({ security, user, read }).toEqual({
      security: { policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' },
      user: 'anonymous',
      read: 'subscribe'
    })
  })

  it('says in words that it is insecure, or is refused', () => {
    expect(issuesOf({ security: { policy: 'None', mode: 'None' } })).toEqual(['security.insecure'])
    expect(issuesOf({ security: { policy: 'None', mode: 'None', insecure: true } })).toEqual([])
    expect(issuesOf({ security: { mode: 'Sign' } })).toEqual(['security.insecure'])
    expect(issuesOf({ security: { policy: 'None', insecure: true } })).toEqual(['security.mode'])
    expect(issuesOf({ security: { policy: 'Basic128Rsa15' } })).toEqual(['security.policy'])
    expect(issuesOf({ security: { thumbprint: 'abc' } })).toEqual(['security.thumbprint'])
  })

  it('has an endpoint without user, password or query', () => {
    for (const endpoint of ['opc.tcp://plc', 'opc.tcp://10.0.0.7:4840/UA/Server', 'opc.tcp://[::1]:4840'])
      expect(issuesOf({ endpoint })).toEqual([])
    for (const endpoint of ['http://plc:4840', 'opc.tcp://u:p@plc', 'opc.tcp://plc?x=1', 'opc.tcp://'])
      expect(issuesOf({ endpoint })).toEqual(['endpoint'])
  })

  it('warns in its plan of what can be read on the way', () => {
    const open = OpcUaDevice.parse(device({ security: { policy: 'None', mode: 'None', insecure: true } }))
    const lines = opcUaPlanLines(open, resolveOpcUa(open, DEFAULTS), 'en')
    expect(lines[0]).toBe('ua-1  opc.tcp://10.0.0.7:4840  none')
    expect(lines[1]).toContain('warning: the connection to ua-1 is neither encrypted')
    expect(lines.at(-1)).toContain('1.00 requests a second, 10% of the budget of 10')
    expect(opcUaPlanLines(open, resolveOpcUa(open, DEFAULTS), 'zh-CN')[1]).toContain('注意')
  })

  it('asks no more than its budget', () => {
    const tags = Array.from({ length: 50 }, (_, i) => ({ name: `t${i}`, node: `ns=1;i=${i}` }))
    const slow = OpcUaDevice.parse(device({ read: 'poll', maxNodesPerCall: 10, budget: { requestsPerSecond: 5 }, tags }))
    expect(faultsOfOpcUa(slow, DEFAULTS, []).map(({ path }) => path.join('.'))).toEqual(['budget.requestsPerSecond'])
    const quick = OpcUaDevice.parse(device({ cadenceMs: 100, subscription: { lifetimeMs: 5000 } }))
    expect(faultsOfOpcUa(quick, DEFAULTS, []).map(({ path }) => path.join('.'))).toEqual(['tags.0.name', 'subscription.lifetimeMs'])
  })

  it('gives its tags what they do not say', () => {
    const config = OpcUaDevice.parse(
      device({ cadenceMs: 500, tags: [TAG, { ...TAG, name: 'b', cadenceMs: 2000, deadband: 0.1, index: [1, 2] }] })
    )
    const { tags } = resolveOpcUa(config, DEFAULTS)
    expect(tags.map(({ tag, deadband, indexRange }) => [tag.cadenceMs, tag.heartbeatMs, deadband, indexRange, tag.address])).toEqual([
      [500, 60_000, 0, null, 'ns=2;s=Tower.Level'],
      [2000, 60_000, 0.1, '1,2', 'ns=2;s=Tower.Level[1,2]']
    ])
  })
})

describe('the text of a node', () => {
  it.each([
    ['i=2258', 'ns=0;i=2258'],
    ['ns=3;s=a;b=c', 'ns=3;s=a;b=c'],
    ['nsu=urn:b;i=7', 'ns=1;i=7'],
    ['nsu=urn:%3Bc;g=09087e75-8e5e-499b-954f-f2a9603db28a', 'ns=2;g=09087e75-8e5e-499b-954f-f2a9603db28a'],
    ['b=aGk=', 'ns=0;b=aGk=']
  ])('%s is %s', (text, node) => {
    const parsed = parseNode(text)
    expect(parsed && nodeOf(parsed, ['urn:a', 'urn:b', 'urn:;c'])).toBe(node)
  })

  it.each(['', 's=', 'ns=65536;i=1', 'i=-1', 'i=4294967296', 'g=1', 'nsu=;i=1', 'x=1', 'nsu=%41;i=1', 'b=a'])('%s is none', (text) => {
    expect(parseNode(text)).toBeUndefined()
  })

  it('never throws, and names a namespace that the server has', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 5 }), (text, namespaces) => {
        const parsed = parseNode(text)
        const node = parsed && nodeOf(parsed, namespaces)
        return node === undefined || /^ns=\d+;[isgb]=/.test(node)
      })
    )
    expect(nodeOf({ namespace: 'urn:gone', identifier: 'i=1' }, ['urn:a'])).toBeUndefined()
  })
})

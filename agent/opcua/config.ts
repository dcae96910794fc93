// The part of the agent's config that speaks of OPC UA servers and their tags.
import { z } from 'zod'
import { Id } from '#contract/site.ts'
import { DATA_TYPES, Range, ROLES, TagName } from '#contract/tag.ts'
import { Text } from '#contract/text.ts'
import { bilingual, FilePath, Secret } from '#runtime/config-file.ts'
import { MAX_NODE_TEXT, parseNode } from './node-text.ts'

export const POLICIES = ['Aes256_Sha256_RsaPss', 'Aes128_Sha256_RsaOaep', 'Basic256Sha256', 'None'] as const
export type Policy = (typeof POLICIES)[number]
export const MODES = ['SignAndEncrypt', 'Sign', 'None'] as const
export type Mode = (typeof MODES)[number]

const inherited = {
  cadenceMs: z
    .int()
    .min(50)
    .max(3_600_000)
    .optional()
    .describe('How often the server samples the value, or the agent reads it, in milliseconds.'),
  heartbeatMs: z.int().min(50).max(86_400_000).optional().describe('After how many milliseconds an unchanged value is sent all the same.'),
  deadband: z.number().min(0).optional().describe('How far a number must move to be sent, in the unit of the tag; 0 sends every change.')
}

export const OpcUaTag = z
  .strictObject({
    name: TagName,
    title: Text.optional().describe('The name that people know the tag by.'),
    role: z.enum(ROLES).default('measurement').describe('Whether the tag is a measurement, a setpoint, a command or a status.'),
    unit: z.string().min(1).max(20).optional().describe('The engineering unit, for example m, bar or mg/L.'),
    range: Range.optional(),
    node: z
      .string()
      .max(MAX_NODE_TEXT)
      .refine(
        (node) => parseNode(node) !== undefined,
        bilingual(
          '应形如 "ns=2;s=Tower.Level"、"nsu=urn:works:plc;s=Tower.Level" 或 "i=2258"',
          'must look like "ns=2;s=Tower.Level", "nsu=urn:works:plc;s=Tower.Level" or "i=2258"'
        )
      )
      .describe('The node of the variable; with nsu= the namespace is found by its URI at each connection.'),
    index: z
      .union([z.int().min(0).max(1_000_000), z.array(z.int().min(0).max(1_000_000)).min(1).max(5)])
      .optional()
      .describe('Which element of an array, counted from 0; a list of numbers for an array of several dimensions.'),
    type: z
      .enum(DATA_TYPES)
      .default('float')
      .describe('The kind of value that is wanted; a 64-bit integer keeps all its digits only as a string.'),
    scale: z.number().optional().describe('The value is the number in the server times this, plus offset.'),
    offset: z.number().optional().describe('What is added after scale.'),
    ...inherited
  })
  .check((ctx) => {
    const { type, scale, offset, range } = ctx.value
    const refuse = (path: string, zh: string, en: string) =>
      ctx.issues.push({ code: 'custom', path: [path], message: bilingual(zh, en)(), input: ctx.value })
    const isNumber = type === 'float' || type === 'integer'
    for (const [key, value] of Object.entries({ scale, offset, range }))
      if (value !== undefined && !isNumber) refuse(key, '仅用于数值', 'goes with numbers only')
    if (scale === 0) refuse('scale', '不得为 0', 'must not be 0')
  })
  .describe('One value of an OPC UA server.')
export type OpcUaTag = z.infer<typeof OpcUaTag>

const Security = z
  .strictObject({
    policy: z.enum(POLICIES).default('Aes256_Sha256_RsaPss').describe('The security policy; a connection never has a weaker one.'),
    mode: z.enum(MODES).default('SignAndEncrypt').describe('Whether messages are signed and encrypted.'),
    insecure: z
      .literal(true)
      .optional()
      .describe('Must be true with policy None, mode Sign or mode None: values can then be read, or even changed, on the way.'),
    thumbprint: z
      .string()
      .regex(
        /^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/,
        bilingual('应为 40 位（SHA-1）或 64 位（SHA-256）十六进制数', 'must be 40 (SHA-1) or 64 (SHA-256) hexadecimal digits')
      )
      .optional()
      .describe('The thumbprint of the one server certificate that is accepted; it must be trusted all the same.')
  })
  .check((ctx) => {
    const { policy, mode, insecure } = ctx.value
    const refuse = (path: string, zh: string, en: string) =>
      ctx.issues.push({ code: 'custom', path: [path], message: bilingual(zh, en)(), input: ctx.value })
    if ((policy === 'None') !== (mode === 'None'))
      refuse('mode', '策略 None 与模式 None 须同时使用', 'policy None and mode None go together')
    if (mode !== 'SignAndEncrypt' && insecure === undefined)
      refuse('insecure', '未加密的连接须写明 insecure: true', 'a connection that is not encrypted needs insecure: true')
  })
  .prefault({})
  .describe('How the connection is protected.')

const User = z
  .union(
    [
      z.literal('anonymous').describe('No user.'),
      z.strictObject({ name: z.string().min(1).max(200).describe('The name of the user.'), password: Secret }),
      z.strictObject({
        certificate: FilePath.describe('The certificate of the user, as PEM.'),
        key: FilePath.describe('The private key of that certificate, as PEM.')
      })
    ],
    bilingual('应为 anonymous、{ name, password } 或 { certificate, key }', 'must be anonymous, { name, password } or { certificate, key }')
  )
  .default('anonymous')
  .describe('As whom the agent signs in; the user should be allowed to read only.')

const Subscription = z
  .strictObject({
    publishingMs: z.int().min(50).max(60_000).default(1000).describe('How often the server sends what has changed.'),
    keepAliveMs: z
      .int()
      .min(500)
      .max(60_000)
      .default(2500)
      .describe('After how long without a change the server says that it lives; after three such times of silence it counts as dead.'),
    lifetimeMs: z
      .int()
      .min(5000)
      .max(3_600_000)
      .default(30_000)
      .describe('After how long without hearing of the agent the server forgets the subscription.'),
    queueSize: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('How many values of a tag the server keeps between two publishes; by default as many as its cadence can make.')
  })
  .prefault({})
  .describe('What is asked of the server about the subscription; it may revise the times.')

const Events = z
  .strictObject({
    audit: z.boolean().default(true).describe('Whether the audit events of the server are asked for.'),
    alarms: z.boolean().default(true).describe('Whether its alarms and conditions are asked for.'),
    minSeverity: z.int().min(1).max(1000).default(1).describe('Alarms below this severity are left out; audit events never are.'),
    refresh: z
      .boolean()
      .default(false)
      .describe('True to call ConditionRefresh after connecting, to hear of alarms that stand already; the only method ever called.')
  })
  .prefault({})
  .describe('Which events of the server are passed on.')

export const OpcUaDevice = z
  .strictObject({
    id: Id.describe('The identifier of the device, unique within its agent.'),
    title: Text.optional().describe('The name that people know the device by.'),
    protocol: z.literal('opcua').describe('OPC UA over TCP.'),
    endpoint: z
      .string()
      .max(200)
      .regex(
        /^opc\.tcp:\/\/(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?(?:\/[^\s?#@]*)?$/,
        bilingual('应形如 opc.tcp://主机:4840/路径', 'must look like opc.tcp://host:4840/path')
      )
      .describe('The address of the server, opc.tcp://host:port/path.'),
    security: Security,
    user: User,
    read: z
      .enum(['subscribe', 'poll'])
      .default('subscribe')
      .describe('subscribe: the server tells what changes; poll: the agent reads each value at its cadence.'),
    connectTimeoutMs: z
      .int()
      .min(500)
      .max(60_000)
      .default(10_000)
      .describe('How long a connection with its session may take to come about.'),
    timeoutMs: z.int().min(100).max(60_000).default(5000).describe('How long one answer may take.'),
    maxNodesPerCall: z
      .int()
      .min(1)
      .max(10_000)
      .default(1000)
      .describe('The most nodes in one request; fewer when the server says that it takes fewer.'),
    subscription: Subscription,
    events: Events,
    budget: z
      .strictObject({
        requestsPerSecond: z
          .number()
          .min(0.1)
          .max(1000)
          .default(10)
          .describe('The most requests in any second, those for publishing included; a plan above it does not start.'),
        minGapMs: z.int().min(0).max(10_000).default(0).describe('The pause after each answer.'),
        minCadenceMs: z.int().min(50).max(3_600_000).default(200).describe('The shortest cadence that a tag may have.')
      })
      .prefault({})
      .describe('How much the server is asked at most; it has a process to control.'),
    ...inherited,
    tags: z.array(OpcUaTag).min(1).max(20_000).describe('The values to read.')
  })
  .describe('A device that is read over OPC UA.')
export type OpcUaDevice = z.infer<typeof OpcUaDevice>

export const OpcUaPlace = z
  .strictObject({
    folder: FilePath.optional().describe(
      'Where the certificate of the agent and those of the servers it trusts are kept; by default the folder opcua beside the outbox.'
    )
  })
  .prefault({})
  .describe('What all OPC UA devices share.')
export type OpcUaPlace = z.infer<typeof OpcUaPlace>

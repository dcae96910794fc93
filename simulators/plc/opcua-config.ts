// The part of a scenario that gives the PLC an OPC UA face. Without it nothing of OPC UA is even loaded.
import { z } from 'zod'
import { bilingual, FilePath, Secret } from '#runtime/config-file.ts'

export const POLICIES = ['Aes256_Sha256_RsaPss', 'Aes128_Sha256_RsaOaep', 'Basic256Sha256', 'None'] as const
export const MODES = ['SignAndEncrypt', 'Sign', 'None'] as const

// OPC 10000-18, 4.3: the well-known roles that matter here.
export const ROLES = ['observer', 'operator', 'administrator'] as const
export type Role = (typeof ROLES)[number]

const Security = z
  .strictObject({
    policies: z
      .array(z.enum(POLICIES))
      .min(1)
      .max(POLICIES.length)
      .default(['Aes256_Sha256_RsaPss', 'Aes128_Sha256_RsaOaep', 'Basic256Sha256'])
      .describe('The security policies that are offered; None only when it stands here.'),
    modes: z
      .array(z.enum(MODES))
      .min(1)
      .max(MODES.length)
      .default(['SignAndEncrypt'])
      .describe('The security modes that are offered with them; None goes with policy None and with nothing else.'),
    acceptUnknownClients: z
      .boolean()
      .default(false)
      .describe('Whether a client certificate that nobody has trusted is let in; otherwise it waits in the folder rejected.')
  })
  .check((ctx) => {
    const { policies, modes } = ctx.value
    const refuse = (path: string, zh: string, en: string) =>
      ctx.issues.push({ code: 'custom', path: [path], message: bilingual(zh, en)(), input: ctx.value })
    if (policies.includes('None') !== modes.includes('None'))
      refuse('modes', '策略 None 与模式 None 须同时使用', 'policy None and mode None go together')
    if (policies.some((policy) => policy !== 'None') !== modes.some((mode) => mode !== 'None'))
      refuse('modes', '加密策略须配有签名模式', 'a policy that protects needs a mode that does, and the other way round')
  })
  .prefault({})
  .describe('How connections are protected.')

const User = z
  .strictObject({
    name: z.string().min(1).max(200).describe('The name of the user.'),
    password: Secret,
    role: z
      .enum(ROLES)
      .default('observer')
      .describe('observer: reads; operator: also writes setpoints and commands; administrator: also hears audit events.')
  })
  .describe('Somebody who may sign in.')

const Limits = z
  .strictObject({
    sessions: z.int().min(1).max(1000).default(10).describe('How many sessions there may be at once.'),
    connections: z.int().min(1).max(1000).default(20).describe('How many connections there may be at once.'),
    nodesPerRead: z.int().min(1).max(100_000).default(1000).describe('The most nodes in one Read or Write.'),
    nodesPerBrowse: z.int().min(1).max(100_000).default(500).describe('The most nodes in one Browse or translation of paths.'),
    itemsPerCall: z.int().min(1).max(100_000).default(1000).describe('The most monitored items in one call.'),
    items: z.int().min(1).max(1_000_000).default(20_000).describe('The most monitored items of a subscription.'),
    subscriptions: z.int().min(1).max(1000).default(20).describe('How many subscriptions there may be at once.'),
    sampleMs: z.int().min(10).max(60_000).default(100).describe('The shortest interval at which a value is sampled, in milliseconds.')
  })
  .prefault({})
  .describe('What the server takes on at most.')

export const OpcuaServerConfig = z
  .strictObject({
    host: z.string().min(1).max(255).default('127.0.0.1').describe('The address to listen on.'),
    port: z.int().min(0).max(65535).default(4840).describe('The TCP port to listen on; 0 takes a free one.'),
    pki: FilePath.optional().describe(
      'The folder of the certificate of the server and of the certificates that it trusts; without it, both are made up anew at each start.'
    ),
    security: Security,
    anonymous: z
      .enum(['refused', 'observer', 'operator'])
      .default('refused')
      .describe('Whether somebody without a name may sign in, and what he may do.'),
    userCertificates: z
      .boolean()
      .default(false)
      .describe('Whether users may sign in by a certificate that lies in the folder users/trusted; they are observers.'),
    users: z
      .array(User)
      .max(100)
      .default([])
      .check((ctx) => {
        const names = ctx.value.map(({ name }) => name)
        for (const [i, name] of names.entries())
          if (names.indexOf(name) < i)
            ctx.issues.push({
              code: 'custom',
              path: [i, 'name'],
              message: bilingual('用户名重复', 'this user stands here twice')(),
              input: name
            })
      })
      .describe('Who may sign in by name and password.'),
    limits: Limits,
    refreshMs: z.int().min(10).max(60_000).default(100).describe('How often what the PLC knows is taken over, in milliseconds.')
  })
  .check((ctx) => {
    const { anonymous, userCertificates, users } = ctx.value
    if (anonymous === 'refused' && !userCertificates && users.length === 0)
      ctx.issues.push({
        code: 'custom',
        path: ['users'],
        message: bilingual('没有任何人可以登录', 'nobody at all could sign in')(),
        input: ctx.value
      })
  })
  .describe('The OPC UA server of the PLC; without it there is none.')
export type OpcuaServerConfig = z.infer<typeof OpcuaServerConfig>

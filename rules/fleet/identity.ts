// fleet/identity: somebody spoke for an agent who could not show its key, or said again what was said before.
import { z } from 'zod'
import { MISTRUSTS, type Mistrust } from '#contract/agent-key.ts'
import type { Text } from '#contract/text.ts'

export const identity = {
  kind: 'fleet/identity',
  parameters: z.strictObject({
    reasons: z
      .array(z.enum(MISTRUSTS))
      .min(1)
      .default([...MISTRUSTS])
      .describe('For which reasons a message was not believed.')
  }),
  figures: () => ['why', 'key']
} as const

export const MISTRUST_TEXTS: Readonly<Record<Mistrust, Text>> = {
  'wrong-signature': { zh: '签名与已信任的公钥不符', en: 'the signature is not by the trusted key' },
  'missing-signature': { zh: '没有签名，而该代理此前一直签名', en: 'there is no signature, although this agent signs' },
  'unknown-key': { zh: '该代理的公钥未在配置中列出', en: 'no key of this agent is listed' },
  'other-key': { zh: '使用了另一把密钥', en: 'it is signed by, or names, another key' },
  replayed: { zh: '重复了以前的消息', en: 'it repeats a message of before' }
}

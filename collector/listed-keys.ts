// The keys of agents that a strict centre lists in its config: only those are believed, and nobody but the config changes them.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { publicKeyOf } from '#contract/signature.ts'
import { Id } from '#contract/site.ts'
import { bilingual, FilePath, SecretFault } from '#runtime/config-file.ts'

const ENDING = '.pub'
const MAX_FILES = 10_000

const Key = z
  .string()
  .max(100)
  .refine(
    (text) => publicKeyOf(text) !== null,
    bilingual('应为 Ed25519 公钥的 base64（44 个字符）', 'must be the base64 of an Ed25519 key, 44 characters')
  )

export const AgentTrust = z
  .strictObject({
    keys: z
      .enum(['first-use', 'listed'])
      .default('first-use')
      .describe('Whose signed health is believed: first-use takes the first key of each agent, listed only those below.'),
    listed: z
      .array(z.strictObject({ site: Id, agent: Id, key: Key.describe('The public key, as the agent logs it at its start.') }))
      .max(MAX_FILES)
      .default([])
      .describe('With keys: listed: the public key of each agent.'),
    folder: FilePath.optional().describe(
      'With keys: listed: a folder with one file <site>.<agent>.pub for each agent, holding its public key.'
    )
  })
  .check((ctx) => {
    const { keys, listed, folder } = ctx.value
    if (keys === 'first-use' && (listed.length > 0 || folder !== undefined))
      ctx.issues.push({
        code: 'custom',
        path: ['keys'],
        message: bilingual('给出公钥时须为 listed', 'must be listed when keys are given')(),
        input: ctx.value
      })
  })
  .prefault({})
  .describe('How agents are known by the key that signs their health.')
export type AgentTrust = z.infer<typeof AgentTrust>

/** By site/agent; null when each agent's first key is taken. */
export async function readListedKeys({ keys, listed, folder }: AgentTrust): Promise<ReadonlyMap<string, string> | null> {
  if (keys === 'first-use') return null
  const all = new Map(listed.map(({ site, agent, key }) => [`${site}/${agent}`, key]))
  if (folder === undefined) return all
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new SecretFault(`公钥文件夹 ${folder} 无法读取`, `the folder of public keys ${folder} cannot be read`, { cause })
  })
  for (const name of names.filter((one) => one.endsWith(ENDING)).slice(0, MAX_FILES)) {
    const [site = '', agent = '', ...rest] = name.slice(0, -ENDING.length).split('.')
    const key = (await readFile(join(folder, name), 'utf8').catch(() => '')).trim()
    if (rest.length > 0 || !Id.safeParse(site).success || !Id.safeParse(agent).success || publicKeyOf(key) === null)
      throw new SecretFault(
        `${join(folder, name)} 不可用：文件名应为 <站点>.<代理>${ENDING}，内容为 44 个字符的 base64 公钥`,
        `${join(folder, name)} cannot be used: its name must be <site>.<agent>${ENDING} and it must hold a key of 44 base64 characters`
      )
    all.set(`${site}/${agent}`, key)
  }
  return all
}

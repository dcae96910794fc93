// The list of agents that penstock pki writes: whoever is not on it does not get in at the embedded broker, whatever it can show.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Id } from '#contract/site.ts'
import { SecretFault } from '#runtime/config-file.ts'

const MAX_BYTES = 8 << 20

const AgentList = z.object({ version: z.literal(1), agents: z.array(z.object({ site: Id, agent: Id })).max(100_000) })

/** The names as certificates carry them: <site>/<agent>. */
export async function readAgentList(file: string): Promise<ReadonlySet<string>> {
  try {
    const text = await readFile(file)
    if (text.length > MAX_BYTES) throw new RangeError(`${text.length} bytes; at most ${MAX_BYTES} are read`)
    const { agents } = AgentList.parse(JSON.parse(text.toString('utf8')))
    return new Set(agents.map(({ site, agent }) => `${site}/${agent}`))
  } catch (cause) {
    throw new SecretFault(
      `采集代理名单 ${file} 无法读取；请用 penstock pki acl 重新写出`,
      `the list of agents ${file} cannot be read; write it anew by penstock pki acl`,
      { cause }
    )
  }
}

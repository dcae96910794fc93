// Files and folders of the agent: who may read what is secret, whether the outbox can be written, and whether the disk is large enough.
import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Secret } from '#runtime/config-file.ts'
import type { AgentConfig } from '../config.ts'
import { bad, codeOf, type Finding, ok } from './finding.ts'

const OTHERS_READ = 0o077
const OTHERS_WRITE = 0o022

export async function lookAtFiles(file: string, config: AgentConfig, keyFile: string): Promise<Finding[]> {
  return [
    ...(await modeFinding('file.config', file, { secret: false })),
    ...(await secretFindings(config.broker.password)),
    ...(await modeFinding('file.key', keyFile, { secret: true, mayMiss: true })),
    ...(await outboxFindings(config.outbox))
  ]
}

async function secretFindings(secret: Secret | undefined): Promise<Finding[]> {
  return secret === undefined || !('file' in secret) ? [] : await modeFinding('file.secret', secret.file, { secret: true })
}

interface ModeOptions {
  /** Whether others may not even read it. */
  secret: boolean
  mayMiss?: boolean
}

export async function modeFinding(check: string, file: string, { secret, mayMiss = false }: ModeOptions): Promise<Finding[]> {
  try {
    const { mode } = await stat(file)
    const bits = (mode & 0o777).toString(8)
    const open = (mode & (secret ? OTHERS_READ : OTHERS_WRITE)) !== 0
    if (!open || process.platform === 'win32') return [ok(check, file, `权限 ${bits}`, `permissions ${bits}`)]
    const command = secret ? 'chmod 600' : 'chmod go-w'
    return [
      bad(
        secret ? 'fail' : 'warn',
        check,
        file,
        {
          zh: `权限 ${bits}：其他用户可以${secret ? '读取' : '修改'}`,
          en: `permissions ${bits}: others can ${secret ? 'read' : 'change'} it`
        },
        { zh: `执行 ${command} ${file}`, en: `run ${command} ${file}` }
      )
    ]
  } catch (error) {
    if (mayMiss && codeOf(error) === 'ENOENT') return [ok(check, file, '首次启动时生成', 'is made at the first start')]
    return [
      bad(
        'fail',
        check,
        file,
        { zh: `无法读取（${codeOf(error)}）`, en: `cannot be read (${codeOf(error)})` },
        { zh: '检查路径和权限', en: 'look at the path and its permissions' }
      )
    ]
  }
}

async function outboxFindings({ file, maxBytes }: AgentConfig['outbox']): Promise<Finding[]> {
  const folder = await nearestFolder(dirname(file))
  const findings: Finding[] = []
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    findings.push(ok('file.outbox', file, `可在 ${folder} 中写入`, `can be written in ${folder}`))
  } catch (error) {
    const advice = { zh: '把该文件夹交给运行采集代理的用户（chown）', en: 'give the folder to the user that runs the agent (chown)' }
    findings.push(
      bad(
        'fail',
        'file.outbox',
        file,
        { zh: `无法在 ${folder} 中写入（${codeOf(error)}）`, en: `cannot be written in ${folder} (${codeOf(error)})` },
        advice
      )
    )
  }
  findings.push(await ownerFinding(file, folder), await spaceFinding(file, folder, maxBytes))
  return findings
}

async function ownerFinding(file: string, folder: string): Promise<Finding> {
  const { uid } = await stat(file).catch(() => stat(folder))
  const own = process.getuid?.()
  if (own === undefined || uid === own) return ok('file.owner', file, '属于当前用户', 'belongs to this user')
  return bad(
    'warn',
    'file.owner',
    file,
    { zh: `属于用户 ${uid}，当前用户为 ${own}`, en: `belongs to user ${uid}; this is user ${own}` },
    { zh: '请用运行采集代理的用户执行本命令', en: 'run this command as the user that runs the agent' }
  )
}

async function spaceFinding(file: string, folder: string, maxBytes: number): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder)
  const used = await stat(file).then(
    ({ size }) => size,
    () => 0
  )
  const free = bavail * bsize
  const [freeText, capText] = [megabytes(free), megabytes(maxBytes)]
  if (free + used >= maxBytes)
    return ok('file.space', folder, `可用 ${freeText}，缓存上限 ${capText}`, `${freeText} are free; the outbox takes at most ${capText}`)
  return bad(
    'warn',
    'file.space',
    folder,
    {
      zh: `可用仅 ${freeText}，少于缓存上限 ${capText}`,
      en: `only ${freeText} are free, less than the ${capText} that the outbox may take`
    },
    {
      zh: '腾出磁盘空间，或调小 outbox.maxBytes；磁盘写满时会丢弃数据并记为缺口',
      en: 'free some disk, or lower outbox.maxBytes; on a full disk data is dropped and told as a gap'
    }
  )
}

const megabytes = (bytes: number): string => `${Math.round(bytes / (1 << 20))} MiB`

// The folder of the outbox is made at the first start; until then the nearest one above it tells.
async function nearestFolder(folder: string): Promise<string> {
  const above = dirname(folder)
  const there = await stat(folder).then(
    (about) => about.isDirectory(),
    () => false
  )
  return there || above === folder ? folder : await nearestFolder(above)
}

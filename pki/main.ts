// The commands of `penstock pki`: found an authority for a site, issue, rotate and revoke certificates, and tell what there is.
import { readFileSync, statSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { examples, jsonOption, type Outcome, printOutcome, type Say, type TreeContext } from '#runtime/command-line.ts'
import { readSecret } from '#runtime/config-file.ts'
import { Authority, type Given } from './authority.ts'
import { PkiFault } from './fault.ts'
import { BUNDLE, CRL, Folder } from './folder.ts'
import { REASONS, type Reason } from './ledger.ts'
import { agentSubject, brokerSubject, clientSubject, RESERVED, type Subject } from './names.ts'
import { day, listOutcome, showOutcome } from './report.ts'

interface Common {
  folder: string
  json?: true
  passphraseFile?: string
  passphraseEnv?: string
}

const MAX_SHOWN_BYTES = 4 << 20

export function addPkiCommands(pki: Command, { language, say }: TreeContext): void {
  pki.addHelpText('after', () =>
    examples(say, [
      ['penstock pki init --passphrase-file secret', '建立站点证书机构', 'found the authority of a site'],
      ['penstock pki issue broker --host mqtt.local,10.1.0.5', 'MQTT 代理的证书', 'a certificate for the broker'],
      ['penstock pki issue agent --site east-water --name edge-1', '采集代理的证书', 'a certificate for an agent'],
      ['penstock pki revoke east-water/edge-1', '作废', 'end it before its time']
    ])
  )

  const command = (parent: Command, name: string, zh: string, en: string) =>
    parent
      .command(name)
      .description(say(zh, en))
      .addOption(new Option('--folder <folder>', say('证书机构的文件夹', 'folder of the authority')).default('pki'))
      .addOption(jsonOption(say))
  const signing = (parent: Command, name: string, zh: string, en: string) =>
    command(parent, name, zh, en)
      .addOption(new Option('--passphrase-file <file>', say('存放机构私钥口令的文件', 'file with the passphrase of the authority key')))
      .addOption(
        new Option('--passphrase-env <name>', say('存放口令的环境变量', 'environment variable with the passphrase')).conflicts(
          'passphraseFile'
        )
      )
  const permit = () =>
    new Option(
      '--permit <names>',
      say('除内网名称与地址外允许签发的域名或地址段，以逗号分隔', 'domains or address ranges to sign for beside private ones, with commas')
    ).argParser((text: string) => text.split(',').filter((one) => one !== ''))
  const days = () => new Option('--days <days>', say('有效天数', 'days of validity')).argParser((text: string) => wholeNumber(text, say))

  signing(pki, 'init', '建立证书机构；已有的不会被覆盖', 'found an authority; one that is there is not overwritten')
    .addOption(new Option('--name <name>', say('机构名称', 'name of the authority')).default('Penstock site authority'))
    .addOption(permit())
    .addOption(days())
    .action(async (options: Common & { name: string; permit?: string[]; days?: number }) => {
      checkAuthorityName(options.name)
      const folder = new Folder(options.folder)
      const passphrase = await passphraseOf(options)
      folder.found()
      const made = await folder.alone(() =>
        new Authority({ folder, passphrase }).renew({ name: options.name, permitted: options.permit ?? [], ...daysOf(options) })
      )
      const open = passphrase === undefined
      show(options, {
        text: [
          say(`已建立 ${made.name}，有效期至 ${day(made.notAfter)}。`, `Founded ${made.name}, valid until ${day(made.notAfter)}.`),
          say(
            `${folder.at(BUNDLE)} 分发给采集代理与 MQTT 代理；${folder.path} 的其余文件留在本机，离线备份。`,
            `Give ${folder.at(BUNDLE)} to agents and brokers; keep the rest of ${folder.path} here, with a backup off line.`
          ),
          ...(open ? [say('注意：机构私钥未加密。', 'warning: the key of the authority is not encrypted.')] : [])
        ].join('\n'),
        data: { authority: made, bundle: folder.at(BUNDLE), keyEncrypted: !open },
        trouble: false
      })
    })

  const issue = pki.command('issue').description(say('签发证书', 'issue a certificate'))
  const issuing = (options: Common & { days?: number }, subject: Subject) =>
    withAuthority(options, async (authority) => givenOutcome(await authority.issue(subject, daysOf(options)), say, authority.folder))
  signing(issue, 'agent', '采集代理：客户端证书，名称为 <站点>/<代理>', 'an agent: client certificate named <site>/<agent>')
    .requiredOption('--site <site>', say('站点', 'site'))
    .requiredOption('--name <agent>', say('采集代理', 'agent'))
    .addOption(days())
    .action((options: Common & { site: string; name: string }) => issuing(options, agentSubject(options.site, options.name)))
  for (const [kind, zh, en] of [
    ['collector', '汇聚中心：客户端证书', 'a collector: client certificate'],
    ['viewer', '只读客户端：只能订阅', 'a viewer: client certificate that may only listen']
  ] as const)
    signing(issue, kind, zh, en)
      .requiredOption('--name <name>', say('名称', 'name'))
      .addOption(days())
      .action((options: Common & { name: string }) => issuing(options, clientSubject(kind, options.name)))
  signing(issue, 'broker', 'MQTT 代理或内置代理：服务器证书', 'a broker, embedded or not: server certificate')
    .requiredOption('--host <hosts>', say('主机名与 IP 地址，以逗号分隔', 'host names and IP addresses, with commas'))
    .addOption(days())
    .action((options: Common & { host: string }) => issuing(options, brokerSubject(options.host.split(','))))

  signing(
    pki,
    'rotate <name>',
    `更换密钥和证书，旧证书在作废前仍有效；${RESERVED} 表示机构证书`,
    `new key and certificate; the old one stays valid until it is revoked. ${RESERVED} stands for the authority itself`
  )
    .alias('renew')
    .addOption(permit())
    .addOption(days())
    .addOption(
      new Option(
        '--finish',
        say('机构证书更换完成：不再信任旧机构证书', 'the change of authority is over: the old one is not trusted any more')
      )
    )
    .action((name: string, options: Common & { days?: number; permit?: string[]; finish?: true }) =>
      withAuthority(options, async (authority) => {
        if (name !== RESERVED) return givenOutcome(await authority.rotate(name, daysOf(options)), say, authority.folder)
        return options.finish === true ? retiredOutcome(authority, say) : crossOver(authority, options, say)
      })
    )

  signing(pki, 'revoke <name>', '按名称或序列号作废证书', 'revoke a certificate by name or serial')
    .addOption(new Option('--reason <reason>', say('原因', 'reason')).choices(REASONS).default('unspecified'))
    .addOption(new Option('--all', say('该名称的全部证书', 'all certificates of that name')))
    .action((name: string, options: Common & { reason: Reason; all?: true }) =>
      withAuthority(options, async (authority) => {
        const revoked = await authority.revoke(name, { reason: options.reason, all: options.all === true })
        const serials = revoked.map(({ serial }) => serial).join(', ')
        const file = authority.folder.at(CRL)
        const what =
          revoked.length === 0
            ? say('此前已作废，作废列表已重新写出。', 'It was revoked before; the revocation list was written again.')
            : say(`已作废 ${serials}。`, `Revoked ${serials}.`)
        const next = say(
          `将 ${file} 分发给各 MQTT 代理；Mosquitto 须重启才会断开已有连接。`,
          `Give ${file} to the brokers; Mosquitto must be restarted to cut off who is connected already.`
        )
        return { text: `${what}\n${next}`, data: { revoked: revoked.map(({ serial }) => serial), crl: file }, trouble: false }
      })
    )

  signing(pki, 'crl', '重新写出作废列表', 'write the revocation list anew')
    .addOption(days())
    .action((options: Common & { days?: number }) =>
      withAuthority(options, async (authority) => {
        await authority.publish(options.days)
        const file = authority.folder.at(CRL)
        return { text: say(`已写出 ${file}。`, `Wrote ${file}.`), data: { crl: file }, trouble: false }
      })
    )

  command(pki, 'acl', '写出 MQTT 代理的访问控制文件', 'write the access lists of the brokers').action((options: Common) =>
    withAuthority(options, async (authority) => {
      const files = authority.writeAccessLists()
      return { text: say(`已写出 ${files.join('、')}。`, `Wrote ${files.join(', ')}.`), data: { files }, trouble: false }
    })
  )

  command(pki, 'list', '列出全部证书；30 天内到期的给出警告', 'list all certificates; warns of those that end within 30 days').action(
    (options: Common) => withAuthority(options, async ({ ledger }) => listOutcome(ledger, { now: Date.now(), language }))
  )

  pki
    .command('show <file>')
    .description(say('显示证书或作废列表文件的内容', 'show what is in a certificate or revocation list'))
    .addOption(jsonOption(say))
    .action((file: string, options: { json?: true }) => show(options, showOutcome(readShown(file), { file, now: Date.now(), language })))
}

async function withAuthority(options: Common, work: (authority: Authority) => Promise<Outcome>): Promise<void> {
  const folder = new Folder(options.folder)
  folder.check()
  const passphrase = await passphraseOf(options)
  show(options, await folder.alone(() => work(new Authority({ folder, passphrase }))))
}

async function passphraseOf({ passphraseFile, passphraseEnv }: Common): Promise<string | undefined> {
  if (passphraseFile !== undefined) return await readSecret({ file: passphraseFile })
  return passphraseEnv === undefined ? undefined : await readSecret({ env: passphraseEnv })
}

function givenOutcome(given: Given, say: Say, folder: Folder): Outcome {
  const text = [
    say(
      `已签发 ${given.name}，序列号 ${given.serial}，有效期至 ${day(given.notAfter)}。`,
      `Issued ${given.name}, serial ${given.serial}, valid until ${day(given.notAfter)}.`
    ),
    ...[given.certificate, given.key, folder.at(BUNDLE)].map((file) => `  ${file}`)
  ]
  return { text: text.join('\n'), data: given, trouble: false }
}

async function crossOver(authority: Authority, options: { permit?: string[]; days?: number }, say: Say): Promise<Outcome> {
  const before = authority.ledger.authorities().at(-1)
  const name = before?.name.replace(/ \d+$/, '') ?? ''
  const permitted = [...new Set([...(before?.permitted ?? []), ...(options.permit ?? [])])]
  const made = await authority.renew({ name, permitted, ...daysOf(options) })
  const bundle = authority.folder.at(BUNDLE)
  return {
    text: say(
      `新机构证书 ${made.name} 有效期至 ${day(made.notAfter)}。请先把 ${bundle}（含新旧两张）分发到各处，再 rotate 各证书，最后执行 rotate ${RESERVED} --finish。`,
      `The new certificate ${made.name} is valid until ${day(made.notAfter)}. First give ${bundle}, which holds both, to everybody, then rotate the certificates, at last run rotate ${RESERVED} --finish.`
    ),
    data: { authority: made, bundle },
    trouble: false
  }
}

async function retiredOutcome(authority: Authority, say: Say): Promise<Outcome> {
  const retired = await authority.retire()
  const names = retired.map(({ name }) => name)
  const text =
    names.length === 0
      ? say('没有旧机构证书。', 'There is no old authority.')
      : say(
          `不再信任 ${names.join('、')}；请重新分发 ca.crt 与 crl.pem。`,
          `No longer trusted: ${names.join(', ')}; give out ca.crt and crl.pem again.`
        )
  return { text, data: { retired: names }, trouble: false }
}

function show({ json }: { json?: true }, outcome: Outcome): void {
  printOutcome(outcome, json === true)
}

function readShown(file: string): string {
  try {
    if (statSync(file).size <= MAX_SHOWN_BYTES) return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new PkiFault('PKI_FILE', `${file} 无法读取`, `${file} cannot be read`, { cause })
  }
  throw new PkiFault('PKI_FILE', `${file} 过大，不是证书`, `${file} is too large to be a certificate`)
}

function wholeNumber(text: string, say: Say): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(say('应为整数。', 'must be a whole number.'))
}

function daysOf({ days }: { days?: number }): { days?: number } {
  return days === undefined ? {} : { days }
}

function checkAuthorityName(name: string): void {
  if (/^[\p{L}\p{N} ._-]{1,60}$/u.test(name)) return
  throw new PkiFault(
    'PKI_NAME',
    '机构名称应为 1 至 60 个字母、数字、空格或 . _ -',
    'the name of the authority must be 1 to 60 letters, digits, spaces or . _ -'
  )
}

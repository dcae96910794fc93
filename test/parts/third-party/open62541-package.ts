// open62541, an OPC UA stack in C: where it lies and how it comes. Debian has it from trixie on; on older releases it is unpacked
// beside the system, which stays as it is.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const SUITE = 'trixie'
const PACKAGES = ['libopen62541-1.4', 'libopen62541-1.4-dev', 'libmbedcrypto16', 'libmbedx509-7']
const OWN = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'penstock', 'open62541-1.4')

const headers = (prefix: string): string => join(prefix, 'include/open62541/client.h')
/** What stands for /usr. */
export const open62541Prefix = (): string => (existsSync(headers('/usr')) ? '/usr' : join(OWN, 'usr'))

export const hasOpen62541 = (): boolean => existsSync(headers(open62541Prefix()))

/** Takes the packages from the archive that this machine already uses, and leaves apt's own state alone. */
export function fetchOpen62541(): void {
  mkdirSync(dirname(OWN), { recursive: true })
  const folder = mkdtempSync(`${OWN}-`)
  try {
    for (const one of ['lists/partial', 'cache/archives/partial', 'debs', 'root']) mkdirSync(join(folder, one), { recursive: true })
    writeFileSync(join(folder, 'sources'), `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${archive()} ${SUITE} main\n`)
    const places = { 'Etc::sourcelist': 'sources', 'State::lists': 'lists', Cache: 'cache' }
    const options = Object.entries(places).map(([key, name]) => `-oDir::${key}=${join(folder, name)}`)
    const apt = (...words: string[]) =>
      execFileSync('apt-get', [...options, '-oDir::Etc::sourceparts=/dev/null', '-oAPT::Sandbox::User=root', '-qq', ...words], {
        ...{ cwd: join(folder, 'debs'), stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 }
      })
    apt('update')
    apt('download', ...PACKAGES)
    for (const name of readdirSync(join(folder, 'debs'))) execFileSync('dpkg', ['-x', join(folder, 'debs', name), join(folder, 'root')])
    renameSync(join(folder, 'root'), OWN)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function archive(): string {
  const words = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']
  const found = execFileSync('apt-get', words, { encoding: 'utf8' }).split('\n')
  const uri = found.find((one) => /\/debian\/?$/.test(one))
  if (uri === undefined) throw new Error('apt knows no archive of Debian')
  return uri
}

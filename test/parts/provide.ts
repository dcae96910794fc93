// The real servers and tools that the tests drive, and how they come from Debian's packages when missing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fetchOpen62541, hasOpen62541 } from './third-party/open62541-package.ts'

interface RealPart {
  name: string
  debian: string
  there: () => boolean
  /** For what the release of this machine lacks: brings it without touching the system. */
  fetch?: () => void
}

const isFile =
  (...paths: string[]) =>
  () =>
    paths.some((path) => existsSync(path))

const PARTS: readonly RealPart[] = [
  { name: 'Mosquitto', debian: 'mosquitto', there: isFile('/usr/sbin/mosquitto') },
  { name: 'InfluxDB', debian: 'influxdb', there: isFile('/usr/bin/influxd') },
  { name: 'Chromium', debian: 'chromium', there: isFile('/usr/bin/chromium') },
  {
    name: 'a font with Chinese characters',
    debian: 'fonts-noto-cjk',
    there: isFile('/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc')
  },
  { name: 'dumpcap', debian: 'wireshark-common', there: isFile('/usr/bin/dumpcap') },
  { name: 'systemd-analyze', debian: 'systemd', there: isFile('/usr/bin/systemd-analyze') },
  { name: 'tshark', debian: 'tshark', there: isFile('/usr/bin/tshark') },
  { name: 'socat', debian: 'socat', there: isFile('/usr/bin/socat') },
  { name: 'pymodbus', debian: 'python3-pymodbus', there: isFile('/usr/lib/python3/dist-packages/pymodbus/__init__.py') },
  { name: 'serial ports for Python', debian: 'python3-serial', there: isFile('/usr/lib/python3/dist-packages/serial/__init__.py') },
  {
    name: 'serial ports for asyncio',
    debian: 'python3-serial-asyncio',
    there: isFile('/usr/lib/python3/dist-packages/serial_asyncio/__init__.py')
  },
  { name: 'a C compiler', debian: 'gcc', there: isFile('/usr/bin/gcc') },
  { name: 'the headers of C', debian: 'libc6-dev', there: isFile('/usr/include/stdio.h') },
  { name: 'libmodbus', debian: 'libmodbus-dev', there: isFile('/usr/include/modbus/modbus.h') },
  { name: 'OpenSSL', debian: 'openssl', there: isFile('/usr/bin/openssl') },
  { name: 'open62541', debian: 'libopen62541-1.4-dev', there: hasOpen62541, fetch: fetchOpen62541 }
]

export function missingParts(): RealPart[] {
  return PARTS.filter((part) => !part.there())
}

// Installs what is missing when that is possible; what stays missing is the caller's to tell.
export function provideParts(): void {
  const missing = missingParts()
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const names = missing.map((part) => part.debian)
  console.log(`Installing for the tests: ${[...new Set(names)].join(', ')}`)
  const packages = [...new Set(missing.flatMap(({ debian, fetch }) => (fetch === undefined ? [debian] : [])))]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args: string[]) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  apt('update', '-qq')
  if (packages.length > 0) apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
  for (const { fetch, name } of missing) {
    try {
      fetch?.()
    } catch (error) {
      console.error(`${name} could not be fetched: ${String(error)}`)
    }
  }
}

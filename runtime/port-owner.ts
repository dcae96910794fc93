// Which program of this machine listens on a TCP port, as Linux tells it. Looked up once, when a start has failed.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

export interface PortOwner {
  name: string
  pid: number
}

// proc(5): one line for each socket; local address and port in hexadecimal, the state, and in the tenth column the inode.
const LISTENING = '0A'
// A machine with more open files than this gets the shorter answer.
const MOST_FILES = 100_000

/** Null where nobody can tell: another system, no such socket, or a program of somebody else whose files are not shown to us. */
export function portOwner(port: number): PortOwner | null {
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeners(textOf(file), port)))
  if (sockets.size === 0) return null
  let files = 0
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name)))
    for (const file of namesIn(`/proc/${pid}/fd`)) {
      if (++files > MOST_FILES) return null
      if (sockets.has(linkOf(`/proc/${pid}/fd/${file}`))) return { name: programOf(pid), pid: Number(pid) }
    }
  return null
}

/** The links, as they stand in /proc/<pid>/fd, of what listens on the port. */
export function listeners(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/)
    const [, local = '', , state] = columns
    const inode = columns[9] ?? '0'
    return state === LISTENING && local.endsWith(suffix) && /^[1-9]\d*$/.test(inode) ? [`socket:[${inode}]`] : []
  })
}

// A thread may go by a name of its own, so the file that runs is asked first.
function programOf(pid: string): string {
  return basename(linkOf(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '')) || textOf(`/proc/${pid}/comm`).trim() || '?'
}

// Programs end while they are looked at, and not all may be looked at: that gives nothing.
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

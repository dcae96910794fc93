// What tshark says of a capture: a line for each packet, or nothing where a filter finds none.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a sound capture has nothing of. */
export const WRONG =
  '_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || tcp.checksum.status == 0 || _ws.expert.severity >= 0x800000'

export async function tshark(file: string, ...args: string[]): Promise<string[]> {
  const checked = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE']
  const { stdout } = await run('tshark', ['-r', file, ...checked, ...args], { maxBuffer: 256 << 20, timeout: 120_000 })
  return stdout.split('\n').filter((line) => line !== '')
}

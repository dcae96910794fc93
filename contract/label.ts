// A label is ground truth written by a simulator: what attack or fault was played, when and on what.
import { z } from 'zod'
import { Time } from './envelope.ts'
import { Technique } from './finding.ts'
import { Id } from './site.ts'
import { TagName } from './tag.ts'

export const Label = z.strictObject({
  id: z.string().max(100),
  site: Id,
  kind: z.enum(['attack', 'fault']),
  name: Id.describe('The attack or fault that was played, for example setpoint-tamper.'),
  technique: Technique.nullable().describe('The ATT&CK for ICS technique, null for a fault.'),
  start: Time,
  end: Time.nullable().describe('Null while it lasts.'),
  tags: z.array(TagName).describe('The tags it works on.'),
  hosts: z.array(z.string().max(64)).describe('The addresses that it comes from; for an attack on an agent of ours, that agent.')
})
export type Label = z.infer<typeof Label>

// What the commands of the agent print with --json. Scripts depend on these shapes: keys are added, never renamed or taken away.
import { z } from 'zod'
import { Device } from '#contract/device.ts'
import { QUALITY_CLASSES } from '#contract/quality.ts'

const Milliseconds = z.number().min(0)
const EpochMs = z.number().describe('Epoch milliseconds, UTC.')

export const CheckResult = z
  .strictObject({
    ok: z.boolean().describe('False when something stands in the way of a start.'),
    agent: z.string().describe('The identifier of the agent.'),
    site: z.string().describe('The identifier of the site.'),
    devices: z.int().describe('How many devices are read.'),
    tags: z.int().describe('How many tags are read.'),
    warnings: z.array(z.string()).describe('What would stand in the way of a start, in the language of the reader.')
  })
  .describe('penstock agent check --json')

export const CommandFault = z
  .strictObject({
    fault: z
      .strictObject({
        code: z.string().describe('The code of the fault, for example CONFIG_FAULT.'),
        message: z.string().describe('The fault in the language of the reader.'),
        faults: z
          .array(
            z
              .strictObject({
                file: z.string().describe('The file.'),
                line: z.int().describe('The line, counted from 1.'),
                column: z.int().describe('The column, counted from 1.'),
                path: z.string().describe('Keys and indexes joined by dots; empty for the file as a whole.'),
                message: z.string().describe('What is wrong.')
              })
              .describe('One fault and its place.')
          )
          .optional()
          .describe('With CONFIG_FAULT: every fault of the file.')
      })
      .describe('Why the command gave no result.')
  })
  .describe('Instead of a result, with exit code 1, 2 or 78')

export const Reading = z
  .strictObject({
    device: z.string().describe('The device.'),
    tag: z.string().describe('The name of the tag.'),
    title: z.strictObject({ zh: z.string(), en: z.string() }).optional().describe('The name that people know it by.'),
    value: z.union([z.number(), z.string(), z.null()]).describe('The value; null when there is none.'),
    unit: z.string().optional().describe('The engineering unit.'),
    quality: z.int().nullable().describe('The quality as an OPC UA StatusCode; null when nothing came at all.'),
    qualityClass: z.enum(QUALITY_CLASSES).describe('good, uncertain or bad.'),
    qualityName: z.string().describe('The name of the StatusCode.'),
    qualityText: z.string().describe('The quality in the language of the reader.'),
    time: EpochMs.nullable().describe('When the agent had the answer.'),
    sourceTime: EpochMs.optional().describe('When the device says that the value was so.'),
    serverTime: EpochMs.optional().describe('When the server gave it.'),
    roundTripMs: Milliseconds.optional().describe('How long the request took.'),
    raw: z.string().optional().describe('With --raw: the bytes of the value as they were on the wire, in hex.')
  })
  .describe('One reading of one tag.')
export type Reading = z.infer<typeof Reading>

export const OnceResult = z
  .strictObject({
    readings: z.array(Reading).describe('One for each tag that was asked for.'),
    good: z.int().describe('How many are good.'),
    uncertain: z.int().describe('How many are uncertain.'),
    bad: z.int().describe('How many are bad or did not come.')
  })
  .describe('penstock agent once --json')

export const WatchLine = Reading.describe('penstock agent watch --json: one such object a line')

export const DecodeResult = z
  .strictObject({
    at: z.int().describe('The address of the first register.'),
    registers: z.array(z.int()).describe('The registers as unsigned numbers.'),
    readings: z
      .array(
        z
          .strictObject({
            address: z.int().describe('The address of the first register of this reading.'),
            type: z.string().describe('The type, as in agent.yaml.'),
            order: z.string().nullable().describe('The byte order, as in agent.yaml; null where it does not matter.'),
            value: z.union([z.number(), z.string(), z.null()]).describe('The value; null when these bytes are none.'),
            plausible: z.boolean().describe('Near the value of --like, by a power of ten at most; without --like, an ordinary number.'),
            scale: z.number().optional().describe('With --like: the scale that gives about that value.'),
            place: z.string().describe('What to write in agent.yaml after the table, for example 100 float32 CDAB.')
          })
          .describe('One way to read the block.')
      )
      .describe('Every type and byte order, at every address of the block.')
  })
  .describe('penstock agent decode --json')
export type DecodeResult = z.infer<typeof DecodeResult>

export const ImportResult = z
  .strictObject({
    format: z.string().describe('The format that was read.'),
    out: z.string().nullable().describe('The file that was written; null when the configuration stands in yaml.'),
    yaml: z.string().describe('The configuration as YAML.'),
    devices: z.int().describe('How many devices were taken over.'),
    tags: z.int().describe('How many tags were taken over.'),
    notes: z
      .array(
        z
          .strictObject({
            place: z.string().describe('Where in the imported file.'),
            left: z.boolean().describe('True when this was not taken over.'),
            reason: z.string().describe('What was done and why, in the language of the reader.')
          })
          .describe('One thing that could not be taken over, or not as it stood.')
      )
      .describe('Everything that needs a look.'),
    ok: z.boolean().describe('Whether penstock agent check takes the result as it is.'),
    faults: z.array(z.string()).describe('Why it does not.')
  })
  .describe('penstock agent import --json')
export type ImportResult = z.infer<typeof ImportResult>

export const FINDING_LEVELS = ['ok', 'warn', 'fail'] as const
export const DoctorResult = z
  .strictObject({
    ok: z.boolean().describe('False when a finding is a fail.'),
    findings: z
      .array(
        z
          .strictObject({
            check: z.string().describe('What was looked at, for example network.broker or time.clock; stable.'),
            subject: z.string().describe('Which one: a device, a file, an address.'),
            level: z.enum(FINDING_LEVELS).describe('ok, warn or fail.'),
            text: z.string().describe('What was found, in the language of the reader.'),
            advice: z.string().optional().describe('What to do about it.')
          })
          .describe('One finding.')
      )
      .describe('All findings, in the order of the looking.')
  })
  .describe('penstock agent doctor --json')
export type DoctorResult = z.infer<typeof DoctorResult>

export const BrowseResult = z
  .strictObject({
    device: z.string().describe('The device.'),
    nodes: z
      .array(
        z
          .strictObject({
            node: z.string().describe('The node, as in agent.yaml.'),
            name: z.string().describe('Its name.'),
            nodeClass: z.enum(['object', 'variable']).describe('Whether it has a value.'),
            depth: z.int().describe('0 for what lies directly under the start.'),
            dataType: z.string().nullable().describe('Of a variable: its type; null when the server does not say.'),
            valueRank: z.int().nullable().describe('Of a variable: -1 for a single value, 1 and more for arrays.'),
            readable: z.boolean().nullable().describe('Of a variable: whether it may be read.'),
            writable: z.boolean().nullable().describe('Of a variable: whether the server lets it be written; the agent never does.')
          })
          .describe('One node.')
      )
      .describe('Each node before those under it.'),
    cutBy: z.array(z.enum(['depth', 'nodes', 'references', 'time'])).describe('Which limits cut the walk short.')
  })
  .describe('penstock agent browse --json')
export type BrowseResult = z.infer<typeof BrowseResult>

export const IdentifyResult = z
  .strictObject({
    device: Device.describe('The device as the configuration names it.'),
    facts: z
      .array(
        z
          .strictObject({
            name: z.string().describe('What it is, for example vendor, revision or state; stable.'),
            value: z.string().describe('What the device says.')
          })
          .describe('One fact.')
      )
      .describe('What the device says of itself.')
  })
  .describe('penstock agent identify --json')
export type IdentifyResult = z.infer<typeof IdentifyResult>

export const TrustResult = z
  .strictObject({
    certificates: z
      .array(
        z
          .strictObject({
            state: z.enum(['trusted', 'rejected']).describe('Whether it is trusted; what nobody has judged yet is rejected.'),
            thumbprint: z.string().describe('SHA-1 of the certificate, as OPC UA tools show it.'),
            sha256: z.string().describe('SHA-256 of the certificate.'),
            subject: z.string().describe('Whom it names.'),
            issuer: z.string().describe('Who signed it.'),
            applicationUri: z.string().nullable().describe('The application URI in it.'),
            validFrom: EpochMs,
            validTo: EpochMs,
            seenAt: EpochMs
          })
          .describe('One certificate.')
      )
      .describe('The certificates; with accept and reject, the one that was judged.')
  })
  .describe('penstock agent trust list, accept or reject --json')

export const PlanResult = z
  .looseObject({
    agent: z.string().describe('The identifier of the agent.'),
    site: z.string().describe('The identifier of the site.'),
    tags: z.int().describe('How many tags are read.'),
    devices: z
      .array(
        z
          .looseObject({
            id: z.string().describe('The device.'),
            protocol: z.string().describe('Its protocol.'),
            endpoint: z.string().describe('Where it is.'),
            requestsPerSecond: z.number().describe('Requests a second while all goes well.'),
            requestShare: z.number().describe('Share of its budget of requests, 1 is all of it.'),
            requests: z
              .array(
                z
                  .looseObject({
                    cadenceMs: z.number().describe('How often it is sent.'),
                    functionCode: z.int().describe('The Modbus function.'),
                    table: z.string().describe('The table.'),
                    from: z.int().describe('The first address, counted from 0.'),
                    to: z.int().describe('The last address.'),
                    numbers: z.array(z.string()).describe('The same as manuals write them, for example 400001.'),
                    count: z.int().describe('How many registers or bits.'),
                    unused: z.int().describe('How many of them no tag needs.'),
                    requestBytes: z.int().describe('Bytes of the request.'),
                    replyBytes: z.int().describe('Bytes of the reply.'),
                    tags: z.array(z.string()).describe('The tags that it reads.')
                  })
                  .describe('One request.')
              )
              .optional()
              .describe('With Modbus: every request.')
          })
          .describe('One device.')
      )
      .describe('What each device is asked.'),
    lines: z
      .array(
        z.looseObject({
          endpoint: z.string().describe('The connection or serial line.'),
          units: z.array(z.int()).describe('The units behind it.'),
          lineShare: z.number().describe('Share of its time that is taken, 1 is all of it.')
        })
      )
      .describe('The connections and serial lines of the Modbus devices.')
  })
  .describe('penstock agent plan --json')

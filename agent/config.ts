// The config of an agent: which site it watches, which devices it reads, where it publishes. All defaults stand here.
import { z } from 'zod'
import { ACKNOWLEDGE_MODES } from '#contract/agent-status.ts'
import { MAX_SAMPLES_PER_BATCH } from '#contract/sample.ts'
import { Id, Site } from '#contract/site.ts'
import { BrokerConfig } from '#runtime/broker-config.ts'
import { bilingual, FilePath } from '#runtime/config-file.ts'
import { ClockConfig } from './clock-check.ts'
import { faultsOfDevices } from './device-faults.ts'
import { Defaults, ModbusDevice } from './modbus/config.ts'
import { OpcUaDevice, OpcUaPlace } from './opcua/config.ts'

export const DeviceConfig = z.discriminatedUnion('protocol', [ModbusDevice, OpcUaDevice])
export type DeviceConfig = z.infer<typeof DeviceConfig>

export const AgentConfig = z
  .strictObject({
    agent: Id.describe('The identifier of this agent, unique within its site.'),
    site: Site.describe('The site that the agent watches.'),
    broker: BrokerConfig,
    acknowledge: z
      .enum(ACKNOWLEDGE_MODES)
      .default('collector')
      .describe(
        'What a message waits for before the agent forgets it: collector (it is stored), broker (the broker took it), none (nothing comes back, as over a one-way link).'
      ),
    outbox: z
      .strictObject({
        file: FilePath,
        maxBytes: z
          .int()
          .min(1 << 20)
          .max(2 ** 40)
          .default(512 << 20)
          .describe('How large the kept messages may grow; then the oldest are dropped and a gap says so.'),
        maxAgeHours: z
          .number()
          .min(0.01)
          .max(24 * 365)
          .default(24 * 14)
          .describe('How old a kept message may grow; then it is dropped and a gap says so.')
      })
      .describe('The file on disk that holds what is not yet stored at the collector.'),
    key: FilePath.optional().describe(
      'The file with the Ed25519 key that signs the health of the agent; made at the first start. agent-key.pem beside the outbox when left out.'
    ),
    publish: z
      .strictObject({
        maxBatchSamples: z.int().min(1).max(MAX_SAMPLES_PER_BATCH).default(5000).describe('A batch of so many samples is sent at once.'),
        maxDelayMs: z
          .int()
          .min(10)
          .max(60_000)
          .default(500)
          .describe('How long a sample may wait for others in its batch; what is waiting is lost when the process is killed.'),
        window: z.int().min(1).max(32).default(32).describe('The most messages that are sent and not yet acknowledged.'),
        resendAfterMs: z.int().min(100).max(600_000).default(10_000).describe('Without progress for so long the agent sends again.'),
        keepSentMinutes: z
          .number()
          .min(0)
          .max(24 * 60)
          .default(10)
          .describe('With acknowledge none: how long a message is kept, to be sent again after a lost connection.'),
        liveAfterSeconds: z
          .number()
          .min(1)
          .max(24 * 3600)
          .default(30)
          .describe(
            'After an outage of more than so many seconds live samples are sent at once, and what was kept is replayed beside them.'
          ),
        replayFactor: z
          .number()
          .min(0.1)
          .max(1000)
          .default(2)
          .describe('How many times as fast as live samples come in the backlog may be replayed.'),
        replayAtLeast: z
          .number()
          .min(1)
          .max(1e7)
          .default(1000)
          .describe('So many samples a second may always be replayed, so that an agent with little to tell empties its backlog too.')
      })
      .prefault({})
      .describe('How samples are put together and sent.'),
    healthSeconds: z.number().min(0.1).max(3600).default(15).describe('How often the agent tells its health.'),
    clock: ClockConfig.optional(),
    metrics: z
      .strictObject({ port: z.int().min(0).max(65535).describe('The port on 127.0.0.1; 0 takes a free one.') })
      .optional()
      .describe('Prometheus metrics; without it none are served.'),
    opcua: OpcUaPlace,
    defaults: Defaults.prefault({}),
    devices: z.array(DeviceConfig).min(1).max(5000).describe('The devices that the agent reads.')
  })
  .superRefine(
    (config, ctx) => {
      for (const { path, zh, en } of faultsOfDevices(readableDevices(config)))
        ctx.addIssue({ code: 'custom', path, message: bilingual(zh, en)() })
    },
    // Run even when something else is wrong, so that all faults are told at once.
    { when: () => true }
  )
  .describe('The configuration of an agent.')
export type AgentConfig = z.infer<typeof AgentConfig>

// What can be judged when other parts of the file are wrong: devices that are right in themselves keep their place in the list.
function readableDevices(config: unknown): { devices: (DeviceConfig | undefined)[]; defaults: Defaults } {
  const { data } = z.object({ devices: z.array(z.unknown()), defaults: Defaults }).safeParse(config)
  const devices = data?.devices.map((device) => DeviceConfig.safeParse(device).data) ?? []
  return { devices, defaults: data?.defaults ?? Defaults.parse({}) }
}

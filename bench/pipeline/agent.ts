// The other process of bench/pipeline.ts: has all messages ready as bytes, then publishes them with QoS 1 as fast as they are taken.
import { connectAsync } from 'mqtt'
import { birthOf, type Load, messagesOf, topicOfBirth, topicOfSamples } from './load.ts'

const IN_FLIGHT = 100

const [url = '', agent = '', tags = '', samplesPerMessage = '', messages = ''] = process.argv.slice(2)
const load: Load = { agent, tags: Number(tags), samplesPerMessage: Number(samplesPerMessage), messages: Number(messages) }
const ready = [...messagesOf(load)]
const client = await connectAsync(url, { clientId: agent, protocolVersion: 4 })
await client.publishAsync(topicOfBirth(load), birthOf(load), { qos: 1, retain: true })
const topic = topicOfSamples(load)
let next = 0
async function publishInTurn(): Promise<void> {
  for (let payload = ready[next++]; payload !== undefined; payload = ready[next++]) await client.publishAsync(topic, payload, { qos: 1 })
}
await Promise.all(Array.from({ length: IN_FLIGHT }, publishInTurn))
await client.endAsync()

// Which broker a live run uses: Mosquitto as a process of its own, or the one inside the collector.
export const BROKERS = ['mosquitto', 'embedded'] as const
export type BrokerKind = (typeof BROKERS)[number]

// Where an agent keeps the certificates of OPC UA: its own and those of the servers it trusts.
import { dirname, join } from 'node:path'
import type { AgentConfig } from '../config.ts'

export function opcUaFolder({ opcua, outbox }: AgentConfig): string {
  return opcua.folder ?? join(dirname(outbox.file), 'opcua')
}

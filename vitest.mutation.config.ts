// The tests that mutants of the Modbus port, its framings and its arithmetic run against: no sockets, no real time.
import { defineConfig } from 'vitest/config'

const pure = ['port', 'port-ids', 'port-silence', 'quiet', 'doubt', 'guard', 'mbap', 'rtu', 'ascii', 'read-plan', 'registers', 'decimal']

export default defineConfig({
  test: {
    include: pure.map((name) => `test/agent/modbus/${name}.test.ts`),
    // Each takes far less than a second; what waits for longer has been broken by a mutant.
    testTimeout: 5000
  }
})

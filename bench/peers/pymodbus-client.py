# Reads 125 holding registers again and again with python3-pymodbus and tells the CPU time it took. <port> <reads>
import json
import resource
import sys

from pymodbus.client import ModbusTcpClient

port, reads = int(sys.argv[1]), int(sys.argv[2])
client = ModbusTcpClient("127.0.0.1", port=port)
client.connect()
client.read_holding_registers(0, 125, slave=1)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


before = cpu()
registers = 0
for _ in range(reads):
    registers += len(client.read_holding_registers(0, 125, slave=1).registers)
print(json.dumps({"cpuSeconds": cpu() - before, "registers": registers}))
client.close()

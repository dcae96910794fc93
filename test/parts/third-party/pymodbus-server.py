# A Modbus TCP server of another family (python3-pymodbus). Every value is a function of its address and of the time, so that a
# reader can be checked without asking the server: register 0 holds the counter, register a holds (31 a + counter) mod 65536.
import asyncio
import sys
import time

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext
from pymodbus.datastore.store import BaseModbusDataBlock
from pymodbus.server.async_io import StartAsyncTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

REGISTERS = 2000


def counter():
    return int(time.time() * 5) & 0xFFFF


class Pulse(BaseModbusDataBlock):
    """One reading of the clock for each request, so that its values belong together."""

    def __init__(self, value):
        super().__init__()
        self.address = 0
        self.values = [0] * REGISTERS
        self.value = value

    def validate(self, address, count=1):
        return 0 <= address and count > 0 and address + count <= REGISTERS

    def getValues(self, address, count=1):
        now = counter()
        return [self.value(a, now) for a in range(address, address + count)]

    def setValues(self, address, values):
        print(f"WRITE {address}", file=sys.stderr, flush=True)


def register(address, now):
    return now if address == 0 else (31 * address + now) & 0xFFFF


def bit(address, now):
    return bool((address + now) & 1)


# Usage: pymodbus-server.py <port> [rtu]; with rtu it carries serial frames over TCP.
async def main(port, framer):
    unit = ModbusSlaveContext(di=Pulse(bit), co=Pulse(bit), hr=Pulse(register), ir=Pulse(register), zero_mode=True)
    context = ModbusServerContext(slaves=unit, single=True)
    await StartAsyncTcpServer(context=context, framer=framer, address=("127.0.0.1", port), allow_reuse_address=True)


asyncio.run(main(int(sys.argv[1]), ModbusRtuFramer if sys.argv[2:] == ["rtu"] else ModbusSocketFramer))

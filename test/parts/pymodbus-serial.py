# A Modbus server on a serial port made by pymodbus, which this project did not write: register n holds n, coil n holds n modulo 2.
# Usage: pymodbus-serial.py PORT rtu|ascii
import asyncio
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import StartAsyncSerialServer
from pymodbus.transaction import ModbusAsciiFramer, ModbusRtuFramer

ADDRESSES = 2000


async def serve(port, framing):
    words = ModbusSequentialDataBlock(0, list(range(ADDRESSES)))
    bits = ModbusSequentialDataBlock(0, [bool(n % 2) for n in range(ADDRESSES)])
    slave = ModbusSlaveContext(di=bits, co=bits, hr=words, ir=words, zero_mode=True)
    context = ModbusServerContext(slaves={1: slave, 2: slave}, single=False)
    identity = ModbusDeviceIdentification(info={0: "pymodbus", 1: "serial", 2: "3"})
    print("serving", flush=True)
    await StartAsyncSerialServer(
        context=context,
        identity=identity,
        framer=ModbusAsciiFramer if framing == "ascii" else ModbusRtuFramer,
        port=port,
        baudrate=19200,
        bytesize=8,
        parity="N",
        stopbits=1,
        timeout=1,
        ignore_missing_slaves=True,
    )


asyncio.run(serve(sys.argv[1], sys.argv[2]))

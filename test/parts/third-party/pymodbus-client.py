# Reads a PLC with pymodbus and writes it: <port> <unit> [rtu]. Prints one JSON object of what was read.
import json
import sys

from pymodbus.client import ModbusTcpClient
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

port, unit = int(sys.argv[1]), int(sys.argv[2])
framer = ModbusRtuFramer if sys.argv[3:] == ["rtu"] else ModbusSocketFramer
client = ModbusTcpClient("127.0.0.1", port=port, framer=framer, timeout=10)
if not client.connect():
    sys.exit("no connection")


def right(reply):
    if reply.isError():
        sys.exit(f"refused: {reply}")
    return reply


result = {
    "input": right(client.read_input_registers(0, 23, slave=unit)).registers,
    "discrete": right(client.read_discrete_inputs(0, 8, slave=unit)).bits[:8],
}
right(client.write_register(2, 611, slave=unit))
right(client.write_registers(0, [310, 460], slave=unit))
right(client.mask_write_register(4, 0xFF00, 0x0012, unit=unit))
right(client.readwrite_registers(read_address=0, read_count=7, write_address=5, write_registers=[950], unit=unit))
result["holding"] = right(client.read_holding_registers(0, 7, slave=unit)).registers
right(client.write_coil(3, True, slave=unit))
right(client.write_coils(0, [True, False], slave=unit))
result["coils"] = right(client.read_coils(0, 5, slave=unit)).bits[:5]
result["gap"] = client.read_holding_registers(5000, 1, slave=unit).exception_code
identity = right(client.execute(ReadDeviceInformationRequest(read_code=2, object_id=0, unit=unit)))
result["identity"] = {str(key): value.decode() for key, value in identity.information.items()}
print(json.dumps(result))
client.close()

# Reads and writes a PLC with pymodbus: <port> <unit> tcp|rtu. One command a line, one line as its answer; modbus-clients.ts says
# which. Decoding and encoding of values are pymodbus' own.
import sys

from pymodbus.client import ModbusTcpClient
from pymodbus.constants import Endian
from pymodbus.mei_message import ReadDeviceInformationRequest
from pymodbus.other_message import ReportSlaveIdRequest
from pymodbus.payload import BinaryPayloadBuilder, BinaryPayloadDecoder
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer

port, unit, framing = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
client = ModbusTcpClient("127.0.0.1", port=port, framer=ModbusRtuFramer if framing == "rtu" else ModbusSocketFramer, timeout=20)
if not client.connect():
    sys.exit("no connection")

WORDS = {"uint16": 1, "int16": 1, "uint32": 2, "int32": 2, "float32": 2, "float64": 4}
METHODS = {
    "uint16": "16bit_uint",
    "int16": "16bit_int",
    "uint32": "32bit_uint",
    "int32": "32bit_int",
    "float32": "32bit_float",
    "float64": "64bit_float",
}
READS = {
    "coils": client.read_coils,
    "discreteInputs": client.read_discrete_inputs,
    "inputRegisters": client.read_input_registers,
    "holdingRegisters": client.read_holding_registers,
}


class Refused(Exception):
    pass


def right(reply):
    if reply.isError():
        raise Refused(getattr(reply, "exception_code", reply))
    return reply


def orders(order):
    turned, swapped = order in ("BADC", "DCBA"), order in ("CDAB", "DCBA")
    return {"byteorder": Endian.Little if turned else Endian.Big, "wordorder": Endian.Little if swapped else Endian.Big}


def read(table, address, form, order):
    if form == "bit" and table in ("coils", "discreteInputs"):
        return int(right(READS[table](address, 1, slave=unit)).bits[0])
    if form == "bit":
        bits = BinaryPayloadDecoder.fromRegisters(right(READS[table](address, 1, slave=unit)).registers, byteorder=Endian.Big)
        high, low = bits.decode_bits(), bits.decode_bits()
        return int((low + high)[int(order)])
    words = right(READS[table](address, WORDS[form], slave=unit)).registers
    return getattr(BinaryPayloadDecoder.fromRegisters(words, **orders(order)), f"decode_{METHODS[form]}")()


def write(table, address, form, order, value):
    if table == "coils":
        right(client.write_coil(address, float(value) != 0, slave=unit))
        return "done"
    builder = BinaryPayloadBuilder(**orders(order))
    getattr(builder, f"add_{METHODS[form]}")(float(value) if form.startswith("float") else int(value))
    words = builder.to_registers()
    right(client.write_register(address, words[0], slave=unit) if len(words) == 1 else client.write_registers(address, words, slave=unit))
    return "done"


def block(table, address, count):
    reply = right(READS[table](address, count, slave=unit))
    values = reply.registers if table.endswith("Registers") else reply.bits[:count]
    return " ".join(str(int(value)) for value in values)


def act(words):
    what, rest = words[0], words[1:]
    if what == "read":
        return repr(read(rest[0], int(rest[1]), rest[2], rest[3]))
    if what == "write":
        return write(rest[0], int(rest[1]), rest[2], rest[3], rest[4])
    if what == "block":
        return block(rest[0], int(rest[1]), int(rest[2]))
    if what == "mask":
        address, both, either = map(int, rest)
        right(client.mask_write_register(address, both, either, unit=unit))
        return "done"
    if what == "exchange":
        address, count, target, *values = map(int, rest)
        wanted = {"read_address": address, "read_count": count, "write_address": target, "write_registers": values}
        return " ".join(map(str, right(client.readwrite_registers(**wanted, unit=unit)).registers))
    if what == "identity" and framing == "rtu":
        # The serial framer of this release finds no end of a reply to function 43.
        return right(client.execute(ReportSlaveIdRequest(unit=unit))).identifier.decode(errors="replace")
    if what == "identity":
        request = ReadDeviceInformationRequest(read_code=2, object_id=0, unit=unit)
        return right(client.execute(request)).information[0].decode()
    sys.exit(f"unknown command {what}")


for line in sys.stdin:
    try:
        print(act(line.split()), flush=True)
    except Refused as refused:
        print(f"exception {refused}", flush=True)
client.close()

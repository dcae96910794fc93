/* Reads a PLC with libmodbus and writes it: <port> <unit>. Prints one line per table, what was read back last. */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>

static int failed(const char *what) {
  fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  uint16_t words[125];
  uint8_t bits[2000];
  modbus_t *ctx = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  modbus_set_slave(ctx, atoi(argv[2]));
  modbus_set_response_timeout(ctx, 10, 0);
  if (modbus_connect(ctx) != 0) return failed("connect");
  if (modbus_read_input_registers(ctx, 0, 23, words) != 23) return failed("input registers");
  printf("input");
  for (int i = 0; i < 23; i++) printf(" %u", words[i]);
  if (modbus_read_input_bits(ctx, 0, 8, bits) != 8) return failed("discrete inputs");
  printf("\ndiscrete");
  for (int i = 0; i < 8; i++) printf(" %u", bits[i]);
  uint16_t pair[2] = {310, 460}, one[1] = {950};
  if (modbus_write_register(ctx, 2, 611) != 1) return failed("write one");
  if (modbus_write_registers(ctx, 0, 2, pair) != 2) return failed("write many");
  if (modbus_mask_write_register(ctx, 4, 0xff00, 0x0012) != 1) return failed("mask write");
  if (modbus_write_and_read_registers(ctx, 5, 1, one, 0, 7, words) != 7) return failed("write and read");
  printf("\nholding");
  for (int i = 0; i < 7; i++) printf(" %u", words[i]);
  if (modbus_write_bit(ctx, 3, 1) != 1) return failed("write coil");
  if (modbus_read_bits(ctx, 0, 5, bits) != 5) return failed("coils");
  printf("\ncoils");
  for (int i = 0; i < 5; i++) printf(" %u", bits[i]);
  printf("\ngap %s\n", modbus_read_registers(ctx, 5000, 1, words) < 0 && errno == EMBXILADD ? "refused" : "answered");
  modbus_close(ctx);
  modbus_free(ctx);
  return 0;
}

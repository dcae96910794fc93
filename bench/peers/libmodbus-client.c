/* Reads 125 holding registers again and again with libmodbus and tells the CPU time it took. <port> <reads> */
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static double cpu(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  uint16_t values[125];
  long registers = 0;
  modbus_t *ctx = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  modbus_set_slave(ctx, 1);
  if (modbus_connect(ctx) != 0) return 1;
  modbus_read_registers(ctx, 0, 125, values);
  double before = cpu();
  for (int i = 0, reads = atoi(argv[2]); i < reads; i++) {
    int got = modbus_read_registers(ctx, 0, 125, values);
    if (got < 0) return 1;
    registers += got;
  }
  printf("{\"cpuSeconds\": %f, \"registers\": %ld}\n", cpu() - before, registers);
  modbus_close(ctx);
  return 0;
}

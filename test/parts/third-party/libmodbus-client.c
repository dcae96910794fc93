/* Reads and writes a PLC with libmodbus: <port or serial line> <unit>. One command a line, one line as its answer; modbus-clients.ts
   says which. Floats are put together and taken apart by libmodbus itself. */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static modbus_t *ctx;
static uint16_t words[125];
static uint8_t bits[2000];

static int lengthOf(const char *form) {
  if (strstr(form, "64") != NULL) return 4;
  return strstr(form, "32") != NULL ? 2 : 1;
}

static int swapped(const char *order) { return strcmp(order, "CDAB") == 0 || strcmp(order, "DCBA") == 0; }
static int turned(const char *order) { return strcmp(order, "BADC") == 0 || strcmp(order, "DCBA") == 0; }

static uint16_t turn(uint16_t word, const char *order) { return turned(order) ? (uint16_t)(word << 8 | word >> 8) : word; }

static int fetch(const char *table, int address, int count) {
  if (strcmp(table, "coils") == 0) return modbus_read_bits(ctx, address, count, bits);
  if (strcmp(table, "discreteInputs") == 0) return modbus_read_input_bits(ctx, address, count, bits);
  if (strcmp(table, "inputRegisters") == 0) return modbus_read_input_registers(ctx, address, count, words);
  return modbus_read_registers(ctx, address, count, words);
}

static int isBits(const char *table) { return strcmp(table, "coils") == 0 || strcmp(table, "discreteInputs") == 0; }

static void refused(void) {
  if (errno > MODBUS_ENOBASE && errno < EMBBADCRC) printf("exception %d\n", errno - MODBUS_ENOBASE);
  else printf("failed %s\n", modbus_strerror(errno));
}

static void printValue(const char *form, const char *order) {
  if (strcmp(form, "uint16") == 0) printf("%u\n", words[0]);
  else if (strcmp(form, "int16") == 0) printf("%d\n", (int16_t)words[0]);
  else if (strcmp(form, "bit") == 0) printf("%d\n", words[0] >> atoi(order) & 1);
  else if (strcmp(form, "float32") == 0) {
    float value = strcmp(order, "CDAB") == 0   ? modbus_get_float_cdab(words)
                  : strcmp(order, "BADC") == 0 ? modbus_get_float_badc(words)
                  : strcmp(order, "DCBA") == 0 ? modbus_get_float_dcba(words)
                                               : modbus_get_float_abcd(words);
    printf("%.9g\n", value);
  } else {
    uint16_t in[4];
    int length = lengthOf(form);
    for (int i = 0; i < length; i++) in[i] = turn(words[swapped(order) ? length - 1 - i : i], order);
    if (length == 2) {
      uint32_t whole = MODBUS_GET_INT32_FROM_INT16(in, 0);
      if (form[0] == 'u') printf("%u\n", whole);
      else printf("%d\n", (int32_t)whole);
    } else {
      uint64_t whole = MODBUS_GET_INT64_FROM_INT16(in, 0);
      double value;
      memcpy(&value, &whole, sizeof value);
      printf("%.17g\n", value);
    }
  }
}

static int put(const char *table, int address, const char *form, const char *order, double value) {
  if (strcmp(table, "coils") == 0) return modbus_write_bit(ctx, address, value != 0);
  if (lengthOf(form) == 1) return modbus_write_register(ctx, address, (uint16_t)(int32_t)value);
  if (strcmp(form, "float32") != 0) return -1;
  /* The low word comes first. The setters that name an order turn bytes round in libmodbus 3.1.6. */
  uint16_t pair[2];
  modbus_set_float((float)value, pair);
  for (int i = 0; i < 2; i++) words[i] = turn(pair[swapped(order) ? i : 1 - i], order);
  return modbus_write_registers(ctx, address, 2, words);
}

static void act(char **word, int count) {
  if (strcmp(word[0], "read") == 0 && count == 5) {
    int address = atoi(word[2]);
    if (fetch(word[1], address, isBits(word[1]) ? 1 : lengthOf(word[3])) < 0) refused();
    else if (isBits(word[1])) printf("%d\n", bits[0]);
    else printValue(word[3], word[4]);
  } else if (strcmp(word[0], "write") == 0 && count == 6) {
    if (put(word[1], atoi(word[2]), word[3], word[4], atof(word[5])) < 0) refused();
    else printf("done\n");
  } else if (strcmp(word[0], "block") == 0 && count == 4) {
    int length = atoi(word[3]);
    if (fetch(word[1], atoi(word[2]), length) < 0) {
      refused();
      return;
    }
    for (int i = 0; i < length; i++) printf("%s%u", i == 0 ? "" : " ", isBits(word[1]) ? bits[i] : words[i]);
    printf("\n");
  } else if (strcmp(word[0], "mask") == 0 && count == 4) {
    if (modbus_mask_write_register(ctx, atoi(word[1]), (uint16_t)atoi(word[2]), (uint16_t)atoi(word[3])) < 0) refused();
    else printf("done\n");
  } else if (strcmp(word[0], "exchange") == 0 && count > 4) {
    uint16_t out[16];
    for (int i = 4; i < count; i++) out[i - 4] = (uint16_t)atoi(word[i]);
    int length = atoi(word[2]);
    if (modbus_write_and_read_registers(ctx, atoi(word[3]), count - 4, out, atoi(word[1]), length, words) < 0) {
      refused();
      return;
    }
    for (int i = 0; i < length; i++) printf("%s%u", i == 0 ? "" : " ", words[i]);
    printf("\n");
  } else if (strcmp(word[0], "identity") == 0) {
    int length = modbus_report_slave_id(ctx, sizeof bits, bits);
    if (length < 2) refused();
    else printf("%.*s\n", length - 2, (char *)bits + 2);
  } else {
    printf("unknown command\n");
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  ctx = argv[1][0] == '/' ? modbus_new_rtu(argv[1], 115200, 'N', 8, 1) : modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  modbus_set_slave(ctx, atoi(argv[2]));
  modbus_set_response_timeout(ctx, 20, 0);
  /* Bytes of a serial line come in pieces on a busy machine. */
  modbus_set_byte_timeout(ctx, 5, 0);
  if (modbus_connect(ctx) != 0) return 1;
  char line[512], *word[24];
  while (fflush(stdout) == 0 && fgets(line, sizeof line, stdin) != NULL) {
    int count = 0;
    for (char *one = strtok(line, " \n"); one != NULL && count < 24; one = strtok(NULL, " \n")) word[count++] = one;
    if (count > 0) act(word, count);
  }
  modbus_close(ctx);
  modbus_free(ctx);
  return 0;
}

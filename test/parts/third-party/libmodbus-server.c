/* A Modbus TCP server of another family (libmodbus). Every value is a function of its address and of the time, as in
   pymodbus-server.py: register 0 holds the counter, register a holds (31 a + counter) mod 65536. */
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define REGISTERS 2000

static uint16_t counter(void) {
  struct timeval now;
  gettimeofday(&now, NULL);
  return (uint16_t)((uint64_t)now.tv_sec * 5 + (uint64_t)now.tv_usec / 200000);
}

static void fill(modbus_mapping_t *map) {
  uint16_t now = counter();
  for (int a = 0; a < REGISTERS; a++) {
    uint16_t value = a == 0 ? now : (uint16_t)(31 * a + now);
    map->tab_registers[a] = map->tab_input_registers[a] = value;
    map->tab_bits[a] = map->tab_input_bits[a] = (uint8_t)((a + now) & 1);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  modbus_t *ctx = modbus_new_tcp("127.0.0.1", atoi(argv[1]));
  modbus_mapping_t *map = modbus_mapping_new(REGISTERS, REGISTERS, REGISTERS, REGISTERS);
  int listener = modbus_tcp_listen(ctx, 8);
  if (listener < 0 || map == NULL) {
    fprintf(stderr, "cannot listen: %s\n", modbus_strerror(errno));
    return 1;
  }
  fd_set open;
  int highest = listener;
  FD_ZERO(&open);
  FD_SET(listener, &open);
  for (;;) {
    fd_set ready = open;
    if (select(highest + 1, &ready, NULL, NULL, NULL) < 0) return 1;
    for (int fd = 0; fd <= highest; fd++) {
      if (!FD_ISSET(fd, &ready)) continue;
      if (fd == listener) {
        int client = accept(listener, NULL, NULL);
        if (client < 0 || client >= FD_SETSIZE) continue;
        FD_SET(client, &open);
        if (client > highest) highest = client;
        continue;
      }
      uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
      modbus_set_socket(ctx, fd);
      int length = modbus_receive(ctx, request);
      if (length > 0) {
        fill(map);
        modbus_reply(ctx, request, length, map);
      } else if (length < 0) {
        close(fd);
        FD_CLR(fd, &open);
      }
    }
  }
}

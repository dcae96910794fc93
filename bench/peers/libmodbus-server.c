/* The tightest Modbus TCP server that libmodbus' own example gives: poll, modbus_receive, modbus_reply on a fixed mapping of 200
   registers. Takes a free port and prints it; asked for its cost by a line on stdin, it prints CPU microseconds and RSS bytes. */
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 256

static void tell_cost(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  long long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  printf("%lld %ld\n", cpu, usage.ru_maxrss * 1024L);
  fflush(stdout);
}

int main(void) {
  modbus_t *ctx = modbus_new_tcp("127.0.0.1", 0);
  modbus_mapping_t *map = modbus_mapping_new(0, 0, 200, 0);
  int listener = modbus_tcp_listen(ctx, 64);
  if (listener < 0 || map == NULL) return 1;
  for (int i = 0; i < 200; i++) map->tab_registers[i] = (uint16_t)i;
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  struct pollfd watched[CLIENTS + 2] = {{.fd = listener, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  int count = 2;
  for (;;) {
    if (poll(watched, count, -1) < 0) return 1;
    for (int i = count - 1; i >= 2; i--) {
      if (watched[i].revents == 0) continue;
      uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
      modbus_set_socket(ctx, watched[i].fd);
      int length = modbus_receive(ctx, request);
      if (length > 0) modbus_reply(ctx, request, length, map);
      else if (length < 0) {
        close(watched[i].fd);
        watched[i] = watched[--count];
      }
    }
    if (watched[1].revents != 0) {
      char line[16];
      if (read(0, line, sizeof line) <= 0) return 0;
      tell_cost();
    }
    if (watched[0].revents != 0 && count < CLIENTS + 2) {
      int fd = accept(listener, NULL, NULL);
      if (fd >= 0) watched[count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
  }
}

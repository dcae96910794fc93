/* Keeps requests for holding registers outstanding on each of its connections and counts the replies; so small that the server under
   test sets the pace. <port> <connections> <outstanding> <registers> <milliseconds>: prints replies and seconds, after a warm-up of a
   fifth of the time. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_CONNECTIONS 256
#define MOST_OUTSTANDING 256
#define REQUEST 12

static int registers;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void ask(int fd, int count) {
  static unsigned char block[REQUEST * MOST_OUTSTANDING];
  static unsigned short transaction;
  for (int i = 0; i < count; i++) {
    transaction++;
    unsigned char request[REQUEST] = {transaction >> 8, transaction, 0, 0, 0, 6, 1, 3, 0, 0, registers >> 8, registers};
    memcpy(block + i * REQUEST, request, REQUEST);
  }
  if (write(fd, block, count * REQUEST) != count * REQUEST) exit(3);
}

/* Takes what has come and asks as often again; gives the number of whole replies. */
static int take(int fd, int *rest) {
  static unsigned char bytes[1 << 16];
  int size = 9 + registers * 2;
  int got = read(fd, bytes, sizeof bytes);
  if (got <= 0) exit(4);
  if (*rest == 0 && got >= size && (bytes[7] != 3 || bytes[8] != registers * 2)) exit(5);
  int whole = (*rest + got) / size;
  *rest = (*rest + got) % size;
  if (whole > 0) ask(fd, whole);
  return whole;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  int connections = atoi(argv[2]), outstanding = atoi(argv[3]);
  registers = atoi(argv[4]);
  double seconds = atoi(argv[5]) / 1000.0;
  if (connections > MOST_CONNECTIONS || outstanding > MOST_OUTSTANDING || registers > 125) return 2;
  static struct pollfd watched[MOST_CONNECTIONS];
  static int rest[MOST_CONNECTIONS];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (int i = 0, one = 1; i < connections; i++) {
    watched[i] = (struct pollfd){.fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN};
    setsockopt(watched[i].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(watched[i].fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    ask(watched[i].fd, outstanding);
  }
  long replies = 0;
  double begin = now() + seconds / 5, at = now();
  for (int isWarm = 0; at < begin + seconds; at = now()) {
    if (!isWarm && at >= begin) {
      isWarm = 1;
      begin = at;
      replies = 0;
    }
    if (connections == 1) {
      replies += take(watched[0].fd, &rest[0]);
      continue;
    }
    if (poll(watched, connections, 1000) < 0) return 1;
    for (int i = 0; i < connections; i++)
      if (watched[i].revents != 0) replies += take(watched[i].fd, &rest[i]);
  }
  printf("%ld %f\n", replies, at - begin);
  return 0;
}

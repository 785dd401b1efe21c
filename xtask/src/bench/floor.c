/* The floor: what the kernel costs when the server costs nothing.
 *
 * One edge-triggered epoll loop, one recv and one send per readable event, a constant answer. Nothing is
 * parsed, no error is handled beyond closing the connection, nothing has a deadline. A server that does its
 * work for free would be as fast as this program on the same system calls.
 *
 *   floor small PORT [WORKERS]   one answer per readable event
 *   floor pipelined PORT         one answer per blank line, all of them in one send
 *   floor close PORT             one answer, then close
 *   floor body PORT SIZE         a body of SIZE bytes by send from memory
 *   floor sendfile PORT SIZE     the same by sendfile from a file in memory
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 512
#define WORKERS_MAX 64
#define CONNECTIONS_MAX 32768
#define PIPELINE_MAX 1024
#define HEAD "HTTP/1.1 200 OK\r\nServer: F\r\nDate: Mon, 23 Nov 2026 01:00:00 GMT\r\nContent-Type: "

static const char answer[] = HEAD "text/plain\r\nContent-Length: 13\r\n\r\nHello, World!";
enum { answer_len = sizeof answer - 1 };

enum mode { SMALL, PIPELINED, CLOSE, BODY, SENDFILE };

static enum mode mode;
static char *batch;               /* PIPELINE_MAX answers in a row */
static char *whole;               /* head and body of a large answer */
static size_t head_len, body_len; /* of that answer */
static int body_fd;               /* its body as a file */
static struct { size_t sent; unsigned owed; } progress[CONNECTIONS_MAX];
static __thread char desk[65536];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int listen_on(int port) {
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4096)) die("floor: bind");
  return fd;
}

static void watch(int epoll, int fd, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* How many requests end in these bytes. */
static size_t blank_lines(const char *at, const char *end) {
  size_t count = 0;
  while ((at = memmem(at, end - at, "\r\n\r\n", 4))) count++, at += 4;
  return count;
}

/* Sends what is owed of large answers until the socket takes no more. */
static void pump(int fd) {
  while (progress[fd].owed) {
    size_t sent = progress[fd].sent, total = head_len + body_len;
    ssize_t n;
    if (mode == BODY) {
      n = send(fd, whole + sent, total - sent, MSG_NOSIGNAL);
    } else if (sent < head_len) {
      n = send(fd, whole + sent, head_len - sent, MSG_MORE | MSG_NOSIGNAL);
    } else {
      off_t from = sent - head_len;
      n = sendfile(fd, body_fd, &from, total - sent);
    }
    if (n < 0) return;
    progress[fd].sent = sent + n;
    if (progress[fd].sent == total) progress[fd].sent = 0, progress[fd].owed--;
  }
}

static void serve(int fd, unsigned events) {
  if (events & EPOLLIN) {
    ssize_t n = recv(fd, desk, sizeof desk, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      progress[fd].sent = 0, progress[fd].owed = 0;
      close(fd);
      return;
    }
    if (mode == PIPELINED) {
      size_t count = blank_lines(desk, desk + n);
      if (count) send(fd, batch, (count < PIPELINE_MAX ? count : PIPELINE_MAX) * answer_len, MSG_NOSIGNAL);
    } else if (mode == SMALL) {
      send(fd, answer, answer_len, MSG_NOSIGNAL);
    } else if (mode == CLOSE) {
      send(fd, answer, answer_len, MSG_NOSIGNAL);
      close(fd);
    } else {
      progress[fd].owed++;
    }
  }
  if (mode >= BODY) pump(fd);
}

static void loop(int epoll, int listener) {
  struct epoll_event events[EVENTS];
  unsigned interest = EPOLLIN | EPOLLET | (mode >= BODY ? EPOLLOUT : 0);
  for (;;) {
    int n = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd, peer;
      if (fd != listener) serve(fd, events[i].events);
      else while ((peer = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) watch(epoll, peer, interest);
    }
  }
}

static void *worker(void *epoll) {
  loop((int)(long)epoll, -1);
  return 0;
}

/* With several workers the main thread accepts and deals the connections out in turn. */
static void deal(int listener, int workers) {
  int epolls[WORKERS_MAX];
  for (int i = 0; i < workers; i++) {
    pthread_t thread;
    epolls[i] = epoll_create1(0);
    if (pthread_create(&thread, 0, worker, (void *)(long)epolls[i])) die("floor: thread");
  }
  for (unsigned next = 0;; next++) {
    int peer = accept4(listener, 0, 0, SOCK_NONBLOCK);
    if (peer >= 0) watch(epolls[next % workers], peer, EPOLLIN | EPOLLET);
  }
}

static void prepare_body(size_t size) {
  char head[256];
  body_len = size;
  head_len = sprintf(head, HEAD "application/octet-stream\r\nContent-Length: %zu\r\n\r\n", size);
  whole = malloc(head_len + size);
  memcpy(whole, head, head_len);
  memset(whole + head_len, 'x', size);
  if (mode != SENDFILE) return;
  body_fd = memfd_create("body", 0);
  if (write(body_fd, whole + head_len, size) != (ssize_t)size) die("floor: memfd");
}

int main(int argc, char **argv) {
  static const char *names[] = {"small", "pipelined", "close", "body", "sendfile"};
  int known = 0, extra = argc > 3 ? atoi(argv[3]) : 1;
  for (int i = 0; argc > 2 && i < 5; i++)
    if (!strcmp(argv[1], names[i])) mode = i, known = 1;
  if (!known || extra < 1 || (mode < BODY && extra > WORKERS_MAX)) return fputs("usage: see floor.c\n", stderr), 2;
  signal(SIGPIPE, SIG_IGN);
  if (mode >= BODY) prepare_body(extra);
  if (mode == PIPELINED) {
    batch = malloc((size_t)PIPELINE_MAX * answer_len);
    for (int i = 0; i < PIPELINE_MAX; i++) memcpy(batch + (size_t)i * answer_len, answer, answer_len);
  }
  int listener = listen_on(atoi(argv[2]));
  if (mode < BODY && extra > 1) deal(listener, extra);
  int epoll = epoll_create1(0);
  /* The loop accepts until nothing waits, so the listener must not block. */
  fcntl(listener, F_SETFL, O_NONBLOCK);
  watch(epoll, listener, EPOLLIN);
  loop(epoll, listener);
  return 0;
}

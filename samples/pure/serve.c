/*
 * Serves the files of a directory over HTTP. It holds two capabilities and finds them by name: 'http', a socket on which it
 * accepts, and 'pages', a directory. It could not name another socket or another file if it wanted to: it has no path, and no call
 * that makes a socket. No '..' leads out of its directory, because that is the root of a mount of its own; elsewhere it would.
 *
 * One thread serves all clients, none of which can keep it: each has a buffer of its own, and a time by which it has to be done.
 */
#define _GNU_SOURCE
#include <embryo.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

enum { CLIENTS = 64, SECONDS = 5, SLOWEST = 16384 /* bytes a second */, REQUEST = 4096, HEAD = 256 };

struct client {
  int socket; /* -1: this place is free */
  int file;   /* what is sent after the head, or -1 */
  time_t deadline;
  off_t left; /* of the file: as much as the head says, also if it grows */
  size_t read, head, sent; /* of the request; of the answer's head, and what of that is sent */
  char request[REQUEST], answer[HEAD];
};

static struct client clients[CLIENTS];

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

static void finish(struct client *client) {
  if (client->file >= 0) close(client->file);
  close(client->socket);
  client->socket = client->file = -1;
}

/* The name of the file that is asked for, or NULL: GET, a path, and a version. */
static const char *name(char *request) {
  if (strncmp(request, "GET /", 5)) return NULL;
  char *name = request + 5;
  size_t length = strcspn(name, " ?\r\n");
  if (name[length] != ' ' && name[length] != '?') return NULL;
  name[length] = 0;
  return length ? name : "index.html";
}

static void answer(struct client *client, int pages) {
  struct stat status = {0};
  const char *path = name(client->request), *line = "200 OK";
  if (!path) line = "400 Bad Request";
  else if ((client->file = openat(pages, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0) line = "404 Not Found";
  else if (fstat(client->file, &status) < 0 || !S_ISREG(status.st_mode)) {
    close(client->file);
    client->file = -1;
    status.st_size = 0;
    line = "404 Not Found";
  }
  client->left = status.st_size;
  client->deadline = now() + SECONDS + status.st_size / SLOWEST; /* all of it has to be taken by then */
  client->head = (size_t)snprintf(client->answer, HEAD, "HTTP/1.0 %s\r\nContent-Length: %lld\r\nConnection: close\r\n\r\n", line,
                                  (long long)status.st_size);
}

/* Whether there is more to come from the client. */
static int receive(struct client *client, int pages) {
  ssize_t got = recv(client->socket, client->request + client->read, REQUEST - 1 - client->read, 0);
  if (got < 0) return errno == EAGAIN;
  client->read += (size_t)got;
  client->request[client->read] = 0;
  int whole = strstr(client->request, "\r\n\r\n") != NULL;
  if (!whole && got > 0 && client->read < REQUEST - 1) return 1;
  if (!whole) client->request[0] = 0; /* cut short, or too long */
  answer(client, pages);
  return 1;
}

/* Whether there is more to be sent. */
static int transmit(struct client *client) {
  while (client->sent < client->head) {
    ssize_t sent = send(client->socket, client->answer + client->sent, client->head - client->sent, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    client->sent += (size_t)sent;
  }
  if (client->file < 0 || client->left == 0) return 0;
  ssize_t sent = sendfile(client->socket, client->file, NULL, client->left < 1 << 16 ? (size_t)client->left : 1 << 16);
  if (sent > 0) client->left -= sent;
  return sent > 0 || (sent < 0 && errno == EAGAIN);
}

static struct client *meet(int http) {
  for (struct client *client = clients; client < clients + CLIENTS; client++) {
    if (client->socket >= 0) continue;
    client->socket = accept4(http, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client->socket < 0) return NULL;
    client->read = client->head = client->sent = 0;
    client->deadline = now() + SECONDS;
    return client;
  }
  return NULL;
}

int main(void) {
  int http = embryo_fd("http"), pages = embryo_fd("pages");
  if (http < 0 || pages < 0 || fcntl(http, F_SETFL, O_NONBLOCK) < 0) {
    fprintf(stderr, "serve: needs the capabilities 'http' and 'pages'\n");
    return 1;
  }
  signal(SIGPIPE, SIG_IGN); /* sendfile has no MSG_NOSIGNAL */
  for (int i = 0; i < CLIENTS; i++) clients[i].socket = clients[i].file = -1;
  for (;;) {
    struct pollfd polled[CLIENTS + 1];
    int full = 1, busy = 0;
    for (int i = 0; i < CLIENTS; i++) {
      full &= clients[i].socket >= 0;
      busy |= clients[i].socket >= 0;
      polled[i] = (struct pollfd){.fd = clients[i].socket, .events = clients[i].head ? POLLOUT : POLLIN};
    }
    polled[CLIENTS] = (struct pollfd){.fd = full ? -1 : http, .events = POLLIN};
    if (poll(polled, CLIENTS + 1, busy ? 1000 : -1) < 0 && errno != EINTR) return 1;
    for (int i = 0; i < CLIENTS; i++) {
      struct client *client = clients + i;
      if (client->socket < 0) continue;
      int more = 1;
      if (polled[i].revents) more = client->head ? transmit(client) : receive(client, pages);
      if (!more || now() >= client->deadline) finish(client);
    }
    if (polled[CLIENTS].revents) meet(http);
  }
}

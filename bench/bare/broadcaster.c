// The bound: the least that a chat server on this kernel can cost. One thread, one epoll; a text frame that comes in goes
// out to everyone in the room, as it is. What is pending for a socket is gathered and written with one send() after each
// round of events. No history, no identity, no acks, no UTF-8 check, no time-outs, no limits.
//
//   cc -O2 -o broadcaster broadcaster.c && ./broadcaster PORT        GET /?room=NAME
//
// With a second argument "each" it writes every delivery on its own instead of gathering.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_MAX = 256 * 1024, EVENTS = 512, ROOMS = 4096 };

struct room;

struct client {
    int fd, upgraded, blocked, dirty;
    struct room *room;
    uint8_t *in, *out;
    size_t in_length, in_size, out_start, out_length, out_size;
};

struct room {
    char name[64];
    struct client **members;
    int count, size;
};

static struct room rooms[ROOMS];
static struct client **dirty;
static int dirty_count, dirty_size, epoll, each;

static void *grow(void *memory, size_t *size, size_t needed) {
    if (needed <= *size) return memory;
    *size = needed * 2;
    return realloc(memory, *size);
}

// --- SHA-1 and base64, for the handshake only -------------------------------------------------------------------

static uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void sha1(const char *text, uint8_t digest[20]) {
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t message[128] = {0};
    size_t length = strlen(text), blocks = length + 9 > 64 ? 2 : 1;
    memcpy(message, text, length);
    message[length] = 0x80;
    for (int i = 0; i < 8; i++) message[blocks * 64 - 1 - i] = (uint8_t)(length * 8 >> (8 * i));
    for (size_t block = 0; block < blocks; block++) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 16; i++) memcpy(&w[i], message + block * 64 + i * 4, 4), w[i] = ntohl(w[i]);
        for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
            uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
            uint32_t t = rotate(a, 5) + f + e + k + w[i];
            e = d, d = c, c = rotate(b, 30), b = a, a = t;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t *in, int length, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < length; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (i + 1 < length ? in[i + 1] << 8 : 0) | (i + 2 < length ? in[i + 2] : 0);
        for (int j = 0; j < 4; j++) *out++ = i + j > length ? '=' : digits[v >> (18 - 6 * j) & 63];
    }
    *out = 0;
}

// --- clients ----------------------------------------------------------------------------------------------------

static void watch(struct client *client, int writes) {
    struct epoll_event event = {.events = EPOLLIN | (writes ? EPOLLOUT : 0), .data.ptr = client};
    epoll_ctl(epoll, EPOLL_CTL_MOD, client->fd, &event);
    client->blocked = writes;
}

static void flush(struct client *client) {
    while (client->out_length > 0) {
        ssize_t sent = send(client->fd, client->out + client->out_start, client->out_length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            if (errno == EAGAIN && !client->blocked) watch(client, 1);
            return;
        }
        client->out_start += sent, client->out_length -= sent;
    }
    client->out_start = 0;
    if (client->blocked) watch(client, 0);
}

static void append(struct client *client, const uint8_t *bytes, size_t length) {
    client->out = grow(client->out, &client->out_size, client->out_start + client->out_length + length);
    memcpy(client->out + client->out_start + client->out_length, bytes, length);
    client->out_length += length;
    if (each) {
        if (!client->blocked) flush(client);
    } else if (!client->dirty) {
        client->dirty = 1;
        if (dirty_count == dirty_size) dirty = realloc(dirty, (dirty_size = dirty_size * 2 + 64) * sizeof *dirty);
        dirty[dirty_count++] = client;
    }
}

static void broadcast(struct room *room, const uint8_t *payload, size_t length) {
    static uint8_t frame[READ_MAX + 10];
    size_t header = length < 126 ? 2 : 4;
    frame[0] = 0x81, frame[1] = length < 126 ? length : 126;
    if (header == 4) frame[2] = length >> 8, frame[3] = length;
    memcpy(frame + header, payload, length);
    for (int i = 0; i < room->count; i++) append(room->members[i], frame, header + length);
}

static void join(struct client *client, const char *name, size_t length) {
    struct room *room = rooms;
    if (length > 63) length = 63;
    while (room->name[0] && (strncmp(room->name, name, length) || room->name[length])) room++;
    memcpy(room->name, name, length);
    if (room->count == room->size) room->members = realloc(room->members, (room->size = room->size * 2 + 8) * sizeof *room->members);
    room->members[room->count++] = client;
    client->room = room;
}

static void leave(struct client *client) {
    for (int i = 0; client->room && i < client->room->count; i++)
        if (client->room->members[i] == client) client->room->members[i] = client->room->members[--client->room->count];
    for (int i = 0; i < dirty_count; i++)
        if (dirty[i] == client) dirty[i] = dirty[--dirty_count];
    close(client->fd);
    free(client->in), free(client->out), free(client);
}

static size_t upgrade(struct client *client) {
    uint8_t *end = memmem(client->in, client->in_length, "\r\n\r\n", 4);
    if (!end) return 0;
    *end = 0;
    char *head = (char *)client->in, *key = strcasestr(head, "sec-websocket-key:"), *room = strstr(head, "room=");
    if (!key || !room) return client->in_length;
    char text[128], encoded[40], answer[256];
    uint8_t digest[20];
    key += strspn(key + 18, " ") + 18;
    snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    sha1(text, digest);
    base64(digest, 20, encoded);
    int length = snprintf(answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", encoded);
    append(client, (uint8_t *)answer, length);
    join(client, room + 5, strcspn(room + 5, " &\r"));
    client->upgraded = 1;
    return end + 4 - client->in;
}

static size_t take_frame(struct client *client, uint8_t *at, size_t length) {
    if (length < 6) return 0;
    size_t payload = at[1] & 127, header = 6;
    if (payload == 126) {
        if (length < 8) return 0;
        payload = at[2] << 8 | at[3], header = 8;
    }
    if (length < header + payload) return 0;
    uint8_t *mask = at + header - 4, *text = at + header;
    for (size_t i = 0; i < payload; i++) text[i] ^= mask[i & 3];
    if ((at[0] & 15) == 1) broadcast(client->room, text, payload);
    return header + payload;
}

// Answers whether the client is still there.
static int receive(struct client *client) {
    client->in = grow(client->in, &client->in_size, client->in_length + 16 * 1024);
    ssize_t count = recv(client->fd, client->in + client->in_length, client->in_size - client->in_length, MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN)) return leave(client), 0;
    if (count < 0) return 1;
    client->in_length += count;
    size_t at = 0, taken;
    while (at < client->in_length
        && (taken = client->upgraded ? take_frame(client, client->in + at, client->in_length - at) : upgrade(client)) > 0) at += taken;
    memmove(client->in, client->in + at, client->in_length -= at);
    return 1;
}

static void accept_all(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
        struct client *client = calloc(1, sizeof *client);
        client->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int count, char **arguments) {
    if (count < 2) return fprintf(stderr, "usage: broadcaster PORT [each]\n"), 2;
    each = count > 2;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    signal(SIGPIPE, SIG_IGN);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])), .sin_addr.s_addr = htonl(INADDR_ANY)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) return perror("listen"), 1;
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = 0}, events[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;
            if (!client) accept_all(listener);
            else if (!(events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) || receive(client))
                if (events[i].events & EPOLLOUT) flush(client);
        }
        for (int i = 0; i < dirty_count; i++) {
            dirty[i]->dirty = 0;
            if (!dirty[i]->blocked) flush(dirty[i]);
        }
        dirty_count = 0;
    }
}

/* Stands between a program and libc (LD_PRELOAD): writes down, in order, everything that the program does to the
 * files beneath one directory, and makes its n-th change fail when it is told to. Refuses nothing by itself: what it
 * cannot write down exactly (a shared writable mapping, splice, stdio) is written down as unknown, and the reader of
 * the log refuses that.
 *
 * Environment: AMBANG_SHIM_UNDER (a real path), AMBANG_SHIM_LOG (the log; without it nothing is written down).
 * One record: struct head, then path, second path, data (tests/disk_log.py reads it):
 *   C create  W write  T truncate  A allocate  M mode  S fsync  R rename  L link  U unlink  D mkdir  X rmdir
 *   ! a mark of the program  ? what cannot be written down
 */
#include "shim.h"

struct head {
  uint8_t op, pad[3];
  uint32_t path_size, other_size, data_size;
  uint64_t inode, number; /* number: offset, size or mode */
};

pthread_mutex_t shim_turn = PTHREAD_MUTEX_INITIALIZER;
static char under[PATH_MAX];
static size_t under_size;
static int log_fd = -1, paused;
static long calls, fail_from;
static int fail_with, fail_on, fail_kinds, has_failed;

void *shim_real(const char *name) {
  void *found = dlsym(RTLD_NEXT, name);
  if (!found) abort();
  return found;
}

__attribute__((constructor)) static void begin(void) {
  const char *where = getenv("AMBANG_SHIM_UNDER"), *log = getenv("AMBANG_SHIM_LOG");
  if (!where || !realpath(where, under)) return;
  under_size = strlen(under);
  if (!log) return;
  int found = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (found < 0) abort();
  /* out of the way of a program that runs out of descriptors */
  log_fd = fcntl(found, F_DUPFD_CLOEXEC, 200);
  if (log_fd < 0) abort();
  close(found);
}

void shim_put(char op, uint64_t inode, uint64_t number, const char *path, const char *other, const void *data,
                size_t size) {
  if (log_fd < 0 || paused) return;
  struct head head = {.op = (uint8_t)op, .inode = inode, .number = number, .data_size = (uint32_t)size};
  head.path_size = path ? (uint32_t)strlen(path) : 0;
  head.other_size = other ? (uint32_t)strlen(other) : 0;
  struct iovec parts[] = {{&head, sizeof head}, {(void *)path, head.path_size}, {(void *)other, head.other_size},
                          {(void *)data, size}};
  ssize_t all = (ssize_t)(sizeof head + head.path_size + head.other_size + size);
  if (REAL(writev)(log_fd, parts, 4) != all) abort();
}

static int beneath(const char *path) {
  return under_size && !strncmp(path, under, under_size) && (path[under_size] == '/' || !path[under_size]);
}

int shim_watched(int fd, char *path) {
  char link[32];
  if (!under_size || fd < 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, PATH_MAX - 1);
  if (size <= 0) return 0;
  path[size] = 0;
  return beneath(path);
}

int shim_placed(int dir, const char *name, char *path) {
  char whole[2 * PATH_MAX], parent[PATH_MAX];
  if (!under_size || !name || !*name) return 0;
  if (*name == '/') {
    if (snprintf(whole, sizeof whole, "%s", name) >= PATH_MAX) return 0;
  } else {
    char here[PATH_MAX], link[32];
    if (dir == AT_FDCWD) {
      if (!getcwd(here, sizeof here)) return 0;
    } else {
      snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
      ssize_t size = readlink(link, here, sizeof here - 1);
      if (size <= 0) return 0;
      here[size] = 0;
    }
    snprintf(whole, sizeof whole, "%s/%s", here, name);
  }
  for (size_t end = strlen(whole); end > 1 && whole[end - 1] == '/'; end--) whole[end - 1] = 0;
  char *slash = strrchr(whole, '/');
  const char *last = slash + 1;
  *slash = 0;
  if (!realpath(*whole ? whole : "/", parent)) return 0;
  if ((size_t)snprintf(path, PATH_MAX, "%s/%s", parent, last) >= PATH_MAX) return 0;
  return beneath(path);
}

uint64_t shim_inode_of(int fd) {
  struct stat found;
  return fstat(fd, &found) ? 0 : found.st_ino;
}

uint64_t shim_inode_at(const char *path) {
  struct stat found;
  return lstat(path, &found) ? 0 : found.st_ino;
}

int shim_denied(enum kind kind) {
  if (!fail_from || !(fail_kinds & (int)kind)) return 0;
  calls++;
  if (calls != fail_from && !(fail_on && calls > fail_from)) return 0;
  has_failed = 1;
  errno = fail_with;
  return calls == fail_from ? 2 : 1;
}

void shim_unknown(const char *path, const char *what) {
  pthread_mutex_lock(&shim_turn);
  shim_put('?', 0, 0, path, NULL, what, strlen(what));
  pthread_mutex_unlock(&shim_turn);
}

/* -- for the program itself, through ctypes -- */

void shim_mark(const char *text) {
  pthread_mutex_lock(&shim_turn);
  shim_put('!', 0, 0, NULL, NULL, text, strlen(text));
  pthread_mutex_unlock(&shim_turn);
}

/* Write nothing down for a while. */
void shim_pause(int on) { paused = on; }

/* Let the n-th change from now (1, 2, ...) of these kinds fail, and with `on` every later one; n = 0: none. */
void shim_fail(long n, int error, int on, int kinds) {
  pthread_mutex_lock(&shim_turn);
  calls = has_failed = 0;
  fail_from = n, fail_with = error, fail_on = on, fail_kinds = kinds;
  pthread_mutex_unlock(&shim_turn);
}

int shim_has_failed(void) { return has_failed; }


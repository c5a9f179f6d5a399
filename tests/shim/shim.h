/* What the parts of the shim share; see record.c. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) == 8, "64-bit systems only");

enum kind { GROW = 1, SHRINK = 2, SYNC = 4 };

extern pthread_mutex_t shim_turn;

/* libc's own function of this name. */
#define REAL(name) ((__typeof__(&name))shim_real(#name))
void *shim_real(const char *name);

/* Write one record; `op` is listed in record.c. Inside the turn. */
void shim_put(char op, uint64_t inode, uint64_t number, const char *path, const char *other, const void *data,
              size_t size);
/* Write down that something happened that cannot be written down. Takes the turn. */
void shim_unknown(const char *path, const char *what);
/* The real path behind a descriptor, if it lies beneath the directory. */
int shim_watched(int fd, char *path);
/* The real path of a name that need not exist (its last part as it stands), if it lies beneath the directory. */
int shim_placed(int dir, const char *name, char *path);
uint64_t shim_inode_of(int fd);
uint64_t shim_inode_at(const char *path);
/* Count one change inside the turn; 0: go on, 1: fail with errno, 2: the first that fails. */
int shim_denied(enum kind kind);

/* Do CALL, which returns 0 or -1, unless it is denied, then write it down. */
#define CHANGE(kind, CALL, PUT)                 \
  do {                                          \
    pthread_mutex_lock(&shim_turn);             \
    int done = shim_denied(kind) ? -1 : (CALL); \
    int error = errno;                          \
    if (!done) PUT;                             \
    pthread_mutex_unlock(&shim_turn);           \
    errno = error;                              \
    return done;                                \
  } while (0)

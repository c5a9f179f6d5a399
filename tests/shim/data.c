/* The calls that carry or secure data. */
#include "shim.h"

/* Writes at `at`, or where the descriptor stands if at < 0. The first denied write gets half of its bytes to the disk:
 * a disk that gets full says so by a short count, any other fails with it.
 */
static ssize_t written(int fd, const void *data, size_t size, off_t at) {
  pthread_mutex_lock(&shim_turn);
  struct stat found = {0};
  fstat(fd, &found);
  int moves = at < 0, appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
  off_t start = appends ? found.st_size : moves ? lseek(fd, 0, SEEK_CUR) : at;
  int denied = shim_denied(GROW), error = errno;
  ssize_t done = -1;
  if (!denied) {
    done = moves ? REAL(write)(fd, data, size) : REAL(pwrite)(fd, data, size, at);
    error = errno;
  } else if (denied > 1 && size > 1) {
    done = REAL(pwrite)(fd, data, size / 2, start);
  }
  if (done > 0) shim_put('W', found.st_ino, (uint64_t)start, NULL, NULL, data, (size_t)done);
  if (denied && done > 0 && error == ENOSPC) {
    if (moves) lseek(fd, start + done, SEEK_SET);
  } else if (denied) {
    done = -1;
  }
  pthread_mutex_unlock(&shim_turn);
  errno = error;
  return done;
}

ssize_t write(int fd, const void *data, size_t size) {
  char path[PATH_MAX];
  return shim_watched(fd, path) ? written(fd, data, size, -1) : REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  char path[PATH_MAX];
  return shim_watched(fd, path) ? written(fd, data, size, at) : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) { return pwrite(fd, data, size, at); }

/* A short write is allowed: the first part that is not empty. */
static ssize_t first(int fd, const struct iovec *parts, int count, off_t at) {
  for (int i = 0; i < count; i++)
    if (parts[i].iov_len) return written(fd, parts[i].iov_base, parts[i].iov_len, at);
  return 0;
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  char path[PATH_MAX];
  return shim_watched(fd, path) ? first(fd, parts, count, -1) : REAL(writev)(fd, parts, count);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  char path[PATH_MAX];
  return shim_watched(fd, path) ? first(fd, parts, count, at) : REAL(pwritev)(fd, parts, count, at);
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) { return pwritev(fd, parts, count, at); }
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
  char path[PATH_MAX];
  return shim_watched(fd, path) ? first(fd, parts, count, at) : REAL(pwritev2)(fd, parts, count, at, flags);
}
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
  return pwritev2(fd, parts, count, at, flags);
}

/* Copies inside the kernel become a read and a write that can be written down. */
static ssize_t copied(int in, off_t *in_at, int out, off_t *out_at, size_t size) {
  char data[65536];
  if (size > sizeof data) size = sizeof data;
  ssize_t found = in_at ? pread(in, data, size, *in_at) : read(in, data, size);
  if (found <= 0) return found;
  ssize_t done = written(out, data, (size_t)found, out_at ? *out_at : -1);
  if (done < found && !in_at) lseek(in, done < 0 ? -found : done - found, SEEK_CUR);
  if (done > 0 && in_at) *in_at += done;
  if (done > 0 && out_at) *out_at += done;
  return done;
}
ssize_t sendfile(int out, int in, off_t *at, size_t size) {
  char path[PATH_MAX];
  return shim_watched(out, path) ? copied(in, at, out, NULL, size) : REAL(sendfile)(out, in, at, size);
}
ssize_t sendfile64(int out, int in, off_t *at, size_t size) { return sendfile(out, in, at, size); }
ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t size, unsigned flags) {
  char path[PATH_MAX];
  if (!shim_watched(out, path)) return REAL(copy_file_range)(in, in_at, out, out_at, size, flags);
  return copied(in, in_at, out, out_at, size);
}

int ftruncate(int fd, off_t size) {
  char path[PATH_MAX];
  struct stat found;
  if (!shim_watched(fd, path) || fstat(fd, &found)) return REAL(ftruncate)(fd, size);
  CHANGE(size > found.st_size ? GROW : SHRINK, REAL(ftruncate)(fd, size),
         shim_put('T', found.st_ino, (uint64_t)size, NULL, NULL, NULL, 0));
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }
int truncate(const char *name, off_t size) {
  int fd = REAL(open)(name, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int done = ftruncate(fd, size), error = errno;
  close(fd);
  errno = error;
  return done;
}
int truncate64(const char *name, off_t size) { return truncate(name, size); }

/* Returns its error, as its manual says. */
int posix_fallocate(int fd, off_t at, off_t size) {
  char path[PATH_MAX];
  if (!shim_watched(fd, path)) return REAL(posix_fallocate)(fd, at, size);
  pthread_mutex_lock(&shim_turn);
  int error = shim_denied(GROW) ? errno : REAL(posix_fallocate)(fd, at, size);
  if (!error) shim_put('A', shim_inode_of(fd), (uint64_t)(at + size), NULL, NULL, NULL, 0);
  pthread_mutex_unlock(&shim_turn);
  return error;
}
int posix_fallocate64(int fd, off_t at, off_t size) { return posix_fallocate(fd, at, size); }
int fallocate(int fd, int mode, off_t at, off_t size) {
  char path[PATH_MAX];
  if (!shim_watched(fd, path)) return REAL(fallocate)(fd, mode, at, size);
  if (mode) shim_unknown(path, "fallocate");
  CHANGE(GROW, REAL(fallocate)(fd, mode, at, size), shim_put('A', shim_inode_of(fd), (uint64_t)(at + size), NULL, NULL, NULL, 0));
}
int fallocate64(int fd, int mode, off_t at, off_t size) { return fallocate(fd, mode, at, size); }

int fsync(int fd) {
  char path[PATH_MAX];
  if (!shim_watched(fd, path)) return REAL(fsync)(fd);
  CHANGE(SYNC, REAL(fsync)(fd), shim_put('S', shim_inode_of(fd), 0, path, NULL, NULL, 0));
}
int fdatasync(int fd) {
  char path[PATH_MAX];
  if (!shim_watched(fd, path)) return REAL(fdatasync)(fd);
  CHANGE(SYNC, REAL(fdatasync)(fd), shim_put('S', shim_inode_of(fd), 0, path, NULL, NULL, 0));
}

FILE *fopen(const char *name, const char *mode) {
  char path[PATH_MAX];
  if (strpbrk(mode, "wa+") && shim_placed(AT_FDCWD, name, path)) shim_unknown(path, "fopen");
  return REAL(fopen)(name, mode);
}
FILE *fopen64(const char *name, const char *mode) { return fopen(name, mode); }

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  char path[PATH_MAX];
  if ((flags & MAP_SHARED) && (protection & PROT_WRITE) && shim_watched(fd, path)) shim_unknown(path, "mmap");
  return REAL(mmap)(at, size, protection, flags, fd, offset);
}
void *mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset) {
  return mmap(at, size, protection, flags, fd, offset);
}

ssize_t splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t size, unsigned flags) {
  char path[PATH_MAX];
  if (shim_watched(out, path)) shim_unknown(path, "splice");
  return REAL(splice)(in, in_at, out, out_at, size, flags);
}


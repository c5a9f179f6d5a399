/* The calls that make, move and remove names. */
#include "shim.h"

static int opened(int dir, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  int changes = flags & (O_CREAT | O_TRUNC);
  if (!changes || !shim_placed(dir, name, path)) return REAL(openat)(dir, name, flags, mode);
  pthread_mutex_lock(&shim_turn);
  struct stat before;
  int there = !stat(path, &before), fd = -1;
  int grows = !there && (flags & O_CREAT), cuts = there && (flags & O_TRUNC) && before.st_size;
  if (!(grows && shim_denied(GROW)) && !(cuts && shim_denied(SHRINK))) fd = REAL(openat)(dir, name, flags, mode);
  if (fd >= 0) {
    struct stat found;
    fstat(fd, &found);
    if (grows) shim_put('C', found.st_ino, found.st_mode & 07777, path, NULL, NULL, 0);
    if (cuts) shim_put('T', found.st_ino, 0, NULL, NULL, NULL, 0);
    if ((flags & O_TMPFILE) == O_TMPFILE) shim_put('?', 0, 0, path, NULL, "O_TMPFILE", 9);
  }
  pthread_mutex_unlock(&shim_turn);
  return fd;
}

#define MODE(flags)                                  \
  mode_t mode = 0;                                   \
  if ((flags) & (O_CREAT | __O_TMPFILE)) {           \
    va_list more;                                    \
    va_start(more, flags);                           \
    mode = va_arg(more, mode_t);                     \
    va_end(more);                                    \
  }

int open(const char *name, int flags, ...) {
  MODE(flags)
  return opened(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...) {
  MODE(flags)
  return opened(AT_FDCWD, name, flags, mode);
}
int openat(int dir, const char *name, int flags, ...) {
  MODE(flags)
  return opened(dir, name, flags, mode);
}
int openat64(int dir, const char *name, int flags, ...) {
  MODE(flags)
  return opened(dir, name, flags, mode);
}
int __open_2(const char *name, int flags) { return opened(AT_FDCWD, name, flags, 0); }
int __open64_2(const char *name, int flags) { return opened(AT_FDCWD, name, flags, 0); }
int __openat_2(int dir, const char *name, int flags) { return opened(dir, name, flags, 0); }
int __openat64_2(int dir, const char *name, int flags) { return opened(dir, name, flags, 0); }
int creat(const char *name, mode_t mode) { return opened(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *name, mode_t mode) { return creat(name, mode); }

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  char path[PATH_MAX], other[PATH_MAX];
  int here = shim_placed(from, old, path), there = shim_placed(to, new, other);
  if (!here && !there) return REAL(renameat2)(from, old, to, new, flags);
  if (here != there || (flags & ~(unsigned)RENAME_NOREPLACE)) shim_unknown(path, "rename");
  CHANGE(GROW, REAL(renameat2)(from, old, to, new, flags), shim_put('R', shim_inode_at(other), 0, path, other, NULL, 0));
}
int renameat(int from, const char *old, int to, const char *new) { return renameat2(from, old, to, new, 0); }
int rename(const char *old, const char *new) { return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0); }

int unlinkat(int dir, const char *name, int flags) {
  char path[PATH_MAX];
  if (!shim_placed(dir, name, path)) return REAL(unlinkat)(dir, name, flags);
  CHANGE(SHRINK, REAL(unlinkat)(dir, name, flags), shim_put(flags & AT_REMOVEDIR ? 'X' : 'U', 0, 0, path, NULL, NULL, 0));
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }
int remove(const char *name) {
  struct stat found;
  return unlinkat(AT_FDCWD, name, !lstat(name, &found) && S_ISDIR(found.st_mode) ? AT_REMOVEDIR : 0);
}

int linkat(int from, const char *old, int to, const char *new, int flags) {
  char path[PATH_MAX];
  if (!shim_placed(to, new, path)) return REAL(linkat)(from, old, to, new, flags);
  CHANGE(GROW, REAL(linkat)(from, old, to, new, flags), shim_put('L', shim_inode_at(path), 0, path, NULL, NULL, 0));
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int symlinkat(const char *target, int dir, const char *name) {
  char path[PATH_MAX];
  if (shim_placed(dir, name, path)) shim_unknown(path, "symlink");
  return REAL(symlinkat)(target, dir, name);
}
int symlink(const char *target, const char *name) { return symlinkat(target, AT_FDCWD, name); }

int mkdirat(int dir, const char *name, mode_t mode) {
  char path[PATH_MAX];
  if (!shim_placed(dir, name, path)) return REAL(mkdirat)(dir, name, mode);
  CHANGE(GROW, REAL(mkdirat)(dir, name, mode), shim_put('D', shim_inode_at(path), mode, path, NULL, NULL, 0));
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int fchmod(int fd, mode_t mode) {
  char path[PATH_MAX];
  if (!shim_watched(fd, path)) return REAL(fchmod)(fd, mode);
  CHANGE(SHRINK, REAL(fchmod)(fd, mode), shim_put('M', shim_inode_of(fd), mode, NULL, NULL, NULL, 0));
}
int fchmodat(int dir, const char *name, mode_t mode, int flags) {
  char path[PATH_MAX];
  if (!shim_placed(dir, name, path)) return REAL(fchmodat)(dir, name, mode, flags);
  CHANGE(SHRINK, REAL(fchmodat)(dir, name, mode, flags), shim_put('M', shim_inode_at(path), mode, NULL, NULL, NULL, 0));
}
int chmod(const char *name, mode_t mode) { return fchmodat(AT_FDCWD, name, mode, 0); }

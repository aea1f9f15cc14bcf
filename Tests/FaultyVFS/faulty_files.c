/* Files as sectors, and what becomes of them when the power goes. */
#include "faulty_vfs.h"
#include <stdlib.h>
#include <string.h>

uint64_t faulty_random(uint64_t *state) {
    uint64_t mixed = (*state += 0x9E3779B97F4A7C15u);
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

file *faulty_find(const faulty_disk *disk, const char *name) {
    for (file *each = disk->files; each; each = each->next) {
        if (each->name && strcmp(each->name, name) == 0) return each;
    }
    return NULL;
}

file *faulty_add(faulty_disk *disk, const char *name) {
    file *added = calloc(1, sizeof(file));
    if (!added) return NULL;
    if (name && !(added->name = strdup(name))) {
        free(added);
        return NULL;
    }
    added->is_present = 1;
    added->next = disk->files;
    disk->files = added;
    return added;
}

static void file_free(file *file) {
    free(file->name);
    free(file->bytes);
    free(file->undo);
    free(file);
}

void faulty_unlink(faulty_disk *disk, file *gone) {
    for (file **place = &disk->files; *place; place = &(*place)->next) {
        if (*place != gone) continue;
        *place = gone->next;
        file_free(gone);
        return;
    }
}

void faulty_forget(faulty_disk *disk, file *gone) {
    if (!gone->opened) return faulty_unlink(disk, gone);
    /* Those who have it open keep it, without a name. */
    free(gone->name);
    gone->name = NULL;
}

static int reserve(file *file, int64_t size) {
    if (size <= file->room) return 1;
    int64_t room = file->room ? file->room : 16 * FAULTY_SECTOR;
    while (room < size) room *= 2;
    uint8_t *bytes = realloc(file->bytes, room);
    if (!bytes) return 0;
    memset(bytes + file->room, 0, room - file->room);
    file->bytes = bytes;
    file->room = room;
    return 1;
}

/* Keeps what a sector holds before it changes; `sector` -1 keeps the length alone. */
static int keep(file *file, int64_t sector) {
    if (file->undo_count == file->undo_room) {
        int64_t room = file->undo_room ? file->undo_room * 2 : 64;
        undo_entry *undo = realloc(file->undo, room * sizeof(undo_entry));
        if (!undo) return 0;
        file->undo = undo;
        file->undo_room = room;
    }
    undo_entry *entry = &file->undo[file->undo_count++];
    entry->sector = sector;
    entry->size = file->size;
    entry->is_cut = 0;
    if (sector >= 0) {
        memcpy(entry->before, file->bytes + sector * FAULTY_SECTOR, FAULTY_SECTOR);
    }
    return 1;
}

static int keep_all(file *file, int64_t from, int64_t to) {
    for (int64_t sector = from / FAULTY_SECTOR; sector * FAULTY_SECTOR < to; sector++) {
        if (!keep(file, sector)) return 0;
    }
    return 1;
}

int faulty_write(file *file, const void *bytes, int64_t count, int64_t offset) {
    int64_t end = offset + count;
    if (!reserve(file, (end + FAULTY_SECTOR - 1) / FAULTY_SECTOR * FAULTY_SECTOR)) return 0;
    if (!keep_all(file, offset, end)) return 0;
    memcpy(file->bytes + offset, bytes, count);
    if (end > file->size) file->size = end;
    return 1;
}

int faulty_resize(file *file, int64_t size) {
    if (size == file->size) return 1;
    if (!reserve(file, (size + FAULTY_SECTOR - 1) / FAULTY_SECTOR * FAULTY_SECTOR)) return 0;
    int64_t first = file->undo_count;
    int isKept = size < file->size ? keep_all(file, size, file->size) : keep(file, -1);
    if (!isKept) return 0;
    for (int64_t at = first; at < file->undo_count; at++) file->undo[at].is_cut = 1;
    if (size < file->size) memset(file->bytes + size, 0, file->size - size);
    file->size = size;
    return 1;
}

static int is_rewritten(const file *file, int64_t sector) {
    for (int64_t at = file->stuck; at < file->undo_count; at++) {
        if (file->undo[at].sector == sector) return 1;
    }
    return 0;
}

/* After a sync that failed the system takes the pages for clean: only what is written anew is kept
   by the next. */
void faulty_sync(file *file) {
    int64_t left = 0;
    for (int64_t at = 0; at < file->stuck; at++) {
        if (is_rewritten(file, file->undo[at].sector)) continue;
        if (left != at) file->undo[left] = file->undo[at];
        left++;
    }
    file->undo_count = left;
    file->stuck = left;
}

void faulty_sync_names(faulty_disk *disk) {
    file *next;
    for (file *each = disk->files; each; each = next) {
        next = each->next;
        each->is_lasting = each->is_present;
        if (!each->is_present) faulty_forget(disk, each);
    }
}

/* What a sector held after the first `versions` of its writes. */
static void revert(file *file, int64_t sector, int64_t versions) {
    for (int64_t at = 0; at < file->undo_count; at++) {
        if (file->undo[at].sector != sector) continue;
        if (versions-- > 0) continue;
        memcpy(
            file->bytes + sector * FAULTY_SECTOR, file->undo[at].before, FAULTY_SECTOR);
        return;
    }
}

static int is_first_of_cut(const file *file, int64_t at) {
    const undo_entry *entry = &file->undo[at];
    if (!entry->is_cut) return 0;
    return at == 0 || !entry[-1].is_cut || entry[-1].size != entry->size;
}

/* Takes back everything from an entry on. */
static void undo_from(file *file, int64_t from) {
    while (file->undo_count > from) {
        undo_entry *entry = &file->undo[--file->undo_count];
        file->size = entry->size;
        if (entry->sector < 0) continue;
        memcpy(
            file->bytes + entry->sector * FAULTY_SECTOR, entry->before, FAULTY_SECTOR);
    }
}

/* Truncations happen in their order and each as a whole: some of the last are taken back, with all
   that came after them, and all before those are done. */
static void lose_cuts(file *file, uint64_t *random) {
    int64_t cuts = 0, seen = 0, done = 0;
    for (int64_t at = 0; at < file->undo_count; at++) cuts += is_first_of_cut(file, at);
    if (cuts == 0) return;
    int64_t kept = (int64_t)(faulty_random(random) % (uint64_t)(cuts + 1));
    for (int64_t at = 0; at < file->undo_count; at++) {
        seen += is_first_of_cut(file, at);
        if (seen > kept) {
            undo_from(file, at);
            break;
        }
        if (file->undo[at].is_cut) done = at + 1;
    }
    memmove(file->undo, file->undo + done, (file->undo_count - done) * sizeof(undo_entry));
    file->undo_count -= done;
}

static void lose_sectors(file *file, int fate, uint64_t *random) {
    for (int64_t at = 0; at < file->undo_count; at++) {
        int64_t sector = file->undo[at].sector, writes = 0, isFirst = 1;
        if (sector < 0) continue;
        for (int64_t other = 0; other < file->undo_count; other++) {
            if (file->undo[other].sector != sector) continue;
            if (other < at) isFirst = 0;
            writes++;
        }
        if (!isFirst) continue;
        int64_t versions = fate == FAULTY_DROPPED ? 0 : faulty_random(random) % (writes + 1);
        revert(file, sector, versions);
    }
}

void faulty_lose(file *file, int fate, uint64_t *random) {
    if (fate == FAULTY_MIXED) lose_cuts(file, random);
    if (fate != FAULTY_KEPT && file->undo_count > 0) {
        int64_t choice =
            fate == FAULTY_DROPPED ? 0 : faulty_random(random) % (file->undo_count + 1);
        int64_t size = choice < file->undo_count ? file->undo[choice].size : file->size;
        lose_sectors(file, fate, random);
        reserve(file, (size + FAULTY_SECTOR - 1) / FAULTY_SECTOR * FAULTY_SECTOR);
        memset(file->bytes + size, 0, file->room - size);
        file->size = size;
    }
    if (fate == FAULTY_KEPT) return;
    file->undo_count = 0;
    file->stuck = 0;
    file->is_lasting = 1;
}

file *faulty_copied(const file *source) {
    file *copy = calloc(1, sizeof(file));
    if (!copy) return NULL;
    *copy = *source;
    copy->next = NULL;
    copy->opened = NULL;
    copy->name = strdup(source->name);
    copy->bytes = malloc(source->room ? source->room : 1);
    copy->undo_room = source->undo_count;
    copy->undo = malloc((source->undo_count ? source->undo_count : 1) * sizeof(undo_entry));
    if (!copy->name || !copy->bytes || !copy->undo) {
        file_free(copy);
        return NULL;
    }
    if (source->room) memcpy(copy->bytes, source->bytes, source->room);
    if (source->undo_count) {
        memcpy(copy->undo, source->undo, source->undo_count * sizeof(undo_entry));
    }
    return copy;
}

package maskfeat.media;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Indexes of video files, so that each file is read as a whole only once. Those used last stay, up to a number of bytes.
 * A file whose size or time has changed is another file. Thread-safe.
 */
final class VideoIndexes {
    private static final long MOST_BYTES = 256L << 20;
    private static final int SHARE_OF_HEAP = 8;
    private static final int LOCKS = 64;

    private final long mostBytes;
    private final Map<Key, VideoIndex> indexes = new LinkedHashMap<>(16, 0.75f, true);
    private final ReentrantLock[] building = new ReentrantLock[LOCKS];
    private volatile @Nullable Kept kept;
    private long bytes;

    /** A file as it was. */
    record Key(Path file, long size, FileTime time, long maxPixels, int maxFrames) {
        static Key of(Path file, VideoReader.Limits limits) throws IOException {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
            return new Key(
                    file.toAbsolutePath().normalize(),
                    found.size(),
                    found.lastModifiedTime(),
                    limits.maxPixels(),
                    limits.maxFrames());
        }
    }

    interface Build<T> {
        T run(@Nullable VideoIndex known) throws Refused, IOException;
    }

    VideoIndexes() {
        this(Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
    }

    VideoIndexes(long mostBytes) {
        this.mostBytes = mostBytes;
        for (int i = 0; i < LOCKS; i++) {
            building[i] = new ReentrantLock();
        }
    }

    /** Opens a file with its index, or without one; of several threads that have none, one makes it and others wait. */
    <T> T with(Key key, Build<T> build) throws Refused, IOException {
        VideoIndex known = get(key);
        if (known != null) {
            Kept files = kept;
            if (files != null) {
                files.ensure(key, known);
            }
            return build.run(known);
        }
        ReentrantLock lock = building[Math.floorMod(key.hashCode(), LOCKS)];
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
        try {
            known = get(key);
            Kept files = kept;
            if (known == null && files != null) {
                known = files.read(key);
                if (known != null) {
                    keep(key, known);
                }
            }
            return build.run(known);
        } finally {
            lock.unlock();
        }
    }

    synchronized @Nullable VideoIndex get(Key key) {
        return indexes.get(key);
    }

    /** From now on also writes and reads indexes in a folder, or, if null, no longer. */
    void keepIn(@Nullable Path folder, Consumer<String> notices) {
        kept = folder == null ? null : new Kept(folder, notices);
    }

    void put(Key key, VideoIndex index) {
        Kept files = kept;
        if (files != null) {
            files.write(key, index);
        }
        keep(key, index);
    }

    /** Indexes in a folder. Says once that some cannot be read, and once that some cannot be written. */
    private static final class Kept {
        private final Path folder;
        private final Consumer<String> notices;
        private final Set<Key> there = ConcurrentHashMap.newKeySet();
        private final AtomicBoolean unread = new AtomicBoolean();
        private final AtomicBoolean unwritten = new AtomicBoolean();

        Kept(Path folder, Consumer<String> notices) {
            this.folder = folder;
            this.notices = notices;
        }

        @Nullable VideoIndex read(Key key) {
            there.add(key);
            try {
                return IndexFile.read(folder, key);
            } catch (IOException | IllegalArgumentException unusable) {
                if (!unread.getAndSet(true)) {
                    notices.accept("the index of a video in " + IndexFile.in(folder, key) + " is not used ("
                            + unusable.getMessage() + "); it is made again, and so are others of which this is true");
                }
                return null;
            }
        }

        /** Writes an index that was made before there was a folder for it. */
        void ensure(Key key, VideoIndex index) {
            if (there.add(key) && !Files.exists(IndexFile.in(folder, key))) {
                write(key, index);
            }
        }

        void write(Key key, VideoIndex index) {
            there.add(key);
            try {
                IndexFile.write(folder, key, index);
            } catch (IOException full) {
                if (!unwritten.getAndSet(true)) {
                    notices.accept("the index of a video is not kept, and perhaps others: " + full.getMessage());
                }
            }
        }
    }

    private synchronized void keep(Key key, VideoIndex index) {
        VideoIndex before = indexes.put(key, index);
        bytes += index.weight() - (before == null ? 0 : before.weight());
        Iterator<Map.Entry<Key, VideoIndex>> oldest = indexes.entrySet().iterator();
        while (bytes > mostBytes && indexes.size() > 1) {
            bytes -= oldest.next().getValue().weight();
            oldest.remove();
        }
    }
}

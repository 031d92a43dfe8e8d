package maskfeat.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import maskfeat.data.FileCopies.Done;
import maskfeat.data.Preparation.Result;
import maskfeat.data.Preparation.Watcher;
import org.jspecify.annotations.Nullable;

/** Makes copies by several threads while others are packed into shards. */
final class ShardFiles implements ShardedCopy.Maker, AutoCloseable {
    private final FileCopies copies;
    private final Path out;
    private final int files;
    private final ExecutorService pool;
    private final Watcher watcher;
    private final Map<String, Path> byName;
    private final Map<String, Future<Done>> begun = new HashMap<>();
    private final Map<String, Done> done = new HashMap<>();
    private final AtomicInteger finished = new AtomicInteger();
    private int before;

    ShardFiles(FileCopies copies, Path out, int files, int threads, Watcher watcher, Map<String, Path> byName) {
        this.copies = copies;
        this.out = out;
        this.files = files;
        this.pool = Executors.newFixedThreadPool(threads);
        this.watcher = watcher;
        this.byName = byName;
    }

    @Override
    public void start(List<String> names) {
        names.forEach(this::begin);
        before = files - begun.size();
        say();
    }

    private void begin(String name) {
        Path file = byName.get(name);
        if (file != null) {
            begun.computeIfAbsent(
                    name,
                    key -> pool.submit(() -> {
                        Done made = copies.made(file, ShardedCopy.waiting(out, name));
                        finished.incrementAndGet();
                        return made;
                    }));
        }
    }

    private void say() {
        watcher.at(before + finished.get(), files, copies.frames());
    }

    @Override
    public boolean isMade(String name) throws IOException, InterruptedException {
        begin(name);
        Future<Done> future = begun.get(name);
        if (future == null) {
            return true; // set aside; its original is not there any more
        }
        while (!future.isDone()) {
            try {
                future.get(CopyTally.WAIT_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException later) {
                say();
            } catch (ExecutionException failed) {
                break; // said below
            }
        }
        Done made = CopyTally.result(future);
        done.put(name, made);
        say();
        return made.result() != Result.UNREADABLE;
    }

    /** What became of a file that was asked for; null of others. */
    @Nullable Done done(String name) {
        return done.get(name);
    }

    @Override
    public void close() throws InterruptedException {
        pool.shutdownNow();
        pool.awaitTermination(1, TimeUnit.MINUTES); // they delete what they have not finished
    }
}

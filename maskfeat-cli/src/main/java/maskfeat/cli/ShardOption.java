package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import maskfeat.data.Item;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.shard.Job;
import maskfeat.shard.Shard;
import maskfeat.shard.ShardFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether a command does all files or is one of several processes that share them. */
final class ShardOption {
    @Option(
            names = "--shard",
            paramLabel = "I/N",
            description = "Do only every N-th file, from the I-th on, and write a file for 'merge', as one of N "
                    + "processes. A second time, files that have not changed are left as they are.")
    private @Nullable String text;

    /** @throws IllegalArgumentException if what was given is no shard */
    Optional<Shard> shard() {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Shard.parse(text));
        } catch (IllegalArgumentException bad) {
            throw new IllegalArgumentException("--shard " + Launcher.word(text) + ": " + bad.getMessage(), bad);
        }
    }

    /** What is done with the items whose results are not there yet. */
    @FunctionalInterface
    interface Work {
        /** Adds a result for each of {@link ShardFile#rest}. */
        void into(ShardFile results) throws IOException, InterruptedException;
    }

    /**
     * Does a shard, and says so.
     *
     * @param whole where the results of all would be
     */
    static void run(Console console, Path whole, Shard shard, Job job, List<Item> all, Work work)
            throws IOException, InterruptedException {
        run(console, whole, whole, shard, job, all, (item, result) -> true, work);
    }

    /**
     * The same, of results that may not hold though their files have not changed.
     *
     * @param merged what 'merge' is to write
     */
    static void run(
            Console console,
            Path whole,
            Path merged,
            Shard shard,
            Job job,
            List<Item> all,
            ShardFile.Standing standing,
            Work work)
            throws IOException, InterruptedException {
        Path file = shard.fileOf(whole);
        try (ShardFile results = ShardFile.open(file, shard, job, all, standing)) {
            console.say("shard " + shard + ": " + results.size() + " of " + Plural.of(all.size(), "file")
                    + (results.kept() == 0
                            ? ""
                            : ", " + results.kept() + " of them done before and not changed since"));
            if (!results.rest().isEmpty()) {
                work.into(results);
            }
            results.finish();
        }
        console.out().println(file);
        console.out().flush();
        if (shard.number() == 1) { // the others need not say the same
            console.next("merge", merged, allOf(shard, whole));
        }
    }

    /** The files of all shards, as a shell finds them. */
    private static String allOf(Shard shard, Path whole) {
        String number = "-" + shard.number() + "-of-";
        String[] around = PathText.of(shard.fileOf(whole)).split(Pattern.quote(number) + "(?!.*" + number + ")", 2);
        return Launcher.word(around[0] + "-") + "*" + Launcher.word("-of-" + around[1]);
    }
}

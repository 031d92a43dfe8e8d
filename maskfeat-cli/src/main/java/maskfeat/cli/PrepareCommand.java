package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import maskfeat.data.Preparation;
import maskfeat.data.Preparation.Result;
import maskfeat.disk.Plural;
import maskfeat.disk.Printable;
import maskfeat.media.TrainingVideo;
import maskfeat.run.LoaderSpeed;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat data prepare}. */
@Command(
        name = "prepare",
        description = "Writes a copy of a folder of data that training reads faster: videos and images scaled down,"
                + " videos with a key frame every few frames. Names, class folders, lists and the times of frames"
                + " stay. Goes on where it was stopped. Exits with " + Exit.BAD_FILES
                + " if a file cannot be read, after the others.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat data prepare videos videos-256",
            "  maskfeat data prepare photos shards --short-side 224 --shards 1g",
            "",
            "Files keep their names whatever they hold then: videos are MPEG-4 in MP4, images JPEG. So do files in",
            "tar shards, which --data reads as the folder that they hold.",
            "Those that are small and quick to read already are copied as they are. Sound is dropped."
        })
final class PrepareCommand implements Callable<Integer> {
    /** No recipe: nothing is measured. */
    private static final String NONE = "none";

    private static final double MIB = 1 << 20;
    private static final int MOST_NAMED = 3;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "IN",
            description = "Folder, zip or tar file of images, videos or both. Never written to.")
    private Path in = Path.of("");

    @Parameters(
            index = "1",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "OUT",
            description = "Folder to make, outside of IN, or to go on with: what is there and as old as in IN is left.")
    private Path out = Path.of("");

    @Option(
            names = "--short-side",
            paramLabel = "PX",
            description = "Scale the short side to this; smaller ones stay. Default: ${DEFAULT-VALUE}.")
    private int shortSide = 256;

    @Option(
            names = "--gop",
            paramLabel = "FRAMES",
            description = "Key frame of videos at least every so many frames. Default: ${DEFAULT-VALUE}.")
    private int gop = 12;

    @Option(
            names = "--quantiser",
            paramLabel = "N",
            description = "Of videos, 1 (best) to 31. Default: ${DEFAULT-VALUE}.")
    private int quantiser = 3;

    @Option(names = "--quality", paramLabel = "N", description = "Of JPEG, 1 to 100 (best). Default: ${DEFAULT-VALUE}.")
    private int quality = 92;

    @Option(names = "--threads", paramLabel = "N", description = "Files at a time. Default: the processor's cores.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--shards",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "Write tar files, 000000.tar and on, that end once they have so many bytes, in place of a"
                    + " folder of files. Of k, m, g (or KB, MB, GB) 1024, its square, its cube.")
    private @Nullable Long shards;

    @Option(
            names = "--animations",
            completionCandidates = Choices.Animations.class,
            paramLabel = "WHAT",
            description = "What GIF and APNG become: videos, images (large GIFs their first picture) or copied (as they"
                    + " are). Default: what most of the other files are.")
    private Preparation.@Nullable Animations animations;

    @Option(
            names = "--delete-extra",
            description = "Delete copies whose originals are not in IN any more. Files that this command has not"
                    + " written, or that have changed since, stay.")
    private boolean deleteExtra;

    @Option(
            names = "--dry-run",
            description = "Say what would be done, and write nothing. Images are read; of videos the index, so that a"
                    + " damaged frame shows only when they are coded, as the size of the copy does.")
    private boolean dryRun;

    @Option(
            names = "--recipe",
            paramLabel = "RECIPE",
            completionCandidates = RecipeNames.class,
            description = "Measure how fast its samples are made of IN and of OUT in the end, for some seconds; 'none'"
                    + " measures nothing. Default: one of the paper's, for what most of the files are.")
    private @Nullable String recipe;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (threads < 1) {
            throw new IllegalArgumentException("--threads " + threads + " must be at least 1");
        }
        TrainingVideo.Config video = new TrainingVideo.Config(shortSide, gop, quantiser);
        Preparation preparation = Preparation.of(
                in,
                out,
                new Preparation.Config(
                        video,
                        quality,
                        shards == null ? OptionalLong.empty() : OptionalLong.of(shards),
                        Optional.ofNullable(animations)));
        String of = recipe == null ? preparation.isMostlyVideo() ? "k400-mvitv2-s-16x4-pt" : "in1k-vit-b-pt" : recipe;
        if (!of.equals(NONE)) {
            LoaderSpeed.check(of);
        }
        Console console = Console.of(spec);
        preparation.notices().forEach(notice -> console.say("warning: " + notice));
        long began = System.nanoTime();
        Preparation.Outcome outcome;
        try (PreparingLine line = PreparingLine.onStderr(dryRun ? "looked at" : "prepared")) {
            Preparation.Watcher watcher = new Preparation.Watcher() {
                @Override
                public void at(int files, int of, long frames) {
                    line.at(files, of, frames);
                }

                @Override
                public void unreadable(Path file, IOException why) {
                    line.clear();
                    console.sayUnreadable(dryRun ? "would be left out: " : "left out: ", file, why);
                }
            };
            outcome = dryRun ? preparation.dryRun(threads, watcher) : preparation.run(threads, deleteExtra, watcher);
        }
        PrintWriter results = console.out();
        int code = outcome.count(Result.UNREADABLE) == 0 ? Exit.OK : Exit.BAD_FILES;
        if (dryRun) {
            sayWhatWouldBeDone(results, preparation, outcome);
            sayExtra(results, outcome);
            if (code == Exit.OK) {
                console.next("data prepare", in, out);
            }
            return code;
        }
        results.printf(
                Locale.ROOT,
                "%s: %d written anew, %d copied, %d there before, %d unreadable%n",
                Plural.of(preparation.size(), "file"),
                outcome.count(Result.MADE),
                outcome.count(Result.COPIED),
                outcome.count(Result.THERE),
                outcome.count(Result.UNREADABLE));
        if (outcome.animations() > 0) {
            results.println(outcome.animations() + " of those written anew "
                    + (outcome.animations() == 1 ? "was an animation and is a video" : "were animations and are videos")
                    + " now");
        }
        results.printf(
                Locale.ROOT,
                "%.1f MiB before, %.1f MiB after%s, in %.0f s%n",
                outcome.bytesBefore() / MIB,
                outcome.bytesAfter() / MIB,
                outcome.shards() == 0 ? "" : " in " + Plural.of(outcome.shards(), "shard"),
                (System.nanoTime() - began) * 1e-9);
        sayExtra(results, outcome);
        results.flush();
        // Of files that are as they were a difference would be chance.
        if (outcome.count(Result.MADE) > 0 && !of.equals(NONE)) {
            console.say("measuring how fast samples are made of both ...");
            speed(results, of);
        }
        if (code == Exit.OK) {
            console.next(NextSteps.pretraining(!preparation.isMostlyVideo(), out));
        }
        return code;
    }

    private void sayExtra(PrintWriter results, Preparation.Outcome outcome) {
        int count = outcome.extra().size();
        if (count == 0) {
            return;
        }
        String what =
                Plural.of(count, "copy of a file that is", "copies of files that are") + " not in " + in + " any more";
        String some = String.join(", ", outcome.extra().subList(0, Math.min(MOST_NAMED, count)))
                + (count > MOST_NAMED ? " and " + (count - MOST_NAMED) + " more" : "");
        results.println(Printable.text(
                outcome.deleted() || deleteExtra
                        ? (outcome.deleted() ? "deleted " : "would be deleted: ") + what + ": " + some
                        : what + (count == 1 ? " stays: " : " stay: ") + some + "; --delete-extra deletes "
                                + (count == 1 ? "it" : "them")));
        results.flush();
    }

    private static void sayWhatWouldBeDone(PrintWriter results, Preparation preparation, Preparation.Outcome outcome) {
        results.printf(
                Locale.ROOT,
                "%s: %d would be written anew, %d copied, %d are there, %d unreadable; nothing was written%n",
                Plural.of(preparation.size(), "file"),
                outcome.count(Result.MADE),
                outcome.count(Result.COPIED),
                outcome.count(Result.THERE),
                outcome.count(Result.UNREADABLE));
        int known = preparation.size() - outcome.count(Result.UNREADABLE) - outcome.unknown();
        results.printf(
                Locale.ROOT,
                "%.1f MiB before; after, %.1f MiB of %s%s%n",
                outcome.bytesBefore() / MIB,
                outcome.bytesAfter() / MIB,
                Plural.of(known, "file"),
                outcome.unknown() == 0
                        ? ""
                        : ", and what " + Plural.of(outcome.unknown(), "video comes", "videos come")
                                + " to, which shows only when coded");
        results.flush();
    }

    private void speed(PrintWriter results, String of) throws InterruptedException {
        LoaderSpeed.compared(of, in, out, ScoringLine.passingOnStderr("measured", "parts"))
                .ifPresent(speed -> results.printf(
                        Locale.ROOT,
                        "samples of %s: %.1f a second before, %.1f after (%.1f times)%n",
                        of,
                        speed.before(),
                        speed.after(),
                        speed.after() / speed.before()));
        results.flush();
    }
}

package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The forms of data sets that say by themselves what files they have. */
final class ListingFormats {
    /** All of them; the first that recognises a source reads it. */
    private static final List<ListingFormat> ALL =
            List.of(new SomethingSomething(), new KineticsCsv(), new Ucf101(), new Shards(true), new Shards(false));

    private ListingFormats() {}

    /** The form of a source, if it is one of these and of such data. */
    static Optional<ListingFormat> of(Path source, ClipSampler clip) throws IOException {
        return of(source, clip instanceof StillImage);
    }

    /** The form of a source, if it is one of these and of images (true) or videos (false). */
    static Optional<ListingFormat> of(Path source, boolean images) throws IOException {
        if (Files.exists(source)) {
            for (ListingFormat format : ALL) {
                if (format.isOf(images) && format.recognises(source)) {
                    return Optional.of(format);
                }
            }
        }
        return Optional.empty();
    }

    /** The form of a source, if it is one of these, whatever it holds. */
    static Optional<ListingFormat> of(Path source) throws IOException {
        Optional<ListingFormat> videos = of(source, false);
        return videos.isPresent() ? videos : of(source, true);
    }
}

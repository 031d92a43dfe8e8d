package maskfeat.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A form in which data sets come that says by itself which files it has and what their classes are, unlike class folders and
 * plain lists. A new one is its file and its name in {@link ListingFormats#ALL}; the files themselves are images, videos or
 * folders of frames.
 */
interface ListingFormat {
    /** Whether such data sets are of images (true) or of videos (false); some may be of both. */
    boolean isOf(boolean images);

    /** Whether a source that exists is of this form. Looks at names and first lines alone. */
    boolean recognises(Path source) throws IOException;

    /**
     * Reads a source of this form: of a folder with several parts the one for training.
     *
     * @throws DatasetException naming the file and what is wrong with it
     */
    Listing read(Path source) throws IOException;

    /** What names the classes, in a sentence: {@code templates}. */
    String whatNamesClasses();

    /** The parts of a folder of this form. */
    default SplitLayout splits(Path folder) throws IOException {
        return new SplitLayout(folder, null, List.of());
    }

    /** The file for validation that stands beside this one for training; as of plain lists unless the form has its own. */
    default Optional<Path> beside(Path training) {
        return SplitLayout.validationBeside(training);
    }
}

package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.disk.PathText;

/** Copies in a folder of {@link Preparation} whose originals are not there any more. */
final class ExtraCopies {
    private ExtraCopies() {}

    /** Names of files of the copy as they were written whose originals are not there any more. */
    static List<String> of(Path out, PreparedFiles known, Set<String> wanted) throws IOException {
        Set<String> alike =
                wanted.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
        List<String> extra = new ArrayList<>();
        for (Map.Entry<String, PreparedFiles.Written> each : known.files().entrySet()) {
            String name = each.getKey();
            Path copy = PathText.in(out, name);
            boolean isOurs = !wanted.contains(name)
                    && Files.isRegularFile(copy, LinkOption.NOFOLLOW_LINKS)
                    && copy.toRealPath().startsWith(out.toRealPath())
                    && PreparedFiles.of(copy).equals(each.getValue());
            // Where capitals do not matter, a file that was renamed has both names.
            if (isOurs && !(alike.contains(name.toLowerCase(Locale.ROOT)) && isAnotherName(out, copy, wanted))) {
                extra.add(name);
            }
        }
        return extra;
    }

    private static boolean isAnotherName(Path out, Path copy, Set<String> wanted) throws IOException {
        return wanted.contains(FolderWalk.slashed(out.toRealPath().relativize(copy.toRealPath())));
    }

    /** Deletes a file of the copy, and folders that are empty then. */
    static void delete(Path out, String name) throws IOException {
        Path copy = PathText.in(out, name);
        Files.deleteIfExists(copy);
        for (Path folder = copy.getParent(); folder != null && !folder.equals(out); folder = folder.getParent()) {
            try (Stream<Path> entries = Files.list(folder)) {
                if (entries.findAny().isPresent()) {
                    return;
                }
            }
            Files.delete(folder);
        }
    }
}

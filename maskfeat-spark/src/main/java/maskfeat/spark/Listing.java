package maskfeat.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import maskfeat.data.DatasetException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.jspecify.annotations.Nullable;

/** Finds the files that a person names, in any file system that Hadoop reaches. */
final class Listing {
    private static final Set<String> NO_FOLDERS = Set.of("zip", "tar", "csv", "txt", "lst");

    private final Configuration hadoop;

    Listing(Configuration hadoop) {
        this.hadoop = hadoop;
    }

    /**
     * All files, each once, ordered by path. Of folders those at any depth; what is hidden is not there.
     *
     * @param given files, folders or patterns of them, such as {@code s3a://clips/2026-*}
     * @param wanted which files of a folder, by their ending in lower case
     * @param what they are, such as {@code "video"}
     * @throws DatasetException if something named is not there or holds nothing
     */
    List<RemoteFile> files(List<String> given, Predicate<String> wanted, String what) throws IOException {
        Map<String, RemoteFile> found = new TreeMap<>();
        for (String name : given) {
            Path path = new Path(name);
            FileSystem files = path.getFileSystem(hadoop);
            FileStatus @Nullable [] matches = files.globStatus(path);
            if (matches == null || matches.length == 0) {
                throw new DatasetException(name + ": there is no such file or folder in " + files.getUri());
            }
            int before = found.size();
            for (FileStatus match : matches) {
                if (match.isDirectory()) {
                    folder(files, match.getPath(), wanted, found);
                } else {
                    refuseContainer(match.getPath());
                    add(match, true, found);
                }
            }
            if (found.size() == before) {
                throw new DatasetException(name + " holds no " + what + " that is not named before");
            }
        }
        return List.copyOf(found.values());
    }

    private static void folder(FileSystem files, Path folder, Predicate<String> wanted, Map<String, RemoteFile> found)
            throws IOException {
        int above = folder.toUri().getPath().length();
        // One call for all below, which object stores answer in pages.
        RemoteIterator<LocatedFileStatus> all = files.listFiles(folder, true);
        while (all.hasNext()) {
            LocatedFileStatus file = all.next();
            String below = file.getPath().toUri().getPath().substring(above);
            if (!below.contains("/.") && wanted.test(ending(file.getPath()))) {
                add(file, false, found);
            }
        }
    }

    private static void add(FileStatus file, boolean named, Map<String, RemoteFile> found) {
        String path = file.getPath().toString();
        RemoteFile known = found.get(path);
        found.put(path, new RemoteFile(path, file.getLen(), named || known != null && known.named()));
    }

    private static void refuseContainer(Path file) throws DatasetException {
        if (NO_FOLDERS.contains(ending(file))) {
            throw new DatasetException(
                    file + " is an archive or a list, which are not looked into here; name the folder of the"
                            + " files, or patterns of them");
        }
    }

    private static String ending(Path file) {
        List<String> parts = new ArrayList<>(List.of(file.getName().split("\\.", -1)));
        return parts.size() < 2 ? "" : parts.get(parts.size() - 1).toLowerCase(Locale.ROOT);
    }
}

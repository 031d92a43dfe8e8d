package maskfeat.shard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import maskfeat.archive.Archives;

/**
 * By what a file that changed is known. A folder of frames changes with each of them; a member of an archive with the archive,
 * since many programs give all members the same time.
 *
 * @param size in bytes, of all files together
 * @param modified the newest time, ISO 8601
 */
record Stamp(long size, String modified) {
    /** @return empty if the file cannot be looked at */
    static Optional<Stamp> of(Path file) {
        try {
            List<Path> parts = new ArrayList<>(List.of(file));
            if (Files.isDirectory(file)) {
                try (Stream<Path> inside = Files.list(file)) {
                    inside.forEach(parts::add);
                }
            }
            parts.addAll(Archives.files(file));
            long size = 0;
            FileTime newest = FileTime.fromMillis(0);
            for (Path part : parts) {
                BasicFileAttributes found = Files.readAttributes(part, BasicFileAttributes.class);
                size += found.isRegularFile() ? found.size() : 0;
                newest = found.lastModifiedTime().compareTo(newest) > 0 ? found.lastModifiedTime() : newest;
            }
            return Optional.of(new Stamp(size, newest.toString()));
        } catch (IOException unseen) {
            return Optional.empty(); // whoever reads it will say what is wrong
        }
    }
}

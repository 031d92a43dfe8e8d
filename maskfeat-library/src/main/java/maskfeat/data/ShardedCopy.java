package maskfeat.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import maskfeat.archive.Archives;
import maskfeat.archive.TarShards;
import maskfeat.archive.TarWriter;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.PathText;

/**
 * Packs prepared files into tar shards, in the order of their names. A shard ends with the file that reaches its size, so that what
 * is in it depends on the files up to there alone. Shards that an earlier run wrote of the same files stay; of others, what is still
 * wanted is taken over.
 *
 * <p>A shard is written elsewhere and gets its name when it is whole. What it holds is taken down before: a run that is killed
 * in between knows it again.
 */
final class ShardedCopy {
    /** Where copies wait for their shard. Hidden, so that nothing reads it as data. */
    private static final String WAITING = ".maskfeat-parts";

    private final Path out;
    private final long most;
    private final PreparedFiles known;
    private final List<List<String>> units;
    private final Map<String, PreparedFiles.Written> originals;

    /** Where an earlier run has put a copy that is still right. */
    private final Map<String, Place> places = new HashMap<>();

    private final Map<Integer, PreparedFiles.Shard> before = new HashMap<>();

    private record Place(PreparedFiles.Shard shard, PreparedFiles.Member member) {}

    /** Makes copies, or says that they are made. */
    interface Maker {
        /** Says what will be asked for. */
        void start(List<String> names);

        /**
         * Waits for a copy.
         *
         * @return false if the original cannot be read
         */
        boolean isMade(String name) throws IOException, InterruptedException;
    }

    /**
     * @param most bytes after which a shard ends
     * @param originals by the names of all files with slashes
     */
    ShardedCopy(Path out, long most, PreparedFiles known, Map<String, PreparedFiles.Written> originals)
            throws IOException {
        this.out = out;
        this.most = most;
        this.known = known;
        this.originals = originals;
        this.units = units(originals.keySet());
        for (PreparedFiles.Shard shard : known.shards(out)) {
            before.put(shard.number(), shard);
            for (PreparedFiles.Member member : shard.members()) {
                if (member.isThere() && member.original().equals(originals.get(member.name()))) {
                    places.put(member.name(), new Place(shard, member));
                }
            }
        }
    }

    /** Copies of files that are not wanted any more, in shards or set aside by a run that was killed. */
    static Map<String, PreparedFiles.Written> others(Path out, PreparedFiles known, Set<String> wanted)
            throws IOException {
        Map<String, PreparedFiles.Written> others = new TreeMap<>();
        Set<PreparedFiles.Shard> there = new HashSet<>(known.shards(out));
        for (PreparedFiles.Shard shard : known.allShards()) {
            for (PreparedFiles.Member member : shard.members()) {
                if (member.isThere()
                        && !wanted.contains(member.name())
                        && (there.contains(shard) || isWaiting(out, member.name(), member.original()))) {
                    others.put(member.name(), member.original());
                }
            }
        }
        return others;
    }

    /** Whether a copy waits for its shard that was made of an original as it is. */
    static boolean isWaiting(Path out, String name, PreparedFiles.Written original) throws IOException {
        Path copy = waiting(out, name);
        return Files.exists(copy)
                && FileCopies.isSameTime(Files.getLastModifiedTime(copy).toMillis(), original.changed());
    }

    /** Files of one sample of WebDataset, whose names are alike up to the first dot, stay together. */
    private static List<List<String>> units(Collection<String> names) {
        Map<String, List<String>> units = new LinkedHashMap<>();
        names.stream().sorted().forEach(name -> {
            int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
            units.computeIfAbsent(dot < 0 ? name : name.substring(0, dot), key -> new ArrayList<>())
                    .add(name);
        });
        return List.copyOf(units.values());
    }

    /** Where a copy is made that is to go into a shard. */
    static Path waiting(Path out, String name) {
        return PathText.in(out.resolve(WAITING).resolve("files"), name);
    }

    /** The sizes of the copies that an earlier run has put into shards and that are still right, by name. */
    Map<String, Long> there() {
        Map<String, Long> sizes = new HashMap<>();
        places.forEach((name, place) -> sizes.put(name, place.member.size()));
        return sizes;
    }

    /** Writes all shards that are not there. @return their number */
    int write(Maker maker) throws IOException, InterruptedException {
        int at = 0;
        int number = 0;
        List<Long> sizes = new ArrayList<>();
        for (int next = stays(number, at, maker); next >= 0; next = stays(number, at, maker)) {
            sizes.add(Files.size(out.resolve(TarShards.name(number++))));
            at = next;
        }
        boolean isDone = at == units.size() && before.size() == number;
        if (!isDone) {
            new TarShards(List.of(), false).write(out);
        }
        maker.start(units.subList(at, units.size()).stream()
                .flatMap(List::stream)
                .filter(name -> !places.containsKey(name))
                .toList());
        while (at < units.size()) {
            Packed packed = pack(number, at, maker);
            at = packed.next;
            if (packed.isEmpty) {
                break; // nothing that could be read was left
            }
            sizes.add(Files.size(out.resolve(TarShards.name(number++))));
        }
        for (int old : before.keySet()) {
            if (old >= number) {
                Files.deleteIfExists(out.resolve(TarShards.name(old)));
            }
        }
        removeWaiting();
        if (number > 0) {
            new TarShards(sizes, true).write(out);
        }
        return number;
    }

    /** Where the shard of a number ends, if it is there and what would be written; else -1. */
    private int stays(int number, int from, Maker maker) throws IOException, InterruptedException {
        PreparedFiles.Shard shard = before.get(number);
        if (shard == null || from == units.size()) {
            return -1;
        }
        int at = from;
        for (int i = 0; i < shard.members().size(); at++) {
            if (at == units.size()) {
                return -1;
            }
            for (String name : units.get(at)) {
                PreparedFiles.Member member =
                        i < shard.members().size() ? shard.members().get(i++) : null;
                boolean same = member != null
                        && member.name().equals(name)
                        && (member.isThere()
                                ? member.original().equals(originals.get(name))
                                : !maker.isMade(name)); // it may be readable by now
                if (!same) {
                    return -1;
                }
            }
        }
        return at == units.size() || shard.self().size() >= most ? at : -1;
    }

    private record Packed(int next, boolean isEmpty) {}

    private Packed pack(int number, int from, Maker maker) throws IOException, InterruptedException {
        Path tar = out.resolve(WAITING).resolve(TarShards.name(number));
        AtomicFile.folder(out.resolve(WAITING));
        List<PreparedFiles.Member> members = new ArrayList<>();
        int[] at = {from};
        try {
            AtomicFile.write(tar, to -> {
                TarWriter writer = new TarWriter(to);
                do {
                    for (String name : units.get(at[0]++)) {
                        members.add(add(writer, name, maker));
                    }
                } while (at[0] < units.size() && writer.written() + TarWriter.END < most);
                writer.finish();
            });
        } catch (Interrupted stopped) {
            throw stopped.why;
        }
        if (members.stream().noneMatch(PreparedFiles.Member::isThere)) {
            Files.delete(tar);
            return new Packed(at[0], true);
        }
        setAside(number, members);
        known.willWrite(new PreparedFiles.Shard(number, PreparedFiles.of(tar), members));
        Files.move(tar, out.resolve(TarShards.name(number)), StandardCopyOption.ATOMIC_MOVE);
        AtomicFile.forceFolder(out);
        for (PreparedFiles.Member member : members) {
            places.remove(member.name());
            Files.deleteIfExists(waiting(out, member.name()));
        }
        return new Packed(at[0], false);
    }

    private static final class Interrupted extends RuntimeException {
        private final transient InterruptedException why;

        Interrupted(InterruptedException why) {
            super(why);
            this.why = why;
        }
    }

    private PreparedFiles.Member add(TarWriter writer, String name, Maker maker) throws IOException {
        PreparedFiles.Written original = originals.get(name);
        if (original == null) {
            throw new IllegalStateException(name + " is not known");
        }
        Path copy = waiting(out, name);
        Place place = places.get(name);
        if (place != null) {
            copy = isWaiting(out, name, original) ? copy : inShard(place);
        } else {
            try {
                if (!maker.isMade(name)) {
                    return new PreparedFiles.Member(name, original, -1);
                }
            } catch (InterruptedException stopped) {
                throw new Interrupted(stopped);
            }
        }
        long size = Files.size(copy);
        writer.add(name, Math.floorDiv(original.changed(), 1000), size, Content.of(copy));
        return new PreparedFiles.Member(name, original, size);
    }

    private Path inShard(Place place) throws IOException {
        return Archives.open(out.resolve(TarShards.name(place.shard.number()))).resolve(place.member.name());
    }

    /** Copies out of the shard that is about to be replaced what others will hold. */
    private void setAside(int number, List<PreparedFiles.Member> packed) throws IOException {
        Set<String> names = new HashSet<>();
        packed.forEach(member -> names.add(member.name()));
        for (Place place : List.copyOf(places.values())) {
            PreparedFiles.Member member = place.member;
            Path copy = waiting(out, member.name());
            if (place.shard.number() == number
                    && !names.contains(member.name())
                    && !isWaiting(out, member.name(), member.original())) {
                AtomicFile.folder(copy.resolveSibling(""));
                AtomicFile.write(copy, Content.of(inShard(place)));
                Files.setLastModifiedTime(
                        copy, FileTime.fromMillis(member.original().changed()));
            }
        }
    }

    private void removeWaiting() throws IOException {
        Path waiting = out.resolve(WAITING);
        if (!Files.exists(waiting)) {
            return;
        }
        try (Stream<Path> all = Files.walk(waiting)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
    }
}

package maskfeat.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Fingerprint;
import maskfeat.disk.NewerFile;
import maskfeat.disk.RegularFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a checkpoint consists of. Its text has one form only and a checksum of its own: any changed byte is found. */
record Manifest(int format, long step, SortedMap<String, Fingerprint> files, String crc32c) {
    static final String NAME = "MANIFEST.json";
    private static final int FORMAT = 1;
    private static final String CRC_KEY = ",\n  \"crc32c\": \"";
    private static final long MAX_BYTES = 1 << 20;

    Manifest {
        // Names become paths: nothing but plain file names, also in a manifest from elsewhere.
        files.keySet().forEach(Manifest::checkName);
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    static void checkName(String name) {
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]*") || name.equals(NAME)) {
            throw new IllegalArgumentException("a checkpoint's file cannot be named '" + name + "'");
        }
    }

    static Manifest of(long step, Map<String, Fingerprint> files) {
        Manifest unsigned = new Manifest(FORMAT, step, new TreeMap<>(files), "");
        return new Manifest(FORMAT, step, unsigned.files, unsigned.ownCrc32c());
    }

    /** Reads it and checks that it is whole. */
    static Manifest read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new DamagedFile(file, "has " + Files.size(file) + " bytes; " + MAX_BYTES + " are the most");
        }
        byte[] text = Files.readAllBytes(RegularFile.require(file));
        Manifest found;
        try {
            refuseNewer(file, new String(text, StandardCharsets.UTF_8));
            found = JsonMapper.shared().readValue(text, Manifest.class);
        } catch (JacksonException e) {
            throw new DamagedFile(file, "is not a manifest: " + e.getOriginalMessage(), e);
        }
        if (found.format != FORMAT) {
            throw new DamagedFile(file, "has format " + found.format + "; this version reads " + FORMAT);
        }
        if (!found.crc32c.equals(found.ownCrc32c())
                || !found.render().equals(new String(text, StandardCharsets.UTF_8))) {
            throw new DamagedFile(file, "does not match its own CRC32C " + found.crc32c);
        }
        return found;
    }

    /** Of a newer format only the last line is known, the CRC32C of all before it: a damaged file is not taken for newer. */
    private static void refuseNewer(Path file, String text) throws NewerFile {
        JsonNode json = JsonMapper.shared().readTree(text);
        int end = text.lastIndexOf(CRC_KEY);
        if (end >= 0 && json.path("crc32c").asString("").equals(crc32c(text.substring(0, end)))) {
            NewerFile.refuse(file, json.path("format").asLong(FORMAT), FORMAT);
        }
    }

    String render() {
        return signedPart() + CRC_KEY + crc32c + "\"\n}\n";
    }

    private String signedPart() {
        String list = files.entrySet().stream()
                .map(file -> line(file.getKey(), file.getValue()))
                .collect(Collectors.joining(",\n"));
        return "{\n  \"format\": " + format + ",\n  \"step\": " + step + ",\n  \"files\": {\n" + list + "\n  }";
    }

    private static String line(String name, Fingerprint file) {
        return "    \"" + name + "\": {\"size\": " + file.size() + ", \"crc32c\": \"" + file.crc32c()
                + "\", \"sha256\": \"" + file.sha256() + "\"}";
    }

    private String ownCrc32c() {
        return crc32c(signedPart());
    }

    private static String crc32c(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return Fingerprint.hex(crc);
    }
}

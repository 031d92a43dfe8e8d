package maskfeat.archive;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Zip and tar files, good and odd ones. */
public final class ArchiveFiles {
    private static final int BLOCK = 512;

    private ArchiveFiles() {}

    /** All files of a folder by their names from it, in order. */
    public static Map<String, byte[]> of(Path folder) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                files.put(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        }
        return files;
    }

    public static Map<String, byte[]> texts(String... namesAndTexts) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            files.put(namesAndTexts[i], namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
        }
        return files;
    }

    public static Path zip(Path file, Map<String, byte[]> members, boolean stored) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                ZipEntry entry = new ZipEntry(member.getKey());
                if (stored) {
                    CRC32 crc = new CRC32();
                    crc.update(member.getValue());
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(member.getValue().length);
                    entry.setCrc(crc.getValue());
                }
                out.putNextEntry(entry);
                out.write(member.getValue());
                out.closeEntry();
            }
        }
        return file;
    }

    public static Path tar(Path file, Map<String, byte[]> members) throws IOException {
        Tar tar = new Tar();
        members.forEach(tar::file);
        return tar.write(file);
    }

    /** A tar file, put together by hand. */
    public static final class Tar {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final List<Integer> headers = new ArrayList<>();

        public Tar file(String name, byte[] data) {
            return member(name, '0', data);
        }

        public Tar file(String name, String text) {
            return file(name, text.getBytes(StandardCharsets.UTF_8));
        }

        /** One of any type; long names in the prefix. */
        Tar member(String name, char type, byte[] data) {
            byte[] header = header(name, type, data.length);
            headers.add(bytes.size());
            return raw(header).data(data);
        }

        /** A pax header with records. */
        Tar pax(char type, String... keysAndValues) {
            StringBuilder records = new StringBuilder();
            for (int i = 0; i < keysAndValues.length; i += 2) {
                String rest = " " + keysAndValues[i] + "=" + keysAndValues[i + 1] + "\n";
                int length = rest.getBytes(StandardCharsets.UTF_8).length;
                int all = length + 1;
                while (Integer.toString(all).length() + length != all) {
                    all++;
                }
                records.append(all).append(rest);
            }
            return member("PaxHeader", type, records.toString().getBytes(StandardCharsets.UTF_8));
        }

        Tar raw(byte[] some) {
            bytes.writeBytes(some);
            return this;
        }

        private Tar data(byte[] data) {
            bytes.writeBytes(data);
            return raw(new byte[(BLOCK - data.length % BLOCK) % BLOCK]);
        }

        /** Where the header of a member begins. */
        int header(int member) {
            return headers.get(member);
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }

        public Path write(Path file) throws IOException {
            raw(new byte[2 * BLOCK]);
            return Files.write(file, bytes());
        }

        static byte[] header(String name, char type, long size) {
            byte[] header = new byte[BLOCK];
            byte[] all = name.getBytes(StandardCharsets.UTF_8);
            int cut = all.length <= 100 ? -1 : name.lastIndexOf('/', 155);
            put(header, 0, cut < 0 ? name : name.substring(cut + 1));
            put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
            put(header, 124, String.format("%011o\0", size));
            put(header, 136, String.format("%011o\0", 1_700_000_000));
            header[156] = (byte) type;
            put(header, 257, "ustar\0" + "00");
            if (cut >= 0) {
                put(header, 345, name.substring(0, cut));
            }
            return summed(header);
        }

        /** With the checksum of what it is now. */
        static byte[] summed(byte[] header) {
            put(header, 148, "        ");
            int sum = 0;
            for (byte b : header) {
                sum += b & 0xff;
            }
            put(header, 148, String.format("%06o\0 ", sum));
            return header;
        }

        private static void put(byte[] header, int at, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(bytes, 0, header, at, bytes.length);
        }
    }
}

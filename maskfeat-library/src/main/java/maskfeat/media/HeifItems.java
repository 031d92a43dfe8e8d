package maskfeat.media;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The items of a HEIF file (ISO/IEC 23008-12 over the boxes of 14496-12): pictures, parts of pictures and what describes
 * them.
 */
final class HeifItems {
    private static final int MOST_ITEMS = 1 << 16;
    private static final int MOST_BOXES = 1 << 20;

    /**
     * A property of an item.
     *
     * @param kind four characters
     * @param from first byte of its box's content
     * @param to one past the last
     * @param essential whether an item cannot be shown without it
     */
    record Property(String kind, int from, int to, boolean essential) {}

    /** A run of an item's bytes. */
    private record Extent(long from, long length) {}

    /**
     * That an item has to do with others.
     *
     * @param kind four characters, such as {@code dimg}: is made of
     */
    record Reference(String kind, long from, List<Long> to) {}

    /** An item: what is stored under a number. */
    static final class Item {
        private final long id;
        private String type = "";
        private boolean isProtected;
        private int storage;
        private final List<Property> properties = new ArrayList<>();
        private final List<Extent> extents = new ArrayList<>();

        private Item(long id) {
            this.id = id;
        }

        /** Four characters: a codec, or how the picture is made of others. */
        String type() {
            return type;
        }

        List<Property> properties() {
            return properties;
        }

        Optional<Property> property(String kind) {
            return properties.stream().filter(one -> one.kind().equals(kind)).findFirst();
        }
    }

    private interface Each {
        void box(String kind, int from, int to) throws Refused;
    }

    private final Bytes file;
    private final Map<Long, Item> items = new LinkedHashMap<>();
    private final List<Reference> references = new ArrayList<>();
    private final List<Property> stated = new ArrayList<>();
    private int dataFrom;
    private int dataTo;
    private long primary = -1;
    private int boxes;

    private HeifItems(byte[] data) {
        file = Bytes.bigEndian(data);
    }

    static HeifItems of(byte[] data) throws Refused {
        HeifItems read = new HeifItems(data);
        read.each(0, data.length, (kind, from, to) -> {
            if (kind.equals("meta")) {
                // The properties come before what they are properties of.
                read.each(from + 4, to, read::part);
            }
        });
        return read;
    }

    /** The picture that the file is about. */
    Item primary() throws Refused {
        if (primary < 0) {
            throw Refused.unsupported("is a sequence of pictures (HEIF) without a picture of its own");
        }
        return item(primary);
    }

    Item item(long id) throws Refused {
        Item found = items.get(id);
        if (found == null || found.type.isEmpty()) {
            throw Refused.damaged("item " + id + " is missing");
        }
        if (found.isProtected) {
            throw Refused.unsupported("is a protected HEIF picture");
        }
        return found;
    }

    /** The items that an item refers to in this way, in order. */
    List<Item> from(Item item, String kind) throws Refused {
        List<Item> found = new ArrayList<>();
        for (Reference reference : references) {
            if (reference.kind().equals(kind) && reference.from() == item.id) {
                for (long id : reference.to()) {
                    found.add(item(id));
                }
            }
        }
        return found;
    }

    /** The items that refer to an item in this way. */
    List<Item> to(Item item, String kind) throws Refused {
        List<Item> found = new ArrayList<>();
        for (Reference reference : references) {
            if (reference.kind().equals(kind) && reference.to().contains(item.id)) {
                found.add(item(reference.from()));
            }
        }
        return found;
    }

    /** The bytes of an item, put together. */
    byte[] data(Item item) throws Refused {
        if (item.storage > 1) {
            throw Refused.unsupported("is a HEIF picture whose items lie in one another");
        }
        long end = item.storage == 1 ? dataTo : file.length();
        long total = 0;
        for (Extent extent : item.extents) {
            long from = from(item, extent);
            file.need(from, length(extent, from, end));
            total += length(extent, from, end);
        }
        if (total == 0 || total > file.length()) {
            throw Refused.damaged("item " + item.id + " has " + total + " bytes");
        }
        byte[] data = new byte[(int) total];
        int at = 0;
        for (Extent extent : item.extents) {
            long from = from(item, extent);
            int length = (int) length(extent, from, end);
            System.arraycopy(file.data(), (int) from, data, at, length);
            at += length;
        }
        return data;
    }

    private long from(Item item, Extent extent) {
        return extent.from() + (item.storage == 1 ? dataFrom : 0);
    }

    /** A length of 0 means all of it. */
    private static long length(Extent extent, long from, long end) {
        return extent.length() == 0 ? end - from : extent.length();
    }

    byte[] content(Property property) {
        return Arrays.copyOfRange(file.data(), property.from(), property.to());
    }

    Bytes file() {
        return file;
    }

    private void each(int from, int to, Each each) throws Refused {
        int at = from;
        while (at + 8 <= to) {
            if (++boxes > MOST_BOXES) {
                throw Refused.damaged("more than " + MOST_BOXES + " boxes");
            }
            long size = file.u32(at);
            int header = 8;
            if (size == 1) {
                size = u64(at + 8);
                header = 16;
            } else if (size == 0) {
                size = to - at;
            }
            if (size < header) {
                throw Refused.damaged("box of " + size + " bytes at byte " + at);
            }
            file.need(at, size);
            if (size > to - at) {
                throw Refused.damaged("the box at byte " + at + " is longer than the one around it");
            }
            each.box(text(at + 4), at + header, (int) (at + size));
            at += (int) size;
        }
    }

    private void part(String kind, int from, int to) throws Refused {
        switch (kind) {
            case "pitm" -> primary = file.u8(from) == 0 ? file.u16(from + 4) : file.u32(from + 4);
            case "iinf" -> each(from + (file.u8(from) == 0 ? 6 : 8), to, this::entry);
            case "iloc" -> places(from);
            case "iref" -> {
                boolean wide = file.u8(from) != 0;
                each(from + 4, to, (way, start, end) -> reference(way, start, end, wide));
            }
            case "iprp" -> {
                each(from, to, this::properties);
            }
            case "idat" -> {
                dataFrom = from;
                dataTo = to;
            }
            default -> {
                // Handlers, groups and the like do not matter here.
            }
        }
    }

    private Item made(long id) throws Refused {
        Item item = items.computeIfAbsent(id, Item::new);
        if (items.size() > MOST_ITEMS) {
            throw Refused.damaged("more than " + MOST_ITEMS + " items");
        }
        return item;
    }

    private void entry(String kind, int from, int to) throws Refused {
        int version = file.u8(from);
        if (!kind.equals("infe") || version < 2) {
            return;
        }
        int wide = version == 2 ? 0 : 2;
        Item item = made(wide == 0 ? file.u16(from + 4) : file.u32(from + 4));
        item.isProtected = file.u16(from + 6 + wide) != 0;
        item.type = text(from + 8 + wide);
    }

    private void places(int from) throws Refused {
        int version = file.u8(from);
        int sizes = file.u16(from + 4);
        int offsetBytes = sizes >> 12;
        int lengthBytes = sizes >> 8 & 15;
        int baseBytes = sizes >> 4 & 15;
        int indexBytes = version == 0 ? 0 : sizes & 15;
        int at = from + 6;
        long count = version < 2 ? file.u16(at) : file.u32(at);
        at += version < 2 ? 2 : 4;
        for (long i = 0; i < count; i++) {
            Item item = made(version < 2 ? file.u16(at) : file.u32(at));
            at += version < 2 ? 2 : 4;
            if (version > 0) {
                item.storage = file.u16(at) & 15;
                at += 2;
            }
            // In another file, of which nothing is read.
            boolean elsewhere = file.u16(at) != 0;
            at += 2;
            long base = number(at, baseBytes);
            at += baseBytes;
            int extents = file.u16(at);
            at += 2;
            for (int e = 0; e < extents; e++) {
                at += indexBytes;
                long offset = number(at, offsetBytes);
                at += offsetBytes;
                long length = number(at, lengthBytes);
                at += lengthBytes;
                if (!elsewhere) {
                    item.extents.add(new Extent(base + offset, length));
                }
            }
        }
    }

    private void reference(String kind, int from, int to, boolean wide) throws Refused {
        int bytes = wide ? 4 : 2;
        long item = number(from, bytes);
        int count = file.u16(from + bytes);
        if ((long) count * bytes > to - from - bytes - 2) {
            throw Refused.damaged("a reference to " + count + " items in a box of " + (to - from) + " bytes");
        }
        List<Long> others = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            others.add(number(from + bytes + 2 + (long) i * bytes, bytes));
        }
        references.add(new Reference(kind, item, others));
    }

    private void properties(String kind, int from, int to) throws Refused {
        if (kind.equals("ipco")) {
            each(from, to, (what, start, end) -> stated.add(new Property(what, start, end, false)));
        } else if (kind.equals("ipma")) {
            associations(from);
        }
    }

    private void associations(int from) throws Refused {
        boolean wideItems = file.u8(from) > 0;
        boolean wideNumbers = (file.u8(from + 3) & 1) == 1;
        long count = file.u32(from + 4);
        int at = from + 8;
        for (long i = 0; i < count; i++) {
            Item item = made(wideItems ? file.u32(at) : file.u16(at));
            at += wideItems ? 4 : 2;
            int properties = file.u8(at++);
            for (int p = 0; p < properties; p++) {
                int value = wideNumbers ? file.u16(at) : file.u8(at);
                at += wideNumbers ? 2 : 1;
                int number = value & (wideNumbers ? 0x7fff : 0x7f);
                boolean essential = value != number;
                if (number > stated.size()) {
                    throw Refused.damaged("property " + number + " of " + stated.size());
                }
                if (number > 0) {
                    Property property = stated.get(number - 1);
                    item.properties.add(new Property(property.kind(), property.from(), property.to(), essential));
                }
            }
        }
    }

    /** A number of 0, 2, 4 or 8 bytes. */
    private long number(long at, int bytes) throws Refused {
        return switch (bytes) {
            case 0 -> 0;
            case 2 -> file.u16(at);
            case 4 -> file.u32(at);
            case 8 -> u64(at);
            default -> throw Refused.damaged("numbers of " + bytes + " bytes");
        };
    }

    private long u64(long at) throws Refused {
        long high = file.u32(at);
        if (high > Integer.MAX_VALUE >> 8) {
            throw Refused.truncated("a part lies far behind its end at " + file.length());
        }
        return high << 32 | file.u32(at + 4);
    }

    private String text(long at) throws Refused {
        file.need(at, 4);
        return new String(file.data(), (int) at, 4, StandardCharsets.ISO_8859_1);
    }

    /** The text of a property that ends with a zero. */
    static String text(byte[] content, int from) {
        int end = from;
        while (end < content.length && content[end] != 0) {
            end++;
        }
        return new String(
                content, Math.min(from, content.length), Math.max(0, end - from), StandardCharsets.ISO_8859_1);
    }
}

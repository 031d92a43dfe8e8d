package maskfeat.archive;

/**
 * What lies under one name of an archive.
 *
 * @param packing how its bytes lie there
 * @param start where they begin, or in a zip file the header before them
 * @param packed bytes in the archive
 * @param size bytes once unpacked
 * @param crc CRC-32 of these; -1 where the archive has none
 * @param changed milliseconds since 1970; -1 where the archive has none
 * @param fault why it cannot be read, what follows its name in a sentence; empty if it can
 */
record Member(Packing packing, long start, long packed, long size, long crc, long changed, String fault) {
    /** How a member lies in its archive. */
    enum Packing {
        /** As it is. */
        PLAIN,
        /** As it is, behind a header of a zip file. */
        STORED,
        DEFLATED,
        /** A link, device or the like: no file. */
        NONE
    }

    /** One that cannot be read. */
    static Member faulty(long size, long changed, String fault) {
        return new Member(Packing.PLAIN, 0, 0, size, -1, changed, fault);
    }

    /** What is no file. */
    static Member special(long changed, String what) {
        return new Member(Packing.NONE, 0, 0, 0, -1, changed, what);
    }

    boolean isFile() {
        return packing != Packing.NONE;
    }
}

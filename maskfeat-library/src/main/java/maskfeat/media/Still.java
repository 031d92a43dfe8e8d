package maskfeat.media;

/**
 * A decoded picture as the file stores it.
 *
 * @param orientation Exif 1 to 8, not yet undone
 */
record Still(Frames frames, int orientation) {}

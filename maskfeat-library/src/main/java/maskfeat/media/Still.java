package maskfeat.media;

/**
 * A decoded image as stored in the file.
 *
 * @param orientation Exif 1 to 8, not yet undone
 */
record Still(Frames frames, int orientation) {}

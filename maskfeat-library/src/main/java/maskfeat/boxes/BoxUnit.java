package maskfeat.boxes;

/** What the numbers of a box are counted in. */
public enum BoxUnit {
    /** Parts of the frame's width and height. */
    FRACTION,
    /** Pixels of the video as it is. */
    PIXEL
}

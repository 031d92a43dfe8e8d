package maskfeat.report;

/** The sizes of panels. */
enum PanelSize {
    /** Four panels across a page. */
    SHEET(320, 16, 448),
    /** Five panels across a page. */
    ROW(280, 10, 280),
    /** Eight steps of a clip across a page: tokens of 16 px in a clip of 112 px have cells of 12 px. */
    STRIP(168, 6, 168),
    /** Four panels across a film, larger because it moves. */
    FILM(168, 8, 168);

    private final int glyphsPx;
    private final int leastCellPx;
    private final int photographPx;

    PanelSize(int glyphsPx, int leastCellPx, int photographPx) {
        this.glyphsPx = glyphsPx;
        this.leastCellPx = leastCellPx;
        this.photographPx = photographPx;
    }

    /** Side of a cell if this many are side by side. */
    int cellPx(int columns) {
        return Math.max(leastCellPx, glyphsPx / columns);
    }

    /** Approximate width of drawings of pixels. */
    int photographPx() {
        return photographPx;
    }
}

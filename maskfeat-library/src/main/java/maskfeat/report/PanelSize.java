package maskfeat.report;

/** How large panels are drawn. */
enum PanelSize {
    /** Four panels across a page. */
    SHEET(320, 16, 448),
    /** Eight moments of a clip across a page: tokens of 16 px on a clip of 112 have cells of 12 px. */
    STRIP(168, 6, 168),
    /** Four panels across a film, which is read while it moves. */
    FILM(168, 8, 168);

    private final int glyphsPx;
    private final int leastCellPx;
    private final int photographPx;

    PanelSize(int glyphsPx, int leastCellPx, int photographPx) {
        this.glyphsPx = glyphsPx;
        this.leastCellPx = leastCellPx;
        this.photographPx = photographPx;
    }

    /** Side of a cell where so many stand side by side. */
    int cellPx(int columns) {
        return Math.max(leastCellPx, glyphsPx / columns);
    }

    /** About how wide pictures of pixels become. */
    int photographPx() {
        return photographPx;
    }
}

package maskfeat.data;

/** What the rules for clips have in common. */
final class Clips {
    private Clips() {}

    static void checkFrames(int frames) {
        if (frames < 1) {
            throw new IllegalArgumentException("a clip of " + frames + " frames must have at least 1");
        }
    }

    static void checkStride(int stride) {
        if (stride < 1) {
            throw new IllegalArgumentException("a clip's stride of " + stride + " frames must be at least 1");
        }
    }

    static void checkView(int view, int views) {
        if (views < 1 || view < 0 || view >= views) {
            throw new IllegalArgumentException("there is no view " + view + " of " + views + "; they count from 0");
        }
    }

    /**
     * Where a view begins (SlowFast's offset sampling): so that the views lie at equal whole distances, and a single one
     * in the middle.
     *
     * @param latest frame at which a clip may begin
     */
    static double viewStart(double latest, int view, int views) {
        checkView(view, views);
        return views == 1 ? Math.floor(latest / 2) : view * Math.floor(latest / (views - 1));
    }
}

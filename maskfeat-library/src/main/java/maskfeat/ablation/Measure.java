package maskfeat.ablation;

/** What is measured of a row, in per cent. */
public enum Measure {
    /** Fine-tuned end to end. */
    FINETUNED("fine-tuned", "val/top1"),
    /** A linear classifier on frozen features. */
    LINEAR("linear", "probe/top1"),
    /** Nearest neighbours in frozen features. */
    NEIGHBOURS("kNN", "knn/top1");

    private final String label;
    private final String tag;

    Measure(String label, String tag) {
        this.label = label;
        this.tag = tag;
    }

    /** Heading of a column. */
    public String label() {
        return label;
    }

    /** Tag of the figure in a result. */
    public String tag() {
        return tag;
    }
}

package maskfeat.eval;

/**
 * How well one class is recognised.
 *
 * @param name of the class
 * @param count its items
 * @param recall share of its items that were taken for it, its top-1 accuracy; NaN where it has none
 * @param precision share of the items taken for it that are its own; NaN where none was
 */
public record ClassScore(String name, long count, double recall, double precision) {}

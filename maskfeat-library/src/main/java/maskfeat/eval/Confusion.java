package maskfeat.eval;

/**
 * Items of one class that were taken for another.
 *
 * @param truth name of their class
 * @param predicted name of the class they were taken for
 * @param count how many
 */
public record Confusion(String truth, String predicted, long count) {}

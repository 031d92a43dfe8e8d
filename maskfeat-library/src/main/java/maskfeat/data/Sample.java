package maskfeat.data;

/**
 * What the network gets of one item of a data set.
 *
 * @param index of the item in the data set, after replacement of what could not be read
 * @param content what the task needs of it, such as {@link MaskedClip} or {@link LabelledClip}
 * @param <S> type of the content, which each task chooses for itself
 */
public record Sample<S>(int index, S content) {}

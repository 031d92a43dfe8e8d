package maskfeat.teacher;

import java.util.OptionalInt;
import maskfeat.augment.Normalize;

/**
 * What a file would give as a {@link Teacher}, told by names and shapes: for settings and descriptions, which build no network.
 *
 * @param dim numbers of a cell's feature; of a tokenizer how many tokens there are
 * @param cellSide side of a cell in pixels
 * @param classes how many classes it has scores for; empty if it is no classifier
 * @param tokenizer whether a cell's highest number is its token
 * @param normalize how pictures are normalised for it
 */
public record TeacherFacts(int dim, int cellSide, OptionalInt classes, boolean tokenizer, Normalize normalize) {}

package maskfeat.feature;

/**
 * How the cells of a teacher become those of the student's grid, where the teacher's are larger. Where they are smaller, a
 * whole number to a token, they are averaged.
 */
public enum CellFit {
    /** Each token takes the cell that its upper left corner lies in; nothing is invented. */
    NEAREST,
    /** Interpolates between the centres of cells, before anything is scaled to unit length. */
    BILINEAR
}

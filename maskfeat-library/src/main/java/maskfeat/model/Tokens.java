package maskfeat.model;

import maskfeat.mask.Grid;
import org.bytedeco.pytorch.Tensor;

/**
 * Embedded patches, before class token and positions.
 *
 * @param x [B, N, C], ordered by time, then row, then column
 * @param grid grid of the N tokens
 */
public record Tokens(Tensor x, Grid grid) {}

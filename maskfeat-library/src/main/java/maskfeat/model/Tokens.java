package maskfeat.model;

import maskfeat.mask.Grid;
import org.bytedeco.pytorch.Tensor;

/**
 * Embedded patches, before class token and positions.
 *
 * @param x [B, N, C], numbered time first, then row, then column
 * @param grid N tokens
 */
public record Tokens(Tensor x, Grid grid) {}

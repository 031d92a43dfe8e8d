package maskfeat.data;

import maskfeat.media.Frames;

/**
 * Two views of one image, as the network sees them, before normalisation.
 *
 * @param first of the size of the second
 */
public record TwoViews(Frames first, Frames second) {}

package maskfeat.run;

import com.fasterxml.jackson.annotation.JsonTypeName;
import maskfeat.augment.Augment;
import maskfeat.augment.RandomResizedCrop;
import maskfeat.augment.Resize;
import maskfeat.augment.ShortSideJitter;

/**
 * How the square that trains is cut out of a picture or clip.
 *
 * <p>A new way is a record in a file of its own, and one name in the {@code permits}.
 */
public sealed interface Cropping permits Cropping.Resized, Cropping.Jitter {
    /**
     * The rule for a size.
     *
     * @param side of the square in pixels
     */
    Augment of(int side, Resize.Filter filter);

    /**
     * A box of random area and aspect, resized: Kinetics' and ImageNet's.
     *
     * @param minArea smallest part of the picture, 0 to 1
     * @param maxArea largest part of the picture, 0 to 1
     * @param minAspect smallest width in units of the height
     * @param maxAspect largest width in units of the height
     */
    @JsonTypeName("resized")
    record Resized(double minArea, double maxArea, double minAspect, double maxAspect) implements Cropping {
        public Resized {
            new RandomResizedCrop(minArea, maxArea, minAspect, maxAspect, 1, Resize.Filter.BILINEAR); // refuses
        }

        /** Official fine-tuning: area 0.08 to 1, aspect 3/4 to 4/3. */
        public static Resized defaults() {
            return new Resized(0.08, 1, 0.75, 1.3333);
        }

        @Override
        public Augment of(int side, Resize.Filter filter) {
            return new RandomResizedCrop(minArea, maxArea, minAspect, maxAspect, side, filter);
        }
    }

    /**
     * The whole resized to a random short side, then a square at a random place: Something-Something's, where the whole
     * of a motion must be seen.
     *
     * @param minShortSide smallest short side in pixels
     * @param maxShortSide largest short side in pixels
     * @param inverse whether one over the short side is drawn uniformly instead of the short side, which favours small ones
     */
    @JsonTypeName("jitter")
    record Jitter(int minShortSide, int maxShortSide, boolean inverse) implements Cropping {
        public Jitter {
            new ShortSideJitter(minShortSide, maxShortSide, inverse, 1, Resize.Filter.BILINEAR); // refuses
        }

        /** SlowFast, configs/SSv2/MVITv2_S_16x4.yaml: 256 to 320. */
        public static Jitter defaults() {
            return new Jitter(256, 320, true);
        }

        @Override
        public Augment of(int side, Resize.Filter filter) {
            return new ShortSideJitter(minShortSide, maxShortSide, inverse, side, filter);
        }
    }
}

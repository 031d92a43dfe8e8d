package maskfeat.data;

import java.util.ArrayList;
import java.util.List;
import maskfeat.augment.Augment;
import maskfeat.augment.Augmented;
import maskfeat.augment.BoxRule;
import maskfeat.augment.Rectangle;
import maskfeat.data.Seeds.Purpose;
import maskfeat.media.Frames;

/**
 * Samples of key frames: frames are augmented, and boxes go with them.
 *
 * @param dataset whose items are decoded
 * @param augment what is done to the frames
 * @param rule where it takes boxes
 * @param leastVisible boxes of which a smaller share of the area is left inside are dropped; 0 keeps all
 */
public record ActorSamples(KeyFrameDataset dataset, Augment augment, BoxRule rule, double leastVisible)
        implements SampleMaker<ActorClip> {
    public ActorSamples {
        if (!(leastVisible >= 0 && leastVisible <= 1)) {
            throw new IllegalArgumentException("least-visible " + leastVisible + " must lie between 0 and 1");
        }
    }

    @Override
    public ActorClip make(Item item, Frames whole, Seeds.Draws draws) {
        Augmented result = augment.apply(whole, draws.of(Purpose.AUGMENT));
        List<ActorBox> inside = new ArrayList<>();
        for (ActorBox actor : dataset.asked(dataset.key(item))) {
            Rectangle box = rule.apply(actor.box(), whole.height(), whole.width(), result);
            Rectangle all = result.geometry().apply(actor.box().scaled(whole.width(), whole.height()));
            if (box.area() >= leastVisible * all.area()) {
                inside.add(new ActorBox(box, actor.actions()));
            }
        }
        return new ActorClip(result.frames(), inside);
    }
}

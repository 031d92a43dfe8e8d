package maskfeat.network;

import java.util.List;
import java.util.stream.IntStream;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.data.StillImage;
import maskfeat.data.TimedClip;
import maskfeat.feature.HogTarget;
import maskfeat.mask.BlockMask;
import maskfeat.mask.CubeMask;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.weights.NetworkShape;

/** What another program's weights are for, as a network of ours; what nothing tells is as the recipes have it. */
final class ForeignSpec {
    private static final int USUAL_STRIDE = 4; // frames at 30 a second, of 16x4 clips
    private static final int USUAL_RATE = 30;

    private ForeignSpec() {}

    /** @throws IllegalArgumentException if there can be no such network */
    static NetworkSpec of(NetworkShape shape) {
        Backbone.Config backbone = backbone(shape.trunk());
        return new NetworkSpec(input(shape.input()), backbone, head(shape, backbone));
    }

    private static Backbone.Config backbone(NetworkShape.Trunk trunk) {
        if (trunk instanceof NetworkShape.VitTrunk vit) {
            return new Vit.Config(
                    vit.patch(), vit.cubeFrames(), vit.dim(), vit.depth(), vit.heads(), vit.mlpRatio(), 0);
        }
        NetworkShape.MvitTrunk mvit = (NetworkShape.MvitTrunk) trunk;
        return new Mvit.Config(
                mvit.dim(),
                mvit.heads(),
                mvit.stages(),
                mvit.kvStride(),
                mvit.poolLastStage(),
                mvit.widenInAttention(),
                mvit.classToken(),
                mvit.mlpRatio(),
                0);
    }

    private static Input input(NetworkShape.Input input) {
        boolean image = input.frames() == 1;
        ClipSampler clip = image
                ? new StillImage()
                : new TimedClip(
                        input.frames(), input.strideFrames() == 0 ? USUAL_STRIDE : input.strideFrames(), USUAL_RATE);
        Normalize usual = image ? Normalize.IMAGENET : Normalize.KINETICS;
        return new Input(
                clip,
                input.side(),
                Input.usualShortSide(input.side()),
                image ? Resize.Filter.BICUBIC : Resize.Filter.BILINEAR,
                input.mean().isEmpty() ? usual : new Normalize(floats(input.mean()), floats(input.std())));
    }

    private static List<Float> floats(List<Double> numbers) {
        return numbers.stream().map(Double::floatValue).toList();
    }

    private static Head head(NetworkShape shape, Backbone.Config backbone) {
        if (shape.output() instanceof NetworkShape.Classes classes) {
            Classifier.Pooling pooling = switch (classes.pooling()) {
                case MEAN -> Classifier.Pooling.MEAN;
                case CLASS_TOKEN -> Classifier.Pooling.CLASS_TOKEN;
                case NORM_MEAN -> Classifier.Pooling.NORM_MEAN;
            };
            List<String> names = classes.names().isEmpty()
                    ? IntStream.range(0, classes.count())
                            .mapToObj(Integer::toString)
                            .toList()
                    : classes.names();
            return new Head.Classes(pooling, 0, names);
        }
        boolean atEnd = !(shape.output() instanceof NetworkShape.Predictions predictions)
                || predictions.depths().equals(List.of(backbone.depth() - 1));
        return new Head.Prediction(
                atEnd ? List.of() : ((NetworkShape.Predictions) shape.output()).depths(),
                shape.input().frames() == 1 ? BlockMask.of(0.4) : CubeMask.of(0.4),
                HogTarget.Config.paper());
    }
}

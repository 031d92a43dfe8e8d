package maskfeat.network;

import java.util.List;
import java.util.stream.IntStream;
import maskfeat.augment.Framing;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.ClipSampler;
import maskfeat.data.StillImage;
import maskfeat.data.TimedClip;
import maskfeat.feature.HogTarget;
import maskfeat.foreign.ForeignNetwork;
import maskfeat.foreign.Layout;
import maskfeat.foreign.Preprocessing;
import maskfeat.mask.BlockMask;
import maskfeat.mask.CubeMask;

/** What another program's weights are for, as a network of ours; what nothing tells is as the recipes have it. */
final class ForeignSpec {
    private static final int USUAL_STRIDE = 4; // frames at 30 a second, of 16x4 clips
    private static final int USUAL_RATE = 30;

    private ForeignSpec() {}

    /** @throws IllegalArgumentException if there can be no such network */
    static NetworkSpec of(ForeignNetwork network, Layout layout) {
        return new NetworkSpec(input(network.input(), layout), network.backbone(), head(network));
    }

    private static Input input(ForeignNetwork.Input input, Layout layout) {
        boolean image = input.frames() == 1;
        ClipSampler clip = image
                ? new StillImage()
                : new TimedClip(
                        input.frames(), input.strideFrames() == 0 ? USUAL_STRIDE : input.strideFrames(), USUAL_RATE);
        Normalize usual = image || layout.isVideoMae() ? Normalize.IMAGENET : Normalize.KINETICS;
        Normalize normalize = input.mean().isEmpty() ? usual : new Normalize(floats(input.mean()), floats(input.std()));
        Preprocessing said = input.preprocessing();
        if (said == null) {
            boolean bilinear = layout == Layout.TORCHVISION || layout == Layout.MOCO_V3;
            Resize.Filter filter = image && !bilinear ? Resize.Filter.BICUBIC : Resize.Filter.BILINEAR;
            int shortSide = layout.isVideoMae() ? input.side() : Input.usualShortSide(input.side());
            return new Input(clip, input.side(), shortSide, filter, normalize, framing(image, layout));
        }
        // Where they are of another size than the positions, in the same proportion.
        int resized = said.side() == input.side()
                ? said.resized()
                : (int) Math.max(input.side(), Math.rint((double) input.side() * said.resized() / said.side()));
        Resize.Filter filter = Resize.Filter.valueOf(said.filter().name());
        Framing framing = new Framing(
                said.stretched(), Framing.Middle.valueOf(said.middle().name()));
        return new Input(clip, input.side(), resized, filter, normalize, framing);
    }

    private static Framing framing(boolean image, Layout layout) {
        return switch (layout) {
            case HF_VIT, HF_VIT_IN_MEMORY, HF_DINOV2, HF_VIDEOMAE -> new Framing(false, Framing.Middle.DOWN);
            case TORCHVISION, VIDEOMAE, MMACTION_VIDEOMAE -> new Framing(false, Framing.Middle.EVEN);
            case TIMM, MOCO_V3, OPENMMLAB, SLOWFAST -> image ? new Framing(false, Framing.Middle.EVEN) : Framing.USUAL;
        };
    }

    private static List<Float> floats(List<Double> numbers) {
        return numbers.stream().map(Double::floatValue).toList();
    }

    private static Head head(ForeignNetwork network) {
        if (network.output() instanceof ForeignNetwork.Classes classes) {
            List<String> names = classes.names().isEmpty()
                    ? IntStream.range(0, classes.count())
                            .mapToObj(Integer::toString)
                            .toList()
                    : classes.names();
            return new Head.Classes(classes.pooling(), 0, names, classes.normEpsilon());
        }
        List<Integer> atEnd = List.of(network.backbone().depth() - 1);
        return new Head.Prediction(
                network.output() instanceof ForeignNetwork.Predictions predictions
                                && !predictions.depths().equals(atEnd)
                        ? predictions.depths()
                        : List.of(),
                network.input().frames() == 1 ? BlockMask.of(0.4) : CubeMask.of(0.4),
                HogTarget.Config.paper());
    }
}

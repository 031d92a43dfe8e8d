package maskfeat.train;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandomResizedCrop;
import maskfeat.augment.Resize;
import maskfeat.data.BadFiles;
import maskfeat.data.Batch;
import maskfeat.data.ImageDataset;
import maskfeat.data.MaskedClip;
import maskfeat.data.MaskedSamples;
import maskfeat.data.RedOfTokens;
import maskfeat.data.Sample;
import maskfeat.data.SampleMaker;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.mask.BlockMask;
import maskfeat.mask.Grid;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import maskfeat.torch.RandomTensors;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The smallest thing that can be trained: a linear map from the colour of a sample's middle to its hidden tokens. */
final class ColourTask implements Task<MaskedClip>, AutoCloseable {
    /** How a step may go wrong. */
    enum Poison {
        /** Loss and gradient. */
        BOTH {
            @Override
            Tensor into(Tensor loss) {
                return loss.mul(new Scalar(Double.NaN));
            }
        },
        /** The loss alone: its gradient stays what it was. */
        LOSS {
            @Override
            Tensor into(Tensor loss) {
                return loss.add(new Scalar(Double.POSITIVE_INFINITY));
            }
        },
        /** The gradient alone: the root has none at 0. */
        GRADIENT {
            @Override
            Tensor into(Tensor loss) {
                return loss.add(loss.sub(loss.detach()).sqrt());
            }
        };

        abstract Tensor into(Tensor loss);
    }

    /** Masked images with the red of their hidden tokens as target. */
    static Samples<MaskedClip> samples(Path images, Seeds seeds, double maxBadShare) throws IOException {
        return samples(images, seeds, maxBadShare, UnaryOperator.identity());
    }

    /** @param changed takes the maker of samples and gives the one that is used */
    static Samples<MaskedClip> samples(
            Path images, Seeds seeds, double maxBadShare, UnaryOperator<SampleMaker<MaskedClip>> changed)
            throws IOException {
        ImageDataset dataset = ImageDataset.open(images);
        Grid grid = Grid.of(8, 8);
        return new Samples<>(
                dataset,
                seeds,
                changed.apply(new MaskedSamples(
                        Pipeline.of(
                                new RandomResizedCrop(0.5, 1, 0.75, 1.3333, 16, Resize.Filter.BICUBIC),
                                new HorizontalFlip(0.5)),
                        BlockMask.of(0.4),
                        grid,
                        new RedOfTokens(grid))),
                new BadFiles(dataset.size(), maxBadShare, Set.of(), (file, reason) -> {}));
    }

    static final String RED = "train/red";

    private static final float SCALE = 1 / 255f;

    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final double noise;
    private final TreeSet<Long> poisoned = new TreeSet<>();
    private Poison poison = Poison.BOTH;

    /** Of each call, as it was given out. */
    final List<Double> losses = new ArrayList<>();

    final List<Double> reds = new ArrayList<>();
    final List<Integer> hidden = new ArrayList<>();
    final List<List<Integer>> samples = new ArrayList<>();

    /** Takes each batch before its loss. */
    Consumer<Batch<MaskedClip>> watcher = batch -> {};

    /** @param noise added to what is predicted, drawn from libtorch's generator as drop path is */
    ColourTask(long seed, double noise) {
        this.noise = noise;
        add("weight", RandomTensors.normal(seed, 2, 3));
        add("bias", RandomTensors.normal(seed + 1, 2));
    }

    private void add(String name, Tensor value) {
        Tensor parameter = Scopes.keep(value);
        parameter.set_requires_grad(true);
        parameters.put(name, parameter);
    }

    /** Lets these steps go wrong from now on. */
    void poison(Poison how, Long... steps) {
        poison = how;
        poisoned.clear();
        poisoned.addAll(List.of(steps));
    }

    @Override
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    @Override
    public Outcome loss(Batch<MaskedClip> batch) {
        watcher.accept(batch);
        int count = batch.contents().stream().mapToInt(MaskedClip::hiddenCount).sum();
        float[] colours = new float[count * 3];
        float[] targets = new float[count * 2];
        int row = 0;
        for (MaskedClip sample : batch.contents()) {
            byte[] rgb = sample.frames().rgb();
            int middle = sample.frames()
                    .at(0, sample.frames().height() / 2, sample.frames().width() / 2);
            for (int i = 0; i < sample.hiddenCount(); i++, row++) {
                for (int c = 0; c < 3; c++) {
                    colours[row * 3 + c] = (rgb[middle + c] & 0xff) * SCALE;
                }
                targets[row * 2] = sample.targets().get(0)[i * 2] * SCALE;
                targets[row * 2 + 1] = sample.targets().get(0)[i * 2 + 1] * SCALE;
            }
        }
        Tensor prediction = Ops.linear(
                Arrays.tensor(colours, count, 3),
                requireNonNull(parameters.get("weight")),
                requireNonNull(parameters.get("bias")));
        if (noise > 0) {
            prediction = prediction.add(torch.randn(count, 2).mul(new Scalar(noise)));
        }
        Tensor loss = torch.mse_loss(prediction, Arrays.tensor(targets, count, 2));
        double red = 0;
        for (int i = 0; i < count; i++) {
            red += colours[i * 3] / count;
        }
        losses.add((double) loss.item_float());
        reds.add(red);
        hidden.add(count);
        samples.add(batch.samples().stream().map(Sample::index).toList());
        if (poisoned.contains(batch.step())) {
            loss = poison.into(loss);
        }
        return new Outcome(loss, 2 * red, Map.of(RED, red));
    }

    @Override
    public double weight(MaskedClip sample) {
        return sample.hiddenCount();
    }

    @Override
    public void close() {
        parameters.values().forEach(Scopes::release);
    }
}

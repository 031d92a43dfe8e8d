package maskfeat.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import maskfeat.data.BadFiles;
import maskfeat.data.Batch;
import maskfeat.data.ImageDataset;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.data.Seeds.Purpose;
import maskfeat.media.Frames;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A student that learns from an exponential moving average of itself: a task with samples and state of its own. */
final class TeacherTask implements Task<TeacherTask.Colour>, AutoCloseable {
    /** Red, green and blue of one pixel, 0 to 1. */
    record Colour(List<Float> rgb) {}

    static final String TEACHER = "teacher.weight";
    private static final double MOMENTUM = 0.9;

    private final Tensor student;
    private final Tensor teacher;

    /** Steps after which the loop called {@link #afterStep}. */
    final List<Long> followed = new ArrayList<>();

    /** Step whose loss is not finite. */
    long poisoned = -1;

    TeacherTask() {
        student = Scopes.keep(RandomTensors.normal(3, 2, 3));
        student.set_requires_grad(true);
        teacher = Scopes.keep(student.detach().clone());
    }

    /** A random pixel of each image. */
    static Samples<Colour> samples(Path images, Seeds seeds) throws IOException {
        ImageDataset dataset = ImageDataset.open(images);
        return new Samples<>(
                dataset,
                seeds,
                (item, whole, draws) -> {
                    int pixel = whole.at(
                            0,
                            draws.of(Purpose.AUGMENT).nextInt(whole.height()),
                            draws.of(Purpose.MASK).nextInt(whole.width()));
                    List<Float> rgb = new ArrayList<>();
                    for (int c = 0; c < Frames.CHANNELS; c++) {
                        rgb.add((whole.rgb()[pixel + c] & 0xff) / 255f);
                    }
                    return new Colour(rgb);
                },
                new BadFiles(dataset.size(), 0, Set.of(), (file, reason) -> {}));
    }

    @Override
    public Map<String, Tensor> parameters() {
        return Map.of("weight", student);
    }

    @Override
    public Map<String, Tensor> state() {
        return Map.of(TEACHER, teacher);
    }

    @Override
    public Outcome loss(Batch<Colour> batch) {
        float[] rows = new float[batch.size() * 3];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = batch.contents().get(i / 3).rgb().get(i % 3);
        }
        Tensor colours = Arrays.tensor(rows, batch.size(), 3);
        Tensor wanted = colours.matmul(teacher.t()).add(new Scalar(1));
        Tensor loss = torch.mse_loss(colours.matmul(student.t()), wanted);
        if (batch.step() == poisoned) {
            loss = loss.mul(new Scalar(Double.NaN));
        }
        return new Outcome(loss, Double.NaN, Map.of());
    }

    @Override
    public double weight(Colour colour) {
        return 1;
    }

    @Override
    public void afterStep(long step) {
        followed.add(step);
        try (NoGradGuard guard = new NoGradGuard()) {
            teacher.lerp_(student, new Scalar(1 - MOMENTUM));
        }
    }

    float[] teacher() {
        return Arrays.floats(teacher);
    }

    float[] student() {
        return Arrays.floats(student);
    }

    @Override
    public void close() {
        Scopes.release(student);
        Scopes.release(teacher);
    }
}

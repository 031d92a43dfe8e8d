package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import maskfeat.augment.Augment;
import maskfeat.augment.Augmented;
import maskfeat.augment.Box;
import maskfeat.augment.Geometry;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.Item;
import maskfeat.data.MaskedClip;
import maskfeat.data.MaskedSamples;
import maskfeat.data.Seeds;
import maskfeat.feature.CellFit;
import maskfeat.feature.FeaturesTarget;
import maskfeat.feature.TeacherFile;
import maskfeat.mask.BlockMask;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.network.Targets;
import maskfeat.teacher.Teacher;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** Which frame, which cell and which normalisation each hidden token's target comes from. */
class TeacherObjectiveTest {
    private static final int SIDE = 16;
    private static final int CELL = 8;
    private static final Normalize ITS_OWN = new Normalize(List.of(0.1f, 0.2f, 0.3f), List.of(0.5f, 0.4f, 0.25f));

    /** Its feature of a cell is the cell's mean colour. */
    private static final class MeanColour implements Teacher {
        @Override
        public Normalize normalize() {
            return ITS_OWN;
        }

        @Override
        public Tensor cells(Tensor frames) {
            return torch.adaptive_avg_pool2d(frames, frames.size(2) / CELL, frames.size(3) / CELL);
        }

        @Override
        public int dim() {
            return 3;
        }

        @Override
        public int cellSide() {
            return CELL;
        }

        @Override
        public OptionalInt classes() {
            return OptionalInt.empty();
        }

        @Override
        public Tensor scores(Tensor frames) {
            throw new IllegalStateException("no classifier");
        }

        @Override
        public String description() {
            return "mean colours";
        }

        @Override
        public List<String> notes() {
            return List.of();
        }

        @Override
        public void close() {}
    }

    private static Frames noise(int frames, long seed) {
        byte[] rgb = new byte[frames * SIDE * SIDE * Frames.CHANNELS];
        Random random = new Random(seed);
        for (int cell = 0; cell < frames * 4; cell++) { // each cell of each frame has a colour of its own
            for (int colour = 0; colour < 3; colour++) {
                byte value = (byte) random.nextInt(256);
                for (int pixel = 0; pixel < CELL * CELL; pixel++) {
                    int y = cell / 2 % 2 * CELL + pixel / CELL;
                    int x = cell % 2 * CELL + pixel % CELL;
                    rgb[((cell / 4 * SIDE + y) * SIDE + x) * 3 + colour] = value;
                }
            }
        }
        return new Frames(frames, SIDE, SIDE, rgb);
    }

    /** Clips of four frames are two steps of time: frames 0 and 2, row by row, one clip after the other. */
    @Test
    void aHiddenTokenHasItsOwnCellOfTheFirstOfItsFrames() {
        Grid grid = new Grid(2, 2, 2);
        List<MaskedClip> clips = new ArrayList<>();
        List<Long> rows = new ArrayList<>();
        List<Float> expected = new ArrayList<>();
        for (int b = 0; b < 3; b++) {
            Frames frames = noise(4, b);
            boolean[] hidden = new boolean[grid.size()];
            Random random = new Random(100 + b);
            for (int token = 0; token < hidden.length; token++) {
                hidden[token] = token == b || random.nextBoolean();
                if (hidden[token]) {
                    rows.add((long) b * grid.size() + token);
                    int at = frames.at(token / 4 * 2, token / 2 % 2 * CELL, token % 2 * CELL);
                    for (int colour = 0; colour < 3; colour++) {
                        float value = (frames.rgb()[at + colour] & 0xff) / 255f;
                        expected.add((value - ITS_OWN.mean().get(colour))
                                / ITS_OWN.std().get(colour));
                    }
                }
            }
            clips.add(new MaskedClip(frames, hidden, List.of(new float[0])));
        }
        FeaturesTarget target = new FeaturesTarget(
                new TeacherFile(null, null, 3, null), CellFit.NEAREST, FeaturesTarget.Distance.MSE_TEACHER_ONLY);
        try (PointerScope scope = new PointerScope();
                Teacher teacher = new MeanColour()) {
            Objective objective = TeacherObjective.of(0, target, grid, teacher, new Device("cpu"));
            long[] places = rows.stream().mapToLong(Long::longValue).toArray();
            float[] wanted = new float[expected.size()];
            for (int i = 0; i < wanted.length; i += 3) {
                double length = Math.sqrt(square(expected, i) + square(expected, i + 1) + square(expected, i + 2));
                for (int colour = 0; colour < 3; colour++) {
                    wanted[i + colour] = (float) (expected.get(i + colour) / length);
                }
            }
            Tensor predicted = Arrays.tensor(wanted, places.length, 3);
            Objective.Compared compared = objective
                    .wanted(clips, Arrays.tensor(places, places.length))
                    .compare(predicted);
            assertThat((double) compared.loss().item_float()).isCloseTo(0, within(1e-10));
        }
    }

    /**
     * A crop of 20 x 12 px, mirrored, is 16 px to the student and 32 px to the teacher, whose four by four cells are the tokens:
     * computed pixel by pixel from the crop of the original.
     */
    @Test
    void aTeacherOfAnotherSizeSeesTheSameCropOfTheOriginal() throws Exception {
        Grid grid = Grid.of(4, 4);
        byte[] rgb = new byte[40 * 50 * Frames.CHANNELS];
        new Random(7).nextBytes(rgb);
        Frames whole = Frames.image(40, 50, rgb);
        Box box = new Box(9, 21, 20, 12);
        FeaturesTarget target = new FeaturesTarget(
                new TeacherFile(null, 32, 3, null), CellFit.NEAREST, FeaturesTarget.Distance.MSE_TEACHER_ONLY);
        Augment augment = (frames, random) -> new Augmented(
                Resize.bicubic(frames, box, SIDE, SIDE),
                new Geometry(-SIDE / 12.0, 0, SIDE + 21 * SIDE / 12.0, 0, SIDE / 20.0, -9 * SIDE / 20.0));
        MaskedClip clip = new MaskedSamples(augment, BlockMask.of(0.4), grid, Targets.single(0, grid, target))
                .make(new Item(Path.of("a.png"), 0), whole, new Seeds(1).of(0, 0, 0));

        Frames seen = Resize.bicubic(whole, box, 32, 32);
        float[] expected = new float[grid.size() * 3];
        for (int token = 0; token < grid.size(); token++) {
            for (int colour = 0; colour < 3; colour++) {
                double sum = 0;
                for (int pixel = 0; pixel < CELL * CELL; pixel++) {
                    int y = token / 4 * CELL + pixel / CELL;
                    int x = 31 - (token % 4 * CELL + pixel % CELL);
                    sum += seen.rgb()[(y * 32 + x) * 3 + colour] & 0xff;
                }
                expected[token * 3 + colour] =
                        (float) ((sum / (CELL * CELL) / 255 - ITS_OWN.mean().get(colour))
                                / ITS_OWN.std().get(colour));
            }
        }
        try (PointerScope scope = new PointerScope();
                Teacher teacher = new MeanColour()) {
            TeacherObjective objective =
                    (TeacherObjective) TeacherObjective.of(0, target, grid, teacher, new Device("cpu"));
            assertThat(Arrays.floats(objective.targets(List.of(clip)))).containsExactly(expected, within(1e-5f));
        }
    }

    private static double square(List<Float> values, int at) {
        return (double) values.get(at) * values.get(at);
    }
}

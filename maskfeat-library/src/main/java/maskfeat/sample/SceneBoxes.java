package maskfeat.sample;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import maskfeat.disk.AtomicFile;

/** The boxes of the scenes, in the files that AVA's are published in. */
final class SceneBoxes {
    /** Frames from one key frame to the next, so that key frames are 0.2 s apart. */
    private static final int EVERY = 5;

    /** Objects of which less is inside the image are not annotated. */
    private static final double LEAST_VISIBLE = 0.3;

    /** Share of the boxes to which the made-up detector adds a false one. */
    private static final double FALSE_BOXES = 0.2;

    private SceneBoxes() {}

    /** The generator that each scene is drawn with. */
    @FunctionalInterface
    interface Scenes {
        Random random(boolean training, int index);
    }

    static void write(Path folder, SampleSet.Scenes size, Scenes scenes) throws IOException {
        StringBuilder detected = new StringBuilder();
        AtomicFile.writeText(
                folder.resolve("ava_train.csv"), rows(true, size.train(), size, scenes, new StringBuilder()));
        AtomicFile.writeText(folder.resolve("ava_val.csv"), rows(false, size.val(), size, scenes, detected));
        AtomicFile.writeText(folder.resolve("ava_val_predicted_boxes.csv"), detected.toString());
        StringBuilder labels = new StringBuilder();
        for (Motion motion : Motion.values()) {
            labels.append(String.format(
                    Locale.ROOT, "item {\n  name: \"%s\"\n  id: %d\n}\n", motion.label(), motion.ordinal() + 1));
        }
        AtomicFile.writeText(folder.resolve("label_map.pbtxt"), labels.toString());
    }

    /** Rows of {@code video,time,x1,y1,x2,y2,action,actor}. */
    private static String rows(
            boolean training, int count, SampleSet.Scenes size, Scenes scenes, StringBuilder detected) {
        StringBuilder rows = new StringBuilder();
        for (int index = 0; index < count; index++) {
            SampleScene scene = SampleClass.Acting.scene(scenes.random(training, index), size);
            Random noise = new Random(SampleNoise.seed(index, training ? 1 : 2));
            for (int frame = EVERY / 2; frame < size.frames(); frame += EVERY) {
                String moment = String.format(Locale.ROOT, "%04d,%.2f", index, (double) frame / SampleScene.FRAME_RATE);
                List<SampleScene.Actor> actors = scene.actors(frame, size.frames());
                for (int i = 0; i < actors.size(); i++) {
                    SampleScene.Actor actor = actors.get(i);
                    if (actor.visible() < LEAST_VISIBLE) {
                        continue;
                    }
                    rows.append(String.format(
                            Locale.ROOT,
                            "%s,%s,%d,%d\n",
                            moment,
                            box(actor.x1(), actor.y1(), actor.x2(), actor.y2()),
                            actor.action().ordinal() + 1,
                            i));
                    detect(actor, moment, noise, detected);
                }
            }
        }
        return rows.toString();
    }

    /** What a detector might say: the box shifted a little, and now and then one where nothing is. */
    private static void detect(SampleScene.Actor actor, String moment, Random noise, StringBuilder detected) {
        double width = actor.x2() - actor.x1();
        double height = actor.y2() - actor.y1();
        double[] corners = {actor.x1(), actor.y1(), actor.x2(), actor.y2()};
        for (int i = 0; i < corners.length; i++) {
            double by = noise.nextGaussian() * 0.04 * (i % 2 == 0 ? width : height);
            corners[i] = Math.min(1, Math.max(0, corners[i] + by));
        }
        append(detected, moment, corners, SampleNoise.between(noise, 0.8, 1));
        if (noise.nextDouble() < FALSE_BOXES) {
            double x = SampleNoise.between(noise, 0, 1 - width);
            double y = SampleNoise.between(noise, 0, 1 - height);
            append(detected, moment, new double[] {x, y, x + width, y + height}, SampleNoise.between(noise, 0.3, 0.95));
        }
    }

    private static void append(StringBuilder detected, String moment, double[] corners, double score) {
        detected.append(String.format(
                Locale.ROOT, "%s,%s,,%.6f\n", moment, box(corners[0], corners[1], corners[2], corners[3]), score));
    }

    private static String box(double x1, double y1, double x2, double y2) {
        return String.format(Locale.ROOT, "%.3f,%.3f,%.3f,%.3f", x1, y1, x2, y2);
    }
}

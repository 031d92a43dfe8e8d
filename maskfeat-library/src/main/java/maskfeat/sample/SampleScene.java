package maskfeat.sample;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import maskfeat.media.Frames;

/**
 * An image or clip of the sample set: a large textured object on a textured ground, with smaller objects around it.
 *
 * <p>The large object decides the class. Its colours, position, size and angle, the ground, the light, the smaller
 * objects and the noise have the same distribution in all classes.
 */
final class SampleScene {
    /** Frames per second of all clips. */
    static final int FRAME_RATE = 25;

    /**
     * An object of the scene.
     *
     * @param shape its outline
     * @param x of its centre, in short sides from the middle of the image
     * @param y of its centre, in short sides from the middle of the image
     * @param radius of its outline, in short sides
     * @param stretch width over height
     * @param angle clockwise, in radians
     * @param surface which moves, turns and grows with it
     */
    private record SceneObject(
            Outline shape, double x, double y, double radius, double stretch, double angle, Surface surface) {}

    /** How an object moves by itself. */
    private record Moving(Motion motion, Motion.Manner manner) {
        Pose at(double seconds) {
            return motion.at(seconds, manner);
        }
    }

    /**
     * Something that acts in a scene, at one time.
     *
     * @param action what it does
     * @param x1 left, as a fraction of the image's width
     * @param y1 top, as a fraction of its height
     * @param x2 right
     * @param y2 bottom
     * @param visible share of its box that lies inside the image; what of it is hidden by others counts as visible
     */
    record Actor(Motion action, double x1, double y1, double x2, double y2, double visible) {}

    /**
     * Lighting and noise, which do not depend on the class.
     *
     * @param heading direction of the light, in radians
     * @param slope change of brightness over the short side of the image, as a fraction
     * @param relief change of brightness over one object, as a fraction
     * @param shadow darkness of an object's shadow, 0 to 1
     * @param gain contrast
     * @param lift brightness
     * @param noise standard deviation of each pixel, where 1 is full brightness
     */
    private record Light(
            double heading, double slope, double relief, double shadow, double gain, double lift, double noise) {
        static Light draw(Random random, double maxNoise) {
            return new Light(
                    SampleNoise.between(random, 0, 2 * Math.PI),
                    SampleNoise.between(random, 0, 0.4),
                    SampleNoise.between(random, 0, 0.25),
                    SampleNoise.between(random, 0.1, 0.5),
                    SampleNoise.between(random, 0.75, 1.15),
                    SampleNoise.between(random, -0.1, 0.1),
                    SampleNoise.between(random, 0.005, maxNoise));
        }
    }

    private final int width;
    private final int height;
    private final Surface ground;
    private final double panX;
    private final double panY;
    private final List<SceneObject> objects; // farthest first
    private final Map<SceneObject, Moving> moving = new IdentityHashMap<>(); // those that do more than the ground
    private final Light light;
    private final long noiseSeed;

    private SampleScene(
            Random random, int width, int height, SceneObject subject, double pan, Motion motion, double maxNoise) {
        this.width = width;
        this.height = height;
        moving.put(subject, new Moving(motion, Motion.Manner.draw(random)));
        ground = Surface.draw(
                random, SampleNoise.oneOf(random, Texture.values()), Surface.Paint.draw(random, 0.05, 0.22));
        panX = SampleNoise.between(random, -pan, pan);
        panY = SampleNoise.between(random, -pan, pan);
        light = Light.draw(random, maxNoise);
        objects = new ArrayList<>();
        int behind = random.nextInt(3);
        int before = random.nextInt(3) / 2;
        for (int i = 0; i < behind; i++) {
            objects.add(bystander(random));
        }
        objects.add(subject);
        for (int i = 0; i < before; i++) {
            objects.add(bystander(random));
        }
        noiseSeed = random.nextLong();
    }

    /** A scene of several that act, each by itself, with at most one bystander behind them. */
    private SampleScene(Random random, int width, int height, Map<SceneObject, Moving> acting) {
        this.width = width;
        this.height = height;
        ground = Surface.draw(
                random, SampleNoise.oneOf(random, Texture.values()), Surface.Paint.draw(random, 0.05, 0.22));
        panX = SampleNoise.between(random, -0.05, 0.05);
        panY = SampleNoise.between(random, -0.05, 0.05);
        light = Light.draw(random, 0.02);
        objects = new ArrayList<>();
        if (random.nextBoolean()) {
            objects.add(bystander(random));
        }
        objects.addAll(acting.keySet());
        moving.putAll(acting);
        noiseSeed = random.nextLong();
    }

    /** An image of an object of this class. */
    static SampleScene image(Random random, int width, int height, Outline shape, Texture texture) {
        int shortSide = Math.min(width, height);
        SceneObject subject = new SceneObject(
                shape,
                SampleNoise.between(random, -0.1, 0.1) * width / shortSide,
                SampleNoise.between(random, -0.1, 0.1) * height / shortSide,
                SampleNoise.between(random, 0.3, 0.42),
                SampleNoise.between(random, 0.85, 1.18),
                SampleNoise.between(random, -0.3, 0.3),
                Surface.draw(random, texture, 0.6, Surface.Paint.draw(random, 0.22, 0.5)));
        return new SampleScene(random, width, height, subject, 0, Motion.DRIFT, 0.03);
    }

    /**
     * A square clip of an object of this class. Its texture is coarser than in images, because clips are shown to
     * networks at a smaller size.
     */
    static SampleScene clip(Random random, int side, Texture texture, Motion motion) {
        SceneObject subject = new SceneObject(
                SampleNoise.oneOf(random, Outline.values()),
                SampleNoise.between(random, -0.08, 0.08),
                SampleNoise.between(random, -0.08, 0.08),
                SampleNoise.between(random, 0.34, 0.44),
                SampleNoise.between(random, 0.85, 1.18),
                SampleNoise.between(random, 0, 2 * Math.PI), // any angle, or one upside down must be turning
                Surface.draw(random, texture, Surface.Paint.draw(random, 0.22, 0.5))
                        .coarser(1.4));
        return new SampleScene(random, side, side, subject, 0.08, motion, 0.02);
    }

    /** A wide clip in which one to three objects act side by side, each in its own way. */
    static SampleScene acting(Random random, int width, int height) {
        int count = 1 + random.nextInt(3);
        double room = (double) width / Math.min(width, height) / count;
        Map<SceneObject, Moving> acting = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            SceneObject actor = new SceneObject(
                    SampleNoise.oneOf(random, Outline.values()),
                    (i - (count - 1) / 2.0) * room + SampleNoise.between(random, -0.05, 0.05),
                    SampleNoise.between(random, -0.12, 0.12),
                    SampleNoise.between(random, 0.15, 0.22),
                    SampleNoise.between(random, 0.85, 1.18),
                    SampleNoise.between(random, 0, 2 * Math.PI),
                    Surface.draw(
                            random,
                            SampleNoise.oneOf(random, Texture.values()),
                            Surface.Paint.draw(random, 0.25, 0.5)));
            acting.put(actor, new Moving(SampleNoise.oneOf(random, Motion.values()), Motion.Manner.draw(random)));
        }
        return new SampleScene(random, width, height, acting);
    }

    /**
     * Where those that act are at one time, in the order in which they lie over each other.
     *
     * @param frame counted from 0
     * @param frameCount of the clip
     */
    List<Actor> actors(int frame, int frameCount) {
        double seconds = seconds(frame, frameCount);
        double pixel = pixel();
        List<Actor> actors = new ArrayList<>();
        for (SceneObject object : objects) {
            Moving own = moving.get(object);
            if (own != null) {
                double[] box = new Placed(object, own.at(seconds), pixel).box();
                double x1 = box[0] / (width * pixel) + 0.5;
                double y1 = box[1] / (height * pixel) + 0.5;
                double x2 = box[2] / (width * pixel) + 0.5;
                double y2 = box[3] / (height * pixel) + 0.5;
                double inside = Math.max(0, within(x2) - within(x1)) * Math.max(0, within(y2) - within(y1));
                actors.add(new Actor(
                        own.motion, within(x1), within(y1), within(x2), within(y2), inside / ((x2 - x1) * (y2 - y1))));
            }
        }
        return actors;
    }

    private static double within(double fraction) {
        return Math.min(1, Math.max(0, fraction));
    }

    private double pixel() {
        return 1.0 / Math.min(width, height);
    }

    /** Time from the middle of the clip. */
    private static double seconds(int frame, int frameCount) {
        return (frame - (frameCount - 1) / 2.0) / FRAME_RATE;
    }

    private static SceneObject bystander(Random random) {
        return new SceneObject(
                SampleNoise.oneOf(random, Outline.values()),
                SampleNoise.between(random, -0.5, 0.5),
                SampleNoise.between(random, -0.5, 0.5),
                SampleNoise.between(random, 0.07, 0.13),
                SampleNoise.between(random, 0.85, 1.18),
                SampleNoise.between(random, 0, 2 * Math.PI),
                Surface.draw(
                        random, SampleNoise.oneOf(random, Texture.values()), Surface.Paint.draw(random, 0.1, 0.5)));
    }

    /** Draws a clip at {@link #FRAME_RATE}. */
    Frames draw(int frameCount) {
        byte[] rgb = new byte[frameCount * height * width * Frames.CHANNELS];
        for (int frame = 0; frame < frameCount; frame++) {
            draw(frame, seconds(frame, frameCount), rgb);
        }
        return new Frames(frameCount, height, width, rgb);
    }

    private void draw(int frame, double seconds, byte[] rgb) {
        double pixel = pixel();
        List<Placed> placed = new ArrayList<>();
        for (SceneObject object : objects) {
            Moving own = moving.get(object);
            placed.add(new Placed(object, own == null ? pan(seconds) : own.at(seconds), pixel));
        }
        double[] colour = new double[3];
        double lightX = Math.cos(light.heading);
        double lightY = Math.sin(light.heading);
        int at = frame * height * width * Frames.CHANNELS;
        for (int row = 0; row < height; row++) {
            double y = (row + 0.5 - height / 2.0) * pixel;
            for (int column = 0; column < width; column++) {
                double x = (column + 0.5 - width / 2.0) * pixel;
                double share = ground.at(x - panX * seconds, y - panY * seconds, pixel);
                colour[0] = ground.paint().red().at(share);
                colour[1] = ground.paint().green().at(share);
                colour[2] = ground.paint().blue().at(share);
                for (Placed object : placed) {
                    object.paint(x, y, lightX, lightY, colour);
                }
                double bright = 1 + light.slope * (x * lightX + y * lightY);
                for (int channel = 0; channel < 3; channel++) {
                    double lit = (colour[channel] * bright - 0.5) * light.gain + 0.5 + light.lift;
                    double noisy = lit + light.noise * SampleNoise.grain(noiseSeed + at);
                    rgb[at++] = (byte) Math.min(255, Math.max(0, Math.round(255 * noisy)));
                }
            }
        }
    }

    private Pose pan(double seconds) {
        return new Pose(panX * seconds, panY * seconds, 0, 1);
    }

    /** An object at one time: maps positions in the image to positions on the object. */
    private final class Placed {
        private static final double SHADOW_REACH = 0.03;

        private final SceneObject object;
        private final double pixel;
        private final double x;
        private final double y;
        private final double cos;
        private final double sin;
        private final double scale;
        private final double near; // squared

        Placed(SceneObject object, Pose pose, double pixel) {
            this.object = object;
            this.pixel = pixel;
            x = object.x + pose.x();
            y = object.y + pose.y();
            scale = pose.scale();
            cos = Math.cos(object.angle + pose.angle());
            sin = Math.sin(object.angle + pose.angle());
            double reach = Outline.REACH * object.radius * scale * 1.2 + 3 * SHADOW_REACH;
            near = reach * reach;
        }

        void paint(double atX, double atY, double lightX, double lightY, double[] colour) {
            double right = atX - x;
            double down = atY - y;
            if (right * right + down * down > near) {
                return;
            }
            double fromOutline = distance(right, down);
            double cover = Math.min(1, Math.max(0, 0.5 - fromOutline / (1.2 * pixel)));
            if (cover < 1) {
                double fromShadow = distance(right + SHADOW_REACH * lightX, down + SHADOW_REACH * lightY);
                double dark = light.shadow * Math.min(1, Math.max(0, 0.5 - fromShadow / (2 * SHADOW_REACH)));
                for (int channel = 0; channel < 3; channel++) {
                    colour[channel] *= 1 - dark;
                }
            }
            if (cover > 0) {
                double onX = (cos * right + sin * down) / scale;
                double onY = (cos * down - sin * right) / scale;
                double share = object.surface.at(onX, onY, pixel / scale);
                double relief = 1 + light.relief * (right * lightX + down * lightY) / (object.radius * scale);
                Surface.Paint paint = object.surface.paint();
                colour[0] += cover * (paint.red().at(share) * relief - colour[0]);
                colour[1] += cover * (paint.green().at(share) * relief - colour[1]);
                colour[2] += cover * (paint.blue().at(share) * relief - colour[2]);
            }
        }

        /** The smallest upright box around it: left, top, right, bottom, in short sides from the middle of the image. */
        double[] box() {
            double reach = Outline.REACH * object.radius * scale * 1.2;
            int steps = (int) Math.ceil(reach / pixel);
            double[] box = {x, y, x, y};
            for (int row = -steps; row <= steps; row++) {
                for (int column = -steps; column <= steps; column++) {
                    double right = column * pixel;
                    double down = row * pixel;
                    if (distance(right, down) <= 0) {
                        box[0] = Math.min(box[0], x + right - pixel / 2);
                        box[1] = Math.min(box[1], y + down - pixel / 2);
                        box[2] = Math.max(box[2], x + right + pixel / 2);
                        box[3] = Math.max(box[3], y + down + pixel / 2);
                    }
                }
            }
            return box;
        }

        /** In short sides of the image. */
        private double distance(double right, double down) {
            double size = object.radius * scale;
            double wide = Math.sqrt(object.stretch);
            double onX = (cos * right + sin * down) / (size * wide);
            double onY = (cos * down - sin * right) / (size / wide);
            return object.shape.distance(onX, onY) * size;
        }
    }
}

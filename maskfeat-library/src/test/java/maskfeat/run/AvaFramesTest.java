package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import maskfeat.boxes.ClipRange;
import maskfeat.boxes.KeyFrameClip;
import maskfeat.boxes.Moment;
import maskfeat.data.Footage;
import maskfeat.data.Item;
import maskfeat.data.KeyFrameDataset;
import maskfeat.media.Frames;
import maskfeat.media.VideoWriter;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AVA as PySlowFast lays it out: frames extracted at 30 a second from second 900 on, with their lists. */
class AvaFramesTest {
    private static final List<String> VIDEOS = List.of("-5KQ66BBWC4", "_x1", "1j20qq1JyX4");
    private static final int FRAMES = 165;
    private static final int HEIGHT = 40;
    private static final int WIDTH = 56;

    @TempDir
    private static Path made = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    /** Videos, and folders of exactly the pictures that they show. */
    @BeforeAll
    static void make() throws IOException {
        Random random = new Random(9);
        for (String video : VIDEOS) {
            byte[] rgb = new byte[FRAMES * HEIGHT * WIDTH * Frames.CHANNELS];
            random.nextBytes(rgb);
            Path file = Files.createDirectories(made.resolve("videos")).resolve(video + ".mp4");
            VideoWriter.write(file, new Frames(FRAMES, HEIGHT, WIDTH, rgb), 30, VideoWriter.Codec.MPEG4);
            try (Footage footage = Footage.open(file)) {
                Frames shown = footage.frames(IntStream.range(0, FRAMES).toArray());
                assertThat(shown.count()).isEqualTo(FRAMES);
                for (int t = 0; t < FRAMES; t++) {
                    write(
                            made.resolve("frames").resolve(video),
                            String.format("%s_%06d.ppm", video, t + 1),
                            Arrays.copyOfRange(shown.rgb(), shown.at(t, 0, 0), shown.at(t, 0, 0) + HEIGHT * WIDTH * 3));
                }
            }
        }
        list(made.resolve("ava/frame_lists/train.csv"), VIDEOS.subList(0, 2), "");
        list(made.resolve("ava/frame_lists/val.csv"), VIDEOS.subList(2, 3), "");
        annotate(made.resolve("ava/annotations/ava_train_v2.2.csv"), VIDEOS.subList(0, 2));
        annotate(made.resolve("ava/annotations/ava_val_v2.2.csv"), VIDEOS.subList(2, 3));
    }

    private static void write(Path folder, String name, byte[] pixels) throws IOException {
        byte[] header = ("P6 " + WIDTH + " " + HEIGHT + " 255\n").getBytes(StandardCharsets.US_ASCII);
        byte[] file = Arrays.copyOf(header, header.length + pixels.length);
        System.arraycopy(pixels, 0, file, header.length, pixels.length);
        Files.write(Files.createDirectories(folder).resolve(name), file);
    }

    private static void list(Path file, List<String> videos, String before) throws IOException {
        StringBuilder text = new StringBuilder("original_vido_id video_id frame_id path labels\n");
        for (int v = 0; v < videos.size(); v++) {
            for (int t = 0; t < FRAMES; t++) {
                text.append(String.format(
                        "%s %d %d %s%s/%s_%06d.ppm \"\"\n",
                        videos.get(v), v, t, before, videos.get(v), videos.get(v), t + 1));
            }
        }
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void annotate(Path file, List<String> videos) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int v = 0; v < videos.size(); v++) {
            for (String second : List.of("0902", "0903", "0904", "904.5", "0905")) {
                text.append(
                        videos.get(v) + "," + second + ",0.1,0.1,0.5,0.9," + (1 + (v + second.length()) % 3) + ",1\n");
                text.append(videos.get(v) + "," + second + ",0.5,0.2,0.95,0.8,1,2\n");
            }
        }
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static Settings<Run> settings(Path data, Path boxes, String... assignments) {
        return plain(data, boxes, assignments).set("task.boxes.range.first=902");
    }

    private static Settings<Run> plain(Path data, Path boxes, String... assignments) {
        Settings<Run> settings = Recipes.BOOK
                .settings("tiny-detect")
                .set("data.path=" + data)
                .set("task.boxes.source=" + boxes)
                .set("data.clip.rate=30");
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    @Test
    void framesTrainAndMeasureAsTheirVideosDo() throws Exception {
        Path ofFrames = folder.resolve("frames");
        Path ofVideos = folder.resolve("videos");
        RunJob.begin(ofFrames, settings(made.resolve("frames"), made.resolve("ava")))
                .run();
        RunJob.begin(ofVideos, settings(made.resolve("videos"), made.resolve("ava")))
                .run();
        assertThat(Files.readAllBytes(ofFrames.resolve("model.safetensors")))
                .isEqualTo(Files.readAllBytes(ofVideos.resolve("model.safetensors")));
        assertThat(RunResult.read(ofFrames.resolve(RunResult.FILE)).figures())
                .containsKey("val/frame_map")
                .isEqualTo(RunResult.read(ofVideos.resolve(RunResult.FILE)).figures());
    }

    /** Second 902 is frame 60, and the clip around it that of the official code. */
    @Test
    void aClipHasTheFramesThatTheOfficialCodeTakes() throws Exception {
        KeyFrameDataset train = train(settings(made.resolve("frames"), made.resolve("ava")));
        assertThat(train.size()).isEqualTo(10);
        for (Item item : train.items()) {
            KeyFrameDataset.Key key = train.key(item);
            Moment second = Moment.second(key.name().substring(key.name().indexOf(',') + 1));
            int[] official = new KeyFrameClip(4, 2).around(ClipRange.AVA.centre(second), FRAMES);
            try (Footage footage = Footage.open(key.video())) {
                assertThat(train.readView(item, 0, 1).rgb())
                        .isEqualTo(footage.frames(official).rgb());
            }
        }
    }

    private static KeyFrameDataset train(Settings<Run> settings) throws IOException {
        return (KeyFrameDataset) RunData.open(settings.value()).train();
    }

    private static List<String> notices(Settings<Run> settings) throws IOException {
        return RunData.open(settings.value()).notices();
    }

    @Test
    void onlyListedVideosAreTaken() throws Exception {
        Path ava = folder.resolve("ava");
        annotate(ava.resolve("ava_train_v2.2.csv"), VIDEOS.subList(0, 2));
        list(ava.resolve("frame_lists/train.csv"), VIDEOS.subList(0, 1), "");
        Settings<Run> settings = settings(made.resolve("frames"), ava);
        assertThat(train(settings).items()).hasSize(5);
        assertThat(notices(settings)).anyMatch(notice -> notice.contains("not listed") && notice.contains("_x1"));
    }

    /** Without this the frames behind a gap would be taken for earlier ones in silence. */
    @Test
    void aFolderWithFewerFramesThanAreListedIsTold() throws Exception {
        for (int t = 0; t < FRAMES; t++) {
            if (t != 70) {
                String name = String.format("%s_%06d.ppm", VIDEOS.get(0), t + 1);
                Files.createDirectories(folder.resolve("frames/" + VIDEOS.get(0)));
                Files.copy(
                        made.resolve("frames").resolve(VIDEOS.get(0)).resolve(name),
                        folder.resolve("frames").resolve(VIDEOS.get(0)).resolve(name));
            }
        }
        Path ava = folder.resolve("ava");
        annotate(ava.resolve("ava_train_v2.2.csv"), VIDEOS.subList(0, 1));
        list(ava.resolve("frame_lists/train.csv"), VIDEOS.subList(0, 1), "");
        String sentence = "video '" + VIDEOS.get(0) + "' has 164 frames, and 165 are listed";
        assertThat(notices(settings(folder.resolve("frames"), ava))).anyMatch(notice -> notice.contains(sentence));
        BoxScan scan = BoxScan.of(
                folder.resolve("frames"),
                new DetectConfig.Boxes(ava.toString(), null, null, null, null, null, ClipRange.AVA, null, 0, 1, 0));
        assertThat(scan.parts().get(0).sentences()).anyMatch(each -> each.contains(sentence));
    }

    @Test
    void foldersAreFoundByTheirPathsInTheListToo() throws Exception {
        Path ava = folder.resolve("ava");
        Files.createDirectories(ava.resolve("frame_lists"));
        Files.writeString(
                ava.resolve("frame_lists/train.csv"),
                "original_vido_id video_id frame_id path labels\nfilm 0 0 elsewhere/frames/_x1/_x1_000001.ppm \"\"\n");
        Files.writeString(ava.resolve("ava_train_v2.2.csv"), "film,0902,0.1,0.1,0.5,0.9,1,1\n");
        assertThat(train(settings(made.resolve("frames"), ava)).items())
                .allMatch(item -> item.file().endsWith("_x1"))
                .hasSize(1);
    }

    /** Training on the last frame of each video, again and again, would look like training. */
    @Test
    void momentsThatNoVideoHasAreRefused() {
        assertThatThrownBy(() -> train(plain(made.resolve("frames"), made.resolve("ava"))))
                .hasMessageContaining("all 10 moments")
                .hasMessageContaining("902.00 s")
                .hasMessageContaining("task.boxes.range.first=902");
    }

    @Test
    void someMomentsOutsideAreTold() throws Exception {
        Path boxes = Files.writeString(
                folder.resolve("boxes.csv"),
                "video,second,x1,y1,x2,y2,class\n_x1,2,0.1,0.1,0.5,0.9,run\n_x1,60,0.1,0.1,0.5,0.9,run\n");
        assertThat(notices(plain(made.resolve("frames"), boxes)))
                .anyMatch(notice -> notice.contains("1 of the first 2 key frames") && notice.contains("60.00 s"));
    }
}

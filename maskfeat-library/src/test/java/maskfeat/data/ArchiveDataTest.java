package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.archive.ArchiveFiles;
import maskfeat.media.Frames;
import maskfeat.media.UnreadableFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zip and tar files as data, with folders in them or as WebDataset writes them. */
class ArchiveDataTest {
    private static final ClipSampler IMAGE = StillImage.defaults();

    @TempDir
    Path temp;

    private final List<String> notices = new ArrayList<>();
    private byte[] picture = new byte[0];

    @BeforeEach
    void aPicture() throws IOException {
        picture = Files.readAllBytes(PictureFiles.write(temp.resolve("one/p.jpg"), 20, 10, 1));
    }

    private Path photos() throws IOException {
        int seed = 0;
        for (String part : List.of("train", "val")) {
            for (String name : List.of("cat", "dog")) {
                for (int i = 0; i < 3; i++) {
                    PictureFiles.write(temp.resolve("photos/" + part + "/" + name + "/" + i + ".jpg"), 20, 10, seed++);
                }
            }
        }
        return temp.resolve("photos");
    }

    private static List<String> items(Dataset data) {
        return data.items().stream()
                .map(item -> data.name(item) + " "
                        + (item.label() < 0 ? "-" : data.classes().get(item.label())))
                .toList();
    }

    /** Members of samples: a name that ends as pictures do is one, anything else a text. */
    private Path tar(String name, String... namesAndTexts) throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            boolean media = namesAndTexts[i].endsWith(".jpg");
            members.put(namesAndTexts[i], media ? picture : namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
        }
        Path file = temp.resolve(name);
        Files.createDirectories(file.getParent());
        return name.endsWith(".zip") ? ArchiveFiles.zip(file, members, false) : ArchiveFiles.tar(file, members);
    }

    private Map<String, String> verdicts(Path source) throws Exception {
        Map<String, String> verdicts = new TreeMap<>();
        Scan scan = Scan.of(source, Scan.As.AUTO, Duration.ofSeconds(60));
        notices.addAll(scan.notices());
        scan.run(2, finding -> {
            assertThat(finding.usable()
                            || finding.reason().startsWith(finding.item().file().toString()))
                    .as(finding.reason())
                    .isTrue();
            verdicts.put(
                    temp.toUri()
                            .relativize(
                                    Path.of(finding.item().file().toString()).toUri())
                            .getPath(),
                    finding.verdict());
        });
        return verdicts;
    }

    // ---- folders in an archive -------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"stored.zip", "deflated.zip", "bare.tar", "wrapped.tar"})
    void anArchiveIsReadAsItsFolderIs(String name) throws IOException {
        Path folder = photos();
        Map<String, byte[]> files = ArchiveFiles.of(name.startsWith("wrapped") ? temp : folder);
        files.keySet().removeIf(file -> file.startsWith("one/"));
        Path file = temp.resolve(name);
        Path archive = name.endsWith("zip")
                ? ArchiveFiles.zip(file, files, name.startsWith("stored"))
                : ArchiveFiles.tar(file, files);
        Splits there = Splits.open(folder, null, IMAGE, Splits.Options.NONE);
        Splits here = Splits.open(archive, null, IMAGE, Splits.Options.NONE);
        assertThat(here.classes()).isEqualTo(there.classes()).containsExactly("cat", "dog");
        assertThat(items(here.train()))
                .isEqualTo(items(there.train()))
                .hasSize(6)
                .contains("dog/2.jpg dog");
        Dataset held = here.validation().orElseThrow();
        assertThat(items(held)).isEqualTo(items(there.validation().orElseThrow()));
        for (int i = 0; i < held.size(); i++) {
            Frames packed = held.readView(held.items().get(i), 0, 1);
            Dataset plain = there.validation().orElseThrow();
            assertThat(packed.rgb())
                    .isEqualTo(plain.readView(plain.items().get(i), 0, 1).rgb());
        }
        assertThat(items(Splits.unlabelled(archive, IMAGE, notices::add)))
                .isEqualTo(items(Splits.unlabelled(folder, IMAGE, notice -> {})));
        assertThat(new GivenFiles(List.of(archive)).items(IMAGE)).hasSize(12);
    }

    @Test
    void aFileThatIsOnlyCalledAnArchiveIsNoList() throws IOException {
        Path file = Files.writeString(temp.resolve("photos.zip"), "hello");
        assertThatThrownBy(() -> ImageDataset.open(file)).hasMessageContaining("is no zip or tar file");
        Path empty = Files.createFile(temp.resolve("photos.TAR"));
        assertThatThrownBy(() -> ImageDataset.open(empty)).hasMessageContaining("it is empty");
    }

    @Test
    void aFolderInAnArchiveIsNamedAsItsFilesAre() throws IOException {
        Path folder = photos();
        Path zip = ArchiveFiles.zip(temp.resolve("photos.zip"), ArchiveFiles.of(folder), false);
        Path train = Path.of(zip + "!/train");
        assertThat(items(Dataset.open(train, IMAGE))).isEqualTo(items(Dataset.open(folder.resolve("train"), IMAGE)));
        Path one = Path.of(zip + "!/val/dog/1.jpg");
        assertThat(new GivenFiles(List.of(one)).items(IMAGE))
                .singleElement()
                .satisfies(item -> assertThat(item.file()).hasToString(one.toString()));
    }

    @Test
    void listsMayNameMembers() throws IOException {
        Path zip = ArchiveFiles.zip(temp.resolve("photos.zip"), ArchiveFiles.of(photos()), false);
        Path list = Files.writeString(
                temp.resolve("list.csv"),
                "path,label\nphotos.zip!/train/cat/0.jpg,cat\n" + zip + "!/val/dog/0.jpg,dog\n");
        Dataset data = Dataset.open(list, IMAGE);
        assertThat(data.classes()).containsExactly("cat", "dog");
        for (Item item : data.items()) {
            assertThat(data.readView(item, 0, 1).width()).isEqualTo(20);
        }
    }

    @Test
    void listsInAnArchiveNameTheFilesBesideThem() throws IOException {
        tar("a.zip", "d/train.csv", "p.jpg cat\nq.jpg dog\n", "d/p.jpg", "", "d/q.jpg", "");
        Splits splits = Splits.open(Path.of(temp + "/a.zip!/d"), null, IMAGE, Splits.Options.NONE);
        assertThat(splits.classes()).containsExactly("cat", "dog");
        assertThat(splits.train().items())
                .allSatisfy(item ->
                        assertThat(splits.train().readView(item, 0, 1).width()).isEqualTo(20));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void videosAndFoldersOfFramesAreReadFromArchives(boolean stored) throws IOException {
        Path videos = temp.resolve("videos");
        VideoFiles.write(Files.createDirectories(videos.resolve("a")).resolve("clip.mp4"), 10);
        for (int i = 1; i <= 4; i++) {
            PictureFiles.write(videos.resolve("b/frames/img_" + i + ".jpg"), 20, 10, i);
        }
        Path zip = ArchiveFiles.zip(temp.resolve("videos.zip"), ArchiveFiles.of(videos), stored);
        Dataset there = Dataset.open(videos, TimedClip.defaults());
        Dataset here = Dataset.open(zip, TimedClip.defaults());
        assertThat(items(here)).isEqualTo(items(there)).containsExactly("a/clip.mp4 a", "b/frames b");
        for (int i = 0; i < here.size(); i++) {
            for (int view = 0; view < 2; view++) {
                assertThat(here.readView(here.items().get(i), view, 2).rgb())
                        .isEqualTo(there.readView(there.items().get(i), view, 2).rgb());
            }
        }
    }

    // ---- WebDataset ------------------------------------------------------------------------------------------------

    @Test
    void twoLabelsOfOneSampleMustAgree() throws IOException {
        String json = "{\"label\": 1}";
        Path agree = tar("a.tar", "0.jpg", "", "0.cls", "1", "0.json", json, "1.jpg", "", "1.cls", "0");
        assertThat(items(Splits.open(agree, null, IMAGE, Splits.Options.NONE).train()))
                .containsExactly("0.jpg 1", "1.jpg 0");
        Path named = tar("b.tar", "0.jpg", "", "0.cls", "cat", "0.json", json, "1.jpg", "", "1.cls", "dog");
        assertThat(items(Splits.open(named, null, IMAGE, Splits.Options.NONE).train()))
                .containsExactly("0.jpg cat", "1.jpg dog");
        Path differ = tar("c.tar", "0.jpg", "", "0.cls", "0", "0.json", json, "1.jpg", "", "1.cls", "1");
        assertThatThrownBy(() -> Splits.open(differ, null, IMAGE, Splits.Options.NONE))
                .hasMessageContainingAll("c.tar!/0.cls", "class 0", "0.json", "should agree");
    }

    @Test
    void namesAndNumbersAsLabelsAreTold() throws IOException {
        Path tar = tar("a.tar", "0.jpg", "", "0.cls", "cat", "1.jpg", "", "1.cls", "1", "2.jpg", "", "2.cls", "dog");
        Splits splits = Splits.open(tar, null, IMAGE, Splits.Options.NONE);
        assertThat(splits.classes()).containsExactly("1", "cat", "dog");
        assertThat(splits.notices()).anyMatch(each -> each.contains("1 number is taken for the name of a class"));
    }

    @Test
    void labelsAreInClsAsNumbers() throws IOException {
        Path tar = tar("a.tar", "0.cls", "1", "0.jpg", "", "1.jpg", "", "1.cls", "0\n", "2.jpg", "", "2.cls", "2");
        Splits splits = Splits.open(tar, null, IMAGE, Splits.Options.NONE);
        assertThat(items(splits.train())).containsExactly("0.jpg 1", "1.jpg 0", "2.jpg 2");
        Files.writeString(temp.resolve("classes.txt"), "ant\nbee\ncow\n");
        assertThat(Splits.open(tar, null, IMAGE, Splits.Options.NONE).classes()).containsExactly("ant", "bee", "cow");
        Dataset measured = Splits.labelled(tar, IMAGE, List.of("cow", "bee", "ant"), notices::add);
        assertThat(items(measured)).containsExactly("0.jpg bee", "1.jpg ant", "2.jpg cow");
    }

    @Test
    void labelsAreInJsonAsNamesOrNumbers() throws IOException {
        Path names = tar(
                "a.zip",
                "a/0.jpg",
                "",
                "a/0.json",
                "{\"label\": \"dog\", \"url\": [1]}",
                "a/1.jpg",
                "",
                "a/1.json",
                "{\"class\": \"cat\", \"label\": null}");
        assertThat(items(Splits.open(names, null, IMAGE, Splits.Options.NONE).train()))
                .containsExactly("a/0.jpg dog", "a/1.jpg cat");
        Path numbers = tar("b.tar", "0.jpg", "", "0.json", "{\"cls\": 1}", "1.jpg", "", "1.json", "{\"cls\": 0}");
        assertThat(items(Splits.open(numbers, null, IMAGE, Splits.Options.NONE).train()))
                .containsExactly("0.jpg 1", "1.jpg 0");
    }

    @Test
    void captionsAreNoLabelsAndItIsSaid() throws IOException {
        Path tar = tar("a.tar", "0.jpg", "", "0.txt", "a dog", "1.jpg", "", "1.txt", "a cat");
        assertThat(items(Splits.unlabelled(tar, IMAGE, notices::add))).containsExactly("0.jpg -", "1.jpg -");
        assertThat(notices).singleElement().asString().contains("2 of the 2 samples", ".txt", "not read");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Splits.open(tar, null, IMAGE, Splits.Options.NONE))
                .withMessageContainingAll("2 images and no label");
    }

    @Test
    void aSampleWithoutLabelIsNamedWhereLabelsAreNeeded() throws IOException {
        Path tar = tar("a.tar", "0.jpg", "", "0.cls", "1", "1.jpg", "", "2.jpg", "", "2.cls", "0");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Splits.open(tar, null, IMAGE, Splits.Options.NONE))
                .withMessageContainingAll("a.tar!/1.jpg has no label");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "cat\ndog"})
    void aLabelThatIsNoneIsNamed(String text) throws Exception {
        Path tar = tar("a.tar", "0.jpg", "", "0.cls", "1", "1.jpg", "", "1.cls", text);
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Dataset.open(tar, IMAGE))
                .withMessageContainingAll("a.tar!/1.cls", "number or name of a class");
        assertThat(verdicts(tar))
                .isEqualTo(Map.of("a.tar!/0.jpg", "ok", "a.tar!/1.jpg", "ok", "a.tar!/1.cls", "damaged"));
    }

    @Test
    void jsonWithoutLabelsBesideClassFoldersIsNotLookedAt() throws IOException {
        Path zip = tar("a.zip", "cat/0.jpg", "", "cat/0.json", "{\"shapes\": []}", "dog/0.jpg", "");
        assertThat(items(Dataset.open(zip, IMAGE))).containsExactly("cat/0.jpg cat", "dog/0.jpg dog");
    }

    // ---- several archives ------------------------------------------------------------------------------------------

    @Test
    void severalShardsAreOneDataSet() throws IOException {
        tar("s-000.tar", "0.jpg", "", "0.cls", "dog");
        tar("s-001.tar", "0.jpg", "", "0.cls", "cat");
        Path shards = temp.resolve("s-{000..001}.tar");
        Splits splits = Splits.open(shards, null, IMAGE, Splits.Options.NONE);
        assertThat(items(splits.train())).containsExactly("s-000.tar!/0.jpg dog", "s-001.tar!/0.jpg cat");
        assertThat(splits.train().items().get(1).file()).hasToString(temp.resolve("s-001.tar") + "!/0.jpg");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Dataset.open(temp.resolve("s-{000..002}.tar"), IMAGE))
                .withMessageContaining("s-002.tar");
    }

    @Test
    void classFoldersOfSeveralArchivesAreTheSameClasses() throws IOException {
        tar("a.tar", "cat/0.jpg", "", "dog/0.jpg", "");
        tar("b.zip", "cat/0.jpg", "", "eel/0.jpg", "");
        Dataset data = Dataset.open(temp.resolve("{a.tar,b.zip}"), IMAGE);
        assertThat(items(data))
                .containsExactly(
                        "a.tar!/cat/0.jpg cat", "a.tar!/dog/0.jpg dog", "b.zip!/cat/0.jpg cat", "b.zip!/eel/0.jpg eel");
    }

    @Test
    void aFolderOfShardsMayHaveParts() throws IOException {
        tar("d/train-0.tar", "0.jpg", "", "0.cls", "0");
        tar("d/train-1.tar", "0.jpg", "", "0.cls", "1");
        tar("d/val-0.tar", "0.jpg", "", "0.cls", "1");
        Splits splits = Splits.open(temp.resolve("d"), null, IMAGE, Splits.Options.NONE);
        assertThat(items(splits.train())).containsExactly("train-0.tar!/0.jpg 0", "train-1.tar!/0.jpg 1");
        assertThat(items(splits.validation().orElseThrow())).containsExactly("0.jpg 1");
        assertThat(splits.train().source())
                .hasToString(temp.resolve("d/train-{0..1}.tar").toString());
        Dataset train = Splits.unlabelled(temp.resolve("d"), IMAGE, notices::add);
        assertThat(train.size()).isEqualTo(2);
        assertThat(notices).anySatisfy(notice -> assertThat(notice).contains("val-0.tar is left out"));
    }

    @Test
    void partsMayBeFoldersOfShards() throws IOException {
        tar("d/train/0.tar", "0.jpg", "", "0.cls", "0", "1.jpg", "", "1.cls", "1");
        tar("d/val/0.tar", "0.jpg", "", "0.cls", "1");
        tar("d/val/1.tar", "0.jpg", "", "0.cls", "0");
        Splits splits = Splits.open(temp.resolve("d"), null, IMAGE, Splits.Options.NONE);
        assertThat(splits.train().size()).isEqualTo(2);
        assertThat(items(splits.validation().orElseThrow())).containsExactly("0.tar!/0.jpg 1", "1.tar!/0.jpg 0");
        assertThat(Scan.of(temp.resolve("d"), Scan.As.AUTO, Duration.ofSeconds(60))
                        .notices())
                .anySatisfy(notice -> assertThat(notice).contains("holds 3 zip or tar files"));
    }

    // ---- what is wrong with archives -------------------------------------------------------------------------------

    @Test
    void aScanGivesEveryMemberAVerdict() throws Exception {
        ArchiveFiles.Tar tar = new ArchiveFiles.Tar()
                .file("cat/0.jpg", picture)
                .file("cat/short.jpg", Arrays.copyOf(picture, picture.length / 2))
                .file("cat/README", "no picture")
                .file("../up.jpg", picture)
                .file("cut.jpg", picture);
        Path whole = tar.write(temp.resolve("a.tar"));
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(whole, Arrays.copyOf(bytes, bytes.length - 1024 - picture.length / 512 * 512));
        Map<String, String> verdicts = verdicts(cut);
        assertThat(verdicts)
                .containsEntry("a.tar!/cat/0.jpg", "ok")
                .containsEntry("a.tar!/cat/short.jpg", "truncated")
                .containsEntry("a.tar!/cat/README", "passed over")
                .containsEntry("a.tar!/cut.jpg", "unreadable")
                .containsEntry("a.tar", "damaged")
                .containsValue("unreadable")
                .hasSize(6);
        assertThat(notices).anySatisfy(notice -> assertThat(notice).contains("is cut off", "a.tar"));
    }

    @Test
    void aMemberThatCannotBeReadIsABadFile() throws IOException {
        Path zip = tar("a.zip", "cat/0.jpg", "", "dog/0.jpg", "");
        byte[] bytes = Files.readAllBytes(zip);
        int directory = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 6);
        bytes[directory + 8] |= 1;
        Files.write(zip, bytes);
        Dataset data = Dataset.open(zip, IMAGE);
        assertThatExceptionOfType(UnreadableFile.class)
                .isThrownBy(() -> data.readView(data.items().get(0), 0, 1))
                .withMessage(
                        zip + "!/cat/0.jpg is encrypted; unpack the archive with its password, or pack it without one");
    }

    @Test
    void compressedArchivesAreRefusedWithWhatToDo() throws IOException {
        Path gz = Files.write(temp.resolve("a.tar.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
        Path zst = Files.write(temp.resolve("a.tar.zst"), new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
        for (Path file : List.of(gz, zst)) {
            assertThatExceptionOfType(DatasetException.class)
                    .isThrownBy(() -> Dataset.open(file, IMAGE))
                    .withMessageContainingAll(file + " is compressed with", "it first");
        }
        Path folder = Files.createDirectory(temp.resolve("d"));
        Files.copy(gz, folder.resolve("0.tar.gz"));
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Dataset.open(folder, IMAGE))
                .withMessageContainingAll("0.tar.gz", "gunzip");
    }

    @Test
    void archivesOfTheOtherKindOfDataSaySo() throws IOException {
        Path tar = tar("a.tar", "0.jpg", "", "0.cls", "0");
        assertThatExceptionOfType(DatasetException.class)
                .isThrownBy(() -> Dataset.open(tar, TimedClip.defaults()))
                .withMessageContainingAll("holds no video", "it has 1 image");
    }
}

package maskfeat.boxes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that a file says. */
final class ReadRows implements BoxReceiver {
    final List<BoxRow> rows = new ArrayList<>();
    final Map<String, VideoFacts> videos = new LinkedHashMap<>();
    final Map<Integer, String> labels = new LinkedHashMap<>();

    static ReadRows of(Path file) throws IOException {
        return of(BoxFormats.of(file), file);
    }

    static ReadRows of(BoxFormat format, Path file) throws IOException {
        ReadRows read = new ReadRows();
        format.read(file, read);
        return read;
    }

    static Path write(Path folder, String name, String text) throws IOException {
        return Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void row(BoxRow row) {
        rows.add(row);
    }

    @Override
    public void video(VideoFacts facts) {
        videos.put(facts.video(), facts);
    }

    @Override
    public void label(int id, String name) {
        labels.put(id, name);
    }

    /** Each row in short: video, moment, box, class, score, person. */
    List<String> shown() {
        return rows.stream()
                .map(row -> String.join(
                        " ",
                        row.video(),
                        (row.moment().unit() == Moment.Unit.FRAME ? "#" : "")
                                + row.moment().text(),
                        row.text(),
                        row.unit().toString(),
                        String.valueOf(row.classId()),
                        String.valueOf(row.className()),
                        String.valueOf(row.score()),
                        String.valueOf(row.person())))
                .toList();
    }
}

package maskfeat.spark;

import java.io.IOException;
import java.util.Optional;
import maskfeat.data.ClipSampler;
import maskfeat.data.Footage;
import maskfeat.data.StillImage;
import maskfeat.data.Views;
import maskfeat.data.Windows;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.media.MediaSource;

/** Decodes what a network looks at, before crops are taken: an image, clips over a video, or its windows. Thread-safe. */
final class ClipReader {
    /**
     * A clip, or an image as a clip of one frame.
     *
     * @param start of a window, in seconds; else 0
     * @param end of a window, in seconds; else 0
     */
    record Clip(double start, double end, Frames frames) {}

    /** Takes clips one after the other, so that a long video need not lie in memory. */
    @FunctionalInterface
    interface Taker {
        void take(Clip clip) throws IOException;
    }

    private final ClipSampler clip;
    private final Views views;
    private final Optional<Windows.Sliding> sliding;
    private final ImageReader images = new ImageReader();

    /**
     * @param views how many clips, where there are no windows
     * @param sliding how windows lie
     */
    ClipReader(ClipSampler clip, Views views, Optional<Windows.Sliding> sliding) {
        this.clip = clip;
        this.views = views;
        this.sliding = sliding;
    }

    /**
     * Reads one file.
     *
     * @return length of the video in seconds; 0 of an image
     * @throws IOException naming the file, if it cannot be used; some clips may have been given before
     */
    double read(MediaSource source, Taker taker) throws IOException {
        if (clip instanceof StillImage) {
            taker.take(new Clip(0, 0, images.read(source)));
            return 0;
        }
        if (sliding.isPresent()) {
            try (Windows windows = Windows.open(source, clip, sliding.get())) {
                while (windows.hasNext()) {
                    Windows.WindowClip window = windows.next();
                    taker.take(new Clip(window.startSeconds(), window.endSeconds(), window.frames()));
                }
                return windows.info().timeline().duration();
            }
        }
        try (Footage footage = Footage.open(source)) {
            for (int t = 0; t < views.temporal(); t++) {
                int[] numbers = clip.view(footage.info().timeline(), t, views.temporal());
                taker.take(new Clip(0, 0, footage.frames(numbers)));
            }
            return footage.info().timeline().duration();
        }
    }
}

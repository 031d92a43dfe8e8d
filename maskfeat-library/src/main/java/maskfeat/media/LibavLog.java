package maskfeat.media;

import java.io.IOException;
import maskfeat.disk.NativeCache;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.Loader;

/** Silences libav's messages on standard error; exceptions report what is wrong with a file, with its name. */
final class LibavLog {
    static {
        NativeCache.here().load("ffmpeg-" + version(), () -> {
            for (Class<?> part : new Class<?>[] {avutil.class, swscale.class, avcodec.class, avformat.class}) {
                Loader.load(part);
            }
        });
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    }

    private LibavLog() {}

    private static String version() {
        try {
            return Loader.getVersion("org.bytedeco", "ffmpeg");
        } catch (IOException unknown) {
            return "unknown";
        }
    }

    /** To be called in the static block of every class that uses libav. */
    static void quiet() {}
}

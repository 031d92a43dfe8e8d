package maskfeat.media;

import org.bytedeco.ffmpeg.global.avutil;

/** Silences libav's messages on standard error; exceptions report what is wrong with a file, with its name. */
final class LibavLog {
    static {
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    }

    private LibavLog() {}

    /** To be called in the static block of every class that uses libav. */
    static void quiet() {}
}

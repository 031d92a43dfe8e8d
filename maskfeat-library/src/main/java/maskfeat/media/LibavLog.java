package maskfeat.media;

import org.bytedeco.ffmpeg.global.avutil;

/** Keeps libav off standard error: what is wrong with a file is told by exceptions, once and with its name. */
final class LibavLog {
    static {
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    }

    private LibavLog() {}

    /** For the static block of every class that calls libav. */
    static void quiet() {}
}

package maskfeat.media;

import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;

/** Versions of the media libraries, for reports on the installation. Loads libav. */
public final class MediaVersions {
    static {
        LibavLog.quiet();
    }

    private MediaVersions() {}

    /** Such as {@code 8.0.1}. */
    public static String libav() {
        return avutil.av_version_info().getString();
    }

    /** Libraries with their versions, such as {@code libavcodec 62.11.100, libavformat 62.3.100, ...}. */
    public static String libraries() {
        return "libavcodec " + dotted(avcodec.avcodec_version())
                + ", libavformat " + dotted(avformat.avformat_version())
                + ", libavutil " + dotted(avutil.avutil_version());
    }

    /** Such as {@code LGPL version 3 or later}. */
    public static String licence() {
        return avcodec.avcodec_license().getString();
    }

    /** The flags that libavcodec was configured with, in one line. */
    public static String configuration() {
        return avcodec.avcodec_configuration().getString();
    }

    private static String dotted(int version) {
        return (version >> 16) + "." + (version >> 8 & 0xff) + "." + (version & 0xff);
    }
}

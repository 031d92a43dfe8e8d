package maskfeat.cli;

import maskfeat.data.Views;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How often each file is looked at. */
final class ViewsOption {
    @Option(
            names = "--views",
            paramLabel = "TxS",
            description = "Views of each file that are averaged: clips over the video x crops, such as 10x1 or 4x3. "
                    + "Default: 1x1, the middle.")
    private @Nullable String text;

    boolean isGiven() {
        return text != null;
    }

    Views views() {
        return text == null ? Views.MIDDLE : Views.parse(text);
    }
}
